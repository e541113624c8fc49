"""An office with a lottery window, entrants, and the steps up to the result."""

from datetime import date, datetime, timedelta
from typing import Any

from booking.lottery.models import Draw, DrawEntry
from booking.lottery.results import run_draw
from booking.lottery.services import close_entries, enter_draw, prepare_draws, type_public_value
from booking.people.models import Applicant
from offices.directory.models import Office
from offices.staff.models import Role
from quotas.places.models import ReleaseWindow
from quotas.windows.services import prepare_windows
from tests.builders import (
    NOW,
    make_office,
    make_officer,
    make_person,
    make_policy,
    make_user,
    make_weekly_release,
)

# The Friday after NOW at 14.00 WIB: the list closes; the lottery is for the days of the week after.
CLOSES = datetime.fromisoformat("2026-11-27T14:00:00+07:00")
LOTTERY_TIME = CLOSES + timedelta(hours=3)
MONDAY = date(2026, 11, 30)
VALUE = "16234"


def make_draw_office(
    code: str = "",
    *,
    places: int = 4,
    week: date = MONDAY,
    now: datetime = NOW,
    release: dict[str, Any] | None = None,
    **fields: Any,
) -> Office:
    """An office with `places` a day in one slot, five days in a window, assigned by lottery.

    `release` has further fields of the release rule.
    """
    office = make_office(code, **fields)
    make_policy(
        office, places=places, hours=[["08:00", "09:00"]], valid_until=week + timedelta(days=4)
    )
    make_weekly_release(office, mode="draw", valid_from=week, **(release or {}))
    prepare_windows(office_id=office.pk, now=now)
    prepare_draws(now=now)
    return office


def draw_in(office: Office) -> Draw:
    window = ReleaseWindow.objects.get(office=office, mode="draw")
    return Draw.objects.select_related("window").get(window=window)


def enter(draw: Draw, *people: Applicant, now: datetime = NOW, **preferences: Any) -> DrawEntry:
    """Enter people of one account; a new person by default."""
    given = people or (make_person(now=now),)
    preferences = {"choices": [], "takes_any": True} | preferences
    return enter_draw(
        account_id=given[0].account_id,
        window_id=draw.window_id,
        service_type="new",
        applicant_ids=[one.pk for one in given],
        now=now,
        **preferences,
    )


def enter_family(draw: Draw, size: int, **preferences: Any) -> DrawEntry:
    account = make_user()
    return enter(draw, *[make_person(account) for _each in range(size)], **preferences)


def fix_value(draw: Draw, *, now: datetime = LOTTERY_TIME, value: str = VALUE) -> None:
    """Close the list and let two supervisors type the value."""
    close_entries(draw_id=draw.pk, now=draw.window.opens_at)
    for _each in range(2):
        officer = make_officer(draw.office, Role.SUPERVISOR)
        type_public_value(draw_id=draw.pk, value=value, by=officer, now=now)


def hold(draw: Draw, *, now: datetime = LOTTERY_TIME) -> Draw:
    fix_value(draw, now=now)
    return run_draw(window_id=draw.window_id, now=now)
