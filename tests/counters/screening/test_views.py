"""The screens of the check at the gate."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from booking.bookings.models import Booking
from counters.screening.models import Screening
from offices.limits.models import Protocol
from tests.counters.screening.test_services import protocol_of, screen
from tests.counters.world import World

CHECKED = {"temperature": "36,5", "items": ["mask", "hands"]}


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def guarded(world: World, set_clock: Any) -> World:
    protocol_of(world)
    set_clock(world.at(8, 5))
    return world


def page_of(booking: Booking) -> str:
    return reverse("counters:screening_person", args=[booking.pk])


def card_of(booking: Booking) -> str:
    return reverse("counters:gate_card", args=[booking.pk])


def test_the_card_leads_to_the_check_and_then_to_the_check_in(guarded: World) -> None:
    client, booking = signed_in(guarded.gate), guarded.book(8)
    card = client.get(card_of(booking)).content.decode()
    assert f'href="{page_of(booking)}"' in card
    assert 'id="hadir"' not in card
    form = client.get(page_of(booking)).content.decode()
    assert "checked" not in form.split("<form method")[1]  # nothing is ticked beforehand
    answer = client.post(page_of(booking), CHECKED)
    assert answer["Location"] == card_of(booking)
    assert 'id="hadir"' in client.get(card_of(booking)).content.decode()
    client.post(reverse("counters:gate_check_in", args=[booking.pk]))
    booking.refresh_from_db()
    assert booking.status == "checked_in"


def test_the_check_in_button_of_an_old_page_is_refused(guarded: World) -> None:
    client, booking = signed_in(guarded.gate), guarded.book(8)
    answer = client.post(reverse("counters:gate_check_in", args=[booking.pk]), follow=True)
    assert "Pemeriksaan di gerbang belum dilakukan" in answer.content.decode()


@pytest.mark.parametrize(
    ("temperature", "text"),
    [
        ("3,7", "misalnya 36,5 atau 365"),
        ("abc", "misalnya 36,5 atau 365"),
        ("", "Isi suhu badan"),
        ("3700", "misalnya 36,5 atau 365"),
        ("99", "Suhu harus antara 34,0"),
    ],
)
def test_a_wrong_temperature_keeps_the_ticks(guarded: World, temperature: str, text: str) -> None:
    client, booking = signed_in(guarded.gate), guarded.book(8)
    page = client.post(page_of(booking), {**CHECKED, "temperature": temperature})
    assert page.status_code in (200, 400)
    html = page.content.decode()
    assert text in html
    assert html.count("checked") >= 2
    assert not Screening.objects.exists()


def test_370_is_37_degrees_and_371_is_over_the_limit(guarded: World) -> None:
    client = signed_in(guarded.gate)
    first, second = guarded.book(8), guarded.book(9)
    client.post(page_of(first), {**CHECKED, "temperature": "370"})
    answer = client.post(page_of(second), {**CHECKED, "temperature": "371"}, follow=True)
    assert list(Screening.objects.values_list("outcome", flat=True)) == ["passed", "referred"]
    html = answer.content.decode()
    assert "Minta pemohon duduk" in html
    assert "37,1" in html


def test_a_missing_tick_is_named(guarded: World) -> None:
    client, booking = signed_in(guarded.gate), guarded.book(8)
    page = client.post(page_of(booking), {"temperature": "365", "items": ["mask"]})
    assert "Belum dicentang: Mencuci tangan" in page.content.decode()


def test_referred_people_are_listed_and_on_the_supervisors_page(guarded: World) -> None:
    booking = guarded.book(8)
    screen(guarded, booking, 380)
    listed = signed_in(guarded.gate).get(reverse("counters:screening")).content.decode()
    assert booking.code in listed
    today = signed_in(guarded.supervisor).get("/admin/today/").content.decode()
    assert "1 orang menunggu Satgas di gerbang" in today
    assert reverse("counters:screening") in today


def test_sent_home_shows_the_new_slot(guarded: World) -> None:
    client, booking = signed_in(guarded.gate), guarded.book(8)
    row = screen(guarded, booking, 380)
    decide = reverse("counters:screening_decide", args=[row.pk])
    html = client.post(decide, {"outcome": "sent_home"}, follow=True).content.decode()
    assert "Jadwal baru: Jumat" in html
    assert "tanpa sanksi" in html
    again = client.post(decide, {"outcome": "cleared"}, follow=True).content.decode()
    assert "Isian Anda tidak disimpan" in again


def test_cleared_leads_to_the_check_in(guarded: World) -> None:
    client, booking = signed_in(guarded.gate), guarded.book(8)
    row = screen(guarded, booking, 380)
    answer = client.post(
        reverse("counters:screening_decide", args=[row.pk]), {"outcome": "cleared"}
    )
    assert answer["Location"] == card_of(booking)
    assert 'id="hadir"' in client.get(card_of(booking)).content.decode()


def test_without_a_protocol_the_screen_leads_back(guarded: World) -> None:
    Protocol.objects.all().delete()
    booking = guarded.book(8)
    answer = signed_in(guarded.gate).get(page_of(booking))
    assert answer["Location"] == card_of(booking)


def test_a_supervisor_enters_a_paper_line_without_the_check(guarded: World) -> None:
    client, booking = signed_in(guarded.supervisor), guarded.book(8)
    assert 'name="arrived_at"' in client.get(card_of(booking)).content.decode()
    client.post(reverse("counters:gate_check_in", args=[booking.pk]), {"arrived_at": "08.02"})
    booking.refresh_from_db()
    assert booking.status == "checked_in"
