"""From a slot to a ticket: sign-in on the way, choosing people, idempotent forms, and refusals on the page."""

import re
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any
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
    confirm_address,
    fill_slot,
    make_booking,
    make_open_office,
    make_open_slot,
    make_person,
    make_user,
)
from tests.clients import page_text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_now(set_clock: Any) -> None:
    set_clock(NOW)


@pytest.fixture
def person() -> Any:
    return make_person()


@pytest.fixture
def slot() -> Any:
    return make_open_slot(places=3)


@pytest.fixture
def signed_in(client: Any, person: Any) -> Any:
    client.force_login(person.account)
    return client


@contextmanager
def held(slot: Any) -> Iterator[Any]:
    """Inside, another transaction locks the slot's places and does not end."""
    is_locked, may_end = threading.Event(), threading.Event()

    def hold() -> None:
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


def key_in(answer: Any) -> Any:
    return re.search(r'name="key" value="([^"]+)"', page_text(answer)).group(1)


def book_url(slot: Any) -> Any:
    return reverse("booking:book", args=[slot.pk])


def send(client: Any, slot: Any, *people: Any, **changes: Any) -> Any:
    form = {"applicants": [row.pk for row in people], "service_type": "new", "key": uuid4().hex}
    return client.post(book_url(slot), form | changes)


def test_signing_in_returns_to_the_chosen_slot(client: Any, slot: Any) -> None:
    address = f"{book_url(slot)}?service_type=new"
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse('account_login')}?next={quote(address)}"


def test_ticked_people_are_remembered_when_the_session_expires(
    client: Any, slot: Any, person: Any
) -> None:
    other = make_person(person.account)
    answer = send(client, slot, other)
    address = f"{book_url(slot)}?service_type=new&who={other.pk}"
    assert answer["Location"] == f"{reverse('account_login')}?next={quote(address)}"
    client.force_login(person.account)
    page = page_text(client.get(address))
    assert re.search(rf'name="applicants" value="{other.pk}" checked', page)
    assert not re.search(rf'name="applicants" value="{person.pk}" checked', page)


def test_an_invalid_form_without_a_session_leads_to_sign_in(client: Any, slot: Any) -> None:
    form = {"applicants": ["x" * 9999, *map(str, range(1, 99))], "service_type": "//jahat.example"}
    address = client.post(book_url(slot), form)["Location"]
    assert address.startswith(reverse("account_login"))
    assert len(address) < 200
    assert "jahat" not in address


@pytest.mark.django_db(transaction=True)
def test_a_busy_response_shows_when_to_retry(signed_in: Any, person: Any) -> None:
    slot = make_open_slot(places=1)
    with held(slot), connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 1500")  # sooner than the wait for a lock
        answer = send(signed_in, slot, person)
        cursor.execute("RESET statement_timeout")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert "Pesan tempat ini" in page_text(answer)


def test_a_single_person_is_preselected(signed_in: Any, slot: Any, person: Any) -> None:
    page = page_text(signed_in.get(book_url(slot)))
    assert re.search(rf'name="applicants" value="{person.pk}" checked', page)


def test_an_account_without_people_is_sent_to_add_one(client: Any, slot: Any) -> None:
    client.force_login(make_user())
    page = page_text(client.get(book_url(slot)))
    assert f"{reverse('booking:person_add')}?next={quote(book_url(slot))}" in page
    assert "Pesan tempat ini" not in page


def test_cancellation_terms_are_shown_above_the_button(signed_in: Any, slot: Any) -> None:
    page = page_text(signed_in.get(book_url(slot)))
    assert page.index("Bila rencana berubah") < page.index("Pesan tempat ini")
    assert "sampai Rabu 25 Nov" in page


def test_a_prepared_application_is_shown_with_its_fee(
    signed_in: Any, slot: Any, person: Any
) -> None:
    Fee.objects.create(
        product="electronic_10", amount=950_000, valid_from=SINCE, instrument=INSTRUMENT
    )
    save_application(
        applicant_id=person.pk,
        by=person.account,
        data=ApplicationData("new", "first", "umrah", "electronic_10", {}, is_declared=True),
        now=NOW,
    )
    assert "Rp 950.000" in page_text(signed_in.get(book_url(slot)))


def test_the_fee_of_the_appointment_day_is_shown(signed_in: Any, slot: Any, person: Any) -> None:
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
        by=person.account,
        data=ApplicationData("new", "first", "umrah", "electronic_10", {}, is_declared=True),
        now=NOW,
    )
    assert "Rp 950.000" in page_text(signed_in.get(book_url(slot)))
    answer = send(signed_in, slot, person)
    assert "Rp 950.000" in page_text(signed_in.get(answer["Location"]))


def test_the_fee_of_a_lost_passport_names_the_fine(signed_in: Any, slot: Any, person: Any) -> None:
    for product, amount in (("electronic_10", 950_000), ("lost", 1_000_000)):
        Fee.objects.create(product=product, amount=amount, valid_from=SINCE, instrument=INSTRUMENT)
    save_application(
        applicant_id=person.pk,
        by=person.account,
        data=ApplicationData("replacement", "lost", "umrah", "electronic_10", {}, is_declared=True),
        now=NOW,
    )
    page = page_text(signed_in.get(f"{book_url(slot)}?service_type=replacement"))
    assert "Rp 950.000, ditambah denda Rp 1.000.000" in page


def test_one_post_books_and_redirects_to_the_ticket(signed_in: Any, slot: Any, person: Any) -> None:
    answer = send(signed_in, slot, person)
    booking = Booking.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == reverse("booking:ticket", args=[booking.code])
    assert "Tempat ini milik Anda" in page_text(signed_in.get(answer["Location"]))


def test_booking_takes_four_taps_from_the_home_page(client: Any) -> None:
    office = make_open_office()
    person = make_person()
    client.force_login(person.account)
    home = page_text(client.get("/"))
    day = re.search(rf'href="(/offices/{office.code}/[\d-]+/\?[^"]+)"', home).group(1)  # 1
    hours = page_text(client.get(day))
    chosen = re.search(r'name="slot" value="(\d+)"', hours).group(1)  # 2
    assert "checked" not in hours
    check = client.get(day, {"slot": chosen, "service_type": "new"}, follow=True)  # 3
    page = page_text(check)
    answer = client.post(
        reverse("booking:book", args=[int(chosen)]),
        {"applicants": [person.pk], "service_type": "new", "key": key_in(check)},
    )  # 4
    assert f'value="{person.pk}" checked' in page
    assert answer["Location"] == reverse("booking:ticket", args=[Booking.objects.get().code])


def test_a_form_sent_twice_creates_one_booking(signed_in: Any, slot: Any, person: Any) -> None:
    key = key_in(signed_in.get(book_url(slot)))
    first = send(signed_in, slot, person, key=key)
    second = send(signed_in, slot, person, key=key)
    assert first["Location"] == second["Location"]
    assert Booking.objects.count() == 1


def test_a_reused_form_for_another_person_is_refused(
    signed_in: Any, slot: Any, person: Any
) -> None:
    other = make_person(person.account)
    key = key_in(signed_in.get(book_url(slot)))
    send(signed_in, slot, person, key=key)
    answer = send(signed_in, slot, other, key=key)
    assert answer.status_code == 409
    assert key_in(answer) != key
    assert f'value="{other.pk}" checked' in page_text(answer)
    assert Booking.objects.count() == 1


def test_a_family_gets_places_together(signed_in: Any, slot: Any, person: Any) -> None:
    others = [make_person(person.account) for _ in range(2)]
    answer = send(signed_in, slot, person, *others)
    assert answer["Location"] == reverse("booking:party", args=[Party.objects.get().code])
    page = page_text(signed_in.get(answer["Location"]))
    assert all(booking.code in page for booking in Booking.objects.all())
    assert Booking.objects.count() == 3


def test_too_large_a_family_is_refused_and_the_selection_preserved(
    signed_in: Any, slot: Any, person: Any
) -> None:
    others = [make_person(person.account) for _ in range(3)]
    answer = send(signed_in, slot, person, *others)
    assert answer.status_code == 409
    assert page_text(answer).count(" checked") >= 4
    assert not Booking.objects.exists()


def test_more_than_five_people_are_refused_with_the_limit(
    signed_in: Any, slot: Any, person: Any
) -> None:
    others = [make_person(person.account) for _ in range(5)]
    answer = send(signed_in, slot, person, *others)
    assert answer.status_code == 400
    assert "paling banyak untuk 5 orang" in page_text(answer)


def test_choosing_nobody_is_an_error_at_the_people_field(signed_in: Any, slot: Any) -> None:
    answer = send(signed_in, slot)
    assert answer.status_code == 400
    assert '<a href="#orang">Pilih setidaknya satu orang.</a>' in page_text(answer)
    assert "<title>Kesalahan: " in page_text(answer)


@pytest.mark.parametrize("forged", ["abc", "-1", "99999999999999999999999"])
def test_an_unknown_person_is_refused(signed_in: Any, slot: Any, forged: Any) -> None:
    answer = signed_in.post(
        book_url(slot), {"applicants": [forged], "service_type": "new", "key": "k"}
    )
    assert answer.status_code == 400
    assert not Booking.objects.exists()


def test_another_accounts_person_is_refused_as_unknown(signed_in: Any, slot: Any) -> None:
    other_person = make_person()
    answer = send(signed_in, slot, other_person)
    assert answer.status_code == 400
    assert other_person.full_name not in page_text(answer).split("<form", 1)[0]
    assert not Booking.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_slot_returns_404(signed_in: Any, method: Any) -> None:
    assert getattr(signed_in, method)("/book/987654/").status_code == 404


def test_a_desk_slot_returns_404(signed_in: Any) -> None:
    from quotas.places.models import Slot

    make_open_office()
    desk = Slot.objects.filter(lane="walk_in").first()
    assert signed_in.get(book_url(desk)).status_code == 404


def test_a_slot_that_filled_up_is_refused_with_the_nearest(signed_in: Any, person: Any) -> None:
    office = make_open_office(places=6)
    slot = make_open_slot(office=office)
    fill_slot(slot)
    answer = send(signed_in, slot, person)
    page = page_text(answer)
    assert answer.status_code == 409
    assert "Jadwal ini tidak lagi tersedia" in page
    assert "Pilihan Anda yang lain masih tersimpan" in page
    links = re.findall(r'href="/book/(\d+)/\?service_type=new&amp;who=(\d+)"', page)
    assert len(links) == 3
    assert {int(who) for _slot, who in links} == {person.pk}
    assert str(slot.pk) not in {number for number, _who in links}
    assert not Party.objects.exists()


def test_a_window_that_closed_in_between_is_reported(
    signed_in: Any, slot: Any, person: Any, set_clock: Any
) -> None:
    key = key_in(signed_in.get(book_url(slot)))
    set_clock(slot.places.first().closes_at + timedelta(minutes=1))
    answer = send(signed_in, slot, person, key=key)
    assert answer.status_code == 409
    assert "ditutup" in page_text(answer).lower()
    assert not Booking.objects.exists()


def test_a_slot_that_is_not_open_has_no_button(signed_in: Any, slot: Any, set_clock: Any) -> None:
    set_clock(slot.places.first().opens_at - timedelta(minutes=1))
    page = page_text(signed_in.get(book_url(slot)))
    assert "Dibuka" in page
    assert "Pesan tempat ini" not in page


def test_a_booked_person_cannot_be_chosen_and_the_reason_is_shown(
    signed_in: Any, person: Any, slot: Any
) -> None:
    make_booking(person=person)
    page = page_text(signed_in.get(book_url(slot)))
    assert "Sudah punya jadwal yang masih berlaku" in page
    assert f'name="applicants" value="{person.pk}"' not in page


def test_a_second_tab_is_led_to_ones_own_ticket(signed_in: Any, slot: Any, person: Any) -> None:
    send(signed_in, slot, person)
    booking = Booking.objects.get()
    answer = send(signed_in, slot, person)
    assert answer.status_code == 409
    assert f'href="{reverse("booking:ticket", args=[booking.code])}"' in page_text(answer)


def test_a_refusal_does_not_reveal_another_account(signed_in: Any, slot: Any, person: Any) -> None:
    other_person = make_person(identity_number=person.identity_number)
    booking = make_booking(person=other_person)
    answer = send(signed_in, slot, person)
    page = page_text(answer)
    assert answer.status_code == 409
    assert "saat ini tidak dapat dipesankan jadwal" in page
    assert "sudah punya jadwal" not in page
    assert booking.code not in page
    assert other_person.account.email not in page


def test_a_foreigner_cannot_be_chosen_for_a_citizens_service(
    signed_in: Any, slot: Any, person: Any
) -> None:
    foreigner = make_person(
        person.account, identity_kind="passport", identity_number="N1234567", nationality="MY"
    )
    page = page_text(signed_in.get(book_url(slot)))
    assert "Pada jam ini kantor tidak melayani warga asing" in page
    assert f'name="applicants" value="{foreigner.pk}"' not in page


def test_cancelling_allows_the_person_to_book_again(signed_in: Any, slot: Any, person: Any) -> None:
    booking = make_booking(person=person)
    confirm_address(person.account)
    cancel_booking(booking_id=booking.pk, by=person.account, now=NOW)
    assert send(signed_in, slot, person).status_code == 302
