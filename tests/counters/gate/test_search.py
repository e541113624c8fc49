"""The one search field: code, address, NIK, passport number, name; and what it answers otherwise."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking.bookings.changes import cancel_booking, mark_no_show
from booking.bookings.models import Booking
from core.errors import InvalidInput, NotFound
from counters.gate.selectors import Matches, expectation, people_in_halls, search
from counters.gate.services import undo_check_in
from offices.day_rules.models import HallLimit
from offices.directory.models import Hall
from tests.builders import (
    INSTRUMENT,
    NOW,
    SINCE,
    book_online,
    make_group,
    make_lane,
    make_person,
    make_user,
)
from tests.counters.world import DAY, World, make_world


def at_gate(world: World, text: str, hour: int = 8) -> Matches:
    return search(world.office, text, now=world.at(hour))


def only(matches: Matches) -> Booking:
    [booking] = matches.bookings
    return booking


def test_a_code_is_a_scan(world: World) -> None:
    booking = world.book(8)
    matches = at_gate(world, booking.code)
    assert (only(matches), matches.is_scanned, matches.layout) == (booking, True, "")
    address = f"https://antrean.example/bookings/{booking.code}/"
    assert only(at_gate(world, address)) == booking


def test_a_code_through_another_layout_is_named_and_not_a_scan(world: World) -> None:
    booking = world.book(8)
    typed = booking.code.translate(str.maketrans("QAWZM34679", "AQZW?\"'-èç"))
    matches = at_gate(world, typed)
    assert only(matches) == booking
    if typed != booking.code:
        assert (matches.is_scanned, matches.layout) == (False, "AZERTY")


def test_a_nik_finds_the_persons_booking_in_any_notation(world: World) -> None:
    booking = world.book(8)
    number = booking.applicant.identity_number
    spaced = f"{number[:4]} {number[4:8]}-{number[8:]}"
    for typed in (number, spaced, number.translate({48 + n: chr(0xFF10 + n) for n in range(10)})):
        assert only(at_gate(world, typed)) == booking


def test_a_nik_finds_a_served_and_a_missed_booking_of_today(world: World) -> None:
    booking = world.book(8)
    cancel_booking(booking_id=booking.pk, by=world.gate, now=world.at(7))
    assert only(at_gate(world, booking.applicant.identity_number)) == booking


def test_a_passport_number_finds_a_foreigner(world: World) -> None:
    person = make_person(
        full_name="John Smith",
        identity_kind="passport",
        identity_number="X1234567",
        nationality="GB",
    )
    booking = world.book(8)
    Booking.objects.filter(pk=booking.pk).update(applicant=person, person_key=person.person_key)
    assert only(at_gate(world, "x 123-4567")) == booking


def test_a_name_finds_people_of_todays_list(world: World) -> None:
    mine = world.book(8, person=make_person(full_name="Dewi Ayu Lestari"))
    other = world.book(9, person=make_person(full_name="Dewi Kartika"))
    world.book(8, DAY + timedelta(days=1), person=make_person(full_name="Dewi Besok"))
    assert at_gate(world, "dewi").bookings == (mine, other)
    assert only(at_gate(world, "lestari DEWI")) == mine
    assert not at_gate(world, "dewi").is_scanned


def test_names_of_another_office_stay_there(world: World) -> None:
    elsewhere = make_world()
    elsewhere.book(8, person=make_person(full_name="Ratna Sari"))
    with pytest.raises(NotFound):
        at_gate(world, "Ratna")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("QQQQQQQQQQ", "tidak dikenal"),
        ("QWAM3Y4C97", "tidak dikenal"),
        ("Bambang", "Tidak ada nama ini"),
        ("QWAMIYOCBL", "Kode ini tidak dikenal"),
        ("1671014602900", "16 angka; yang terbaca 13"),
        ("1671014602900001", "Tidak ada jadwal dengan kode atau nomor ini"),
        ("X9999999", "Tidak ada jadwal dengan kode atau nomor ini"),
        ("é\"'(-è_çà)=", "tata letak AS"),
        ("日本語テキスト123", "tata letak AS"),
        ("\\x00\\x1b[A;drop table--", "tata letak AS"),
        ("%" * 5000, "tata letak AS"),
    ],
)
def test_every_failure_says_what_to_do(world: World, typed: str, words: str) -> None:
    with pytest.raises(NotFound) as refused:
        at_gate(world, typed)
    assert words in str(refused.value)


def test_an_empty_field_asks_for_a_ticket(world: World) -> None:
    with pytest.raises(InvalidInput):
        at_gate(world, "")


def test_a_scan_takes_one_query(world: World) -> None:
    booking = world.book(8)
    with CaptureQueriesContext(connection) as queries:
        at_gate(world, booking.code)
    assert len(queries) == 1


def limited(world: World, most: int) -> Any:
    hall = Hall.objects.get(office=world.office)
    HallLimit.objects.create(hall=hall, most_people=most, valid_from=SINCE, instrument=INSTRUMENT)
    return hall


def test_people_in_halls_are_counted_against_the_limit(world: World) -> None:
    limited(world, 2)
    session = world.sit()
    first = world.arrive(8)
    assert not people_in_halls(world.office, now=world.at(8, 5))[0].is_full
    world.call(session, world.at(8, 1))
    second = world.arrive(8, 2)
    [count] = people_in_halls(world.office, now=world.at(8, 5))
    assert (count.people, count.most, count.is_full) == (2, 2, True)
    assert first != second
    undo_check_in(visit_id=second.pk, by=world.gate, now=world.at(8, 2))
    assert people_in_halls(world.office, now=world.at(8, 5))[0].people == 1


def test_a_person_counts_in_the_hall_of_the_lane(world: World) -> None:
    main = Hall.objects.get(office=world.office)
    main.lanes.remove(make_lane("walk_in"))
    room = Hall.objects.create(office=world.office, code="dua", name="Ruang dua", floor="2")
    room.groups.set([make_group()])
    room.lanes.set([make_lane("walk_in")])
    world.arrive(8)
    world.walk_in(world.at(8, 1))
    counts = {row.hall.code: row.people for row in people_in_halls(world.office, now=world.at(9))}
    assert counts == {"utama": 1, "dua": 1}


def test_no_bookings_and_no_shows_are_not_everybody_has_come(world: World) -> None:
    assert expectation(world.office, now=world.at(8)).booked == 0
    world.walk_in(world.at(8, 1))
    assert expectation(world.office, now=world.at(8, 2)).booked == 0
    came, missed = world.book(8), world.book(8)
    world.check_in(came)
    day = expectation(world.office, now=world.at(9))
    assert (day.booked, day.came, day.coming, day.missed) == (2, 1, 1, 0)
    mark_no_show(booking_id=missed.pk, now=world.at(15, 30))
    day = expectation(world.office, now=world.at(16))
    assert (day.booked, day.came, day.coming, day.missed) == (2, 1, 0, 1)


def test_a_familys_code_lists_everybody_expected_today(world: World) -> None:
    account = make_user()
    people = [make_person(account) for _ in range(3)]
    party = book_online(
        account_id=account.pk,
        slot_id=world.slot(8).pk,
        applicant_ids=[person.pk for person in people],
        service_type="new",
        key="keluarga",
        now=NOW,
    )
    family = list(party.bookings.order_by("place_id"))
    matches = at_gate(world, party.code)
    assert (list(matches.bookings), matches.is_family, matches.is_scanned) == (family, True, False)
    assert at_gate(world, f"https://antrean.example/parties/{party.code}/").is_family
    cancel_booking(booking_id=family[0].pk, by=account, now=NOW)
    assert list(at_gate(world, party.code).bookings) == family[1:]
    yesterday = search(world.office, party.code, now=world.at(8, day=DAY - timedelta(days=1)))
    assert only(yesterday) == family[1]
