"""Where each place of a day went: made in which lane, moved, withdrawn, taken, left."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, Q

from offices.models import Lane, Office
from quotas.models import Place, PlaceMove, is_free


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
        """Tell whether every place of the lane is accounted for."""
        came = self.made + self.moved_in - self.moved_out
        return came - self.withdrawn == self.taken + self.left


@dataclass
class Ledger:
    day: date
    lanes: list[LaneLedger]
    moves: list[tuple[str, str, int, datetime]] = field(default_factory=list)


def ledger(office: Office, day: date) -> Ledger:
    """Return where each place of an office's day went, lane by lane."""
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
    standing = (
        Place.objects.filter(day_of)
        .values("slot__lane")
        .annotate(
            withdrawn=Count("id", filter=Q(withdrawn_at__isnull=False)),
            taken=Count("id", filter=Q(withdrawn_at__isnull=True, holder__isnull=False)),
            left=Count("id", filter=is_free()),
        )
    )
    for tally in standing:
        found = lane(tally["slot__lane"])
        found.withdrawn, found.taken, found.left = tally["withdrawn"], tally["taken"], tally["left"]
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
