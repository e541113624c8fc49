"""Which desk lanes can be used now, how many places they have, and which offices serve foreigners."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Exists, IntegerField, OuterRef, QuerySet, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from booking.bookings.services import HOURS_OFFERED
from booking.people.selectors import FOREIGNERS
from counters.gate.selectors import OFFICIAL_GUEST
from counters.visits.models import VisitEvent, VisitStatus
from counters.walk_in.models import DeskAdmission
from offices.day_rules.models import DayRule
from offices.directory.models import ACCELERATED, Lane, Office, ServiceType
from offices.exceptions import ExceptionKind, counted_by_month, register
from offices.hours.models import AdmissionRule
from offices.labels import time_zoned
from quotas.calendar.selectors import all_slots
from quotas.policies.models import RuleChange
from quotas.policies.selectors import rules_of

WALK_IN: Final = "walk_in"
PRIORITY: Final = "priority"
# In the order of the form.
DESK_LANES: Final = (WALK_IN, PRIORITY, ACCELERATED)


@dataclass(frozen=True)
class DeskLane:
    """A lane at the desk: places left today, and why it cannot be used now ("" if it can).

    `left_now` counts the current hour and the next one, from which the desk gives places.
    """

    lane: Lane
    places: int
    left: int
    left_now: int
    closed: str = ""

    @property
    def code(self) -> str:
        return str(self.lane.pk)

    @property
    def is_open(self) -> bool:
        return not self.closed


def offered_services(office: Office) -> list[ServiceType]:
    """Return the services of an office with their groups."""
    return list(office.service_types.select_related("group").order_by("pk"))


def desk_lanes(
    office: Office,
    *,
    services: Sequence[ServiceType],
    admission: AdmissionRule | None,
    rule: DayRule,
    now: dt.datetime,
) -> list[DeskLane]:
    """Return the desk lanes for services of one group, in the order of the form."""
    day = office.local_day(now)
    groups = {row.group for row in services}
    rules = rules_of(office, first=day, last=day)
    lanes = Lane.objects.in_bulk(DESK_LANES)
    rows = []
    for code in DESK_LANES:
        if code not in lanes:
            continue
        slots = [
            slot
            for group in groups
            for slot in all_slots(office, day=day, group=group, now=now, lane=code, rules=rules)
        ]
        ahead = [slot for slot in slots if slot.ends_at > now]
        starts = sorted({slot.starts_at for slot in ahead})[:HOURS_OFFERED]
        left = sum(slot.left for slot in ahead)
        left_now = sum(slot.left for slot in ahead if slot.starts_at in starts)
        closed = ""
        if code == WALK_IN and (admission is None or not admission.admits_walk_ins):
            closed = _now("Hari ini kantor ini tidak melayani yang datang langsung.")
        elif not slots:
            closed = _now("Hari ini jalur ini tidak punya tempat di kantor ini.")
        elif code == ACCELERATED and now >= office.at(day, rule.accelerated_until):
            until = time_zoned(office, rule.accelerated_until)
            closed = _now("Percepatan diterima sampai pukul %(time)s.") % {"time": until}
        rows.append(
            DeskLane(lanes[code], sum(slot.places for slot in slots), left, left_now, closed)
        )
    return rows


def official_guests(
    offices: Sequence[Office], first: dt.date, last: dt.date
) -> list[QuerySet[Any, Any]]:
    """Count official guests in the priority lane: admitted at the desk, or moved there by the gate."""
    admitted = DeskAdmission.objects.filter(
        reason__code=OFFICIAL_GUEST,
        booking__office__in=offices,
        booking__slot__day__range=(first, last),
    )
    moved = _moved_to_priority(offices, first, last).filter(listed_reason__code=OFFICIAL_GUEST)
    return [
        counted_by_month(
            admitted, "official_guests", office="booking__office", day="booking__slot__day"
        ),
        counted_by_month(moved, "official_guests", office="visit__office", day="visit__day"),
    ]


def moved_lanes(
    offices: Sequence[Office], first: dt.date, last: dt.date
) -> list[QuerySet[Any, Any]]:
    """Count the people whom the gate moved to the priority lane, by reason, without official guests."""
    rows = _moved_to_priority(offices, first, last).exclude(listed_reason__code=OFFICIAL_GUEST)
    reason = "listed_reason"
    return [
        counted_by_month(
            rows, "moved_lane", office="visit__office", day="visit__day", reason=reason
        )
    ]


def places_added(
    offices: Sequence[Office], first: dt.date, last: dt.date
) -> list[QuerySet[Any, Any]]:
    """Count the places that supervisors added to open slots, by month of the service day.

    Those added at the desk for one person have a reason of the list; others name an instrument instead.
    """
    at_desk = DeskAdmission.objects.filter(
        extra_reason__isnull=False,
        booking__office__in=offices,
        booking__slot__day__range=(first, last),
    )
    changes = RuleChange.objects.filter(
        office__in=offices, kind=RuleChange.Kind.ADDED_PLACES, starts_on__range=(first, last)
    )
    # Adding at the desk writes both rows with the same officer and time.
    by_rule = changes.exclude(Exists(at_desk.filter(by_id=OuterRef("by_id"), at=OuterRef("at"))))
    after, before = (Cast(KT(f"{when}__places"), IntegerField()) for when in ("after", "before"))
    kind = "added_places"
    return [
        counted_by_month(
            at_desk,
            kind,
            office="booking__office",
            day="booking__slot__day",
            reason="extra_reason",
        ),
        counted_by_month(by_rule, kind, office="office", day="starts_on", n=Sum(after - before)),
    ]


def _moved_to_priority(
    offices: Sequence[Office], first: dt.date, last: dt.date
) -> QuerySet[VisitEvent]:
    rows = VisitEvent.objects.filter(
        kind=VisitEvent.Kind.MOVED_LANE, visit__office__in=offices, visit__day__range=(first, last)
    )
    return rows.exclude(visit__status=VisitStatus.UNDONE)


register(
    ExceptionKind(
        "official_guests",
        _("tamu dinas lewat jalur prioritas"),
        official_guests,
        is_on_office_page=True,
    )
)
register(ExceptionKind("moved_lane", _("dipindah ke jalur prioritas di gerbang"), moved_lanes))
register(ExceptionKind("added_places", _("tempat ditambah di atas kuota"), places_added))


def offices_for_foreigners() -> list[Office]:
    """Return the offices that offer services to foreigners, by name."""
    rows = Office.objects.filter(service_types__group__code=FOREIGNERS)
    return list(rows.distinct().order_by("name"))
