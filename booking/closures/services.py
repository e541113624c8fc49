"""Closing an office, a hall or a lane for a period, and reopening it."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.bookings.models import Booking
from booking.bookings.selectors import when
from booking.closures.moves import lane_for
from booking.closures.selectors import bookings_to_move, free_slots_after, waiting_displacements
from booking.waiting_list.selectors import offices_with_waiting
from core.db import busy_on_timeout
from core.errors import InvalidInput, MoveNotAllowed, NotFound
from offices.closures.models import Closure
from offices.directory.models import Hall, Lane, Office, ServiceType
from offices.labels import retired_text
from offices.permissions import Right, check_right
from quotas.places.models import Place, Slot
from quotas.places.selectors import hours_shut_by, slots_shut_by
from quotas.policies.selectors import closures_of, draft_shut, shut_of
from quotas.windows.closures import restore_places, withdraw_places

# The cooldown of reopened places, so that displaced and waiting people get them first.
HEAD_START: Final = dt.timedelta(minutes=15)
A_LONG_TIME: Final = dt.timedelta(days=3650)  # until further notice
# The service group and the lane in which a part of a party gets a place.
Queue = tuple[int, str]


@dataclass(frozen=True)
class ClosureData:
    """A closure as entered. Without `last_day` it is open-ended."""

    first_day: dt.date
    reason: str
    last_day: dt.date | None = None
    from_time: dt.time | None = None
    until_time: dt.time | None = None
    hall: Hall | None = None
    lane: Lane | None = None
    merged_into: Office | None = None
    open_lanes: tuple[Lane, ...] = ()
    open_services: tuple[ServiceType, ...] = ()
    reason_en: str = ""
    instrument: str = ""

    def row(self, office: Office) -> Closure:
        """Return an unsaved Closure."""
        plain = {
            name: getattr(self, name)
            for name in self.__dataclass_fields__
            if name not in ("open_lanes", "open_services")
        }
        return Closure(office=office, **plain)


@dataclass(frozen=True)
class Proposal:
    """What happens to one party: `becomes` is None if no slot has room for all of it."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    was: str
    becomes: str | None
    has_contact: bool


@dataclass(frozen=True)
class Preview:
    """What applying a closure now would do."""

    hours: int
    places: int
    people: int
    staying: int
    proposals: list[Proposal] = field(default_factory=list)

    @property
    def waiting(self) -> list[Proposal]:
        return [row for row in self.proposals if row.becomes is None]

    @property
    def without_contact(self) -> list[Proposal]:
        return [row for row in self.proposals if not row.has_contact]


def preview_closure(*, office: Office, data: ClosureData, now: dt.datetime) -> Preview:
    """Return which bookings a closure would affect and where they would move. Writes nothing. Raises InvalidInput."""
    _check(office, data, now=now)
    shut = draft_shut(data.row(office), data.open_lanes, data.open_services)
    last = data.last_day or data.first_day + A_LONG_TIME
    others = closures_of(office, first=data.first_day, last=last)
    all_shut = set(hours_shut_by(office, [shut, *others], now=now))
    slots = [pk for pk in slots_shut_by(office, shut, now=now) if pk in all_shut]
    bound = bookings_to_move(slots, staying=[service.pk for service in data.open_services])
    everyone = bookings_to_move(slots, staying=[]).count()
    people = list(
        bound.select_related("applicant", "account", "slot__office", "slot__lane", "office")
    )
    return Preview(
        hours=len(slots),
        places=Place.objects.offered().filter(slot_id__in=slots).count(),
        people=len(people),
        staying=everyone - len(people),
        proposals=_proposals(people, set(slots), data.merged_into or office, now=now),
    )


def _proposals(
    people: list[Booking], shut: set[int], office: Office, *, now: dt.datetime
) -> list[Proposal]:
    """Assign each party the earliest slot with room for it, in the order that applying uses."""
    parties: dict[int, list[Booking]] = {}
    for booking in people:
        parties.setdefault(booking.party_id, []).append(booking)
    slots: dict[Queue, list[Slot]] = {}
    left: dict[int, int] = {}
    proposals = []
    for party in parties.values():
        since = party[0].slot.starts_at
        sizes = Counter((row.slot.group_id, lane_for(row.slot)) for row in party)
        for group_id, lane in sizes.keys() - slots.keys():
            rows = free_slots_after(office, group_id=group_id, lane=lane, since=since, now=now)
            slots[group_id, lane] = [candidate for candidate in rows if candidate.pk not in shut]
            left |= {one.pk: one.free for one in slots[group_id, lane]}  # type: ignore[attr-defined]
        new = _first_hour(sizes, slots, left, since=since)
        for slot, size in zip(new, sizes.values(), strict=False):
            left[slot.pk] -= size
        proposals.append(_proposal(party, new[0] if new else None, office))
    return proposals


def _first_hour(
    sizes: Mapping[Queue, int],
    slots: Mapping[Queue, Sequence[Slot]],
    left: Mapping[int, int],
    *,
    since: dt.datetime,
) -> list[Slot]:
    """Return the slots of the first hour with room for everybody, one for each group; [] if there is none."""
    hours: dict[dt.datetime, list[Slot]] = defaultdict(list)
    for queue, size in sizes.items():
        for slot in slots[queue]:
            if slot.starts_at >= since and left[slot.pk] >= size:
                hours[slot.starts_at].append(slot)
    fitting = (rows for _start, rows in sorted(hours.items()) if len(rows) == len(sizes))
    return next(fitting, [])


def _proposal(party: list[Booking], new: Slot | None, office: Office) -> Proposal:
    first = party[0]
    return Proposal(
        codes=tuple(row.code for row in party),
        names=tuple(row.applicant.short_name for row in party),
        was=when(first.slot, first.office),
        becomes=None if new is None else when(new, office),
        has_contact=first.account_id is not None,
    )


def close_office(*, office_id: int, data: ClosureData, by: User, now: dt.datetime) -> Closure:
    """Create a closure and withdraw every place of its slots. Affected bookings are moved afterwards.

    Entering the same closure twice creates one. Raises NotFound, NotAllowed, InvalidInput, Busy.
    """
    office = Office.objects.filter(pk=office_id).first()
    if office is None:
        raise NotFound
    check_right(by, Right.CLOSE_OFFICE, office=office, now=now)
    _check(office, data, now=now)
    with busy_on_timeout(), transaction.atomic():
        Office.objects.select_for_update(no_key=True).get(pk=office.pk)
        return write_closure(office=office, data=data, by=by, now=now)


def write_closure(*, office: Office, data: ClosureData, by: User, now: dt.datetime) -> Closure:
    """Write a closure, or return the same one. The caller checked the right and locked the office."""
    if same := _same(office, data):
        return same
    closure = data.row(office)
    closure.made_at, closure.made_by = now, by
    closure.save(force_insert=True)
    closure.open_lanes.set(data.open_lanes)
    closure.open_services.set(data.open_services)
    withdraw_places(closure=closure, now=now)
    return closure


def reopen_office(*, closure_id: int, on: dt.date, by: User, now: dt.datetime) -> Closure:
    """End a closure so that `on` is the first open day, and offer its places again.

    Moved bookings stay where they are. Displaced and waiting people are offered the places first.
    Raises NotFound, NotAllowed, InvalidInput, MoveNotAllowed, Busy.
    """
    closure = Closure.objects.select_related("office").filter(pk=closure_id).first()
    if closure is None:
        raise NotFound
    office = closure.office
    check_right(by, Right.CLOSE_OFFICE, office=office, now=now)
    if on < office.local_day(now):
        raise InvalidInput(
            fields={"on": [_("Hari itu sudah lewat. Pilih hari ini atau sesudahnya.")]}
        )
    with busy_on_timeout(), transaction.atomic():
        Office.objects.select_for_update(no_key=True).get(pk=office.pk)
        closure = Closure.objects.select_related("office").get(pk=closure_id)
        if closure.lifted_at is not None:
            raise MoveNotAllowed
        if closure.last_day is not None and on > closure.last_day:
            text = _("Penutupan ini sudah berakhir sebelum hari itu.")
            raise InvalidInput(fields={"on": [text]})
        return reopen_locked(closure, on=on, by=by, now=now)


def reopen_locked(closure: Closure, *, on: dt.date, by: User, now: dt.datetime) -> Closure:
    """End a closure before `on`. The caller checked the right and locked the office."""
    was = shut_of(closure)
    if on <= closure.first_day:
        closure.lifted_at = now
    else:
        closure.last_day = on - dt.timedelta(days=1)
    closure.reopened_at, closure.reopened_by = now, by
    closure.save(update_fields=["lifted_at", "last_day", "reopened_at", "reopened_by"])
    restore_places(office=closure.office, was=was, now=now, rest=_head_start(closure.office))
    return closure


def _head_start(office: Office) -> dt.timedelta:
    """Return the cooldown of reopened places: none if nobody is waiting."""
    someone_waits = office.pk in offices_with_waiting() or waiting_displacements()
    return HEAD_START if someone_waits else dt.timedelta(0)


def _same(office: Office, data: ClosureData) -> Closure | None:
    draft = data.row(office)
    names = (
        "first_day",
        "last_day",
        "from_time",
        "until_time",
        "hall",
        "lane",
        "merged_into",
        "reason",
    )
    rows = Closure.objects.not_lifted().filter(
        office=office, **{name: getattr(draft, name) for name in names}
    )
    return next((row for row in rows if _goes_on(row) == _goes_on_in(data)), None)


def _goes_on(closure: Closure) -> tuple[set[Any], set[Any]]:
    return set(closure.open_lanes.all()), set(closure.open_services.all())


def _goes_on_in(data: ClosureData) -> tuple[set[Any], set[Any]]:
    return set(data.open_lanes), set(data.open_services)


def _check(office: Office, data: ClosureData, *, now: dt.datetime) -> None:
    """Validate a closure. Raises InvalidInput with every invalid field."""
    mistakes: dict[str, list[Any]] = {}
    if data.first_day < office.local_day(now):
        mistakes["first_day"] = [_("Hari pertama sudah lewat. Pilih hari ini atau sesudahnya.")]
    if data.last_day is not None and data.last_day < data.first_day:
        mistakes["last_day"] = [_("Hari terakhir harus sama dengan atau sesudah hari pertama.")]
    if (data.from_time is None) != (data.until_time is None):
        mistakes["until_time"] = [_("Isi kedua jam, atau kosongkan keduanya bila sehari penuh.")]
    elif data.from_time and data.until_time and data.from_time >= data.until_time:
        mistakes["until_time"] = [_("Jam selesai harus sesudah jam mulai.")]
    if not data.reason.strip():
        mistakes["reason"] = [
            _("Tulis alasannya: pemohon akan membacanya di kalender dan di surel.")
        ]
    if data.hall is not None:
        mistakes |= _check_hall(office, data.hall, data.first_day)
    if data.lane is not None and data.lane in data.open_lanes:
        mistakes["open_lanes"] = [_("Jalur yang ditutup tidak dapat tetap buka.")]
    if data.merged_into is not None:
        mistakes |= _check_merger(office, data.merged_into)
    if mistakes:
        raise InvalidInput(fields=mistakes)


def _check_hall(office: Office, hall: Hall, day: dt.date) -> dict[str, list[Any]]:
    if hall.office_id != office.pk:
        return {"hall": [_("Ruang ini ada di kantor lain.")]}
    return {} if hall.is_in_use_on(day) else {"hall": [retired_text(hall)]}


def _check_merger(office: Office, other: Office) -> dict[str, list[Any]]:
    if other.pk == office.pk:
        return {"merged_into": [_("Pilih kantor selain yang ditutup.")]}
    if other.region_id != office.region_id and other.pk != office.parent_id:
        return {
            "merged_into": [_("Kantor itu ada di wilayah lain. Pilih kantor di wilayah yang sama.")]
        }
    missing = office.service_types.exclude(pk__in=other.service_types.values("pk"))
    if missing.exists():
        names = ", ".join(str(service) for service in missing)
        return {"merged_into": [_("Kantor itu tidak melayani %(services)s.") % {"services": names}]}
    return {}
