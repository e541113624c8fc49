"""Who waits, in the call order, and the two-hour promise for each visit in the office."""

from collections import Counter as Tally
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.bookings.models import Booking
from core.formats import duration, hour
from core.languages import localized
from counters.queue.candidates import CALLS, FIELDS, by_hall, ordered, ordered_by_hall
from counters.queue.order import Position, Why
from counters.visits.models import CounterSession, Visit, VisitEvent, VisitStatus
from counters.visits.selectors import StageView, next_stage_expression, stages_of
from offices.day_rules.models import DayRule
from offices.directory.models import Counter, Office, Stage
from offices.directory.selectors import setup_of
from offices.exceptions import ExceptionKind, counted_by_month, register
from offices.outages.selectors import is_without_photo
from offices.promises import AT_RISK_FROM, VISIT_TIME

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class QueueRow:
    """A waiting visit in the queue."""

    visit: Visit
    number: str
    slot: str
    waited: int
    left: int
    state: str
    why: str = ""


@dataclass(frozen=True)
class CounterQueue:
    """The queue of a counter: its first rows, and how many people wait, in all and by lane."""

    rows: Sequence[QueueRow]
    total: int
    lanes: Mapping[str, int]


def waiting(office: Office, *, now: datetime) -> QuerySet[Visit]:
    """Return an office's waiting visits of today."""
    return Visit.objects.filter(
        office=office, day=office.local_day(now), status=VisitStatus.WAITING
    ).select_related(
        "ticket", "lane", "office", "booking__slot", "booking__service_type", "handed_on_by"
    )


def callable_at(counter: Counter, *, office: Office, now: datetime) -> QuerySet[Visit]:
    """Return the waiting visits that a counter may call: its hall's groups and lanes, its stages.

    A visit that was handed on goes to the counter it names while an officer is there, and never
    returns by itself to the counter it came from. Without a camera, photos are for others.
    """
    hall = counter.hall
    visits = waiting(office, now=now).filter(
        group__in=hall.groups.values("pk"), lane__in=hall.lanes.values("pk")
    )
    # A visit that was handed on waits for its counter, or for any counter but the one that did so.
    visits = visits.exclude(handed_on_by=counter).filter(_is_free_for(counter))
    visits = visits.alias(next_stage=next_stage_expression())
    if not counter.is_one_stop:
        visits = visits.filter(next_stage__in=counter.stages)
    is_for_photo = Q(next_stage=Stage.PHOTO)
    # First the camera, so that the next stage is computed only where it matters.
    return visits.filter(~is_without_photo(counter.pk, office.pk) | ~is_for_photo)


def _is_free_for(counter: Counter) -> Q:
    staffed = CounterSession.objects.filter(
        counter=OuterRef("next_counter"), closed_at__isnull=True
    )
    return Q(next_counter__isnull=True) | Q(next_counter=counter) | ~Q(Exists(staffed))


def call_positions(counter: Counter, *, office: Office, now: datetime) -> list[Position]:
    """Return the ids of the visits that a counter may call, in call order."""
    rows = list(callable_at(counter, office=office, now=now).values(*FIELDS))
    return ordered(rows, office=office, hall=counter.hall_id, now=now)


def queue_at(
    counter: Counter, *, office: Office, now: datetime, shown: int, rule: DayRule | None = None
) -> CounterQueue:
    """Return the queue of one counter. Only the visits that are shown are read in full.

    `rule` is the office's of the day, if the caller has read it.
    """
    columns = list(callable_at(counter, office=office, now=now).values(*FIELDS))
    positions = ordered(columns, office=office, hall=counter.hall_id, now=now, rule=rule)
    first = {position.id: position.why for position in positions[:shown]}
    # Another counter may have called one of them since the order was read.
    visits = waiting(office, now=now).in_bulk(list(first))
    rows = [queue_row(visits[pk], now=now, why=why) for pk, why in first.items() if pk in visits]
    lanes = Tally(row["lane_id"] for row in columns)
    return CounterQueue(rows=rows, total=len(positions), lanes=lanes)


def with_reasons(visits: Iterable[Visit], *, now: datetime) -> list[tuple[Visit, Why]]:
    """Return waiting visits (of one office, as `waiting` joins them) in call order, each with its reason."""
    of_id = {visit.pk: visit for visit in visits}
    if not of_id:
        return []
    office = next(iter(of_id.values())).office
    rows = [_columns(visit) for visit in of_id.values()]
    halls = by_hall(rows, setup_of(office).halls_on(office.local_day(now)))
    positions = ordered_by_hall(halls, office=office, now=now)
    return [(of_id[position.id], position.why) for position in positions]


def _columns(visit: Visit) -> dict[str, Any]:
    """Return the columns of candidates.FIELDS from a visit with its slot and ticket joined."""
    return {
        "pk": visit.pk,
        "lane_id": visit.lane_id,
        "group_id": visit.group_id,
        "kind": visit.kind,
        "arrived_at": visit.arrived_at,
        "queue_at": visit.queue_at,
        "calls": visit.calls,
        "handed_on_by_id": visit.handed_on_by_id,
        "booking__via": visit.booking.via,
        "booking__slot__starts_at": visit.booking.slot.starts_at,
        "ticket__number": visit.ticket.number,
    }


def queue(office: Office, *, now: datetime) -> list[QueueRow]:
    """Return the waiting visits of an office in call order."""
    rows = with_reasons(waiting(office, now=now), now=now)
    return [queue_row(visit, now=now, why=why) for visit, why in rows]


def out_of_order_count(office: Office, *, now: datetime) -> int:
    """Return how many people were called out of order today. Public."""
    return VisitEvent.objects.filter(
        visit__office=office, visit__day=office.local_day(now), kind="called_out_of_order"
    ).count()


def out_of_order_by_month(
    offices: Sequence[Office], first: date, last: date
) -> list[QuerySet[Any, Any]]:
    """Count the calls out of order by month and reason."""
    rows = VisitEvent.objects.filter(
        kind="called_out_of_order", visit__office__in=offices, visit__day__range=(first, last)
    )
    return [
        counted_by_month(
            rows,
            "out_of_order",
            office="visit__office",
            day="visit__day",
            reason="listed_reason",
        )
    ]


register(
    ExceptionKind("out_of_order", gettext_lazy("dipanggil di luar urutan"), out_of_order_by_month)
)


def calls_of_day(office: Office, *, now: datetime) -> dict[str, Any]:
    """Return how many people were called today, and how many of them out of order by reason."""
    events = VisitEvent.objects.filter(visit__office=office, visit__day=office.local_day(now))
    exceptions = events.filter(kind="called_out_of_order").select_related("listed_reason")
    reasons = Tally(localized(event.listed_reason) for event in exceptions)
    return {
        "date": office.local_day(now),
        "called": events.filter(kind__in=CALLS).count(),
        "out_of_order_today": out_of_order_count(office, now=now),
        "reasons": [
            {"reason": reason, "count": count}
            for reason, count in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
        ],
    }


def queue_row(visit: Visit, *, now: datetime, why: Why | None = None) -> QueueRow:
    """Return one visit with its waiting time and the minutes left of the promise."""
    running = now - visit.clock_from
    return QueueRow(
        visit=visit,
        number=str(visit.ticket),
        slot=slot_text(visit),
        waited=max(now - visit.arrived_at, timedelta()) // MINUTE,
        left=(VISIT_TIME - max(running, timedelta())) // MINUTE,
        state=promise_state(running),
        why=why_text(visit, why) if why else "",
    )


def why_text(visit: Visit, why: Why) -> str:
    """Return the reason for a visit's position, for the officer's screen."""
    if why is Why.HANDED_ON and visit.handed_on_by is not None:
        return _("Dialihkan dari %(counter)s, tetap pada urutannya") % {
            "counter": str(visit.handed_on_by)
        }
    booked = hour(visit.booking.slot.starts_at, visit.office)
    texts = {
        Why.AGAIN: _("Tadi dilewati; sekarang dipanggil lagi"),
        Why.BOOKED: _("Jam booking %(hour)s sudah tiba"),
        Why.WALK_IN: _("Datang langsung, sesudah yang booking jam %(hour)s"),
        Why.RETURN: _("Kembali, sesudah yang booking pada jam yang sama"),
        Why.LATE: _("Terlambat, sesudah yang sudah hadir"),
        Why.PRIORITY: _("Giliran jalur prioritas"),
        Why.HANDED_ON: _("Dialihkan, tetap pada urutannya"),
        Why.EARLY: _("Jam booking %(hour)s belum tiba; tidak ada orang lain"),
        Why.SKIPPED: _("Baru dilewati; tidak ada orang lain"),
    }
    return texts[why] % {"hour": booked}


def slot_text(visit: Visit) -> str:
    """Return the visit's slot as text, or how the person came without one."""
    if visit.kind == Visit.Kind.RETURN:
        return _("kembali")
    if visit.booking.via == Booking.Via.DESK:
        return _("langsung")
    slot = visit.booking.slot
    span = [hour(moment, visit.office) for moment in (slot.starts_at, slot.ends_at)]
    # Officers write whole hours as 09–10.
    return "–".join(text.removesuffix(".00") for text in span)


def promise_state(running: timedelta) -> str:
    """Return `risk` from 90 minutes, `late` from two hours, otherwise an empty string."""
    if running >= VISIT_TIME:
        return "late"
    return "risk" if running >= AT_RISK_FROM else ""


def clock_of(
    visit: Visit, *, now: datetime, stages: Sequence[StageView] | None = None
) -> dict[str, Any]:
    """Return template values for the visit's two-hour clock, which stops when the visit ends.

    `stages` are the visit's, if the caller has read them.
    """
    end = visit.ended_at or now
    running = max(end - visit.clock_from, timedelta()) // MINUTE
    waited = max((visit.started_at or end) - visit.clock_from, timedelta()) // MINUTE
    limit, warn_from = VISIT_TIME // MINUTE, AT_RISK_FROM // MINUTE
    state = promise_state(end - visit.clock_from) or "done"
    return {
        "running": running,
        "waited": waited,
        "served": max(running - waited, 0),
        "limit": limit,
        "warn_from": warn_from,
        "ahead": max(warn_from - running, 0),
        "edge": max(limit - max(running, warn_from), 0),
        "arrived_at": visit.arrived_at,
        "due_at": visit.clock_from + VISIT_TIME,
        "zone": visit.office,
        "expected": "" if visit.ended_at else _expected_end(visit, stages, now=now),
        "state": state,
        "state_text": _promise_text(state, limit - running),
    }


def _promise_text(state: str, left: int) -> str:
    if state == "late":
        return _("Terlambat %(time)s") % {"time": duration(-left)}
    text = _("Berisiko, sisa %(time)s") if state == "risk" else _("Aman, sisa %(time)s")
    return text % {"time": duration(left)}


def _expected_end(visit: Visit, stages: Sequence[StageView] | None, *, now: datetime) -> str:
    """Return the expected end as a range: the standard minutes left, to a third more."""
    left = timedelta()
    for stage in stages_of(visit, now=now) if stages is None else stages:
        if not stage.is_done:
            left += max(stage.minutes - stage.running, 0) * MINUTE
    left = max(left, MINUTE)
    return f"{hour(now + left, visit.office)}–{hour(now + left * 4 / 3, visit.office)}"
