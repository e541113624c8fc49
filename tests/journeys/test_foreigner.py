"""A foreigner in English, in dark colours and with text at twice its size: from the finder to the ticket."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from booking.bookings.models import Booking
from core import clock
from offices.directory.models import Office
from quotas.windows.services import prepare_windows
from tests import chromium
from tests.booking.applications.national import make_services
from tests.builders import make_daily_release, make_office, make_policy
from tests.journeys.test_applicant import choose_hour, fill_account, follow, send

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
# The text size that a reader sets in the browser: twice the usual 16 px.
LARGE_TEXT = "--blink-settings=defaultFontSize=32,defaultFixedFontSize=26"
ONLY_FOR_CITIZENS = ("umrah", "Umrah", "hajj", "Family card")


@pytest.fixture
def office() -> Office:
    """An office that serves foreigners too."""
    services = make_services()
    office = make_office("palembang")
    office.service_types.add(services["stay_permit"])
    until = office.local_day(clock.now()) + timedelta(days=7)
    make_policy(office, group="foreigners", places=10, valid_until=until)
    make_daily_release(office)
    prepare_windows(office_id=office.pk, now=clock.now())
    return office


@pytest.fixture
def large_page(browser: Any, live_server: Any) -> Iterator[Any]:
    """A page in English and dark colours, in a browser with large text."""
    program = browser.browser_type.launch(
        executable_path=chromium.find_chromium(), args=["--no-sandbox", "--disable-gpu", LARGE_TEXT]
    )
    page = program.new_page(
        base_url=live_server.url,
        locale="en-GB",
        color_scheme="dark",
        viewport={"width": 360, "height": 740},
    )
    page.set_default_timeout(30_000)
    yield page
    program.close()


class Reader:
    """Check the page at each step: no text is cut off, and it has no question for citizens only."""

    def __init__(self, page: Any, folder: Path) -> None:
        self.page, self.folder, self.step = page, folder, 0

    def text(self, *, is_application: bool = True) -> str:
        self.step += 1
        self.page.screenshot(path=self.folder / f"{self.step:02}.png", full_page=True)
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= self.page.viewport_size["width"], f"step {self.step}: {wide} px wide"
        shown = " ".join(self.page.inner_text("main").split())
        if is_application:
            assert [word for word in ONLY_FOR_CITIZENS if word in shown] == []
        return shown


def reach_the_application(reader: Reader, office_name: str) -> None:
    """Answer the finder, sign up and add oneself by passport."""
    page = reader.page
    page.goto("/syarat/cek/")
    reader.text(is_application=False)
    follow(page, "main a:has-text('foreign')")
    reader.text()
    follow(page, "main a:has-text('ITAS')")
    shown = reader.text()
    for part in ("Current stay permit", "Rp 500,000", office_name):
        assert part in shown
    follow(page, "main a[href*='/syarat/']:has-text('Start')")
    follow(page, "main a[href*='/akun/signup/']")
    fill_account(page)
    reader.text()
    follow(page, "main a[href*='/people/add/']")
    for name, value in (
        *(("full_name", "Maria Santos"), ("identity_number", "P1234567A")),
        *(("birth_date_day", "6"), ("birth_date_month", "2"), ("birth_date_year", "1990")),
    ):
        page.fill(f"[name={name}]", value)
    page.select_option("[name=nationality]", "PH")
    page.check("[name=sex][value=female]")
    reader.text()
    send(page)
    assert "The details of Maria S. are saved." in reader.text()
    follow(page, "main form button:has-text('Fill in')")


def answer_the_application(reader: Reader, *, valid_until: date) -> None:
    """The permit is known from the finder."""
    page = reader.page
    assert "When does that permit end?" in reader.text()
    page.fill("[name=permit_until]", valid_until.isoformat())
    send(page)
    assert "What is the purpose of your stay in Indonesia?" in reader.text()
    page.check("[name=purpose][value=work]")
    send(page)
    assert "Current stay permit" in reader.text()
    for box in page.locator("[name=documents]").all():
        box.check()
    send(page)
    page.check("[name=declaration]")
    reader.text()
    send(page)
    assert "All documents are ready" in reader.text()


def test_a_foreigner_books_a_stay_permit(office: Office, large_page: Any, tmp_path: Path) -> None:
    page, reader = large_page, Reader(large_page, tmp_path)
    reach_the_application(reader, office.name)
    until = office.local_day(clock.now()) + timedelta(days=200)
    answer_the_application(reader, valid_until=until)

    page.goto(f"/offices/{office.code}/?service_type=stay_permit")
    reader.text(is_application=False)
    follow(page, "main .btn--wide")
    reader.text()
    choose_hour(page)
    reader.text()
    send(page)
    shown = reader.text()
    booking = Booking.objects.get()
    assert booking.service_type.code == "stay_permit"
    assert booking.code in page.inner_text(".ticket__code").replace(" ", "")
    for part in ("Maria S", "Valid passport", "Letter of the sponsor (if any)", "Rp 500,000"):
        assert part in shown
