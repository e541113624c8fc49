"""An application at Palembang's office, from the Friday release to the collected passport.

Everyone uses a browser. Between two steps only the clock moves and beat's tasks run.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.management import call_command
from rest_framework.test import APIClient

from booking.bookings.tasks import queue_reminders
from core import clock
from counters.pickup.models import Pickup
from counters.production.models import PassportBook
from counters.service.tasks import mark_no_shows
from devtools.demo import Credential, load_people
from notices.tasks import deliver_due_messages
from offices.directory.models import Office
from ops.verification.services import verify
from quotas.places.models import Slot
from quotas.windows.tasks import open_due_windows
from reports.load.services import rebuild
from tests.builders import make_booking, make_nik
from tests.conftest import Mailbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

WIB = ZoneInfo("Asia/Jakarta")
RELEASE = datetime(2026, 11, 27, 14, tzinfo=WIB)  # a Friday
SERVICE_DAY = date(2026, 12, 3)  # the Thursday after it
DUE = date(2026, 12, 9)  # four working days later
APPLICANT = "siti@contoh.id"
BOOKLET = "X1234567"
ADDRESS = re.compile(r"https?://[^/\s]+(/\S+)")
SetClock = Callable[[datetime], None]


def on(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), WIB)


class People:
    """Everyone in the story, each with a browser."""

    def __init__(self, new_page: Callable[..., Any], sign_ins: list[Credential]) -> None:
        self.new_page = new_page
        self.sign_ins = {row.role: row for row in sign_ins if row.office in ("palembang", "")}

    def applicant(self) -> Any:
        return self.new_page(java_script_enabled=False)

    def officer(self, role: str) -> Any:
        """Sign an officer in at the admin site with the demo's password."""
        page = self.new_page(viewport={"width": 1280, "height": 800})
        page.goto("/admin/")
        page.fill("[name=login]", self.sign_ins[role].email)
        page.fill("[name=password]", self.sign_ins[role].password)
        press(page, "main form .dock button")
        assert "/admin/" in page.url
        return page


@pytest.fixture
def people(
    new_page: Callable[..., Any],
    set_clock: SetClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> People:
    """Palembang as in its scenario, ten minutes before the release."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    before = RELEASE - timedelta(minutes=10)
    set_clock(before)
    call_command("load_scenario", Path(settings.BASE_DIR) / "scenarios" / "palembang.yaml")
    return People(new_page, load_people(now=before))


def send(page: Any) -> None:
    page.click("main .dock button")


def deliver(mailbox: Mailbox, kind: str, address: str) -> list[Any]:
    """Run the delivery twice, as workers may, and return this address's messages of a kind."""
    deliver_due_messages()
    deliver_due_messages()
    return [email for email in mailbox.emails if (email.kind, email.to) == (kind, address)]


def state_of(page: Any, day: date) -> tuple[str, str]:
    """Return a day's status in the office's calendar, and its visible reason."""
    page.goto("/offices/palembang/?service_type=new")
    cell = page.locator(f".day:has(time[datetime='{day}'])")
    return cell.get_attribute("data-state"), cell.locator(".day__why").inner_text()


def sign_up(page: Any, mailbox: Mailbox) -> None:
    """Register with consent to reminders, and confirm the address by the link in the message."""
    page.goto("/akun/signup/")
    page.fill("[name=full_name]", "Siti Rahmawati")
    page.fill("[name=email]", APPLICANT)
    page.fill("[name=password1]", "pagi-hujan-88")
    page.check("[name=reminders]")
    page.click("main .dock button")
    page.fill("[name=password]", "pagi-hujan-88")
    page.click("main .dock button")
    (email,) = deliver(mailbox, "account_confirm_address", APPLICANT)
    link = next(path for path in ADDRESS.findall(email.text) if "confirm" in path)
    page.goto(link)
    page.locator("main form button").click()


def prepare(page: Any) -> None:
    """Add the user as a person, and fill in the application."""
    page.goto("/people/add/")
    page.fill("[name=full_name]", "Siti Rahmawati")
    page.fill("[name=nik]", make_nik())
    for name, value in (("day", "6"), ("month", "2"), ("year", "1990")):
        page.fill(f"[name=birth_date_{name}]", value)
    page.check("[name=sex][value=female]")
    send(page)
    page.click("main h2 a[href*='/new/']")
    for question, answer in (("product", "electronic_10"), ("purpose", "holiday")):
        page.check(f"[name={question}][value={answer}]")
        send(page)
    for box in page.locator("[name=documents]").all():
        box.check()
    send(page)
    page.check("[name=declaration]")
    send(page)


def book(page: Any) -> str:
    """Choose the first slot of the day and book it; return the ticket's code."""
    page.click(f".day:has(time[datetime='{SERVICE_DAY}']) a")
    page.check("[name=slot] >> nth=0")
    send(page)
    send(page)
    assert page.locator(".ticket").count() == 1
    return str(page.inner_text(".ticket__code"))


def check_in(gate: Any, code: str) -> str:
    """Scan the code: a person who is on time is checked in at once. Return the queue number."""
    gate.goto("/admin/gate/")
    gate.fill("[name=code]", code.lower())
    with gate.expect_navigation():
        gate.keyboard.press("Enter")
    return str(gate.inner_text(".visit__head .no"))


def walk_in(gate: Any) -> str:
    gate.goto("/admin/gate/walk-in/")
    gate.fill("[name=full_name]", "Budi Santoso")
    gate.fill("[name=nik]", make_nik(is_woman=False))
    for name, value in (("day", "6"), ("month", "2"), ("year", "1990")):
        gate.fill(f"[name=birth_date_{name}]", value)
    gate.check("[name=sex][value=male]")
    gate.click("form:has([name=nik]) .btn--main")
    return str(gate.inner_text(".visit__head .no"))


def press(page: Any, what: str) -> None:
    """Press a button of the counter and wait for the next screen."""
    with page.expect_navigation():
        page.click(what)


def serve(counter: Any, set_clock: SetClock, *, called: datetime, minutes: list[int]) -> None:
    """Call the next person and complete documents, interview and photo."""
    set_clock(called)
    counter.goto("/admin/counter/")
    press(counter, "form[action*='/counter/next/'] button")
    press(counter, "form[action*='/start/'] button")
    for box in counter.locator("[name=documents]").all():
        box.check()
    for answer in counter.locator(".answers select").all():
        if not answer.input_value():  # a walk-in's application is filled in at the counter
            answer.select_option(index=1)
    moment = called
    for stage, length in enumerate(minutes, start=1):
        moment += timedelta(minutes=length)
        set_clock(moment)
        last = stage == len(minutes)
        press(counter, f".keys [name=go][value={'end' if last else 'finish'}]")


def make_passport(pickup: Any, supervisor: Any, set_clock: SetClock) -> None:
    """Print on the next day; the supervisor checks and marks as ready on the last but one."""
    for officer, verb, moment, typed in (
        (pickup, "printed", on(date(2026, 12, 4), 9), {"book_number": BOOKLET}),
        (supervisor, "checked", on(date(2026, 12, 7), 9), {}),
        (pickup, "ready", on(date(2026, 12, 8), 9), {"shelf": "A1"}),
    ):
        set_clock(moment)
        officer.goto("/admin/production/")
        for name, text in typed.items():
            officer.fill(f"[name={name}]", text)
        press(officer, f"form[action*='/{verb}/'] button >> nth=0")
    set_clock(on(date(2026, 12, 8), 9, 6))


def hand_over(pickup: Any, code: str) -> None:
    pickup.goto("/admin/pickup/")
    for name, text in (("words", code), ("book_number", BOOKLET)):
        pickup.fill(f"[name={name}]", text)
        with pickup.expect_navigation():
            pickup.keyboard.press("Enter")
    with pickup.expect_navigation():
        pickup.keyboard.press("F6")


def figures_by_program(sign_in: Credential) -> dict[str, Any]:
    """Return the figures of the day from the API."""
    client = APIClient()
    known = {"email": sign_in.email, "password": sign_in.password}
    token = client.post("/api/v1/auth/token/", known).json()["token"]
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    period = {"office": "palembang", "from": SERVICE_DAY, "to": SERVICE_DAY}
    (figures,) = client.get("/api/v1/reports/daily-load/", period).json()
    return dict(figures)


def report_on_page(page: Any) -> dict[str, str]:
    """Return the figures of the day from the supervisor's report page."""
    offices = list(Office.objects.filter(code="palembang"))
    rebuild(offices=offices, first=SERVICE_DAY, last=SERVICE_DAY, now=clock.now())
    page.goto(
        f"/admin/reports/daily-load/?offices=palembang&first={SERVICE_DAY}&last={SERVICE_DAY}"
    )
    row = page.locator(f"tr[data-key='{SERVICE_DAY}']")
    cells = row.locator("td[data-column]").all()
    return {cell.get_attribute("data-column"): cell.inner_text().strip() for cell in cells}


def serve_both(people: People, set_clock: SetClock, code: str) -> None:
    """Check in and serve the applicant and a walk-in."""
    # Thursday: checked in at 8.05, called at 8.20, finished at 8.45.
    set_clock(on(SERVICE_DAY, 8, 5))
    gate, counter = people.officer("gate"), people.officer("counter")
    assert check_in(gate, code) == "A-001"
    counter.goto("/admin/counter/")
    press(counter, "form[action*='/take/'] button >> nth=0")
    serve(counter, set_clock, called=on(SERVICE_DAY, 8, 20), minutes=[8, 10, 6])
    assert PassportBook.objects.get().due_on == DUE

    # In the afternoon a walk-in comes, and is served after closing.
    set_clock(on(SERVICE_DAY, 14, 50))
    assert walk_in(gate).startswith("W-")
    serve(counter, set_clock, called=on(SERVICE_DAY, 15, 5), minutes=[5, 5, 5])
    set_clock(on(SERVICE_DAY, 15, 20))
    counter.keyboard.press("F1")
    press(counter, "form[action*='/counter/leave/'] button")
    set_clock(on(SERVICE_DAY, 15, 30))
    mark_no_shows()


def collect(people: People, set_clock: SetClock, mailbox: Mailbox, code: str) -> None:
    """Make the passport and hand it over."""
    # The passport is printed, checked and ready; its owner is notified and collects it.
    pickup = people.officer("pickup")
    make_passport(pickup, people.officer("supervisor"), set_clock)
    assert len(deliver(mailbox, "passport_ready", APPLICANT)) == 1
    set_clock(on(DUE, 10))
    hand_over(pickup, code)
    taken = Pickup.objects.get()
    assert (taken.collector_name, taken.right) == ("Siti Rahmawati", Pickup.Right.SELF)
    assert taken.book.visit.booking.code == code


def test_an_application_goes_from_release_to_collection(
    people: People, set_clock: SetClock, mailbox: Mailbox
) -> None:
    # Friday 13.50: not open yet, and the page shows the opening.
    siti = people.applicant()
    sign_up(siti, mailbox)
    prepare(siti)
    state, why = state_of(siti, SERVICE_DAY)
    assert state == "not_yet_open"
    assert why == "Dibuka Jum 27\xa0Nov, 14.00"

    # 14.00: open by the clock alone. The later task only notifies the supervisor, once.
    set_clock(RELEASE + timedelta(seconds=1))
    assert state_of(siti, SERVICE_DAY)[0] == "open"
    open_due_windows()
    open_due_windows()
    assert len(deliver(mailbox, "window_opened", people.sign_ins["supervisor"].email)) == 1

    code = book(siti)
    (confirmed,) = deliver(mailbox, "booking_confirmed", APPLICANT)
    assert code in confirmed.text
    make_booking(
        Slot.objects.get(lane="online", starts_at=on(SERVICE_DAY, 9)),
        now=RELEASE + timedelta(hours=1),
    )

    # The day before at 9.00: one reminder.
    set_clock(on(SERVICE_DAY - timedelta(days=1), 8, 55))
    queue_reminders()
    assert deliver(mailbox, "booking_reminder", APPLICANT) == []
    set_clock(on(SERVICE_DAY - timedelta(days=1), 9, 5))
    queue_reminders()
    queue_reminders()
    (reminder,) = deliver(mailbox, "booking_reminder", APPLICANT)
    assert code in reminder.text

    serve_both(people, set_clock, code)
    collect(people, set_clock, mailbox, code)

    # The supervisor's report matches the events of that day.
    check_report(people.officer("supervisor"), people.sign_ins["supervisor"])
    assert [finding.law for finding in verify(now=on(DUE, 11)) if finding.breaches] == []


COUNTS = {
    "planned": 75,
    "released": 75,
    "booked": 2,
    "arrived": 1,
    "served": 2,
    "no_show": 1,
    "walk_in": 1,
    "priority": 0,
    "within_two_hours": 1.0,
    "outage_minutes": 0,
    "backlog": 1,
    "official_guests": 0,
    "accelerated": 0,
    "screened": 0,
    "referred": 0,
    "sent_home": 0,
    "unserved_late": 0,
}
# Real seconds pass while buttons are pressed: minutes are exact to half a minute.
MINUTES = {
    "wait_p50": 15,
    "wait_p95": 15,
    "visit_p50": 34.5,
    "visit_p95": 38.6,
    "overtime_minutes": 20,
}


def check_report(supervisor: Any, sign_in: Credential) -> None:
    """Compare the figures of page and API with the events of the day."""
    figures = figures_by_program(sign_in)
    assert {name: figures[name] for name in COUNTS} == COUNTS
    assert {name: figures[name] for name in MINUTES} == pytest.approx(MINUTES, abs=0.7)

    shown = report_on_page(supervisor)
    assert shown.pop("spare") == "74"
    assert shown.pop("within_two_hours") == "100,0"
    numbers = {
        name: int(text) for name, text in shown.items() if name in figures
    }  # the page shows whole minutes
    assert numbers == pytest.approx({name: figures[name] for name in numbers}, abs=0.5)
    assert set(figures) - set(numbers) == {"office", "date", "within_two_hours"}
