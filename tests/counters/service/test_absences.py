"""Nobody becomes a no-show, or is restricted, for a day on which the office may not have served."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from booking.absences.services import decide_review
from booking.bookings.changes import mark_no_show
from booking.bookings.models import Booking
from booking.closures.tasks import move_displaced
from booking.restrictions.attendance import could_have_been_served, obstacles_to
from booking.restrictions.errors import AbsenceUnresolved
from booking.restrictions.models import AbsenceReview, Obstacle, Restriction
from booking.statuses import Status
from core.errors import InvalidInput, MoveNotAllowed, NotAllowed
from counters.service.tasks import mark_no_shows
from notices.models import Message
from offices.closures.models import Closure
from offices.directory.models import Counter
from offices.hours.models import Holiday, OpeningHours
from offices.limits.models import NoShowRule
from offices.outages.models import Outage, SystemUptime
from offices.outages.uptime import downtime_between, record_uptime
from ops.verification.services import verify
from tests.builders import INSTRUMENT, SINCE, make_office, make_officer
from tests.counters.world import DAY, World

SetClock = Callable[[datetime], None]
Decision = AbsenceReview.Decision
UNSENT = 9  # no worker runs here, so messages stay unsent


@pytest.fixture(autouse=True)
def rule(world: World) -> None:
    """Every missed booking restricts."""
    NoShowRule.objects.create(
        office=world.office,
        instrument=INSTRUMENT,
        no_shows=1,
        within_days=90,
        restricted_days=14,
        valid_from=SINCE,
    )


def close_the_day(world: World, set_clock: SetClock) -> AbsenceReview | None:
    set_clock(world.at(15, 5))
    mark_no_shows()
    return AbsenceReview.objects.first()


def power_failure(world: World, set_clock: SetClock, people: int = 6) -> AbsenceReview:
    for number in range(people):
        world.book(8 + number % 3)
    review = close_the_day(world, set_clock)
    assert review is not None
    return review


def statuses() -> set[str]:
    return set(Booking.objects.values_list("status", flat=True))


# --- The predicate --------------------------------------------------------------------------------
def test_an_ordinary_absence_is_a_no_show(world: World, set_clock: SetClock) -> None:
    booking = world.book(8)
    assert close_the_day(world, set_clock) is None
    booking.refresh_from_db()
    assert booking.status == Status.NO_SHOW
    assert Restriction.objects.count() == 1


def obstacle(world: World, booking: Booking) -> list[Obstacle]:
    return obstacles_to(booking, now=world.at(15, 5))


def test_a_holiday_added_later_is_an_obstacle(world: World) -> None:
    booking = world.book(8)
    Holiday.objects.create(day=DAY, name="Cuti bersama", kind="cuti_bersama")
    assert obstacle(world, booking) == [Obstacle.HOLIDAY]


def test_changed_hours_are_an_obstacle(world: World) -> None:
    booking = world.book(8)
    OpeningHours.objects.filter(office=world.office).update(opens="10:00")
    assert obstacle(world, booking) == [Obstacle.HOURS]


def test_a_closure_is_an_obstacle(world: World) -> None:
    booking = world.book(8)
    Closure.objects.create(
        office=world.office,
        first_day=DAY,
        last_day=DAY,
        reason="Banjir",
        made_at=world.at(7),
        made_by=world.supervisor,
    )
    assert obstacle(world, booking) == [Obstacle.CLOSURE]


def test_an_outage_of_every_counter_is_an_obstacle(world: World) -> None:
    booking = world.book(8)
    counters = list(Counter.objects.filter(hall__office=world.office))
    for number, counter in enumerate(counters):
        assert obstacle(world, booking) == [], number
        Outage.objects.create(
            office=world.office,
            counter=counter,
            started_at=world.at(7),
            reason="Listrik",
            noted_at=world.at(7),
            noted_by=world.officer,
        )
    assert obstacle(world, booking) == [Obstacle.OUTAGE]


def test_a_day_with_almost_no_check_ins_is_an_obstacle(world: World) -> None:
    bookings = [world.book(8 + number % 3) for number in range(6)]
    assert obstacle(world, bookings[0]) == [Obstacle.FEW_ARRIVALS]
    for booking in bookings[:2]:
        world.check_in(booking, now=booking.slot.starts_at)
    assert obstacle(world, bookings[5]) == []


def test_downtime_in_the_slot_is_an_obstacle(world: World) -> None:
    booking = world.book(8)
    record_uptime(now=world.at(7))
    record_uptime(now=world.at(8, 30))
    assert obstacle(world, booking) == [Obstacle.SYSTEM_DOWN]
    assert not could_have_been_served(booking, now=world.at(15, 5))


# --- Uptime ---------------------------------------------------------------------------------------
def test_heartbeats_extend_one_span_and_a_silence_begins_another(world: World) -> None:
    for minute in (0, 1, 2, 10, 11):
        record_uptime(now=world.at(8, minute))
    record_uptime(now=world.at(8, 5))
    assert SystemUptime.objects.count() == 2
    assert downtime_between(world.at(8), world.at(9), now=world.at(9)) == timedelta(minutes=8 + 49)
    assert downtime_between(world.at(8, 4), world.at(8, 6), now=world.at(8, 11)) == timedelta(
        minutes=2
    )


def test_time_before_the_first_record_counts_as_uptime(world: World) -> None:
    assert downtime_between(world.at(6), world.at(7), now=world.at(8)) == timedelta(0)
    record_uptime(now=world.at(8))
    assert downtime_between(world.at(6), world.at(7), now=world.at(8)) == timedelta(0)


# --- A day without power --------------------------------------------------------------------------
def test_a_day_without_power_waits_for_the_supervisor(world: World, set_clock: SetClock) -> None:
    review = power_failure(world, set_clock)
    mark_no_shows()
    assert AbsenceReview.objects.count() == 1
    assert review.obstacles == ["few_arrivals"]
    assert statuses() == {Status.BOOKED}
    assert not Restriction.objects.exists()


def test_without_the_predicate_everybody_would_be_restricted(
    world: World, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: the same day, with the guard removed."""
    monkeypatch.setattr("booking.bookings.changes.could_have_been_served", lambda *_a, **_k: True)
    for number in range(6):
        world.book(8 + number % 3)
    assert close_the_day(world, set_clock) is None
    assert Restriction.objects.count() == 6


def test_an_officer_cannot_record_a_no_show_either(world: World, set_clock: SetClock) -> None:
    power_failure(world, set_clock)
    booking = Booking.objects.first()
    assert booking is not None
    with pytest.raises(AbsenceUnresolved):
        mark_no_show(booking_id=booking.pk, by=world.supervisor, now=world.at(15, 10))


def decide(world: World, review: AbsenceReview, **changes: Any) -> AbsenceReview:
    values = {
        "review_id": review.pk,
        "decision": Decision.NOT_SERVED,
        "reason": "Listrik padam",
        "by": world.supervisor,
        "now": world.at(15, 10),
    }
    return decide_review(**(values | changes))


def test_people_who_could_not_be_served_are_moved_and_notified(
    world: World, set_clock: SetClock
) -> None:
    decide(world, power_failure(world, set_clock))
    move_displaced()
    assert statuses() == {Status.BOOKED}
    assert set(Booking.objects.values_list("via", flat=True)) == {Booking.Via.MOVED_BY_OFFICE}
    assert not Booking.objects.filter(slot__day=DAY).exists()
    assert Message.objects.filter(kind="booking_moved").count() == 6
    mark_no_shows()
    assert not Restriction.objects.exists()
    assert [row for row in verify(now=world.at(15, 20)) if row.breaches and row.law != UNSENT] == []


def test_people_who_were_absent_become_no_shows(world: World, set_clock: SetClock) -> None:
    review = decide(world, power_failure(world, set_clock), decision=Decision.ABSENT)
    assert statuses() == {Status.NO_SHOW}
    assert Restriction.objects.count() == 6
    assert review.decided_by == world.supervisor


def test_a_day_is_decided_once(world: World, set_clock: SetClock) -> None:
    review = power_failure(world, set_clock)
    decide(world, review, decision=Decision.ABSENT)
    with pytest.raises(MoveNotAllowed):
        decide(world, review)


def test_a_decision_needs_a_reason_and_the_right(world: World, set_clock: SetClock) -> None:
    review = power_failure(world, set_clock)
    with pytest.raises(InvalidInput):
        decide(world, review, reason=" ")
    with pytest.raises(InvalidInput):
        decide(world, review, decision="perhaps")
    with pytest.raises(NotAllowed):
        decide(world, review, by=world.gate)


# --- The screen -----------------------------------------------------------------------------------
def test_the_supervisor_decides_on_the_screen(
    world: World, set_clock: SetClock, client: Any
) -> None:
    review = power_failure(world, set_clock)
    client.force_login(world.supervisor)
    listed = client.get(reverse("absences:absences")).content.decode()
    assert "hampir tidak ada yang tiba" in listed
    url = reverse("absences:absence", args=[review.pk])
    refused = client.post(url, {"decision": "absent", "reason": ""})
    assert refused.status_code == 400
    assert client.post(url, {"decision": "absent", "reason": "Semua loket buka"}).status_code == 302
    assert statuses() == {Status.NO_SHOW}
    today = client.get(reverse("counters:today")).content.decode()
    assert "belum dipastikan" not in today


def test_officers_of_another_office_do_not_see_the_day(
    world: World, set_clock: SetClock, client: Any
) -> None:
    review = power_failure(world, set_clock)
    client.force_login(make_officer(make_office()))
    assert client.get(reverse("absences:absence", args=[review.pk])).status_code in (403, 404)
