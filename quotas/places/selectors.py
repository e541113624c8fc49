"""The ledger of a day, and the slots that a closure covers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, F, Q

from offices.directory.models import Lane, Office
from quotas.places.models import Place, PlaceMove, Slot, is_free, is_given_back
from quotas.plan.spans import Shut, still_served


def slots_shut_by(office: Office, shut: Shut, *, now: datetime) -> list[int]:
    """Return the ids of slots of the office that are not over and lie in a closure."""
    rows = Slot.objects.filter(office=office, day__gte=shut.first_day, ends_at__gt=now)
    if shut.last_day is not None:
        rows = rows.filter(day__lte=shut.last_day)
    places = rows.order_by("starts_at", "pk")
    return [row.pk for row in places if shut.covers(*_place_in_day(row, office))]


def hours_shut_by(office: Office, shut: Iterable[Shut], *, now: datetime) -> list[int]:
    """Return the ids of slots, not over yet, that closures leave to nobody, or only to other services.

    A slot that a closure limits to some services has a row of its own, which is not included.
    """
    closures = list(shut)
    if not closures:
        return []
    first = min(row.first_day for row in closures)
    rows = Slot.objects.filter(office=office, day__gte=first, ends_at__gt=now)
    return [
        row.pk
        for row in rows.order_by("starts_at", "pk")
        if (served := still_served(closures, *_place_in_day(row, office))) is not None
        and (not served or served != tuple(row.only_services))
    ]


def _place_in_day(slot: Slot, office: Office) -> tuple[date, tuple[str, int], time, time]:
    starts, ends = (
        moment.astimezone(office.zone).time() for moment in (slot.starts_at, slot.ends_at)
    )
    return slot.day, (slot.lane_id, slot.group_id), starts, ends


def hours_given_back(office: Office, *, now: datetime) -> Any:
    """Return the coming online slots with `free` freed places for the waiting list, the earliest first.

    A freed place is in its cooldown, or its window has closed since. Places that are reserved for a
    lottery or not open yet do not count.
    """
    free = is_given_back(now, "places__")
    rows: Any = Slot.objects.filter(
        office=office, lane__booked_at=Lane.BookedAt.ONLINE, starts_at__gt=now
    ).annotate(free=Count("places", filter=free))
    rows = rows.filter(free__gt=0).select_related("office", "lane", "group")
    return rows.order_by(F("starts_at"), "pk")


@dataclass
class LaneLedger:
    """One lane of a day. made + moved_in - moved_out - withdrawn = taken + left."""

    lane: Lane
    made: int = 0
    moved_in: int = 0
    moved_out: int = 0
    withdrawn: int = 0
    taken: int = 0
    left: int = 0

    @property
    def balances(self) -> bool:
        """True if every place of the lane is accounted for."""
        came = self.made + self.moved_in - self.moved_out
        return came - self.withdrawn == self.taken + self.left


@dataclass
class Ledger:
    day: date
    lanes: list[LaneLedger]
    moves: list[tuple[str, str, int, datetime]] = field(default_factory=list)


def ledger(office: Office, day: date) -> Ledger:
    """Return what became of each place of an office's day, lane by lane."""
    lanes: dict[str, LaneLedger] = {}
    known = Lane.objects.in_bulk()

    def lane(code: str) -> LaneLedger:
        return lanes.setdefault(code, LaneLedger(known[code]))

    day_of = Q(slot__office=office, slot__day=day)
    for row in (
        Place.objects.filter(made_in_slot__office=office, made_in_slot__day=day)
        .values("made_in_slot__lane")
        .annotate(n=Count("id"))
    ):
        lane(row["made_in_slot__lane"]).made = row["n"]
    existing = (
        Place.objects.filter(day_of)
        .values("slot__lane")
        .annotate(
            withdrawn=Count("id", filter=Q(withdrawn_at__isnull=False)),
            taken=Count("id", filter=Q(withdrawn_at__isnull=True, holder__isnull=False)),
            left=Count("id", filter=is_free()),
        )
    )
    for tally in existing:
        entry = lane(tally["slot__lane"])
        entry.withdrawn, entry.taken, entry.left = (
            tally["withdrawn"],
            tally["taken"],
            tally["left"],
        )
    moves = _moves(office, day)
    for source, target, count, _at in moves:
        lane(source).moved_out += count
        lane(target).moved_in += count
    named = [
        (str(known[source]), str(known[target]), count, at) for source, target, count, at in moves
    ]
    return Ledger(day, sorted(lanes.values(), key=lambda row: row.lane.pk), named)


def _moves(office: Office, day: date) -> list[tuple[str, str, int, datetime]]:
    rows = (
        PlaceMove.objects.filter(from_slot__office=office, from_slot__day=day)
        .values("from_slot__lane", "to_slot__lane", "run__at")
        .annotate(n=Count("id"))
        .order_by("run__at")
    )
    return [
        (row["from_slot__lane"], row["to_slot__lane"], row["n"], row["run__at"]) for row in rows
    ]
