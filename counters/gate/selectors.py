"""Data for the gate: search, expected bookings, arrivals, halls and remaining walk-in places."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any, Final
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from booking.absences.services import without_present
from booking.bookings.models import Booking, BookingEvent
from booking.bookings.selectors import CAN_COME, day_list, with_all
from booking.codes import CODE_LENGTH
from booking.people.models import Applicant
from booking.statuses import LIVE, Status
from core.errors import InvalidInput, NotFound
from counters.gate.models import GateRefusal
from counters.gate.typed import (
    LONGEST,
    NIK_DIGITS,
    has_strange_signs,
    name_in,
    number_in,
    passport_in,
    readings,
)
from counters.visits.models import UNFINISHED, Visit, VisitEvent, VisitStatus
from offices.day_rules.models import HallLimit
from offices.directory.models import Hall, Office, ServiceType
from offices.hours.selectors import admission_on, opening_hours_on
from offices.reasons.models import Reason
from quotas.places.models import Slot, is_available
from quotas.windows.selectors import WindowView, windows

LATEST: Final = 6
WALK_IN_LANE: Final = "walk_in"
OFFICIAL_GUEST: Final = "official_guest"
MOST_NAMES: Final = 10
UNDO_WITHIN: Final = timedelta(minutes=1)
ARRIVALS: Final = (VisitEvent.Kind.ARRIVED, VisitEvent.Kind.RETURNED)
Kind = Applicant.IdentityKind
UNKNOWN_CODE: Final = _(
    "Kode ini tidak dikenal. Periksa setiap karakter, atau cari dengan NIK atau nama."
)
UNKNOWN_NUMBER: Final = _(
    "Tidak ada jadwal dengan kode atau nomor ini. Periksa lagi, atau cari dengan nama."
)
UNKNOWN_NAME: Final = _(
    "Tidak ada nama ini di daftar hari ini. Periksa ejaannya, atau cari dengan kode atau NIK."
)
UNKNOWN_CODE_OR_NAME: Final = _(
    "Kode ini tidak dikenal, dan tidak ada nama ini di daftar hari ini. Periksa setiap karakter, atau cari dengan NIK."
)
STRANGE_SIGNS: Final = _(
    "Teks ini berisi karakter yang tidak dipakai dalam kode. Atur papan ketik komputer ini ke tata letak AS (US), lalu pindai lagi; atau cari dengan NIK atau nama."
)


@dataclass(frozen=True)
class Matches:
    """The bookings that a text names, and how it was read.

    `is_scanned`: the text was the booking's own code. `is_family`: it was the code of a family, whose
    people are checked in one by one. `layout` names the keyboard layout or script
    through which the code was recognised, if it was not read as typed.
    """

    bookings: tuple[Booking, ...]
    is_scanned: bool = False
    layout: str = ""
    is_family: bool = False


def search(office: Office, text: str, *, now: datetime) -> Matches:
    """Return the bookings for a scanned or typed text.

    A booking code or a family's code (also inside the ticket's address), a NIK, a foreign passport number, or a name
    on today's list. A person's booking may be at another office or on another day: the verdict says
    so. Raises InvalidInput for an empty text, NotFound with what to do.
    """
    if not text:
        raise InvalidInput(_("Pindai tiketnya, atau ketik kode, NIK, nomor paspor, atau nama."))
    text = text[:LONGEST]
    known = readings(text)
    rows = with_all().filter(code__in=[one.code for one in known])
    refused = BookingEvent.objects.filter(booking=OuterRef("pk"), kind=BookingEvent.Kind.REFUSED)
    visits = Visit.objects.counted().filter(booking=OuterRef("pk"))
    rows = rows.annotate(was_refused=Exists(refused), has_come=Exists(visits))
    by_code = {row.code: row for row in rows}
    for one in known:
        if one.code in by_code:
            return Matches((by_code[one.code],), is_scanned=not one.layout, layout=str(one.layout))
        if family := _of_family(office, one.code, now=now):
            return Matches(family, layout=str(one.layout), is_family=True)
    matches: tuple[Booking, ...] = ()
    missing: Any = UNKNOWN_CODE
    if number := number_in(text):
        matches, missing = _of_people(office, _keys_of_nik(number), now=now), UNKNOWN_NUMBER
    elif number := passport_in(text):
        matches, missing = _of_people(office, _keys_of_passport(number), now=now), UNKNOWN_NUMBER
    elif name := name_in(text):
        # Letters alone, as many as a code has, may be a misread code.
        is_code = len(name.strip()) == CODE_LENGTH and name.strip().isalpha()
        missing = UNKNOWN_CODE_OR_NAME if is_code else UNKNOWN_NAME
        matches = _of_name(office, name, now=now)
    elif has_strange_signs(text):
        missing = STRANGE_SIGNS
    if not matches:
        # What has the form of a code is taken for one.
        raise NotFound(UNKNOWN_CODE if any(not one.layout for one in known) else missing)
    return Matches(matches)


def _of_family(office: Office, code: str, *, now: datetime) -> tuple[Booking, ...]:
    """Return the people of a family who are expected or inside here today; without one its next booking.

    The verdict about that booking says where and when they are expected.
    """
    rows = with_all().filter(party__code=code, status__in=CAN_COME)
    family = list(rows.order_by("slot__starts_at", "place_id", "pk"))
    today = office.local_day(now)
    here = [
        booking
        for booking in family
        if booking.office_id == office.pk
        and (booking.slot.day == today or booking.status == Status.CHECKED_IN)
    ]
    return tuple(here or [row for row in family if row.slot.day >= today][:1] or family[-1:])


def others_of_family(booking: Booking, *, now: datetime) -> list[Booking]:
    """Return the other people of the family who are expected or inside at the same office today."""
    if not booking.party.code:
        return []
    family = _of_family(booking.office, booking.party.code, now=now)
    return [row for row in family if row.pk != booking.pk and row.office_id == booking.office_id]


def _keys_of_nik(number: str) -> list[str]:
    if len(number) != NIK_DIGITS:
        text = _("NIK terdiri dari 16 angka; yang terbaca %(count)d angka.")
        raise NotFound(text, count=len(number))
    return [Applicant.key_for(kind=Kind.NIK, nationality="ID", number=number)]


def _keys_of_passport(number: str) -> list[str]:
    """Return the keys of a number for every nationality in the register: the number alone names nobody."""
    people = Applicant.objects.filter(identity_kind=Kind.PASSPORT).order_by()
    return [
        Applicant.key_for(kind=Kind.PASSPORT, nationality=nationality, number=number)
        for nationality in people.values_list("nationality", flat=True).distinct()
    ]


def _of_people(office: Office, keys: Sequence[str], *, now: datetime) -> tuple[Booking, ...]:
    """Return the people's live bookings; without one the last of today that has ended."""
    rows = with_all().filter(person_key__in=keys)
    today = Q(office=office, slot__day=office.local_day(now))
    return tuple(rows.filter(status__in=LIVE)) or tuple(
        rows.filter(today).order_by("-placed_at")[:1]
    )


def _of_name(office: Office, name: str, *, now: datetime) -> tuple[Booking, ...]:
    """Return the people of today's list with all these words in their name, at most `MOST_NAMES`.

    Also those who may come back to complete their documents.
    """
    today = Q(slot__day=office.local_day(now), place__isnull=False)
    rows = with_all().filter(today | Q(status=Status.CHECKED_IN), office=office)
    for word in name.split():
        rows = rows.filter(applicant__full_name__icontains=word)
    visits = Visit.objects.counted().select_related("ticket").order_by("arrived_at", "pk")
    rows = rows.prefetch_related(Prefetch("visits", visits))
    return tuple(rows.order_by("slot__starts_at", "applicant__full_name", "pk")[:MOST_NAMES])


@dataclass(frozen=True)
class HallCount:
    """A hall, the people in it, and the greatest number of people, if there is a limit."""

    hall: Hall
    people: int
    most: int | None
    serves: frozenset[tuple[int, str]] = frozenset()  # pairs of group and lane

    @property
    def is_full(self) -> bool:
        return self.most is not None and self.people >= self.most


def people_in_halls(office: Office, *, now: datetime) -> list[HallCount]:
    """Count the people waiting and at the counters of each hall, by floor.

    A person whose lane is called in several halls counts in the first of them until called.
    """
    day = office.local_day(now)
    halls = _halls_with_limits(office, day)
    serves = {hall.pk: frozenset(product(hall.group_ids, hall.lane_ids)) for hall in halls}
    first: dict[tuple[int, str], int] = {}
    for hall in halls:
        for pair in serves[hall.pk]:
            first.setdefault(pair, hall.pk)
    people: Counter[int] = Counter()
    rows = Visit.objects.filter(office=office, day=day, status__in=UNFINISHED).order_by()
    for group_id, lane_id, at, count in rows.values_list(
        "group_id", "lane_id", "session__counter__hall_id"
    ).annotate(count=Count("pk")):
        hall_id = at or first.get((group_id, lane_id))
        if hall_id is not None:
            people[hall_id] += count
    return [HallCount(hall, people[hall.pk], hall.most_people, serves[hall.pk]) for hall in halls]


def _halls_with_limits(office: Office, day: date) -> list[Any]:
    """Return the halls in use on a day by floor, each with its groups, lanes and greatest number of people, in one query."""
    groups = Hall.groups.through.objects.filter(hall_id=OuterRef("pk")).values("servicegroup_id")
    lanes = Hall.lanes.through.objects.filter(hall_id=OuterRef("pk")).values("lane_id")
    limits = HallLimit.objects.in_force(day).filter(hall_id=OuterRef("pk")).order_by()
    rows = office.halls.in_use_on(day).annotate(
        group_ids=ArraySubquery(groups),
        lane_ids=ArraySubquery(lanes),
        most_people=Subquery(limits.values("most_people")[:1]),
    )
    return list(rows.order_by("floor", "name", "pk"))


@dataclass(frozen=True)
class Expectation:
    """The bookings of a day, without walk-ins: those that came, did not come, and are expected."""

    booked: int
    coming: int
    missed: int

    @property
    def came(self) -> int:
        return self.booked - self.coming - self.missed


def expectation(office: Office, *, now: datetime) -> Expectation:
    """Count today's bookings, without people who came without one."""
    rows = Booking.objects.filter(
        office=office, slot__day=office.local_day(now), place__isnull=False
    ).exclude(via=Booking.Via.DESK)
    rows = rows.annotate(has_come=Exists(Visit.objects.counted().filter(booking=OuterRef("pk"))))
    return Expectation(
        **rows.aggregate(
            booked=Count("pk"),
            coming=Count("pk", filter=Q(status=Status.BOOKED)),
            missed=Count("pk", filter=Q(status=Status.NO_SHOW, has_come=False)),
        )
    )


def last_visit(booking: Booking) -> Visit | None:
    """Return the booking's last visit that was not undone, with its ticket, counter and last event."""
    events = VisitEvent.objects.filter(visit_id=OuterRef("pk")).order_by("-at", "-pk")
    rows = booking.visits.counted().annotate(
        last_kind=Subquery(events.values("kind")[:1]), last_at=Subquery(events.values("at")[:1])
    )
    rows = rows.select_related("ticket", "lane", "office", "session__counter", "booking__slot")
    return rows.order_by("-arrived_at", "-pk").first()


def next_opening(office: Office, *, now: datetime) -> WindowView | None:
    """Return the office's next window that has not opened yet, or None."""
    return next((row for row in windows(office, now=now) if row.opens_at > now), None)


def gate_reasons(day: date) -> dict[str, list[Reason]]:
    """Return the reasons in force at the gate: by kind of refusal, and for the priority lane."""
    uses = (Reason.Use.GATE_REFUSAL, Reason.Use.PRIORITY)
    rows = list(Reason.objects.in_force(day).filter(use__in=uses).order_by("needs_note", "id"))
    refusals = [row for row in rows if row.use == Reason.Use.GATE_REFUSAL]
    return {
        str(kind): [row for row in refusals if row.code.startswith(f"{kind}_")]
        for kind in GateRefusal.Kind
    } | {"priority": [row for row in rows if row.use == Reason.Use.PRIORITY]}


def fitting_reasons(office: Office, day: date, kind: str) -> list[Reason]:
    """Return the reasons of a kind of refusal that fit the office's admission rule of the day.

    Where walk-ins or companions are admitted, "not admitted" is no reason; where they are not, neither
    is "no place left" or "the hall is full".
    """
    rule = admission_on(office, day)
    admits = {
        GateRefusal.Kind.WALK_IN: rule is not None and rule.admits_walk_ins,
        GateRefusal.Kind.COMPANION: rule is not None and rule.admits_companions,
    }.get(GateRefusal.Kind(kind))
    unfit = f"{kind}_off" if admits else f"{kind}_full"
    return [row for row in gate_reasons(day)[kind] if row.code != unfit]


def undo_until(visit: Visit) -> datetime | None:
    """Return until when the check-in of a waiting visit, from `last_visit`, can be undone, or None."""
    last_at: datetime | None = visit.last_at  # type: ignore[attr-defined]
    kind = visit.last_kind  # type: ignore[attr-defined]
    if visit.status != VisitStatus.WAITING or last_at is None or kind not in ARRIVALS:
        return None
    return last_at + UNDO_WITHIN


def expected(office: Office, *, now: datetime) -> QuerySet[Booking]:
    """Return today's bookings that have not checked in, by slot."""
    return day_list(office, office.local_day(now)).filter(status=Status.BOOKED)


def arrivals(office: Office, *, now: datetime) -> QuerySet[Visit]:
    """Return today's visits, latest first."""
    return (
        Visit.objects.counted()
        .filter(office=office, day=office.local_day(now))
        .select_related("ticket", "lane", "booking__applicant", "booking__slot")
        .order_by("-arrived_at", "-pk")
    )


@dataclass(frozen=True)
class WalkInsLeft:
    """Walk-in places left today. `limited` of them are for `services` only."""

    places: int
    limited: int = 0
    services: tuple[ServiceType, ...] = ()


def walk_ins_left(
    office: Office, *, now: datetime, offered: Sequence[ServiceType] | None = None
) -> WalkInsLeft:
    """Return the walk-in places left today, over all service groups, for services that the office offers.

    `offered` holds these services if the caller has read them.
    """
    offered = list(office.service_types.order_by("pk")) if offered is None else offered
    groups = {service.group_id for service in offered}
    left = Count("places", filter=is_available(now, "places__"))
    slots = Slot.objects.filter(
        office=office,
        day=office.local_day(now),
        lane=WALK_IN_LANE,
        group__in=groups,
        ends_at__gt=now,
    )
    rows = [
        slot
        for slot in slots.annotate(left=left)
        if any(slot.is_for(one.pk) for one in offered if one.group_id == slot.group_id)
    ]
    limited = [slot for slot in rows if slot.only_services and slot.left]
    return WalkInsLeft(
        places=sum(slot.left for slot in rows),
        limited=sum(slot.left for slot in limited),
        services=tuple(
            service
            for service in offered
            if any(service.pk in slot.only_services for slot in limited)
        ),
    )


def missed_bookings(office: Office, *, now: datetime) -> QuerySet[Booking]:
    """Return bookings without a check-in on days that have closed; today only after closing.

    Without people who wait for the task force: they came.
    """
    today = office.local_day(now)
    hours = opening_hours_on(office, today)
    is_closed = hours is not None and now >= office.at(today, hours.closes)
    rows = Booking.objects.filter(
        office=office,
        status=Status.BOOKED,
        slot__day__lt=today + timedelta(days=1) if is_closed else today,
        slot__ends_at__lte=now,
    )
    return without_present(rows).order_by("slot__starts_at")


def missed_booking_ids(office: Office, *, now: datetime) -> list[UUID]:
    """Return the ids of the missed bookings."""
    return list(missed_bookings(office, now=now).values_list("pk", flat=True))
