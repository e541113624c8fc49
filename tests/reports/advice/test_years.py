"""What the advice says about June 2022 and December 2017."""

import pytest

from reports.advice.rule import advise
from reports.simulation.selectors import read_day
from tests.reports.simulation.years import BEFORE, DECEMBER_2017, JUNE_2022, MONDAY, load_day

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "demand", "code", "least", "most"),
    [
        # The demand of 80 to 90 needs more than the four counters of the hall keep.
        (JUNE_2022, 90, "short", 75, 90),
        # 200 want to come, 150 have places, and a camera fails.
        (DECEMBER_2017, 200, "short", 130, 175),
    ],
)
def test_demand_of_the_reported_days_is_more_than_the_counters_keep(
    name: str, demand: int, code: str, least: int, most: int
) -> None:
    day = read_day(load_day(name), MONDAY, now=BEFORE)
    assert day is not None
    advice = advise({MONDAY: day}, {MONDAY: float(demand)}, {})
    assert advice is not None
    assert least <= advice.quota <= most
    assert advice.quota < demand
    assert advice.code == code
