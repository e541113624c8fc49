"""Values that are set before a day is simulated."""

from typing import Any

import pytest

from core.errors import InvalidInput
from reports.simulation.changes import Changes, Fault, apply_changes, parse_changes
from reports.simulation.engine import Plan
from tests.reports.simulation.days import make_day


def changed(*settings: str, **fields: Any) -> Any:
    return apply_changes(make_day(**fields), parse_changes(settings))


def test_settings_are_read() -> None:
    changes = parse_changes(
        ["quota=90", "breaks=12:00-13:00,15:00-15:15", "outage=camera:09.00-12.30"]
    )
    assert changes == Changes(
        quota=90, breaks=((720, 780), (900, 915)), outages=(Fault("camera", (540, 750)),)
    )


@pytest.mark.parametrize(
    "setting",
    [
        "quota",
        "quota=",
        "quota=-1",
        "quota=1001",
        "quota=²",
        "quota=9e9",
        "speed=2",
        "breaks=12-13",
        "breaks=13:00-12:00",
        "breaks=25:00-26:00",
        "outage=camera",
        "outage=printer:09:00-10:00",
        "outage=camera:09:00",
        "absent=100",
        "=5",
        "__class__=1",
    ],
)
def test_wrong_settings_are_refused(setting: str) -> None:
    with pytest.raises(InvalidInput):
        parse_changes([setting])


def test_quota_is_spread_over_the_slots() -> None:
    day = changed("quota=62")
    assert [row.people for row in day.arrivals] == [11, 11, 10, 10, 10, 10]
    assert day.quota == 62


def test_filled_is_a_share_of_the_quota() -> None:
    day = changed("quota=100", "filled=20")
    assert (day.quota, day.people) == (100, 20)


def test_demand_limits_the_people_but_not_the_quota() -> None:
    day = make_day(demand=40.0).with_quota(90)
    assert (day.quota, day.people) == (90, 40)


def test_desk_lanes_keep_their_hours() -> None:
    day = changed("walk_in=12", "priority=0", walk_in=6, priority=6)
    people = {
        lane: sum(r.people for r in day.arrivals if r.lane == lane)
        for lane in ("walk_in", "priority")
    }
    assert people == {"walk_in": pytest.approx(12), "priority": 0}


def test_officers_sit_at_so_many_counters() -> None:
    assert len(Plan(changed("counters=2")).spans) == 2
    with pytest.raises(InvalidInput):
        changed("counters=5")


def test_breaks_replace_those_of_the_office() -> None:
    assert changed("breaks=").resources.spans == ((480, 900),)
    assert changed("breaks=09:00-09:30,12:00-13:00").resources.spans == (
        (480, 540),
        (570, 720),
        (780, 900),
    )
    with pytest.raises(InvalidInput):
        changed("breaks=00:00-24:00")


def test_outages_take_one_device_after_the_other() -> None:
    day = changed("outage=camera:09:00-10:00", "outage=camera:09:00-10:00", cameras=2)
    assert [row.device for row in day.resources.outages] == [1, 2]
    with pytest.raises(InvalidInput):
        changed("outage=camera:09:00-10:00", cameras=0)
    with pytest.raises(InvalidInput):
        changed(*["outage=counter:09:00-10:00"] * 5)


def test_longer_visits_take_longer() -> None:
    day = changed("length=150", minutes=20.0)
    assert day.services[1].mean == 30
    assert sum(day.resources.minutes[1].values()) == pytest.approx(30)


def test_terms_and_overtime() -> None:
    day = changed("priority_after=0", "overtime=30", "absent=25")
    assert (day.terms.priority_after, day.overtime, day.absent) == (0, 30, 0.25)
