"""Adding places to what is open already."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from core.db import busy_on_timeout
from core.errors import InvalidInput, NotFound
from offices.models import Office
from offices.permissions import Right, check_right
from quotas.errors import WindowNotOpen
from quotas.models import Place, ReleaseRule, RuleChange, Slot

MOST_ADDED = 100


@busy_on_timeout()
@transaction.atomic
def add_places(
    *, office_id: int, slot_id: int, count: int, reason: str, by: User, now: datetime
) -> RuleChange:
    """Add places to an hour whose window is open: an act of its own, with its reason.

    A window not yet open follows the rules instead: WindowNotOpen. Raises NotFound, InvalidInput.
    """
    _refuse_count(count, reason)
    office = Office.objects.select_for_update(no_key=True).get(pk=office_id)
    check_right(by, Right.ADD_PLACES, office=office, now=now)
    slot = Slot.objects.filter(pk=slot_id, office=office, ends_at__gt=now).first()
    if slot is None:
        raise NotFound
    like = (
        Place.objects.offered()
        .filter(slot=slot, opens_at__lte=now, closes_at__gt=now)
        .exclude(window__mode=ReleaseRule.Mode.DRAW, window__drawn_at=None)
        .order_by("-closes_at", "id")
        .first()
    )
    if like is None:
        raise WindowNotOpen
    standing = Place.objects.offered().filter(slot=slot).count()
    last = Place.objects.filter(made_in_slot=slot).aggregate(last=Max("number"))["last"] or 0
    Place.objects.bulk_create(
        Place(
            window_id=like.window_id,
            slot=slot,
            made_in_slot=slot,
            number=last + step,
            opens_at=like.opens_at,
            closes_at=like.closes_at,
            is_limited=bool(slot.only_services),
        )
        for step in range(1, count + 1)
    )
    return RuleChange.objects.create(
        office=office,
        lane_id=slot.lane_id,
        kind=RuleChange.Kind.ADDED_PLACES,
        by=by,
        at=now,
        starts_on=slot.day,
        instrument=reason.strip(),
        before={"places": standing},
        after={
            "places": standing + count,
            "hour": f"{slot.starts_at.astimezone(office.zone):%H:%M}",
        },
    )


def _refuse_count(count: int, reason: str) -> None:
    fields: dict[str, list[str]] = {}
    if not 1 <= count <= MOST_ADDED:
        fields["count"] = [_("Tambahkan 1 sampai %(most)d tempat.") % {"most": MOST_ADDED}]
    if not reason.strip():
        fields["reason"] = [_("Tulis alasannya; alasan ini tercatat dalam riwayat.")]
    if fields:
        raise InvalidInput(fields=fields)
