"""A whole day at two offices: gate, counters, drive-thru lane, board, closing; then every figure of the day.

Each officer has a browser and acts with real keys. Between two acts only the clock moves and beat's tasks run.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from rest_framework.test import APIClient

from booking.bookings.models import Booking
from booking.statuses import Status
from counters.gate.models import GateRefusal
from counters.pickup.models import Pickup
from counters.production.models import BookStatus, PassportBook
from counters.visits.models import Visit, VisitStatus
from devtools.demo import Credential, load_people
from notices.tasks import deliver_due_messages
from offices.directory.models import Office
from ops.verification.services import verify
from quotas.places.models import Slot
from tests.builders import (
    make_application,
    make_book_number,
    make_booking,
    make_nik,
    make_person,
)
from tests.conftest import Mailbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

DAY = date(2026, 12, 3)  # a Thursday
SIZE = {"width": 1280, "height": 800}
SetClock = Callable[[datetime], None]


class OfficeDay:
    """An office as in its scenario on one day, its officers and its board, each with a browser."""

    def __init__(
        self, code: str, file: str, new_page: Callable[..., Any], set_clock: SetClock
    ) -> None:
        self.new_page, self.set_clock = new_page, set_clock
        # The windows of the day are prepared the day before; its bookings close at 15.00 or 16.00.
        self.set_clock(datetime(2026, 12, 2, 1, tzinfo=UTC))
        call_command("load_scenario", Path(settings.BASE_DIR) / "scenarios" / file)
        self.office = Office.objects.get(code=code)
        self.before = self.office.at(DAY - timedelta(days=1), time(10))
        self.set_clock(self.before)
        self.sign_ins: dict[str, list[Credential]] = {}
        for row in load_people(now=self.before):
            if row.office == code:
                self.sign_ins.setdefault(row.role, []).append(row)

    def at(self, hour: int, minute: int = 0) -> datetime:
        """Move the clock to a time of the day."""
        moment = self.office.at(DAY, time(hour, minute))
        self.set_clock(moment)
        return moment

    def book(
        self, name: str, hour: int, *, lane: str = "online", service: str = "new", **person: Any
    ) -> Booking:
        """A booking with a complete application; those of the accelerated lane are made on the day."""
        moment = self.office.at(DAY, time(7)) if lane == "accelerated" else self.before
        someone = make_person(now=self.before, full_name=name, **person)
        group = "foreigners" if service == "stay_permit" else "citizens"
        slot = Slot.objects.get(
            office=self.office, lane=lane, group__code=group, starts_at=self.office.at(DAY, time(hour))
        )
        booking = make_booking(slot, person=someone, service=service, now=moment)
        make_application(booking)
        return booking

    def sign_in(self, role: str, number: int = 0) -> Any:
        """Sign an officer in with the keyboard."""
        who = self.sign_ins[role][number]
        page = self.new_page(viewport=SIZE)
        page.goto("/admin/")
        page.focus("[name=login]")
        page.keyboard.type(who.email)
        page.focus("[name=password]")
        page.keyboard.type(who.password)
        go(page, "Enter")
        assert "/admin/" in page.url
        return page

    def board(self, hall: str = "") -> Any:
        """The screen of the hall, which nobody signs in to."""
        page = self.new_page(viewport={"width": 1920, "height": 1080})
        page.goto(f"/board/{self.office.code}/{hall}")
        return page

    def figures(self) -> dict[str, Any]:
        """The figures of the day from the API, as a program of the supervisor reads them."""
        who = self.sign_ins["supervisor"][0]
        client = APIClient()
        known = {"email": who.email, "password": who.password}
        token = client.post("/api/v1/auth/token/", known).json()["token"]
        client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
        period = {"office": self.office.code, "from": DAY, "to": DAY}
        (figures,) = client.get("/api/v1/reports/daily-load/", period).json()
        return dict(figures)


# --- Keys -----------------------------------------------------------------------------------------
def wait_for_focus(page: Any) -> None:
    page.wait_for_function("document.activeElement !== document.body")


def go(page: Any, *keys: str) -> None:
    """Press keys, each on the page that the one before opened."""
    for key in keys:
        wait_for_focus(page)
        with page.expect_navigation():
            page.keyboard.press(key)


def scan(page: Any, code: str) -> None:
    """Type as a scanner does, on whatever has the focus, with the Enter that it sends itself."""
    wait_for_focus(page)
    page.keyboard.type(code)
    go(page, "Enter")


def press(page: Any, what: str) -> None:
    with page.expect_navigation():
        page.click(what)


# --- The gate -------------------------------------------------------------------------------------
def screen(gate: Any, temperature: str) -> None:
    """Type the temperature, tick both items, Enter."""
    wait_for_focus(gate)
    gate.keyboard.type(temperature)
    for _item in range(2):
        gate.keyboard.press("Tab")
        gate.keyboard.press("Space")
    go(gate, "Enter")


def ticket_of(gate: Any) -> str:
    """The number on the card, once the person is inside."""
    assert gate.locator("[data-verdict=inside]").count() == 1, gate.inner_text("main")
    return str(gate.locator(".visit__head .no").inner_text())


def arrive(gate: Any, booking: Booking, temperature: str = "365") -> str:
    """Scan, check, Enter on the empty field; return the number."""
    gate.goto("/admin/gate/")
    scan(gate, booking.code)
    screen(gate, temperature)
    go(gate, "Enter")
    return ticket_of(gate)


def without_booking(gate: Any, name: str, *keys: str) -> None:
    """Fill the form of a person without a booking: keys of lane and reason, NIK, name, phone, Enter."""
    gate.goto("/admin/gate/")
    go(gate, "F2")
    wait_for_focus(gate)
    for key in keys:
        gate.keyboard.press(key)
    if "p" in keys:
        gate.focus("[name=nik]")
    gate.keyboard.type(make_nik())  # birth date and sex come from it
    gate.focus("[name=full_name]")
    gate.keyboard.type(name)
    go(gate, "Enter")


# --- The counter ----------------------------------------------------------------------------------
def sit(page: Any, number: int) -> None:
    page.goto("/admin/counter/")
    press(page, f"form:has-text('Buka Loket {number}') button")


def call(page: Any) -> str:
    """F2; return the number that was called."""
    page.goto("/admin/counter/")
    go(page, "F2")
    return str(page.locator(".visit__head .no").first.inner_text())


def fill_application(page: Any) -> None:
    """What a person without a booking answers at the counter."""
    for name, value in (("reason", "first"), ("product", "electronic_10"), ("purpose", "holiday")):
        page.select_option(f"#{name}", value)


def serve(day: OfficeDay, page: Any, *minutes: tuple[int, int], is_new: bool = False) -> None:
    """Start, all documents seen, and the end of each stage at a time."""
    go(page, "Enter")
    if is_new:
        fill_application(page)
    go(page, "F7")
    for moment in minutes:
        day.at(*moment)
        go(page, "Enter")


def shows(board: Any, number: str, counter: int) -> None:
    """The board comes to show a call by itself."""
    board.wait_for_function(
        """([number, counter]) => document.querySelector("[data-call-number]").textContent === number
            && document.querySelector("[data-call-counter]").textContent === counter""",
        arg=[number, str(counter)],
    )


# --- Balikpapan -----------------------------------------------------------------------------------
@pytest.fixture
def balikpapan(
    new_page: Callable[..., Any],
    set_clock: SetClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> OfficeDay:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    return OfficeDay("balikpapan", "balikpapan.yaml", new_page, set_clock)


def switch_protocol_on(day: OfficeDay, supervisor: Any) -> None:
    """The supervisor puts the last protocol in force again; only its basis is new."""
    day.at(7, 20)
    supervisor.goto("/admin/rules/protocol/")
    supervisor.focus("[name=instrument]")
    supervisor.keyboard.type("SE 12/2026")
    go(supervisor, "Enter")
    assert "Protokol kesehatan di gerbang" in supervisor.inner_text("[aria-labelledby=berlaku]")


def send_home(
    day: OfficeDay, gate: Any, supervisor: Any, booking: Booking, mailbox: Mailbox
) -> None:
    """Over the limit: seated and referred; the task force sends the person home, the booking moves."""
    day.at(7, 50)
    gate.goto("/admin/gate/")
    scan(gate, booking.code)
    screen(gate, "378")
    assert gate.locator("text=Suhu melewati batas").is_visible()
    deliver_due_messages()
    [referred] = [row for row in mailbox.emails if row.kind == "screening_referred"]
    assert referred.to == "satgas.balikpapan@imigrasi.example"
    supervisor.goto("/admin/today/")
    assert booking.applicant.full_name not in referred.text
    assert "Satgas" in supervisor.inner_text("main")

    day.at(8, 2)
    gate.goto("/admin/screening/")
    press(gate, "button[value=sent_home]")
    booking.refresh_from_db()
    assert (booking.status, booking.slot.day > DAY) == (Status.BOOKED, True)
    deliver_due_messages()
    assert booking.code in " ".join(letters_to(mailbox, booking))


def letters_to(mailbox: Mailbox, booking: Booking) -> list[str]:
    assert booking.account is not None
    return [row.text for row in mailbox.emails if row.to == booking.account.email]


def morning(day: OfficeDay, gate: Any, one: Any, two: Any, board: Any, people: dict[str, Any]) -> None:
    """Four people until nine: two with a booking, a pregnant woman and a walk-in."""
    day.at(7, 40)
    assert arrive(gate, people["ayu"]) == "A-001"
    assert arrive(gate, people["lena"]) == "C-001"
    day.at(8, 5)
    sit(one, 1)
    sit(two, 2)
    assert call(one) == "A-001"
    shows(board, "A-001", 1)
    day.at(8, 6)
    assert call(two) == "C-001"
    shows(board, "C-001", 2)
    serve(day, one, (8, 13), (8, 23), (8, 30))
    one.click("text=Tanda terima A-001")
    assert "9 Desember 2026" in one.inner_text(".receipt__due")
    serve(day, two, (8, 14), (8, 25), (8, 32))

    day.at(8, 40)
    without_booking(gate, "Hana Lestari", "p", "1")  # lane P, then the first reason: pregnant
    screen(gate, "366")
    go(gate, "Enter")
    assert ticket_of(gate) == "P-001"
    day.at(8, 44)
    without_booking(gate, "Ima Sari", "w")
    screen(gate, "364")
    go(gate, "Enter")
    assert ticket_of(gate) == "W-001"
    day.at(8, 50)
    assert call(one) == "P-001"
    assert call(two) == "W-001"
    serve(day, one, (8, 58), (9, 8), (9, 14), is_new=True)
    day.at(9, 15)
    serve(day, two, (9, 20), (9, 28), (9, 32), is_new=True)


def test_a_day_at_balikpapan(balikpapan: OfficeDay, mailbox: Mailbox) -> None:
    day = balikpapan
    people = {
        "ayu": day.book("Ayu Lestari", 8),
        "budi": day.book("Budi Wijaya", 8),
        "citra": day.book("Citra Dewi", 8),
        "dewi": day.book("Dewi Anggraini", 9),
        "eko": day.book("Eko Prasetyo", 9),
        "fajar": day.book("Fajar Nugroho", 13),
        "gita": day.book("Gita Permata", 14),
        "lena": day.book("Lena Marlina", 8, lane="accelerated"),
    }
    supervisor, gate = day.sign_in("supervisor"), day.sign_in("gate")
    one, two, lane = day.sign_in("counter"), day.sign_in("counter", 1), day.sign_in("pickup")
    board = day.board()
    switch_protocol_on(day, supervisor)
    send_home(day, gate, supervisor, people["budi"], mailbox)
    morning(day, gate, one, two, board, people)
