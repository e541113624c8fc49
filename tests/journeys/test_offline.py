"""An opened ticket is available offline until its owner signs out, and knows how old it is."""

from collections.abc import Callable
from typing import Any

import pytest

from booking.bookings.changes import reschedule_booking
from booking.bookings.models import Booking
from core import clock
from quotas.places.models import Slot
from tests.builders import make_open_office
from tests.journeys.test_applicant import TEXTS, add_person, choose_hour, follow, send, sign_up

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
REFRESHED = """async (hour) => {
  const tickets = await caches.open("tickets");
  for (let round = 0; round < 100; round += 1) {
    for (const request of await tickets.keys())
      if ((await (await tickets.match(request)).text()).includes(hour)) return true;
    await new Promise((done) => setTimeout(done, 100));
  }
  return false;
}"""


def move_to_the_last_hour(booking: Booking) -> str:
    """Move a booking on another device; return its new hour as the ticket shows it."""
    slots = Slot.objects.filter(office=booking.office, lane="online", day=booking.slot.day)
    last = slots.order_by("-starts_at").first()
    assert last is not None
    assert booking.account is not None
    reschedule_booking(
        booking_id=booking.pk, slot_id=last.pk, by=booking.account, now=clock.now(), room_tickets=()
    )
    return f"{last.starts_at.astimezone(booking.office.zone):%H.%M}–"


def test_a_kept_ticket_knows_its_age_until_sign_out(
    new_page: Callable[..., Any],
) -> None:
    make_open_office("palembang", now=clock.now())
    page = new_page()
    page.set_default_timeout(60_000)
    sign_up(page)
    add_person(page, TEXTS["id-ID"])
    page.goto("/")
    page.wait_for_function("() => navigator.serviceWorker.controller")
    follow(page, ".opens a.btn")
    choose_hour(page)
    send(page)
    page.wait_for_selector(".ticket")
    booking, address = Booking.objects.get(), page.url
    assert not page.is_visible("[data-saved-copy]")

    hour = move_to_the_last_hour(booking)
    page.goto("/offices/palembang/")
    assert page.evaluate(REFRESHED, hour)

    page.context.set_offline(True)
    page.goto(address)
    assert page.inner_text(".ticket__code") == booking.code
    assert hour in page.inner_text(".ticket__hour")
    assert "Salinan tersimpan" in page.inner_text("[data-saved-copy]")
    page.goto("/offices/palembang/")
    assert "Tidak ada koneksi" in page.title()
    assert "Salinan tersimpan" in page.inner_text("[data-saved-tickets]")
    page.click("[data-saved-tickets] a")
    assert page.inner_text(".ticket__code") == booking.code

    page.context.set_offline(False)
    page.goto(address)
    assert not page.is_visible("[data-saved-copy]")
    page.click("header form[action$='/logout/'] button")
    page.wait_for_selector("header a[href*='/login/']")
    page.context.set_offline(True)
    page.goto(address)
    assert "Tidak ada koneksi" in page.title()
    assert page.locator(".ticket, [data-saved-tickets]").count() == 0
