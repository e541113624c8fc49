"""From a slot to a ticket: sign-in on the way, choosing people, idempotent forms, and refusals on the page."""

import re
import threading
from contextlib import closing, contextmanager
from datetime import timedelta
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.urls import reverse

from booking.applications.services import ApplicationData, save_application
from booking.bookings.changes import cancel_booking
from booking.bookings.models import Booking, Party
from offices.directory.models import Fee
from quotas.places.services import take_places
from tests.builders import (
    INSTRUMENT,
    NOW,
    SINCE,
    fill_slot,
    make_booking,
    make_open_office,
    make_open_slot,
    make_person,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_now(set_clock):
    set_clock(NOW)


@pytest.fixture
def person():
    return make_person()


@pytest.fixture
def slot():
    return make_open_slot(places=3)


@pytest.fixture
def signed_in(client, person):
    client.force_login(person.account)
    return client


def text_of(answer):
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


@contextmanager
def held(slot):
    """Meanwhile another transaction locks the slot's places and does not end."""
    is_locked, may_end = threading.Event(), threading.Event()

    def hold():
        with closing(connection), transaction.atomic():
            take_places(slot_id=slot.pk, holders=[uuid4()], now=NOW)
            is_locked.set()
            may_end.wait(20)
            transaction.set_rollback(True)

    rival = threading.Thread(target=hold)
    rival.start()
    assert is_locked.wait(10)
    yield
    may_end.set()
    rival.join()


def key_in(answer):
    return re.search(r'name="key" value="([^"]+)"', answer.content.decode()).group(1)


def book_url(slot):
    return reverse("booking:book", args=[slot.pk])


def send(client, slot, *people, **changes):
    form = {"applicants": [row.pk for row in people], "service_type": "new", "key": uuid4().hex}
    return client.post(book_url(slot), form | changes)


def test_someone_who_has_not_signed_in_comes_back_to_the_same_hour(client, slot):
    address = f"{book_url(slot)}?service_type=new"
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse('account_login')}?next={quote(address)}"


def test_whom_someone_ticked_is_remembered_when_the_session_ran_out_meanwhile(client, slot, person):
    other = make_person(person.account)
    answer = send(client, slot, other)
    address = f"{book_url(slot)}?service_type=new&who={other.pk}"
    assert answer["Location"] == f"{reverse('account_login')}?next={quote(address)}"
    client.force_login(person.account)
    page = text_of(client.get(address))
    assert re.search(rf'name="applicants" value="{other.pk}" checked', page)
    assert not re.search(rf'name="applicants" value="{person.pk}" checked', page)


def test_a_forged_form_of_nobody_in_particular_leads_to_signing_in_all_the_same(client, slot):
    form = {"applicants": ["x" * 9999, *map(str, range(1, 99))], "service_type": "//jahat.example"}
    address = client.post(book_url(slot), form)["Location"]
    assert address.startswith(reverse("account_login"))
    assert len(address) < 200
    assert "jahat" not in address


@pytest.mark.django_db(transaction=True)
def test_busy_says_in_place_when_to_try_again(signed_in, person):
    slot = make_open_slot(places=1)
    with held(slot):
        answer = send(signed_in, slot, person)
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert "Pesan tempat ini" in text_of(answer)


def test_the_only_person_is_chosen_already(signed_in, slot, person):
    page = text_of(signed_in.get(book_url(slot)))
    assert re.search(rf'name="applicants" value="{person.pk}" checked', page)


def test_an_account_without_people_is_led_to_adding_one_and_back(client, slot):
    client.force_login(make_user())
    page = text_of(client.get(book_url(slot)))
    assert f"{reverse('booking:person_add')}?next={quote(book_url(slot))}" in page
    assert "Pesan tempat ini" not in page


def test_what_a_change_of_mind_costs_stands_above_the_button(signed_in, slot):
    page = text_of(signed_in.get(book_url(slot)))
    assert page.index("Bila rencana berubah") < page.index("Pesan tempat ini")
    assert "sampai Rabu 25 Nov" in page


def test_what_is_prepared_is_shown_with_its_fee(signed_in, slot, person):
    Fee.objects.create(
        product="electronic_10", amount=950_000, valid_from=SINCE, instrument=INSTRUMENT
    )
    save_application(
        applicant_id=person.pk,
        account_id=person.account_id,
        data=ApplicationData("new", "first", "umrah", "electronic_10", {}),
        now=NOW,
    )
    assert "Rp 950.000" in text_of(signed_in.get(book_url(slot)))


def test_the_fee_is_that_of_the_appointment_day(signed_in, slot, person):
    """The page before booking and the ticket afterwards show the same fee."""
    for amount, since in ((650_000, SINCE), (950_000, slot.day)):
        Fee.objects.create(
            product="electronic_10",
            amount=amount,
            valid_from=since,
            valid_until=None if since == slot.day else slot.day - timedelta(days=1),
            instrument=INSTRUMENT,
        )
    save_application(
        applicant_id=person.pk,
        account_id=person.account_id,
        data=ApplicationData("new", "first", "umrah", "electronic_10", {}),
        now=NOW,
    )
    assert "Rp 950.000" in text_of(signed_in.get(book_url(slot)))
    answer = send(signed_in, slot, person)
    assert "Rp 950.000" in text_of(signed_in.get(answer["Location"]))


def test_one_post_books_and_leads_to_the_ticket(signed_in, slot, person):
    answer = send(signed_in, slot, person)
    booking = Booking.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == reverse("booking:ticket", args=[booking.code])
    assert "Tempat ini milik Anda" in text_of(signed_in.get(answer["Location"]))


def test_a_prepared_person_needs_four_taps_from_home_to_the_ticket(client):
    office = make_open_office()
    person = make_person()
    client.force_login(person.account)
    home = client.get("/").content.decode()
    day = re.search(rf'href="(/offices/{office.code}/[\d-]+/\?[^"]+)"', home).group(1)  # 1
    hours = client.get(day).content.decode()
    chosen = re.search(r'name="slot" value="(\d+)" checked', hours).group(1)  # chosen already
    check = client.get(day, {"slot": chosen, "service_type": "new"}, follow=True)  # 2
    page = check.content.decode()
    answer = client.post(
        reverse("booking:book", args=[int(chosen)]),
        {"applicants": [person.pk], "service_type": "new", "key": key_in(check)},
    )  # 3
    assert f'value="{person.pk}" checked' in page
    assert answer["Location"] == reverse("booking:ticket", args=[Booking.objects.get().code])


def test_a_form_sent_twice_makes_one_booking_and_shows_the_same_ticket(signed_in, slot, person):
    key = key_in(signed_in.get(book_url(slot)))
    first = send(signed_in, slot, person, key=key)
    second = send(signed_in, slot, person, key=key)
    assert first["Location"] == second["Location"]
    assert Booking.objects.count() == 1


def test_an_old_form_used_for_someone_else_is_refused_and_a_new_one_offered(
    signed_in, slot, person
):
    other = make_person(person.account)
    key = key_in(signed_in.get(book_url(slot)))
    send(signed_in, slot, person, key=key)
    answer = send(signed_in, slot, other, key=key)
    assert answer.status_code == 409
    assert key_in(answer) != key
    assert f'value="{other.pk}" checked' in text_of(answer)
    assert Booking.objects.count() == 1


def test_a_family_gets_places_together(signed_in, slot, person):
    others = [make_person(person.account) for _ in range(2)]
    answer = send(signed_in, slot, person, *others)
    assert answer["Location"] == reverse("booking:bookings")
    page = text_of(signed_in.get(answer["Location"]))
    assert all(booking.code in page for booking in Booking.objects.all())
    assert Booking.objects.count() == 3


def test_too_large_a_family_gets_none_and_what_was_chosen_is_kept(signed_in, slot, person):
    others = [make_person(person.account) for _ in range(3)]
    answer = send(signed_in, slot, person, *others)
    assert answer.status_code == 409
    assert text_of(answer).count(" checked") >= 4
    assert not Booking.objects.exists()


def test_more_than_five_people_are_refused_with_the_limit(signed_in, slot, person):
    others = [make_person(person.account) for _ in range(5)]
    answer = send(signed_in, slot, person, *others)
    assert answer.status_code == 400
    assert "paling banyak untuk 5 orang" in text_of(answer)


def test_nobody_chosen_is_told_at_the_people(signed_in, slot):
    answer = send(signed_in, slot)
    assert answer.status_code == 400
    assert '<a href="#orang">Pilih setidaknya satu orang.</a>' in text_of(answer)
    assert "<title>Kesalahan: " in text_of(answer)


@pytest.mark.parametrize("forged", ["abc", "-1", "99999999999999999999999"])
def test_a_forged_person_is_refused(signed_in, slot, forged):
    answer = signed_in.post(
        book_url(slot), {"applicants": [forged], "service_type": "new", "key": "k"}
    )
    assert answer.status_code == 400
    assert not Booking.objects.exists()


def test_a_strangers_person_is_refused_like_one_that_does_not_exist(signed_in, slot):
    stranger = make_person()
    answer = send(signed_in, slot, stranger)
    assert answer.status_code == 400
    assert stranger.full_name not in text_of(answer).split("<form", 1)[0]
    assert not Booking.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_forged_hour_is_not_found(signed_in, method):
    assert getattr(signed_in, method)("/book/987654/").status_code == 404


def test_an_hour_of_a_desks_lane_is_not_found(signed_in):
    from quotas.places.models import Slot

    make_open_office()
    desk = Slot.objects.filter(lane="walk_in").first()
    assert signed_in.get(book_url(desk)).status_code == 404


def test_a_place_gone_meanwhile_is_told_with_the_nearest_hours(signed_in, person):
    office = make_open_office(places=6)
    slot = make_open_slot(office=office)
    fill_slot(slot)
    answer = send(signed_in, slot, person)
    page = text_of(answer)
    assert answer.status_code == 409
    assert "Jadwal ini tidak lagi tersedia" in page
    assert "Pilihan Anda yang lain masih tersimpan" in page
    links = re.findall(r'href="/book/(\d+)/\?service_type=new&amp;who=(\d+)"', page)
    assert len(links) == 3
    assert {int(who) for _slot, who in links} == {person.pk}
    assert str(slot.pk) not in {number for number, _who in links}
    assert not Party.objects.exists()


def test_a_window_that_closed_while_the_page_was_open_is_told(signed_in, slot, person, set_clock):
    key = key_in(signed_in.get(book_url(slot)))
    set_clock(slot.places.first().closes_at + timedelta(minutes=1))
    answer = send(signed_in, slot, person, key=key)
    assert answer.status_code == 409
    assert "ditutup" in text_of(answer).lower()
    assert not Booking.objects.exists()


def test_an_hour_that_is_not_open_yet_has_no_button(signed_in, slot, set_clock):
    set_clock(slot.places.first().opens_at - timedelta(minutes=1))
    page = text_of(signed_in.get(book_url(slot)))
    assert "Dibuka" in page
    assert "Pesan tempat ini" not in page


def test_a_person_who_has_a_booking_cannot_be_chosen_and_the_reason_stands_there(
    signed_in, person, slot
):
    make_booking(person=person)
    page = text_of(signed_in.get(book_url(slot)))
    assert "Sudah punya jadwal yang masih berlaku" in page
    assert f'name="applicants" value="{person.pk}"' not in page


def test_a_person_booked_in_another_account_is_refused_without_saying_whose(
    signed_in, slot, person
):
    stranger = make_person(identity_number=person.identity_number)
    booking = make_booking(person=stranger)
    answer = send(signed_in, slot, person)
    page = text_of(answer)
    assert answer.status_code == 409
    assert "sudah punya jadwal yang masih berlaku" in page
    assert booking.code not in page
    assert stranger.account.email not in page


def test_a_foreigner_cannot_be_chosen_for_a_citizens_service(signed_in, slot, person):
    foreigner = make_person(
        person.account, identity_kind="passport", identity_number="N1234567", nationality="MY"
    )
    page = text_of(signed_in.get(book_url(slot)))
    assert "Layanan ini untuk pemegang NIK" in page
    assert f'name="applicants" value="{foreigner.pk}"' not in page


def test_a_booking_given_back_frees_the_person_for_another_hour(signed_in, slot, person):
    booking = make_booking(person=person)
    cancel_booking(booking_id=booking.pk, by=person.account, now=NOW)
    assert send(signed_in, slot, person).status_code == 302
