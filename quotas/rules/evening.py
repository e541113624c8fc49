"""Places after closing time, added on the day for people who still wait. Otherwise ordinary places."""

from datetime import datetime, time, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from core.db import busy_on_timeout
from core.errors import InvalidInput, NotFound
from core.formats import hour
from offices.directory.models import Lane, Office
from offices.hours.selectors import working_hours
from offices.permissions import Right, check_right
from quotas.places.models import Place, ReleaseWindow, Slot
from quotas.plan.shares import spread
from quotas.plan.spans import cut, minutes
from quotas.policies.models import ReleaseRule, RuleChange

MOST_ADDED: Final = 200
AN_HOUR: Final = 60
# Online places open after this delay: until then they are for people the office moves.
HEAD_START: Final = timedelta(minutes=30)


@busy_on_timeout()
@transaction.atomic
def add_evening_places(
    *,
    office_id: int,
    lane: str,
    group_id: int,
    starts: time,
    ends: time,
    count: int,
    reason: str,
    by: User,
    now: datetime,
) -> RuleChange:
    """Add slots after closing time to today, with places in a lane that has a window for today.

    Raises NotFound, NotAllowed, InvalidInput with the wrong fields, Busy.
    """
    office = Office.objects.select_for_update(no_key=True).filter(pk=office_id).first()
    if office is None:
        raise NotFound
    check_right(by, Right.ADD_EVENING_PLACES, office=office, now=now)
    today = office.local_day(now)
    window = _window(office, lane, group_id, now=now)
    _check(office, window, starts, ends, count, reason, now=now)
    assert window is not None
    pieces = cut((minutes(starts), minutes(ends)), AN_HOUR)
    shares = spread(count, [end - start for start, end in pieces])
    midnight = office.at(today, time())
    for (start, end), places in zip(pieces, shares, strict=True):
        slot, _is_new = Slot.objects.get_or_create(
            office=office,
            lane_id=lane,
            group_id=group_id,
            day=today,
            starts_at=midnight + timedelta(minutes=start),
            ends_at=midnight + timedelta(minutes=end),
            only_services=[],
        )
        _insert(window, slot, places, now=now)
    return RuleChange.objects.create(
        office=office,
        lane_id=lane,
        kind=RuleChange.Kind.ADDED_PLACES,
        by=by,
        at=now,
        starts_on=today,
        instrument=" ".join(reason.split()),
        before={"places": 0},
        after={"places": count, "hour": f"{starts:%H:%M}-{ends:%H:%M}"},
    )


def _window(office: Office, lane: str, group_id: int, *, now: datetime) -> ReleaseWindow | None:
    """Return the window of the lane's places of today, the latest when there are several."""
    today = office.local_day(now)
    rows = ReleaseWindow.objects.filter(
        office=office,
        lane=lane,
        opens_at__lte=now,
        places__slot__day=today,
        places__slot__group=group_id,
    ).exclude(mode=ReleaseRule.Mode.DRAW, drawn_at=None)
    return rows.select_related("lane").order_by("-closes_at", "-pk").first()


def _check(
    office: Office,
    window: ReleaseWindow | None,
    starts: time,
    ends: time,
    count: int,
    reason: str,
    *,
    now: datetime,
) -> None:
    mistakes: dict[str, list[Any]] = {}
    today = office.local_day(now)
    hours = working_hours(office, today)
    if hours is None:
        mistakes["starts"] = [_("Kantor tidak buka hari ini.")]
    elif starts < hours.closes:
        mistakes["starts"] = [
            _("Tempat malam mulai sesudah tutup, %(hour)s.") % {"hour": hour(hours.closes)}
        ]
    elif office.at(today, starts) <= now:
        mistakes["starts"] = [_("Waktu itu sudah lewat.")]
    if ends <= starts:
        mistakes["ends"] = [_("Selesai harus sesudah mulai.")]
    if not 1 <= count <= MOST_ADDED:
        mistakes["count"] = [_("Tambahkan 1 sampai %(most)d tempat.") % {"most": MOST_ADDED}]
    if not reason.strip():
        mistakes["reason"] = [_("Tulis alasannya; alasan ini tercatat dalam riwayat.")]
    if window is None:
        mistakes["lane"] = [_("Jalur ini tidak punya tempat hari ini. Pilih jalur lain.")]
    if mistakes:
        raise InvalidInput(fields=mistakes)


def _insert(window: ReleaseWindow, slot: Slot, count: int, *, now: datetime) -> None:
    last = Place.objects.filter(made_in_slot=slot).aggregate(last=Max("number"))["last"] or 0
    is_online = window.lane.booked_at == Lane.BookedAt.ONLINE
    # The head start must end before the places close.
    closes_at = slot.starts_at if is_online else slot.ends_at
    opens_at = min(now + HEAD_START, now + (closes_at - now) / 2) if is_online else now
    Place.objects.bulk_create(
        Place(
            window=window,
            slot=slot,
            made_in_slot=slot,
            number=last + step,
            opens_at=opens_at,
            closes_at=closes_at,
        )
        for step in range(1, count + 1)
    )
