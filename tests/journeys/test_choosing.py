"""A full first choice ends at another office; Back after a refused form does not look like a lost network."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from booking.bookings.models import Booking
from core import clock
from offices.directory.models import Office
from quotas.places.models import Place, Slot
from tests.builders import fill_slot, make_open_office, make_open_slot
from tests.journeys.test_applicant import TEXTS, add_person, choose_hour, send, sign_up

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def place(office: Office, latitude: float, longitude: float) -> None:
    office.latitude, office.longitude = latitude, longitude
    office.save(update_fields=["latitude", "longitude"])


def make_last_place() -> Slot:
    """The only place of an office near another one that has many."""
    slot = make_open_slot(places=1, now=clock.now())
    place(slot.office, -3.019, 104.79)
    place(make_open_office("jaksel", now=clock.now()), -6.2735, 106.829)
    return slot


def test_a_full_first_choice_ends_at_another_office(new_page: Callable[..., Any]) -> None:
    slot = make_last_place()
    page = new_page(viewport={"width": 360, "height": 740})
    page.set_default_timeout(30_000)
    sign_up(page)
    add_person(page, TEXTS["id-ID"])
    page.goto(f"/offices/{slot.office.code}/")
    page.wait_for_function("() => navigator.serviceWorker.controller")
    page.click("main .btn--wide")  # the first day with a place
    box = page.locator("main .slot").first.bounding_box()
    assert box["x"] + box["width"] <= 360
    choose_hour(page)
    check = page.url

    fill_slot(slot, now=clock.now())  # somebody else is faster
    send(page)
    main = page.inner_text("main")
    assert "Jadwal ini tidak lagi tersedia" in main
    for way in ("Kantor Imigrasi Jaksel", "427\u00a0km", "daftar tunggu", "tidak perlu memesan"):
        assert way in main

    # Away and back to the answer of the refused form: its page, not "no connection".
    page.goto("/bantuan/")
    page.go_back()
    assert "Tidak ada koneksi" not in page.title()
    assert "/book/" in page.url

    page.goto(check)
    page.click(".near a[href*='/offices/jaksel/']")
    choose_hour(page)
    send(page)
    page.wait_for_selector(".ticket")
    assert page.inner_text("h1") == "Jadwal Anda sudah dipesan"
    assert Booking.objects.get().office.code == "jaksel"


def test_the_device_sorts_the_offices_only_when_its_owner_allows_it(
    new_page: Callable[..., Any],
) -> None:
    make_last_place()
    page = new_page(geolocation={"latitude": -6.2, "longitude": 106.8}, permissions=["geolocation"])
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto("/offices/")
    names = page.locator(".offices h3")
    before = names.all_inner_texts()
    page.locator(".offices > li").evaluate_all("rows => rows[0].parentElement.append(rows[0])")
    loaded = len(requests)
    page.click("[data-near] button")
    page.wait_for_selector("[data-near] [role=status]:not(:empty)")
    assert names.all_inner_texts()[0] == "Kantor Imigrasi Jaksel"
    assert sorted(names.all_inner_texts()) == sorted(before)
    assert "km" in page.inner_text(".offices > li >> nth=0")
    assert len(requests) == loaded  # the position is not sent


def test_an_hour_opens_by_itself(new_page: Callable[..., Any]) -> None:
    slot = make_open_slot(places=2, now=clock.now())
    places = Place.objects.filter(slot__office=slot.office)
    opens_at = dict(places.values_list("pk", "opens_at"))[places[0].pk]
    places.update(opens_at=clock.now() + timedelta(hours=1))
    page = new_page()
    page.clock.install()
    page.goto(f"/offices/{slot.office.code}/{slot.day}/")
    assert page.locator("[name=slot]").count() == 0
    assert re.search(r"Dibuka 00:5\d:", page.inner_text(".banner .countdown"))
    places.update(opens_at=opens_at)
    page.clock.fast_forward("01:00:00")
    page.wait_for_selector("[name=slot]")
    assert page.locator("[data-opens-at]").count() == 0
