"""Tickets: content, ownership, cancelling and rescheduling."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from booking.applications.services import ApplicationData, save_application
from booking.bookings.changes import check_in_booking
from booking.bookings.models import Booking
from booking.statuses import Status
from quotas.places.models import Place, Slot
from tests.builders import (
    NOW,
    book_online,
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
def office() -> Any:
    return make_open_office()


@pytest.fixture
def booking(office: Any) -> Any:
    return make_booking(make_open_slot(office=office))


@pytest.fixture
def signed_in(client: Any, booking: Any) -> Any:
    client.force_login(booking.account)
    return client


def url(name: Any, booking: Any) -> Any:
    return reverse(f"booking:{name}", args=[booking.code])


def other_slot(booking: Any) -> Any:
    rows = Slot.objects.filter(office=booking.office, lane="online", day=booking.slot.day)
    return rows.exclude(pk=booking.slot_id).order_by("starts_at").first()


def test_the_ticket_shows_slot_code_and_documents(signed_in: Any, booking: Any) -> None:
    page = page_text(signed_in.get(url("ticket", booking)))
    assert booking.code in page
    assert "08.00–09.00" in page
    assert 'class="qr"' in page
    assert "KTP" in page
    assert "Sisa 1 kali." in page
    assert "Tempat dipesan" in page


def test_the_ticket_shortens_the_name_and_masks_the_number(signed_in: Any, booking: Any) -> None:
    page = page_text(signed_in.get(url("ticket", booking)))
    assert "Siti R." in page
    assert booking.applicant.identity_number not in page


def test_a_lower_case_code_opens_the_ticket(signed_in: Any, booking: Any) -> None:
    answer = signed_in.get(reverse("booking:ticket", args=[booking.code.lower()]))
    assert answer["Location"] == url("ticket", booking)


@pytest.mark.parametrize("name", ["ticket", "ticket_calendar", "cancel", "reschedule"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_another_accounts_booking_returns_404(
    client: Any, booking: Any, name: Any, method: Any
) -> None:
    client.force_login(make_user())
    answer = getattr(client, method)(url(name, booking))
    assert answer.status_code in (404, 405)
    assert booking.applicant.full_name not in page_text(answer)
    booking.refresh_from_db()
    assert booking.status == Status.BOOKED


def test_an_unknown_code_answers_like_another_accounts(signed_in: Any) -> None:
    assert signed_in.get("/bookings/ACDEFGHJKM/").status_code == 404


def test_the_calendar_file_names_the_office_and_not_the_person(
    signed_in: Any, booking: Any
) -> None:
    answer = signed_in.get(url("ticket_calendar", booking))
    assert answer["Content-Type"].startswith("text/calendar")
    text = answer.content.decode()
    assert booking.code in text
    assert "Siti" not in text


def test_the_calendar_file_names_the_documents_in_the_readers_language(
    signed_in: Any, booking: Any
) -> None:
    service = booking.service_type
    service.documents = [{**row, "name_en": "Identity card"} for row in service.documents]
    service.save(update_fields=["documents"])
    assert "- KTP" in signed_in.get(url("ticket_calendar", booking)).content.decode()
    signed_in.cookies["django_language"] = "en"
    text = signed_in.get(url("ticket_calendar", booking)).content.decode()
    assert "Bring:\\n- Identity card" in text


def test_the_list_shows_future_and_past_bookings(signed_in: Any, booking: Any) -> None:
    page = page_text(signed_in.get(reverse("booking:bookings")))
    assert booking.code in page
    assert "Terjadwal" in page


def test_an_empty_list_links_to_booking(client: Any) -> None:
    client.force_login(make_user())
    page = page_text(client.get(reverse("booking:bookings")))
    assert "Belum ada jadwal" in page
    assert 'href="/"' in page


# --- Cancel --------------------------------------------------------------------------------------


def test_cancelling_asks_for_confirmation_then_frees_the_place(
    signed_in: Any, booking: Any
) -> None:
    signed_in.get(url("cancel", booking))
    assert Booking.objects.get().status == Status.BOOKED
    answer = signed_in.post(url("cancel", booking), {"reason": "sakit"})
    assert answer["Location"] == url("ticket", booking)
    assert Booking.objects.get().status == Status.CANCELLED
    assert not Place.objects.filter(holder=booking.pk).exists()
    page = page_text(signed_in.get(answer["Location"]))
    assert "Dibatalkan" in page
    assert 'class="qr"' not in page


def test_cancelling_twice_is_reported_and_changes_nothing(signed_in: Any, booking: Any) -> None:
    signed_in.post(url("cancel", booking))
    answer = signed_in.post(url("cancel", booking))
    assert answer.status_code == 409
    assert "Kembali ke tiket" in page_text(answer)
    assert Booking.objects.get().history.count() == 2


def test_a_reason_that_is_too_long_is_reported_and_preserved(signed_in: Any, booking: Any) -> None:
    answer = signed_in.post(url("cancel", booking), {"reason": "x" * 201})
    assert answer.status_code == 400
    assert "Paling panjang 200 karakter." in page_text(answer)
    assert "x" * 201 in page_text(answer)
    assert Booking.objects.get().status == Status.BOOKED


def test_a_visit_in_progress_cannot_be_cancelled(
    signed_in: Any, booking: Any, set_clock: Any
) -> None:
    at = booking.slot.starts_at
    set_clock(at)
    check_in_booking(booking_id=booking.pk, by=make_user(), now=at)
    assert signed_in.post(url("cancel", booking)).status_code == 409
    assert "Batalkan</a>" not in page_text(signed_in.get(url("ticket", booking)))


# --- Reschedule ----------------------------------------------------------------------------------


def test_rescheduling_shows_the_calendar_then_the_slots(signed_in: Any, booking: Any) -> None:
    address = url("reschedule", booking)
    page = page_text(signed_in.get(address))
    day = booking.slot.day + timedelta(days=1)
    assert f"{address}?office={booking.office.code}&amp;day={day}" in page
    hours = page_text(signed_in.get(address, {"day": booking.slot.day.isoformat()}))
    assert "Ini jadwal Anda sekarang." in hours
    assert f'name="slot" value="{other_slot(booking).pk}"' in hours
    assert f'name="slot" value="{booking.slot_id}"' not in hours


def test_rescheduling_keeps_the_code_and_works_once(signed_in: Any, booking: Any) -> None:
    target = other_slot(booking)
    answer = signed_in.post(url("reschedule", booking), {"slot": target.pk})
    assert answer["Location"] == url("ticket", booking)
    moved = Booking.objects.get()
    assert (moved.code, moved.slot) == (booking.code, target)
    again = signed_in.post(url("reschedule", booking), {"slot": booking.slot_id})
    assert again.status_code == 409
    assert "satu kali" in page_text(again)
    page = page_text(signed_in.get(url("ticket", booking)))
    assert "Dijadwalkan ulang dari" in page
    assert "Jadwal ulang</a>" not in page


def test_rescheduling_on_the_day_is_refused(signed_in: Any, booking: Any, set_clock: Any) -> None:
    set_clock(booking.slot.starts_at - timedelta(hours=2))
    answer = signed_in.get(url("reschedule", booking))
    assert answer.status_code == 409
    assert "sampai sehari sebelumnya" in page_text(answer)


def test_rescheduling_to_the_same_slot_is_refused(signed_in: Any, booking: Any) -> None:
    answer = signed_in.post(
        url("reschedule", booking), {"slot": booking.slot_id, "day": booking.slot.day.isoformat()}
    )
    assert answer.status_code == 409
    assert "Jadwal lama Anda tetap berlaku." in page_text(answer)
    assert Booking.objects.get().slot_id == booking.slot_id


def test_a_slot_that_filled_up_is_refused(signed_in: Any, booking: Any) -> None:
    target = other_slot(booking)
    fill_slot(target)
    answer = signed_in.post(
        url("reschedule", booking),
        {"slot": target.pk, "day": target.day.isoformat(), "office": booking.office.code},
    )
    page = page_text(answer)
    assert answer.status_code == 409
    assert "Jadwal lama Anda tetap berlaku." in page
    assert 'type="radio"' in page
    assert Booking.objects.get().slot_id == booking.slot_id


@pytest.mark.parametrize("slot", ["", "abc", "999999", "9" * 40])
def test_an_invalid_slot_is_refused(signed_in: Any, booking: Any, slot: Any) -> None:
    answer = signed_in.post(
        url("reschedule", booking), {"slot": slot, "day": booking.slot.day.isoformat()}
    )
    assert answer.status_code in (400, 404)
    assert Booking.objects.get().slot_id == booking.slot_id


def test_another_office_can_be_chosen(signed_in: Any, booking: Any) -> None:
    other = make_open_office("lain")
    address = url("reschedule", booking)
    assert f"{address}?office=lain" in page_text(signed_in.get(address))
    target = make_open_slot(office=other)
    signed_in.post(address, {"slot": target.pk, "office": "lain"})
    assert Booking.objects.get().office == other


def test_bookings_of_the_same_request_are_linked(client: Any, office: Any) -> None:

    account = make_user()
    people = [make_person(account).pk for _ in range(2)]
    slot = make_open_slot(office=office)
    party = book_online(
        account_id=account.pk,
        slot_id=slot.pk,
        applicant_ids=people,
        service_type="new",
        key="k",
        now=NOW,
    )
    first, second = party.bookings.all()
    client.force_login(account)
    page = page_text(client.get(url("ticket", first)))
    assert "Dipesan bersama" in page
    assert second.code in page


def test_an_application_saved_after_booking_is_on_the_ticket(signed_in: Any, booking: Any) -> None:
    assert "Permohonan belum diisi" in page_text(signed_in.get(url("ticket", booking)))
    data = ApplicationData(
        service_type="new",
        reason="first",
        purpose="holiday",
        product="plain_5",
        is_declared=True,
    )
    save_application(applicant_id=booking.applicant_id, by=booking.account, data=data, now=NOW)
    page = page_text(signed_in.get(url("ticket", booking)))
    assert "Permohonan belum diisi" not in page
    assert "Berkas belum siap: KTP" in page
    ready = replace(data, documents={"ktp": True})
    save_application(applicant_id=booking.applicant_id, by=booking.account, data=ready, now=NOW)
    assert "Anda siap untuk" in page_text(signed_in.get(url("ticket", booking)))


def test_the_ticket_knows_when_it_was_written(signed_in: Any, booking: Any) -> None:
    page = page_text(signed_in.get(url("ticket", booking)))
    assert re.search(r"<h1>\s*Jadwal Anda sudah dipesan\s*</h1>", page)
    assert "data-print" in page
    # Shown by the service worker in a copy without network only.
    assert "data-saved-copy hidden" in page
    assert "Salinan tersimpan Senin 23 Nov pukul 10.00" in page
