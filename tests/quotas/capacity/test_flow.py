"""How many people counters can serve: examples, and properties of any office's day."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from quotas.capacity.flow import (
    Flow,
    SlotCapacity,
    flows,
    hours_to_close,
    left_over,
    pools_of,
    slot_capacities,
)
from quotas.capacity.rates import (
    PROMISE,
    Bottleneck,
    Counter,
    DayResources,
    Device,
    Outage,
    Rate,
    Shift,
    rates,
)

MORNING, AFTERNOON = (480, 720), (780, 900)
CUTS = ((480, 540), (540, 600), (600, 660), (660, 720), (780, 840), (840, 900))
ALL_DAY = (480, 900)
VISIT = {"documents": 8.0, "interview": 10.0, "photo": 6.0}


def office(count: int = 4, officers: int | None = None, **changes: object) -> DayResources:
    """Four one-stop counters at 24 minutes a visit, all staffed."""
    counters = tuple(Counter(number, 1) for number in range(1, count + 1))
    shifts = tuple(Shift(ALL_DAY) for _each in range(count if officers is None else officers))
    resources = DayResources(
        {1: VISIT}, (MORNING, AFTERNOON), counters=counters, shifts=shifts, weights={1: 10}
    )
    return replace(resources, **changes)


def day(resources: DayResources, needed: list[int] | None = None) -> list[SlotCapacity]:
    return slot_capacities(flows(resources)[1], CUTS, needed or [0] * len(CUTS))


def capacity_by_slot(resources: DayResources) -> list[int]:
    return [row.capacity for row in day(resources)]


def why(resources: DayResources, minute: int = 480) -> Bottleneck:
    return rates(resources, minute)[1].bottleneck


def test_four_counters_of_24_minutes_serve_ten_an_hour() -> None:
    assert capacity_by_slot(office()) == [10] * 6
    assert why(office()) == Bottleneck("counters", 4, 4)


def test_too_few_officers_are_the_bottleneck() -> None:
    resources = office(officers=2)
    assert capacity_by_slot(resources) == [5] * 6
    assert why(resources) == Bottleneck("officers", 2, 4)


def test_half_of_the_staff_is_rounded_down() -> None:
    assert sum(capacity_by_slot(office(percent=Decimal(50)))) == 30
    assert sum(capacity_by_slot(office(officers=3, percent=Decimal(50)))) == 15
    assert why(office(officers=1, percent=Decimal(50))).code == "nobody"


def test_one_camera_for_four_counters_is_the_bottleneck() -> None:
    slow = {**VISIT, "photo": 12.0}  # 30 minutes a visit, 12 of them at the camera
    resources = office(devices=(Device(1, "camera", "photo"),), minutes={1: slow})
    assert capacity_by_slot(resources) == [5] * 6
    assert why(resources) == Bottleneck("device", 1, 4, "camera")


def test_a_briefly_used_camera_serves_more_counters() -> None:
    slow = {**VISIT, "photo": 12.0}
    quick = Device(1, "camera", "photo", minutes=3.0)
    assert capacity_by_slot(office(devices=(quick,), minutes={1: slow})) == [8] * 6


def test_a_counter_with_a_broken_own_camera_completes_nobody() -> None:
    own = tuple(Device(number, "camera", "photo", counter=number) for number in range(1, 5))
    resources = office(devices=own, outages=(Outage((600, 660), device=2),))
    # Three counters complete seven and a half; the eighth finishes after eleven, in the next slot.
    assert capacity_by_slot(resources) == [10, 10, 8, 9, 10, 10]
    assert why(resources, 600) == Bottleneck("device", 0, 1, "camera")


def test_without_a_camera_nobody_is_served() -> None:
    one = (Device(1, "camera", "photo"),)
    resources = office(devices=one, outages=(Outage((480, 840), device=1),))
    assert capacity_by_slot(resources) == [0, 0, 0, 0, 0, 10]
    assert why(resources) == Bottleneck("device", 0, 4, "camera")


def test_an_unregistered_device_limits_nobody() -> None:
    assert capacity_by_slot(office(devices=())) == [10] * 6


def test_the_officer_of_a_broken_counter_moves_to_another() -> None:
    down = (Outage(ALL_DAY, counter=1),)
    rostered = (Shift(ALL_DAY, counter=1), Shift(ALL_DAY, counter=2), Shift(ALL_DAY, counter=3))
    assert sum(capacity_by_slot(office(shifts=rostered, outages=down))) == 45
    assert sum(capacity_by_slot(office(outages=down))) == 45


def test_an_officer_counts_until_their_shift_ends() -> None:
    shifts = (Shift(ALL_DAY), Shift((480, 720)))
    assert capacity_by_slot(office(shifts=shifts)) == [5, 5, 5, 5, 3, 2]


def test_every_pool_gets_one_officer_before_a_second() -> None:
    resources = DayResources(
        {1: VISIT, 2: VISIT},
        (MORNING,),
        counters=(Counter(1, 1), Counter(2, 1), Counter(3, 2)),
        shifts=(Shift(ALL_DAY), Shift(ALL_DAY)),
        weights={1: 95, 2: 20},
    )
    assert {pool: rate.staffed for pool, rate in rates(resources, 500).items()} == {1: 1, 2: 1}


def test_the_slowest_stage_limits_a_multi_counter_visit() -> None:
    divided = (
        Counter(1, 1, frozenset({"documents"}), is_one_stop=False),
        Counter(2, 1, frozenset({"interview"}), is_one_stop=False),
        Counter(3, 1, frozenset({"interview"}), is_one_stop=False),
        Counter(4, 1, frozenset({"photo"}), is_one_stop=False),
    )
    resources = office(counters=divided)
    assert rates(resources, 480)[1].per_hour == 60 / 8
    assert why(resources) == Bottleneck("stage", 1, 4, "documents")


def test_a_visit_longer_than_the_promise_is_never_proposed() -> None:
    resources = office(minutes={1: {"interview": 121.0}})
    assert (capacity_by_slot(resources), why(resources)) == ([0] * 6, Bottleneck("slow", 121))


def test_the_promise_accepts_what_two_hours_can_serve() -> None:
    rows = day(office(), [30, 0, 0, 0, 0, 0])
    assert (rows[0].served, rows[0].unserved) == (20, 10)
    # People waiting from one slot are served in the next if there is capacity.
    assert [row.served for row in day(office(), [20, 10, 0, 0, 0, 0])][:2] == [20, 10]
    assert [row.served for row in day(office(), [20, 15, 0, 0, 0, 0])][:2] == [20, 10]


def test_the_last_slot_is_served_by_closing_time() -> None:
    assert day(office(), [0, 0, 0, 0, 0, 15])[-1].served == 10


def test_breaks_count_as_waiting_time() -> None:
    rows = day(
        office(), [0, 0, 0, 20, 0, 0]
    )  # from eleven: finished at noon, and one hour is the break
    assert rows[3].served == 10


def test_people_inside_come_first_and_started_slots_stay() -> None:
    flow = flows(office())[1]
    needed = [10] * 6
    assert hours_to_close(flow, CUTS, needed, inside=0, now=480) is None
    assert hours_to_close(flow, CUTS, needed, inside=30, now=480) == (540, 720)
    one = flows(
        office(devices=(Device(1, "camera", "photo"),), outages=(Outage((610, 1440), device=1),))
    )[1]
    assert hours_to_close(one, CUTS, needed, inside=4, now=610) == (660, 900)


def test_people_left_at_closing_are_counted() -> None:
    flow = flows(office())[1]
    assert left_over(flow, inside=10, now=840) == 0
    assert left_over(flow, inside=10.5, now=840) == 1
    assert left_over(flow, inside=25, now=840) == 15


def test_halls_that_share_a_lane_are_one_pool() -> None:
    serves = {
        1: [("online", 1)],
        2: [("online", 2)],
        3: [("priority", 1), ("priority", 2)],
        4: [("online", 1)],
    }
    assert pools_of(serves) == {1: 1, 2: 2, 3: 3, 4: 1}


# --- Properties of any office -------------------------------------------------------------------
MINUTE = st.integers(480, 900)
SPANS = st.tuples(MINUTE, MINUTE).map(lambda pair: (min(pair), max(pair) + 1))


@st.composite
def resources_of_a_day(draw: st.DrawFn) -> DayResources:
    count = draw(st.integers(1, 5))
    devices = tuple(
        Device(
            number,
            kind,
            "photo",
            counter=draw(st.none() | st.integers(1, count)),
            minutes=draw(st.none() | st.floats(1, 10)),
        )
        for number, kind in enumerate(
            draw(st.lists(st.sampled_from(("camera", "fingerprint")), max_size=4)), 1
        )
    )
    shifts = tuple(
        Shift(span, draw(st.none() | st.integers(1, count)))
        for span in draw(st.lists(SPANS, max_size=6))
    )
    outages = tuple(
        Outage(span, device=draw(st.sampled_from([row.id for row in devices] or [99])))
        for span in draw(st.lists(SPANS, max_size=3))
    )
    minutes = {stage: draw(st.floats(1, 40)) for stage in VISIT}
    return replace(
        office(count),
        minutes={1: minutes},
        devices=devices,
        shifts=shifts,
        outages=outages,
        percent=Decimal(draw(st.integers(0, 100))),
    )


NEEDED = st.lists(st.integers(0, 60), min_size=6, max_size=6)


def everyone_is_out_in_time(flow: Flow, served: list[int]) -> bool:
    """Serve minute by minute in order of arrival; each slot's people come at its start."""
    done, came = 0.0, 0
    owed: list[tuple[int, int]] = []  # how many must be finished, by when
    for minute in range(480, 901):
        for span, count in zip(CUTS, served, strict=True):
            if span[0] == minute and count:
                came += count
                owed.append((came, min(span[0] + PROMISE, 900)))
        if any(minute >= due and done < count - 0.01 for count, due in owed):
            return False
        done = min(float(came), done + flow.completes(minute, minute + 1))
    return True


@settings(max_examples=150, deadline=None)
@given(resources_of_a_day(), NEEDED)
def test_accepted_people_leave_in_time(resources: DayResources, needed: list[int]) -> None:
    flow = flows(resources)[1]
    rows = slot_capacities(flow, CUTS, needed)
    assert all(0 <= row.served <= row.needed for row in rows)
    assert everyone_is_out_in_time(flow, [row.served for row in rows])


@settings(max_examples=100, deadline=None)
@given(resources_of_a_day())
def test_proposed_numbers_never_exceed_the_completed_ones(
    resources: DayResources,
) -> None:
    flow = flows(resources)[1]
    proposed = [row.capacity for row in slot_capacities(flow, CUTS, [0] * 6)]
    assert all(places >= 0 for places in proposed)
    assert sum(proposed) <= flow.completes(480, 900) + 1e-6
    assert [row.served for row in slot_capacities(flow, CUTS, proposed)] == proposed


@settings(max_examples=100, deadline=None)
@given(resources_of_a_day(), SPANS, NEEDED)
def test_outages_never_add_and_officers_never_reduce_capacity(
    resources: DayResources, span: tuple[int, int], needed: list[int]
) -> None:
    def capacity(one: DayResources) -> float:
        return flows(one)[1].completes(480, 900)

    worse = replace(
        resources,
        outages=(*resources.outages, *(Outage(span, device=row.id) for row in resources.devices)),
    )
    better = replace(resources, shifts=(*resources.shifts, Shift(span)), percent=Decimal(100))
    base = replace(resources, percent=Decimal(100))
    assert capacity(worse) <= capacity(resources) + 1e-6
    assert capacity(better) >= capacity(base) - 1e-6
    closed = hours_to_close(flows(resources)[1], CUTS, needed, now=480)
    if closed is not None:
        left = [
            0 if closed[0] <= cut[0] < closed[1] else n for cut, n in zip(CUTS, needed, strict=True)
        ]
        rows = slot_capacities(flows(resources)[1], CUTS, left, now=480)
        assert not any(row.unserved for row in rows[1:])


@settings(max_examples=60, deadline=None)
@given(resources_of_a_day())
def test_there_is_always_a_named_bottleneck(resources: DayResources) -> None:
    known = {"nobody", "officers", "counters", "device", "stage", "slow"}
    for minute in (480, 600, 800):
        rate = rates(resources, minute)[1]
        assert isinstance(rate, Rate)
        assert rate.bottleneck.code in known
