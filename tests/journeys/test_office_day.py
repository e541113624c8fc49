"""A whole day at two offices: gate, counters, drive-thru lane, board, closing; then every figure of the day.

Each officer has a browser and acts with real keys. Between two acts only the clock moves and beat's tasks run.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from booking.bookings.models import Booking
from booking.statuses import Status
from counters.gate.models import GateRefusal
from counters.pickup.models import Pickup
from counters.production.models import BookStatus, PassportBook
from counters.visits.models import CounterSession, Visit, VisitStatus
from devtools.demo import Credential, load_people
from notices.tasks import deliver_due_messages
from offices.directory.models import Office
from ops.verification.services import verify
from quotas.places.models import Slot
from reports.load.tasks import refresh_load
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
            office=self.office,
            lane=lane,
            group__code=group,
            starts_at=self.office.at(DAY, time(hour)),
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
    page.wait_for_function("() => document.activeElement !== document.body")


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
    go(gate, "F3")
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
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile(rf"^Buka Loket {number}\b")).click()


def call(page: Any) -> str:
    """F2; return the number that was called."""
    page.goto("/admin/counter/")
    go(page, "F2")
    return str(page.locator(".visit__head .no").first.inner_text())


def fill_application(page: Any) -> None:
    """What a person without a booking answers at the counter."""
    for name, value in (("reason", "first"), ("product", "electronic_10"), ("purpose", "holiday")):
        page.select_option(f"#{name}", value)


def begin(page: Any, *, is_new: bool = False) -> None:
    """The called person has come: start, and all documents are seen."""
    go(page, "Enter")
    if is_new:
        fill_application(page)
    go(page, "F7")


def finish_stages(day: OfficeDay, *ends: tuple[int, int, Any]) -> None:
    """Enter at the end of each stage: hour, minute, the counter's page."""
    for hour, minute, page in ends:
        day.at(hour, minute)
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


def first_hour(
    day: OfficeDay, gate: Any, one: Any, two: Any, board: Any, people: dict[str, Booking]
) -> None:
    """One with a booking and one of the accelerated lane, at two counters at once."""
    day.at(7, 40)
    assert arrive(gate, people["ayu"]) == "A-001"
    assert arrive(gate, people["lena"]) == "C-001"
    day.at(8, 1)
    sit(one, 1)
    sit(two, 2)
    day.at(8, 5)
    assert call(one) == "A-001"
    shows(board, "A-001", 1)
    begin(one)
    day.at(8, 6)
    assert call(two) == "C-001"
    shows(board, "C-001", 2)
    begin(two)
    finish_stages(
        day, (8, 13, one), (8, 14, two), (8, 23, one), (8, 25, two), (8, 30, one), (8, 32, two)
    )
    one.click("text=Tanda terima A-001")
    assert "9 Desember 2026" in one.inner_text(".receipt__due").replace("\xa0", " ")
    assert "Ayu Lestari" in one.inner_text(".receipt")


def without_bookings(day: OfficeDay, gate: Any, one: Any, two: Any) -> None:
    """A pregnant woman in the priority lane, and somebody who just came."""
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
    begin(one, is_new=True)
    day.at(8, 51)
    assert call(two) == "W-001"
    begin(two, is_new=True)


def late_behind_those_present(
    day: OfficeDay, gate: Any, one: Any, two: Any, people: dict[str, Booking]
) -> None:
    """Somebody of eight o'clock comes at 9.35, beyond the tolerance, after somebody of nine o'clock."""
    day.at(8, 54)
    assert arrive(gate, people["dewi"]) == "A-002"
    finish_stages(
        day, (8, 58, one), (9, 0, two), (9, 8, one), (9, 9, two), (9, 14, one), (9, 16, two)
    )
    day.at(9, 35)
    gate.goto("/admin/gate/")
    scan(gate, people["citra"].code)
    assert gate.locator("[data-verdict=over]").is_visible()
    go(gate, "Enter")  # looked at, confirmed
    screen(gate, "362")
    go(gate, "Enter")
    assert ticket_of(gate) == "A-003"
    day.at(9, 40)
    assert call(one) == "A-002"
    begin(one)
    day.at(9, 41)
    assert call(two) == "A-003"
    begin(two)
    finish_stages(day, (9, 48, one), (9, 51, two))


def camera_fails(day: OfficeDay, one: Any, two: Any, board: Any) -> None:
    """At ten o'clock counter 1 has no camera: its visit goes to counter 2 for the photo."""
    day.at(10)
    go(one, "F9")
    wait_for_focus(one)
    one.focus("[name=reason]")
    one.keyboard.type("layar gelap")
    go(one, "F6")
    assert "Kamera 1" in one.inner_text(".flag--bad")
    board.reload()
    assert "Loket 1 sedang tidak dapat mengambil foto." in board.inner_text("[data-news-text]")
    finish_stages(day, (10, 2, one), (10, 3, two))
    go(one, "Enter", "Enter")  # on to any counter for the photo, with the reason that is proposed
    go(one, "F2")
    assert one.locator("text=Tidak ada yang menunggu untuk loket ini.").is_visible()
    finish_stages(day, (10, 12, two))
    assert call(two) == "A-002"
    shows(board, "A-002", 2)
    go(two, "Enter")
    finish_stages(day, (10, 20, two))
    day.at(11)
    one.goto("/admin/counter/outage/")
    with one.expect_navigation():
        one.keyboard.press("1")
    board.reload()
    assert "mengambil foto" not in board.inner_text("[data-news-text]")


def passport_of_the_day(
    day: OfficeDay, lane: Any, supervisor: Any, booking: Booking, mailbox: Mailbox
) -> None:
    """The accelerated passport: printed, checked by somebody else, ready, collected by car at two."""
    number = make_book_number()
    day.at(11, 10)
    lane.goto("/admin/production/")
    scan(lane, number)
    day.at(11, 20)
    supervisor.goto("/admin/production/")
    go(supervisor, "Enter")
    scan(supervisor, "A3")
    book = PassportBook.objects.get(visit__booking=booking)
    assert (book.status, book.book_number, book.shelf) == (BookStatus.READY, number, "A3")

    day.at(11, 27)
    deliver_due_messages()
    assert len(letters_to(mailbox, booking)) == 2  # booked, ready
    owner = day.new_page()
    visitor = Client()
    visitor.force_login(booking.account)
    cookie = visitor.cookies[settings.SESSION_COOKIE_NAME]
    owner.context.add_cookies(
        [{"name": cookie.key, "value": cookie.value, "domain": "localhost", "path": "/"}]
    )
    owner.goto(f"/pickup/{booking.code}/")
    owner.check(".slot:has(b:text-matches('^14')) input >> nth=0")
    owner.fill("[name=plate]", "KT 1234 AB")
    press(owner, "main .dock button")
    assert "KT1234AB" in owner.inner_text(".banner--good >> nth=-1")

    day.at(14, 5)
    lane.goto("/admin/pickup/")
    lane.focus("a[href*='/drive-thru/']")
    go(lane, "Enter")
    scan(lane, "kt 1234 ab")
    scan(lane, number)
    go(lane, "Enter")
    assert lane.url.endswith("/admin/pickup/drive-thru/")
    taken = Pickup.objects.get()
    assert (taken.book, taken.where, taken.right) == (book, Pickup.Where.DRIVE_THRU, "self")


def afternoon(day: OfficeDay, gate: Any, one: Any, two: Any, people: dict[str, Booking]) -> None:
    """Two come before closing; one counter has left, the other one is still busy at three."""
    day.at(13, 50)
    assert arrive(gate, people["fajar"]) == "A-004"
    day.at(14, 10)
    assert arrive(gate, people["gita"]) == "A-005"
    day.at(14, 30)
    one.goto("/admin/counter/")
    press(one, "form[action*='/counter/leave/'] button")
    day.at(14, 45)
    assert call(two) == "A-004"
    begin(two)
    finish_stages(day, (14, 54, two))


def close_the_day(
    day: OfficeDay, two: Any, supervisor: Any, people: dict[str, Booking], mailbox: Mailbox
) -> None:
    """At 15.02 one is moved to the first place of a later day, one is finished in overtime."""
    day.at(15, 2)
    served, moved = (Visit.objects.get(booking=people[name]) for name in ("fajar", "gita"))
    supervisor.goto("/admin/closing/")
    supervisor.select_option(f"#action-{served.pk}", "overtime")
    supervisor.select_option(f"#action-{moved.pk}", "tomorrow")
    with supervisor.expect_navigation():
        supervisor.keyboard.press("F6")
    assert supervisor.locator("text=2 keputusan dicatat.").is_visible()
    moved.refresh_from_db()
    booking = people["gita"]
    booking.refresh_from_db()
    assert (moved.status, booking.status) == (VisitStatus.UNSERVED, Status.BOOKED)
    assert booking.slot.day == DAY + timedelta(days=1)
    before = len(letters_to(mailbox, booking))
    deliver_due_messages()
    assert len(letters_to(mailbox, booking)) == before + 1

    finish_stages(day, (15, 10, two), (15, 20, two))
    day.at(15, 30)
    supervisor.goto("/admin/closing/")
    with supervisor.expect_navigation():
        supervisor.keyboard.press("F6")
    assert supervisor.locator("text=Hari ditutup").first.is_visible()
    assert not CounterSession.objects.filter(closed_at=None).exists()


BALIKPAPAN = {
    "planned": 75,
    "released": 75,
    "booked": 5,  # of eight, one is accelerated, one went home with a fever, one is moved at closing
    "arrived": 5,  # with the one who was moved, without the no-show
    "served": 7,
    "no_show": 1,
    "walk_in": 1,
    "priority": 1,
    "within_two_hours": 1.0,
    "outage_minutes": 60,
    "backlog": 2,  # one in overtime, one moved after closing
    "official_guests": 0,
    "accelerated": 1,
    "screened": 9,
    "referred": 1,
    "sent_home": 1,
    "unserved_late": 0,
}
# Waits 5, 6, 6, 7, 10, 40, 55; visits 30, 32, 32, 34, 37, 80, 90. Real seconds pass between keys.
BALIKPAPAN_MINUTES = {
    "wait_p50": 7,
    "wait_p95": 50.5,
    "visit_p50": 34,
    "visit_p95": 87,
    "overtime_minutes": 20,
}


def report_on_page(day: OfficeDay, supervisor: Any) -> dict[str, str]:
    """The figures of the day on the supervisor's report page, which has one column more."""
    refresh_load()
    period = f"offices={day.office.code}&first={DAY}&last={DAY}"
    supervisor.goto(f"/admin/reports/daily-load/?{period}")
    cells = supervisor.locator(f"tr[data-key='{DAY}'] td[data-column]").all()
    return {cell.get_attribute("data-column"): cell.inner_text().strip() for cell in cells}


def check_figures(
    day: OfficeDay, supervisor: Any, counts: dict[str, Any], minutes: dict[str, float]
) -> None:
    """Compare every figure of API and page with what happened, and check every law."""
    figures = day.figures()
    assert {name: figures[name] for name in counts} == counts
    assert {name: figures[name] for name in minutes} == pytest.approx(minutes, abs=0.9)
    assert set(figures) == {"office", "date", *counts, *minutes}
    shown = report_on_page(day, supervisor)
    assert shown.pop("spare") == str(counts["released"] - counts["arrived"])
    assert shown.pop("within_two_hours") == "100,0"
    numbers = {
        name: int(text) for name, text in shown.items() if name in figures
    }  # the page shows whole minutes
    assert numbers == pytest.approx({name: figures[name] for name in numbers}, abs=0.5)
    assert set(figures) - set(numbers) == {"office", "date", "within_two_hours"}
    deliver_due_messages()
    assert [row for row in verify(now=day.office.at(DAY, time(16))) if row.breaches] == []


@pytest.mark.slow
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
    first_hour(day, gate, one, two, board, people)
    without_bookings(day, gate, one, two)
    late_behind_those_present(day, gate, one, two, people)
    camera_fails(day, one, two, board)
    passport_of_the_day(day, lane, supervisor, people["lena"], mailbox)
    afternoon(day, gate, one, two, people)
    close_the_day(day, two, supervisor, people, mailbox)
    people["eko"].refresh_from_db()
    assert people["eko"].status == Status.NO_SHOW
    check_figures(day, supervisor, BALIKPAPAN, BALIKPAPAN_MINUTES)


# --- Jakarta Selatan ------------------------------------------------------------------------------
@pytest.fixture
def jakarta(
    new_page: Callable[..., Any],
    set_clock: SetClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> OfficeDay:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    return OfficeDay("jaksel", "jakarta-selatan.yaml", new_page, set_clock)


def three_floors(
    day: OfficeDay, gate: Any, counters: list[Any], boards: list[Any], people: dict[str, Booking]
) -> None:
    """A citizen on floor 2, a foreigner on floor 3, each called on the board of the own hall."""
    citizens, foreigners, _room = counters
    day.at(7, 40)
    for name, number, hall in (
        ("nur", "A-001", "Ruang WNI, lantai 2"),
        ("kim", "A-002", "Ruang WNA, lantai 3"),
    ):
        gate.goto("/admin/gate/")
        scan(gate, people[name].code)  # no protocol is in force: the scan is the check-in
        assert ticket_of(gate) == number
        assert hall in gate.inner_text(".facts3")
    day.at(8, 1)
    for page, counter in zip(counters, (1, 7, 9), strict=True):
        sit(page, counter)
    day.at(8, 5)
    assert call(citizens) == "A-001"
    shows(boards[0], "A-001", 1)
    begin(citizens)
    day.at(8, 6)
    assert call(foreigners) == "A-002"
    shows(boards[1], "A-002", 7)
    assert "A-001" not in boards[1].inner_text("body")
    assert "A-002" not in boards[0].inner_text("body")
    begin(foreigners)
    assert foreigners.locator("option[value=umrah]").count() == 0


def priority_room(day: OfficeDay, gate: Any, room: Any) -> None:
    """A pregnant woman is admitted although walk-ins are off, and called to the room on floor 1."""
    day.at(8, 10)
    without_booking(gate, "Hana Lestari", "p", "1")
    assert ticket_of(gate) == "P-001"
    assert "Ruang Prioritas, lantai 1" in gate.inner_text(".facts3")
    day.at(8, 15)
    assert call(room) == "P-001"
    begin(room, is_new=True)


def refused_at_the_gate(day: OfficeDay, gate: Any) -> Booking:
    """No walk-ins, no companions: each refusal has its reason, and an hour is booked on the spot."""
    day.at(8, 18)
    gate.goto("/admin/gate/")
    go(gate, "F3")
    assert gate.locator("[name=lane][value=walk_in]").is_disabled()
    press(gate, "main a:has-text('Tidak bisa masuk')")
    go(gate, "Enter")
    nik = make_nik()
    gate.fill("[name=nik]", nik)
    for name, value in (("day", "6"), ("month", "2"), ("year", "1990")):
        gate.fill(f"[name=birth_date_{name}]", value)
    gate.check("[name=sex][value=female]")
    gate.focus("[name=full_name]")
    gate.keyboard.type("Ima Sari")
    go(gate, "Enter")
    gate.goto("/admin/gate/turn-away/?kind=companion")
    go(gate, "Enter")
    rows = GateRefusal.objects.filter(office=day.office).order_by("pk")
    assert [(row.kind, row.reason.code) for row in rows] == [
        ("walk_in", "walk_in_off"),
        ("companion", "companion_off"),
    ]
    return Booking.objects.get(applicant__full_name="Ima Sari")


def close_with_open_counters(day: OfficeDay, supervisor: Any) -> None:
    """Nobody left a counter: closing ends them at their last act, so that nothing is overtime."""
    day.at(15, 10)
    supervisor.goto("/admin/closing/")
    with supervisor.expect_navigation():
        supervisor.keyboard.press("F6")
    assert supervisor.locator("text=Hari ditutup").first.is_visible()
    ends: list[Any] = list(CounterSession.objects.values_list("closed_at", flat=True))
    assert len(ends) == 3
    assert max(ends) < day.office.at(DAY, time(9, 33))


JAKARTA = {
    "planned": 150,
    "released": 150,
    "booked": 4,  # one of them on the spot, after she was refused as a walk-in
    "arrived": 3,
    "served": 4,
    "no_show": 1,
    "walk_in": 0,
    "priority": 1,
    "within_two_hours": 1.0,
    "outage_minutes": 0,
    "backlog": 0,
    "official_guests": 0,
    "accelerated": 0,
    "screened": 0,
    "referred": 0,
    "sent_home": 0,
    "unserved_late": 0,
}
# Waits 5, 5, 6, 9; visits 28, 29, 30, 32.
JAKARTA_MINUTES = {
    "wait_p50": 5.5,
    "wait_p95": 8.6,
    "visit_p50": 29.5,
    "visit_p95": 31.7,
    "overtime_minutes": 0,
}


def test_a_day_at_jakarta_selatan(jakarta: OfficeDay) -> None:
    day = jakarta
    korean = {
        "identity_kind": "passport",
        "identity_number": "M12345678",
        "nationality": "KR",
    }
    people = {
        "nur": day.book("Nur Halimah", 8),
        "eko": day.book("Eko Prasetyo", 9),
        "kim": day.book("Kim Min-ji", 8, service="stay_permit", **korean),
    }
    supervisor, gate = day.sign_in("supervisor"), day.sign_in("gate")
    counters = [day.sign_in("counter", number) for number in range(3)]
    citizens, foreigners, room = counters
    boards = [day.board("lantai-2/"), day.board("lantai-3/")]
    three_floors(day, gate, counters, boards, people)
    priority_room(day, gate, room)
    finish_stages(day, (8, 16, citizens), (8, 17, foreigners))
    with_an_hour = refused_at_the_gate(day, gate)
    finish_stages(day, (8, 22, citizens), (8, 23, room), (8, 24, foreigners), (8, 28, citizens))
    finish_stages(day, (8, 30, foreigners), (8, 33, room), (8, 39, room))
    day.at(8, 55)
    gate.goto("/admin/gate/")
    scan(gate, with_an_hour.code)
    assert ticket_of(gate) == "A-003"
    day.at(9, 9)
    assert call(citizens) == "A-003"
    begin(citizens, is_new=True)
    finish_stages(day, (9, 16, citizens), (9, 25, citizens), (9, 32, citizens))
    close_with_open_counters(day, supervisor)
    people["eko"].refresh_from_db()
    assert people["eko"].status == Status.NO_SHOW
    check_figures(day, supervisor, JAKARTA, JAKARTA_MINUTES)
