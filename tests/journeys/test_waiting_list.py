"""The waiting list in a real browser: a lottery loser gets an offer; an offer expires by day, not at night."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from booking.bookings.changes import cancel_booking
from booking.bookings.models import Booking
from booking.closures.tasks import serve_waiting_lists
from booking.lottery.models import DrawEntry
from booking.lottery.results import claim_entry
from booking.waiting_list.models import Offer, WaitingListEntry
from core import clock
from notices.models import Message
from ops.verification.services import verify
from quotas.places.models import Place
from tests.booking.lottery.lottery_world import LOTTERY_TIME, draw_in, enter, hold, make_draw_office
from tests.booking.waiting_list.waiting_world import give_back, make_full_slot, wait
from tests.builders import NOW, make_person
from tests.outbox import link_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
Page = Callable[..., Any]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def sign_in(page: Any, user: Any, url: str) -> None:
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": url}])


def link_in(email: Message) -> str:
    """Return the path of the link in a message."""
    return "/" + link_of(email).split("/", 3)[3]


def breaches(now: datetime) -> list[Any]:
    return [row for row in verify(now=now) if row.breaches and row.law != 9]


def test_a_lottery_loser_gets_a_place_from_the_waiting_list(
    new_page: Page, live_server: Any, set_clock: Any
) -> None:
    set_clock(NOW)
    draw = draw_in(make_draw_office("jaksel", places=1))
    people = [make_person() for _each in range(6)]  # for five places
    for one in people:
        enter(draw, one)
    hold(draw)
    for entry in draw.entries.filter(outcome="won"):
        claim_entry(account_id=entry.account_id, code=entry.code, now=LOTTERY_TIME)
    lost = DrawEntry.objects.get(outcome="lost")

    set_clock(LOTTERY_TIME + MINUTE)
    page = new_page(java_script_enabled=False)
    sign_in(page, lost.account, live_server.url)
    page.goto(f"/draws/mine/{lost.code}/")
    page.click("main a[href*='/waiting/']")
    page.fill("#id_last_day", draw.window.last_day.isoformat())
    page.click("main .dock button")
    assert "Anda yang pertama" in page.inner_text("main")
    waiting = WaitingListEntry.objects.get()
    assert (waiting.first_day, waiting.last_day) == (draw.window.first_day, draw.window.last_day)

    winner = Booking.objects.filter(via="draw", status="booked").order_by("-slot__starts_at")[0]
    set_clock(LOTTERY_TIME + HOUR)
    cancel_booking(booking_id=winner.pk, by=winner.account, now=clock.now())
    serve_waiting_lists()
    email = Message.objects.get(kind="waiting_offer", address=lost.account.email)

    reader = new_page(java_script_enabled=False)  # another device, not signed in
    reader.goto(link_in(email))
    assert "Ada tempat untuk Anda" in reader.inner_text("h1")
    reader.click("button[name=accept]")
    assert "Tempat ini milik Anda" in reader.inner_text("main")
    booking = Booking.objects.get(via="waiting_list")
    assert (booking.slot, booking.account) == (winner.slot, lost.account)
    page.goto("/bookings/")
    assert booking.code in page.inner_text("main")
    assert not breaches(clock.now())


def test_an_evening_offer_expires_in_the_morning(
    new_page: Page, live_server: Any, set_clock: Any
) -> None:
    evening = NOW + 9 * HOUR  # Monday 19.00
    set_clock(evening)
    slot, [booking] = make_full_slot()
    first, second = wait(slot, now=NOW), wait(slot, now=NOW + MINUTE)
    give_back(booking, now=evening)
    serve_waiting_lists()
    path = link_in(Message.objects.get(kind="waiting_offer"))
    page = new_page(java_script_enabled=False)
    page.goto(path)
    content = page.inner_text("main")
    assert "Selasa, 24 November 2026" in content.replace("\xa0", " ")
    assert "10.0" in content  # one hour in the evening, three in the morning
    for moment in (
        evening + 3 * HOUR,
        evening + 8 * HOUR,
        evening + 14 * HOUR,
    ):  # 22.00, 03.00, 09.00
        set_clock(moment)
        serve_waiting_lists()
        page.goto(path)  # again: the link stays open for half an hour
        assert page.is_visible("button[name=accept]")
        assert Message.objects.filter(kind="waiting_offer").count() == 1
        assert Place.objects.filter(slot=slot, holder=Offer.objects.get().pk).exists()

    set_clock(evening + 15 * HOUR + MINUTE)  # Tuesday 10.01
    serve_waiting_lists()
    page.goto(path)
    assert "Tawaran ini sudah lewat" in page.inner_text("h1")
    assert "Anda tetap di daftar tunggu" in page.inner_text("main")
    assert Message.objects.get(kind="waiting_expired").address == first.account.email
    emails = Message.objects.filter(kind="waiting_offer").order_by("pk")
    assert [email.address for email in emails] == [first.account.email, second.account.email]

    other = new_page()
    sign_in(other, second.account, live_server.url)
    other.goto("/")
    other.click("main a[href*='/offers/']")
    other.click("button[name=accept]")
    other.wait_for_url("**/bookings/")
    assert Booking.objects.get(via="waiting_list").account == second.account
