"""The gate's screens: one Enter, the verdict as headline, what can be done next."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booking.applications.services import ApplicationData, purposes_of, save_application
from booking.bookings.changes import cancel_booking, mark_no_show
from booking.bookings.models import Booking
from booking.statuses import Status
from core.errors import InvalidInput
from counters.gate import services as gate_services
from counters.gate.models import GateRefusal
from counters.visits.models import Visit, VisitStatus
from offices.day_rules.models import DayRule, HallLimit
from offices.directory.models import Hall
from offices.hours.models import AdmissionRule
from offices.reasons.models import Reason
from tests.builders import (
    INSTRUMENT,
    NOW,
    SINCE,
    book_online,
    make_person,
    make_reason,
    make_service_type,
    make_user,
)
from tests.clients import page_text
from tests.counters.world import DAY, World, make_world

SetClock = Callable[[datetime], None]
GATE = "/admin/gate/"
TOMORROW = DAY + timedelta(days=1)


@pytest.fixture
def morning(world: World, set_clock: SetClock) -> World:
    set_clock(world.at(8, 30))
    return world


@pytest.fixture
def gate(morning: World) -> Client:
    client = Client()
    client.force_login(morning.gate)
    return client


def scan(gate: Client, code: str, **more: Any) -> Any:
    return gate.post(GATE, {"code": code, **more}, follow=True)


def headline(answer: Any) -> str:
    return str(answer.context["verdict"].kind)


def test_a_right_scan_checks_in_and_shows_number_hall_and_floor(
    gate: Client, morning: World
) -> None:
    booking = morning.book(8)
    page = scan(gate, booking.code)
    assert "A-001" in page_text(page)
    assert "Ruang utama, lantai 1" in page_text(page)
    assert "Batalkan daftar ulang" in page_text(page)
    assert Visit.objects.get().booking == booking


def test_a_double_scan_shows_the_first_number(gate: Client, morning: World) -> None:
    booking = morning.book(8)
    for _scan in range(3):
        page = scan(gate, booking.code)
    assert (headline(page), Visit.objects.count()) == ("inside", 1)


def test_a_late_person_is_looked_at_and_confirmed_by_enter(
    gate: Client, morning: World, set_clock: SetClock
) -> None:
    booking = morning.book(8)
    set_clock(morning.at(9, 20))
    page = scan(gate, booking.code)
    assert (headline(page), Visit.objects.count()) == ("late", 0)
    assert f'name="card" value="{booking.pk}"' in page_text(page)
    scan(gate, "", card=str(booking.pk))
    assert Visit.objects.get().booking == booking


def test_a_second_enter_keeps_the_card(gate: Client, morning: World) -> None:
    visit = morning.arrive(9)
    card = gate.get(f"{GATE}{visit.booking_id}/").content.decode()
    assert f'name="shown" value="{visit.booking_id}"' in card
    answer = gate.post(GATE, {"code": "", "shown": str(visit.booking_id)})
    assert (answer.status_code, answer["Location"]) == (302, f"{GATE}{visit.booking_id}/")
    assert gate.post(GATE, {"code": "", "shown": "x"}).status_code == 400


def test_the_next_scan_never_checks_in_the_person_on_the_screen(
    gate: Client, morning: World, set_clock: SetClock
) -> None:
    late, other = morning.book(8), morning.book(9)
    set_clock(morning.at(9, 20))
    scan(gate, late.code)
    scan(gate, other.code, card=str(late.pk))
    assert Visit.objects.get().booking == other


@pytest.mark.parametrize("card", ["", "x", "0" * 36, "01a22a6f-ac09-7bc6-a3bf-34faba68c873"])
def test_enter_without_a_card_changes_nothing(gate: Client, card: str) -> None:
    assert scan(gate, "", card=card).status_code in (200, 400)
    assert not Visit.objects.exists()


def test_a_card_of_another_office_is_not_confirmed(gate: Client) -> None:
    scan(gate, "", card=str(make_world().book(8).pk))
    assert not Visit.objects.exists()


def test_who_showed_somebody_elses_ticket_is_looked_at(gate: Client, morning: World) -> None:
    booking = morning.book(8)
    gate_services.refuse_ticket(
        booking_id=booking.pk,
        office_id=morning.office.pk,
        reason="KTP lain",
        by=morning.gate,
        now=morning.at(8),
    )
    page = scan(gate, booking.code)
    assert (headline(page), Visit.objects.count()) == ("right", 0)
    assert "KTP lain" in page_text(page)


def test_another_office_is_named_without_the_person(gate: Client) -> None:
    booking = make_world().book(8, person=make_person(full_name="Ratna Dewi Sari"))
    page = gate.post(GATE, {"code": booking.code})
    assert (page.status_code, headline(page)) == (409, "other_office")
    assert booking.office.name in page_text(page)
    assert "Ratna" not in page_text(page)


@pytest.mark.parametrize(
    ("hour", "minute", "kind"),
    [(7, 30, "right"), (7, 0, "right"), (6, 59, "early"), (9, 45, "over")],
)
def test_verdicts_of_the_day(
    gate: Client, morning: World, set_clock: SetClock, hour: int, minute: int, kind: str
) -> None:
    booking = morning.book(8)
    set_clock(morning.at(hour, minute))
    assert headline(gate.get(f"{GATE}{booking.pk}/")) == kind


def test_every_status_has_its_headline(gate: Client, morning: World, set_clock: SetClock) -> None:
    cancelled, tomorrow, missed = morning.book(8), morning.book(8, TOMORROW), morning.book(8)
    cancel_booking(booking_id=cancelled.pk, by=morning.gate, now=morning.at(7))
    assert headline(scan(gate, cancelled.code)) == "cancelled"
    assert headline(scan(gate, tomorrow.code)) == "other_day"
    served = morning.arrive(8)
    session = morning.sit()
    morning.call(session, morning.at(8, 1))
    morning.serve(served, session, morning.at(8, 2))
    page = scan(gate, served.booking.code)
    assert headline(page) == "served"
    assert "duduk" not in page_text(page)
    assert "Paspornya" in page_text(page)
    set_clock(morning.at(9, 40))
    mark_no_show(booking_id=missed.pk, now=morning.at(9, 40))
    assert headline(scan(gate, missed.code)) == "no_show"


def test_the_no_show_card_books_the_next_hour_by_its_main_button(
    gate: Client, morning: World, set_clock: SetClock
) -> None:
    missed = morning.book(8)
    set_clock(morning.at(9, 40))
    mark_no_show(booking_id=missed.pk, now=morning.at(9, 40))
    page = scan(gate, missed.code)
    slot = page.context["hours"][0]
    assert slot.starts_at == morning.at(10)
    assert f'name="slot" value="{slot.pk}" data-key="F6"' in page_text(page)
    assert "Catat hadir" not in page_text(page)
    done = gate.post(f"{GATE}{missed.pk}/next-hour/", {"slot": slot.pk}, follow=True)
    new = Booking.objects.get(applicant=missed.applicant, status=Status.BOOKED)
    assert (new.slot, headline(done)) == (slot, "right")
    assert new.code in page_text(done)


def test_a_late_person_is_moved_where_that_is_the_rule(
    gate: Client, morning: World, set_clock: SetClock
) -> None:
    DayRule.objects.create(
        office=morning.office, after_grace="rebook", valid_from=SINCE, instrument=INSTRUMENT
    )
    booking = morning.book(8)
    set_clock(morning.at(9, 45))
    page = scan(gate, booking.code)
    assert "Catat hadir" not in page_text(page)
    slot = page.context["hours"][0]
    refused = gate.post(f"{GATE}{booking.pk}/check-in/", follow=True)
    assert "lewat toleransinya" in page_text(refused)
    gate.post(f"{GATE}{booking.pk}/next-hour/", {"slot": slot.pk})
    booking.refresh_from_db()
    assert (booking.slot, booking.status) == (slot, Status.BOOKED)
    for wrong in ("", "abc", "999999999", str(slot.pk)):
        assert gate.post(f"{GATE}{booking.pk}/next-hour/", {"slot": wrong}).status_code == 302
    booking.refresh_from_db()
    assert booking.slot == slot


def test_undoing_brings_the_person_back_to_the_list(
    gate: Client, morning: World, set_clock: SetClock
) -> None:
    booking = morning.book(8)
    scan(gate, booking.code)
    visit = Visit.objects.get()
    page = gate.post(f"{GATE}visits/{visit.pk}/undo/", follow=True)
    assert (headline(page), "dibatalkan" in page_text(page)) == ("right", True)
    scan(gate, booking.code)
    set_clock(morning.at(8, 32))
    again = Visit.objects.counted().get()
    page = gate.post(f"{GATE}visits/{again.pk}/undo/", follow=True)
    assert "satu menit" in page_text(page)
    assert "Batalkan daftar ulang" not in page_text(page)
    again.refresh_from_db()
    assert again.status == VisitStatus.WAITING


def test_moving_to_the_priority_lane_on_the_screen(gate: Client, morning: World) -> None:
    make_reason("pregnant", Reason.Use.PRIORITY, name="Ibu hamil")
    page = scan(gate, morning.book(8).code)
    assert "Ibu hamil" in page_text(page)
    visit = Visit.objects.get()
    gate.post(f"{GATE}visits/{visit.pk}/priority/", {"reason": ""})
    visit.refresh_from_db()
    assert visit.lane_id == "online"
    moved = gate.post(f"{GATE}visits/{visit.pk}/priority/", {"reason": "pregnant"}, follow=True)
    assert "P-001" in page_text(moved)
    assert "Pindahkan ke jalur prioritas" not in page_text(moved)


def test_companions_are_shown_and_their_refusal_is_recorded(gate: Client, morning: World) -> None:
    make_reason("companion_off", Reason.Use.GATE_REFUSAL, name="Pendamping di luar")
    assert "pendamping boleh masuk" in page_text(gate.get(GATE))
    AdmissionRule.objects.filter(office=morning.office).update(admits_companions=False)
    assert "pendamping menunggu di luar" in page_text(gate.get(GATE))
    booking = morning.book(8)
    answers = {"kind": "companion", "reason": "companion_off"}
    page = gate.post(f"{GATE}{booking.pk}/refuse/", answers, follow=True)
    assert "menunggu di luar" in page_text(page)
    assert GateRefusal.objects.get().booking == booking
    assert booking.history.filter(kind="refused").count() == 0


def test_a_refused_walk_in_is_offered_the_next_opening_and_hours(
    gate: Client, morning: World
) -> None:
    make_reason("walk_in_off", Reason.Use.GATE_REFUSAL, name="Hanya dengan jadwal")
    assert gate.post(f"{GATE}turn-away/", {"kind": "walk_in"}).status_code == 400
    answers = {"kind": "walk_in", "reason": "walk_in_off"}
    page = gate.post(f"{GATE}turn-away/", answers, follow=True)
    assert page.redirect_chain[-1][0].startswith(f"{GATE}hours/")
    assert "Pembukaan berikutnya" in page_text(page)
    assert GateRefusal.objects.get().booking is None
    slots = page.context["form"].fields["slot"].choices
    form = {
        "full_name": "Budi Santoso",
        "nik": "1671014602900001",
        "birth_date_day": "6",
        "birth_date_month": "2",
        "birth_date_year": "1990",
        "sex": "female",
        "phone": "",
        "service_type": morning.office.service_types.get(code="new").pk,
        "slot": slots[0][0],
    }
    wrong = gate.post(f"{GATE}hours/", {**form, "nik": "12"})
    assert (wrong.status_code, Booking.objects.count()) == (400, 0)
    assert "Budi Santoso" in page_text(wrong)
    done = gate.post(f"{GATE}hours/", form, follow=True)
    booking = Booking.objects.get()
    assert (booking.via, booking.status) == (Booking.Via.AT_OFFICE, Status.BOOKED)
    assert booking.code in page_text(done)


def test_a_full_hall_is_a_warning(gate: Client, morning: World) -> None:
    hall = Hall.objects.get(office=morning.office)
    HallLimit.objects.create(hall=hall, most_people=1, valid_from=SINCE, instrument=INSTRUMENT)
    assert "0 dari 1" in page_text(gate.get(GATE))
    page = scan(gate, morning.book(8).code)
    assert "1 dari 1" in page_text(page)
    assert "Ruang penuh" in page_text(page)


def test_several_people_of_one_name_are_listed(gate: Client, morning: World) -> None:
    for name in ("Dewi Ayu", "Dewi Kartika"):
        morning.book(8, person=make_person(full_name=name))
    page = scan(gate, "dewi")
    assert "2 orang cocok" in page_text(page)
    assert "Dewi Kartika" in page_text(page)
    assert not Visit.objects.exists()


def test_a_day_without_bookings_is_not_a_day_on_which_everybody_came(
    gate: Client, morning: World, set_clock: SetClock
) -> None:
    assert "Tidak ada yang punya jadwal hari ini" in page_text(gate.get(GATE))
    bookings = [morning.book(8) for _each in range(3)]
    morning.check_in(bookings[0], morning.at(8))
    assert "Belum datang: 2" in page_text(gate.get(GATE))
    set_clock(morning.at(9, 30))
    for booking in bookings[1:]:
        mark_no_show(booking_id=booking.pk, now=morning.at(9, 30))
    assert "1 datang, 2 tercatat tidak hadir" in page_text(gate.get(GATE))


def test_a_visit_left_open_yesterday_is_admitted_again_by_enter(
    gate: Client, morning: World, set_clock: SetClock
) -> None:
    visit = morning.arrive(13)
    morning.call(morning.sit(hour=13), morning.at(13, 5))
    set_clock(morning.at(8, 30, TOMORROW))
    page = scan(gate, visit.booking.code)
    assert (headline(page), Visit.objects.count()) == ("left_over", 1)
    done = scan(gate, "", card=str(visit.booking_id))
    assert (headline(done), Visit.objects.count()) == ("inside", 2)


def test_garbage_is_answered_with_a_sentence_and_kept(gate: Client) -> None:
    for typed in ("]]]]é\"'(((", "\u200b\u200e\u202e", "\x07\x1bGARBAGE" * 40):
        page = scan(gate, typed)
        assert page.status_code in (400, 404)
        assert 'role="alert"' in page_text(page)


def test_invisible_characters_do_not_matter(gate: Client, morning: World) -> None:
    booking = morning.book(8)
    spoiled = "\u200b".join(booking.code[:5]) + "\u202e\ufeff" + booking.code[5:]
    assert headline(scan(gate, spoiled)) == "inside"


def test_a_code_through_another_layout_is_explained_and_confirmed(
    gate: Client, morning: World
) -> None:
    booking = morning.book(8)
    Booking.objects.filter(pk=booking.pk).update(code="QWAM3Y4C97")
    page = scan(gate, "AZQ?\"Y'Cçè")
    assert (headline(page), Visit.objects.count()) == ("right", 0)
    assert "AZERTY" in page_text(page)


def test_a_clock_set_back_does_not_break_the_card(
    gate: Client, morning: World, set_clock: SetClock
) -> None:
    booking = morning.book(8)
    scan(gate, booking.code)
    set_clock(morning.at(7, 10))
    page = scan(gate, booking.code)
    assert (headline(page), Visit.objects.count()) == ("inside", 1)


def test_foreigners_are_not_offered_umrah(morning: World) -> None:
    service = make_service_type("stay_permit", group="foreigners")
    assert "umrah" not in purposes_of(service)
    assert "umrah" in purposes_of(make_service_type())
    person = make_person(
        full_name="John Smith",
        identity_kind="passport",
        identity_number="X1234567",
        nationality="GB",
    )
    data = ApplicationData("stay_permit", "stay", "umrah", "stay_permit", {"ktp": True})
    with pytest.raises(InvalidInput) as refused:
        save_application(
            applicant_id=person.pk,
            by=person.account,
            data=data,
            now=morning.at(8),
        )
    assert "purpose" in refused.value.fields


def test_the_queries_of_a_card_do_not_grow_with_the_queue(gate: Client, morning: World) -> None:
    booking = morning.book(8)
    scan(gate, booking.code)
    counts = []
    for hours in ((8,), (8, 9, 9, 9)):
        for hour in hours:
            morning.arrive(8, booked=hour)
        gate.get(f"{GATE}{booking.pk}/")
        with CaptureQueriesContext(connection) as queries:
            gate.get(f"{GATE}{booking.pk}/")
        counts.append(len(queries))
    # Of these, 11 belong to the frame of every officer's screen.
    assert counts == [counts[0]] * 2
    assert counts[0] <= 31


def test_a_familys_code_shows_everybody_and_each_is_checked_in(
    gate: Client, morning: World
) -> None:
    account = make_user()
    people = [make_person(account, full_name=f"Anggota {sign}") for sign in "ABC"]
    party = book_online(
        account_id=account.pk,
        slot_id=morning.slot(8).pk,
        applicant_ids=[person.pk for person in people],
        service_type="new",
        key="keluarga",
        now=NOW,
    )
    page = page_text(scan(gate, party.code))
    assert "Rombongan 3 orang" in page
    assert all(person.full_name in page for person in people)
    assert not Visit.objects.exists()
    first, second, _third = party.bookings.order_by("place_id")
    assert f'name="shown" value="{first.pk}"' in scan(gate, party.code).content.decode()
    gate.post(f"{GATE}{first.pk}/check-in/", follow=True)
    assert f'name="shown" value="{second.pk}"' in scan(gate, party.code).content.decode()
    for booking in party.bookings.order_by("place_id"):
        card = gate.get(f"{GATE}{booking.pk}/")
        others = [one.pk for one in card.context["family"]]
        assert len(others) == 2
        assert booking.pk not in others
        gate.post(f"{GATE}{booking.pk}/check-in/", follow=True)
    assert Visit.objects.count() == 3
