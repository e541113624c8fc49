"""Storing estimates, learning from what happened, and reasons for late visits."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.db import fetch_rows
from core.errors import InvalidInput
from counters.estimates.forecast import quantile
from counters.estimates.models import EstimateScore, LateVisit, ServiceTime, WaitEstimate
from counters.estimates.selectors import MINUTE, forecast_of, late_without_reason, read_facts
from counters.visits.errors import VisitElsewhere
from counters.visits.models import Visit, VisitStatus
from counters.visits.services import lock_visit, short_text
from offices.directory.models import Office
from offices.permissions import Right, check_right
from offices.reasons.models import Reason
from offices.reasons.selectors import chosen_reason

# A check-in that is older was not predicted in time; a later figure would be better than it was.
PREDICTED_WITHIN: Final = timedelta(minutes=3)
LOOKED_BACK: Final = timedelta(days=60)
LONGEST_MINUTES: Final = 240
# The next call follows the end of a visit so soon if somebody waits; a longer gap was a pause.
LONGEST_GAP: Final = timedelta(minutes=5)
COVERED: Final = 0.8  # the share of waits that the range is to hold
SCORES_USED: Final = 600
LEAST_SCORES: Final = 100
LEAST_WIDTH, MOST_WIDTH = 0.3, 4.0

# How long each visit took its one counter: from the call to its end, or to the next call if
# somebody was waiting. Visits at several counters, and returns, are left out.
MEASURE: Final = """
WITH taken AS (
  SELECT b.service_type_id, v.called_at, k.hall_id,
         extract(hour FROM v.called_at AT TIME ZONE %(zone)s)::int AS hour,
         CASE WHEN lead(v.arrived_at) OVER w <= v.ended_at
               AND lead(v.called_at) OVER w BETWEEN v.ended_at AND v.ended_at + %(gap)s
              THEN lead(v.called_at) OVER w ELSE v.ended_at END - v.called_at AS length,
         v.kind, v.ended_at, v.id
    FROM counters_visit v
    JOIN booking_booking b ON b.id = v.booking_id
    JOIN counters_countersession s ON s.id = v.session_id AND NOT s.is_from_paper
    JOIN offices_counter k ON k.id = s.counter_id AND k.is_one_stop
   WHERE v.office_id = %(office)s AND v.status = 'finished' AND v.called_at IS NOT NULL
     AND v.ended_at >= %(since)s AND v.ended_at < %(until)s
  WINDOW w AS (PARTITION BY v.session_id ORDER BY v.called_at, v.id)
), minutes AS (
  SELECT service_type_id, hour, hall_id, extract(epoch FROM length) / 60.0 AS minutes,
         (SELECT count(*) FROM counters_countersession o
           WHERE o.office_id = %(office)s AND o.opened_at <= t.called_at
             AND NOT o.is_from_paper
             AND (o.closed_at IS NULL OR o.closed_at > t.called_at)) AS counters
    FROM taken t
   WHERE t.kind = 'first' AND length > interval '0'
     AND extract(epoch FROM length) / 60.0 <= %(longest)s
     AND NOT EXISTS (SELECT FROM counters_stagerun r JOIN counters_visit x ON x.id = r.visit_id
                      WHERE r.visit_id = t.id AND r.session_id <> x.session_id)
)
SELECT service_type_id, hour, counters, count(*), sum(ln(minutes::float8)),
       sum(ln(minutes::float8) ^ 2)
  FROM minutes GROUP BY GROUPING SETS ((service_type_id, hour, counters), (service_type_id))
"""


# --- What was predicted ---------------------------------------------------------------------------
def record_predictions(*, office_id: int, now: datetime) -> int:
    """Store the estimate of everybody who has checked in a moment ago; return how many. Idempotent."""
    office = Office.objects.get(pk=office_id)
    fresh = Visit.objects.filter(
        office=office,
        day=office.local_day(now),
        status=VisitStatus.WAITING,
        first_called_at__isnull=True,
        estimate__isnull=True,
        arrived_at__gt=now - PREDICTED_WITHIN,
        arrived_at__lte=now,
    ).values_list("pk", flat=True)
    ids = set(fresh)
    if not ids:
        return 0
    waits = forecast_of(read_facts(office, now=now))
    counters = sum(waits.counters.values())
    rows = [
        WaitEstimate(
            visit_id=visit,
            office=office,
            day=office.local_day(now),
            predicted_at=now,
            ahead=wait.ahead,
            counters=counters,
            low=wait.low,
            middle=wait.middle,
            high=wait.high,
            usual=round(waits.usual[visit], 2),
            width=waits.width,
        )
        for visit, wait in waits.visits.items()
        if visit in ids
    ]
    # Two workers may do this at once: the first one's figure stays.
    WaitEstimate.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


# --- What happened --------------------------------------------------------------------------------
def score_day(*, office_id: int, day: date) -> EstimateScore | None:
    """Compare a day's estimates with what happened, and set the width of the next range.

    Idempotent. None if nobody was called. People called out of order are left out: their wait was
    not decided by the queue.
    """
    office = Office.objects.get(pk=office_id)
    with transaction.atomic():
        rows = list(
            WaitEstimate.objects.select_for_update(no_key=True, of=("self",))
            .filter(office=office, day=day, visit__first_called_at__isnull=False)
            .exclude(visit__history__kind="called_out_of_order")
            .select_related("visit")
            .order_by("predicted_at", "pk")
        )
        if not rows:
            return None
        for row in rows:
            called_at = row.visit.first_called_at
            assert called_at is not None  # filtered above
            row.waited = round(max((called_at - row.predicted_at) / MINUTE, 0.0), 2)
        WaitEstimate.objects.bulk_update(rows, ["waited"])
        errors = [abs(row.middle - (row.waited or 0.0)) for row in rows]
        usual = [abs(row.usual - (row.waited or 0.0)) for row in rows]
        inside = sum(row.low <= (row.waited or 0.0) <= row.high for row in rows)
        values = {
            "n": len(rows),
            "median_error": round(median(errors), 2),
            "usual_error": round(median(usual), 2),
            "covered": inside / len(rows),
            "width": _next_width(office, day),
        }
        score, _is_new = EstimateScore.objects.update_or_create(
            office=office, day=day, defaults=values
        )
        return score


def _next_width(office: Office, day: date) -> float:
    """Return the factor with which four of five of the latest waits would have been in their range."""
    latest = WaitEstimate.objects.filter(office=office, day__lte=day, waited__isnull=False)
    needed = sorted(needed_width(row) for row in latest.order_by("-predicted_at")[:SCORES_USED])
    if len(needed) < LEAST_SCORES:
        return 1.0
    return round(min(max(quantile(needed, COVERED), LEAST_WIDTH), MOST_WIDTH), 3)


def needed_width(row: WaitEstimate) -> float:
    """Return the factor with which the wait would have been at the edge of its range."""
    waited = row.waited or 0.0
    side = row.high - row.middle if waited >= row.middle else row.middle - row.low
    return abs(waited - row.middle) / max(side, 0.5) * row.width


def measure_service_times(*, office_id: int, now: datetime) -> int:
    """Add the visits up to the last midnight to the learned times; return the number of rows.

    Runs once a day for each office; a second run does nothing. Samples are pooled: a row never
    rests on fewer visits than before.
    """
    office = Office.objects.get(pk=office_id)
    until = office.at(office.local_day(now), datetime.min.time())
    with transaction.atomic():
        # One worker at a time; two would count the same visits twice.
        Office.objects.select_for_update(no_key=True).get(pk=office_id)
        rows = ServiceTime.objects.filter(office=office)
        latest = rows.order_by("-measured_until").values_list("measured_until", flat=True).first()
        if latest is not None and latest >= until:
            return 0
        known = {(row.service_type_id, row.hour, row.counters): row for row in rows}
        measured = fetch_rows(
            MEASURE,
            office=office.pk,
            zone=office.time_zone,
            gap=LONGEST_GAP,
            since=latest or until - LOOKED_BACK,
            until=until,
            longest=LONGEST_MINUTES,
        )
        pooled = [_pooled(known, office, row, until) for row in measured]
        ServiceTime.objects.bulk_create(
            pooled,
            update_conflicts=True,
            unique_fields=["office", "service_type", "hour", "counters"],
            update_fields=["n", "log_sum", "log_square_sum", "measured_until"],
        )
        return len(pooled)


def _pooled(
    known: dict[tuple[int, int | None, int | None], ServiceTime],
    office: Office,
    measured: Sequence[Any],
    until: datetime,
) -> ServiceTime:
    service, hour, counters, n, log_sum, square_sum = measured
    old = known.get((service, hour, counters))
    return ServiceTime(
        office=office,
        service_type_id=service,
        hour=hour,
        counters=counters,
        n=n + (old.n if old else 0),
        log_sum=log_sum + (old.log_sum if old else 0.0),
        log_square_sum=square_sum + (old.log_square_sum if old else 0.0),
        measured_until=until,
    )


# --- Late visits ----------------------------------------------------------------------------------
def give_late_reason(
    *, visit_id: int, reason: str, note: str, by: User, now: datetime, at_counter: bool = False
) -> LateVisit:
    """Record why a visit took longer than two hours; a second reason replaces the first.

    The officer who served it may, and a supervisor of the office. `at_counter`: from the counter's
    screen, where only own visits are. Raises NotFound, NotAllowed, VisitElsewhere, InvalidInput.
    """
    note = short_text(note, field="note")
    with transaction.atomic():
        visit = lock_visit(visit_id)
        session = visit.session
        is_own = session is not None and session.officer_id == by.pk
        right = Right.SERVE_COUNTER if is_own or at_counter else Right.CLOSE_DAY
        check_right(by, right, office=visit.office, now=now)
        if at_counter and not is_own:
            raise VisitElsewhere
        is_late = late_without_reason(visit.office, now=now).filter(pk=visit.pk).exists()
        if not is_late and not LateVisit.objects.filter(visit=visit).exists():
            text = _("Kunjungan ini tidak melewati dua jam, atau sudah lebih dari seminggu.")
            raise InvalidInput(text, fields={"reason": [text]})
        row = chosen_reason(
            Reason.Use.LATE_VISIT, reason, note=note, day=visit.office.local_day(now)
        )
        late, _is_new = LateVisit.objects.update_or_create(
            visit=visit, defaults={"reason": row, "note": note, "at": now, "by": by}
        )
        return late


# --- Retention ------------------------------------------------------------------------------------
def delete_estimates(*, estimate_ids: Sequence[Any]) -> None:
    """Delete estimates of visits. The scores of the days stay."""
    WaitEstimate.objects.filter(pk__in=estimate_ids).delete()


def erase_late_notes(*, late_ids: Sequence[Any]) -> None:
    """Erase the notes about late visits. The reason of the list stays, for the counts."""
    LateVisit.objects.filter(pk__in=late_ids).update(note="")
