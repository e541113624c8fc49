"""After the visit, in a real browser without JavaScript: a passport to the drive-thru, a complaint to its answer."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from counters.complaints.models import Complaint
from counters.pickup.models import Pickup
from notices.services import deliver_due
from offices.staff.models import Role
from tests.builders import NOW, make_office, make_officer
from tests.counters.drive_thru.world import open_lane
from tests.counters.world import DAY, World, make_world
from tests.journeys.pictures import keep

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
Page = Callable[..., Any]
SetClock = Callable[[datetime], None]


@pytest.fixture
def world(set_clock: SetClock) -> World:
    set_clock(NOW)
    return make_world()


def test_a_passport_is_followed_to_the_drive_thru_without_signing_in(
    world: World, new_page: Page, desk_of: Page, set_clock: SetClock
) -> None:
    open_lane(world)
    book = world.ready_book()
    set_clock(world.at(15))
    code, born = book.visit.booking.code, book.applicant.birth_date
    page = new_page(java_script_enabled=False)
    page.goto("/")
    page.click("footer >> text=Status paspor")
    page.fill("[name=code]", code)
    for name, value in (("day", born.day), ("month", born.month), ("year", 1950)):
        page.fill(f"[name=birth_date_{name}]", str(value))
    page.click(".dock button")
    assert "tidak cocok" in page.inner_text(".errors")
    page.fill("[name=birth_date_year]", str(born.year))
    page.click(".dock button")
    assert page.url.endswith("/passport/status/")
    assert "Siap diambil" in page.inner_text("main")
    keep(page, "passport-status")

    page.click("text=Pilih jam pengambilan")
    page.locator("summary").nth(1).click()  # tomorrow
    page.locator("label.slot:visible", has_text="10.00").first.click()
    page.fill("[name=plate]", "KT 1234 AB")
    page.click(".dock button")
    assert "drive-thru" in page.inner_text(".banner--good >> nth=-1")
    keep(page, "passport-hour")

    set_clock(world.at(10, 5, day=DAY + timedelta(days=1)))
    desk = desk_of(world.pickup)
    desk.goto("/admin/pickup/drive-thru/")
    desk.fill("[name=words]", "KT1234AB")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("[name=book_number]")
    desk.fill("[name=book_number]", book.book_number)
    desk.keyboard.press("Enter")
    desk.wait_for_selector("[name=right]")
    desk.click("text=Serahkan paspor")
    desk.wait_for_selector("text=Paspor diserahkan")
    assert Pickup.objects.get(book=book).where == Pickup.Where.DRIVE_THRU

    # Half an hour is over: code and birth date again.
    page.goto("/passport/status/")
    assert page.url.endswith("/passport/")
    page.fill("[name=code]", code)
    for name, value in (("day", born.day), ("month", born.month), ("year", born.year)):
        page.fill(f"[name=birth_date_{name}]", str(value))
    page.click(".dock button")
    assert "Sudah diambil." in page.inner_text("main")


def test_a_complaint_is_answered(
    new_page: Page, desk_of: Page, mailbox: Any, set_clock: SetClock
) -> None:
    set_clock(NOW)
    office = make_office("palembang")
    supervisor = make_officer(office, Role.SUPERVISOR)
    page = new_page(java_script_enabled=False)
    page.goto(f"/complaints/new/?office={office.code}")
    page.select_option("[name=about]", "waiting")
    page.fill("[name=text]", "Nomor A012 dilewati dua kali.")
    page.fill("[name=address]", "lapor@contoh.id")
    page.click(".dock button")
    assert "Pengaduan diterima" in page.inner_text("h1")
    complaint = Complaint.objects.get()
    assert complaint.number in page.inner_text("main")
    keep(page, "complaint-made")

    set_clock(NOW + timedelta(days=2))
    desk = desk_of(supervisor)
    desk.goto("/admin/complaints/")
    desk.click(f"text=#{complaint.pk}")
    desk.fill("[name=answer]", "Petugas memeriksa urutan dan meminta maaf.")
    desk.click("[name=founded]")
    desk.wait_for_selector("text=Sudah dijawab")

    deliver_due(now=NOW + timedelta(days=2, minutes=1))
    assert any("meminta maaf" in mail.text for mail in mailbox.emails)
    page.goto("/complaints/answer/")
    page.fill("[name=number]", complaint.number.lower())
    page.click(".dock button")
    text = page.inner_text("main")
    assert "Pengaduan terbukti" in text
    assert "Petugas memeriksa urutan dan meminta maaf." in text
    keep(page, "complaint-answered")
