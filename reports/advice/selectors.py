"""Reading a coming week for the advice: its days, and the demand."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from statistics import fmean
from typing import Final

from django.db.models import Count

from booking.bookings.models import Booking
from booking.statuses import WITH_PLACE
from core.dates import monday_of
from offices.directory.models import Office
from quotas.capacity.selectors import office_days
from reports.advice.rule import Advice, advise
from reports.simulation.days import ONLINE
from reports.simulation.selectors import read_days

LOOKED_BACK: Final = timedelta(weeks=4)
ONE_DAY: Final = timedelta(days=1)
WORKED: Final = 7


def next_week(today: date) -> date:
    """Return the Monday after a day."""
    return monday_of(today) + timedelta(weeks=1)


def expected_demand(
    office: Office, first: date, last: date, *, group: int, today: date
) -> dict[date, float]:
    """Return the online places wanted on each day: the mean of the same weekday in the last four weeks.

    A weekday without bookings in these weeks has none.
    """
    rows = (
        Booking.objects.filter(
            office=office,
            slot__lane=ONLINE,
            slot__group=group,
            slot__day__range=(today - LOOKED_BACK, today - ONE_DAY),
            status__in=WITH_PLACE,
        )
        .values_list("slot__day")
        .annotate(n=Count("pk"))
        .order_by()
    )
    weekdays: dict[int, list[int]] = defaultdict(list)
    for day, count in rows:
        weekdays[day.weekday()].append(count)
    days = [first + ONE_DAY * step for step in range((last - first).days + 1)]
    return {day: fmean(weekdays[day.weekday()]) for day in days if weekdays[day.weekday()]}


def advice_for(office: Office, monday: date, *, now: datetime) -> tuple[int, Advice] | None:
    """Return the advice for the week of a Monday and the group whose quota it is, or None.

    None for a week without an open day, or without online places.
    """
    last = monday + ONE_DAY * (WORKED - 1)
    read = read_days(office, monday, last, now=now)
    if not read:
        return None
    group = next(iter(read.values())).group
    today = office.local_day(now)
    demand = expected_demand(office, monday, last, group=group, today=today)
    advice = advise(read, demand, _places_at_desk(office, max(read)))
    return None if advice is None else (group, advice)


def _places_at_desk(office: Office, day: date) -> Mapping[str, int]:
    """Return the places a day of each lane that is not online."""
    places: dict[str, int] = defaultdict(int)
    for planned in office_days(office, first=day, last=day):
        for row in planned.slots:
            if row.lane != ONLINE:
                places[row.lane] += row.places
    return places
