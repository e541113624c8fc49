"""An opened ticket is available offline until its owner signs out."""

from collections.abc import Callable
from typing import Any

import pytest

from booking.bookings.models import Booking
from core import clock
from tests.builders import make_open_office
from tests.journeys.test_applicant import TEXTS, add_person, choose_hour, send, sign_up

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_a_ticket_is_readable_offline_until_sign_out(
    new_page: Callable[..., Any],
) -> None:
    make_open_office("palembang", now=clock.now())
    page = new_page()
    page.set_default_timeout(60_000)
    sign_up(page)
    add_person(page, TEXTS["id-ID"])
    page.goto("/")
    page.wait_for_function("navigator.serviceWorker.controller")
    page.click(".opens a.btn")
    choose_hour(page)
    send(page)
    page.wait_for_selector(".ticket")
    code, address = Booking.objects.get().code, page.url

    page.context.set_offline(True)
    page.goto(address)
    assert page.inner_text(".ticket__code") == code
    page.goto("/offices/palembang/")
    assert "Tidak ada koneksi" in page.title()

    page.context.set_offline(False)
    page.goto(address)
    page.click("header form[action$='/logout/'] button")
    page.wait_for_selector("header a[href*='/login/']")
    page.context.set_offline(True)
    page.goto(address)
    assert "Tidak ada koneksi" in page.title()
    assert page.locator(".ticket").count() == 0
