"""The ticket page on the day: number, people ahead, range of minutes, hall and counter."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.test import Client

from booking.bookings.models import Booking
from booking.public.turns import Turn, turn_of
from counters.display.services import check_in_at_kiosk
from counters.kiosks.services import issue_kiosk, pair_kiosk
from counters.queue import services as queue_services
from tests.clients import page_text
from tests.counters.world import DAY, World

SetClock = Callable[[datetime], None]


def turn(world: World, booking: Booking, *, hour: int = 8, minute: int = 0) -> Turn | None:
    booking.refresh_from_db()
    return turn_of(booking, world.at(hour, minute))


def page(world: World, booking: Booking, set_clock: SetClock, now: datetime) -> str:
    set_clock(now)
    client = Client()
    client.force_login(booking.account)
    return page_text(client.get(f"/bookings/{booking.code}/"))


def test_only_the_day_itself_shows_a_turn(world: World) -> None:
    booking = world.book(9, day=DAY + timedelta(days=1))
    assert turn(world, booking) is None


def test_before_the_check_in_it_says_how_many_wait(world: World) -> None:
    world.sit()
    world.arrive(8)
    shown = turn(world, world.book(9), hour=8, minute=30)
    assert (shown.state, shown.number, shown.ahead) == ("expected", "", 1)
    assert "menit" in shown.wait


def test_a_waiting_person_sees_number_people_and_minutes(world: World) -> None:
    world.sit()
    world.arrive(8)
    visit = world.arrive(8, 1)
    shown = turn(world, visit.booking, minute=5)
    assert (shown.state, shown.number, shown.ahead) == ("waiting", "A-002", 1)
    assert shown.place == "Ruang utama, lantai 1"
    assert "menit" in shown.wait


def test_a_called_person_sees_the_counter(world: World) -> None:
    visit, session = world.arrive(8), world.sit(3)
    world.call(session, world.at(8, 2))
    shown = turn(world, visit.booking, minute=3)
    assert (shown.state, shown.counter, shown.place) == ("called", 3, "Ruang utama, lantai 1")


def test_after_the_visit_there_is_no_turn(world: World) -> None:
    visit = world.arrive(8)
    queue_services.leave(visit_id=visit.pk, reason="pulang", by=world.gate, now=world.at(8, 5))
    assert turn(world, visit.booking, minute=6) is None


def test_after_the_kiosk_it_leads_to_the_gate(world: World) -> None:
    booking, now = world.book(8), world.at(8)
    _kiosk, code = issue_kiosk(office_id=world.office.pk, name="A", by=world.supervisor, now=now)
    token = pair_kiosk(office=world.office.code, code=code, now=now)
    check_in_at_kiosk(token=token, code=booking.code, now=now)
    assert turn(world, booking).state == "gate"


def test_the_page_works_without_script(world: World, set_clock: SetClock) -> None:
    world.sit()
    world.arrive(8)
    visit = world.arrive(8, 1)
    text = page(world, visit.booking, set_clock, world.at(8, 5))
    assert "A-002" in text
    assert "1 orang di depan Anda" in text
    assert f'href="/bookings/{visit.booking.code}/">Segarkan' in text
    assert '<noscript><meta http-equiv="refresh" content="20">' in text


def test_on_other_days_the_page_does_not_load_itself_again(
    world: World, set_clock: SetClock
) -> None:
    text = page(world, world.book(8), set_clock, world.at(8, day=DAY - timedelta(days=1)))
    assert "http-equiv" not in text
    assert "data-turn-poll" not in text
