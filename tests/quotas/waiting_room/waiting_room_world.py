"""A window with a waiting room, and accounts that wait in it."""

from datetime import date, datetime, timedelta
from typing import Any

from offices.directory.models import Office
from quotas.places.models import ReleaseWindow, Slot
from quotas.waiting_room.services import join_room
from quotas.windows.services import prepare_windows
from tests.builders import NOW, make_office, make_policy, make_user, make_weekly_release

OPENS = datetime.fromisoformat("2026-11-27T14:00:00+07:00")
WAITS = OPENS - timedelta(minutes=10)
MONDAY = date(2026, 11, 30)


def make_room_office(
    code: str = "", *, places: int = 20, now: datetime = NOW, week: date = MONDAY, **rhythm: Any
) -> Office:
    """An office whose week opens on Friday at 14.00 through a waiting room: `places` a day in one slot."""
    office = make_office(code)
    make_policy(
        office, places=places, hours=[["08:00", "09:00"]], valid_until=week + timedelta(days=4)
    )
    make_weekly_release(office, has_waiting_room=True, valid_from=week, **rhythm)
    prepare_windows(office_id=office.pk, now=now)
    return office


def window_of(office: Office) -> ReleaseWindow:
    return ReleaseWindow.objects.get(office=office, has_waiting_room=True)


def slot_of(office: Office) -> Slot:
    return Slot.objects.filter(office=office, lane="online", day__gte=MONDAY).order_by("starts_at")[
        0
    ]


def join(window: ReleaseWindow, account_id: int | None = None, *, now: datetime = WAITS) -> str:
    """Give an account a ticket; a new account by default."""
    return join_room(window_id=window.pk, account_id=account_id or make_user().pk, now=now)
