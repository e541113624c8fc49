"""Real faults: processes of a running office are killed, and nothing is lost or sent twice."""

import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from uuid import uuid4

import pytest

from tests.builders import make_nik
from tests.stacks import Stack, wait_until, wait_until_gone

# `make test` kills processes of a running office too (test_run.py); these wait for beat and for a release.
pytestmark = [pytest.mark.xdist_group("stack"), pytest.mark.slow]

WIB = timezone(timedelta(hours=7))
RELEASE = datetime(2026, 6, 5, 14, tzinfo=WIB)  # a Friday; the next release is a week later
WEEK = timedelta(weeks=1)
LEAD = timedelta(seconds=45)
SUPERVISOR = "pengawas.palembang@imigrasi.example"
# Beat runs every five seconds; a busy machine takes longer.
BEAT = 6
SOON = 60


@pytest.fixture
def stack(office_stack: Stack) -> Stack:
    """A running office with data; it starts shortly before the release."""
    if not office_stack.is_running:
        office_stack.open_at(RELEASE - LEAD)
    return office_stack


@dataclass
class Account:
    """An API client that signs up, adds a person and books."""

    stack: Stack
    email: str
    token: str

    @classmethod
    def open(cls, stack: Stack) -> "Account":
        email = f"warga{uuid4().hex[:8]}@contoh.id"
        return cls(stack, email, stack.sign_up(email))

    def book(self, office: str) -> str:
        """Take the first free slot in the office's calendar; return the booking's code."""
        slot = first_open_slot(self.stack, office)
        person = {
            "full_name": "Siti Rahmawati",
            "nik": f"{make_nik()[:12]}{uuid4().int % 9000 + 1000}",
            "birth_date": "1990-02-06",
            "sex": "female",
        }
        status, applicant = self.stack.api("POST", "applicants/", person, token=self.token)
        assert status == 201, applicant
        wanted = {"slot": slot, "applicants": [applicant["id"]], "service_type": "new"}
        status, party = self.stack.api("POST", "bookings/", wanted, token=self.token)
        assert status == 201, party
        return str(party["bookings"][0]["code"])

    def confirmations(self, code: str) -> int:
        emails = self.stack.emails(kind="booking_confirmed", to=self.email)
        return sum(code in each["text"] for each in emails)

    def status_of(self, code: str) -> str:
        status, booking = self.stack.api("GET", f"bookings/{code}/", token=self.token)
        assert status == 200, booking
        return str(booking["status"])


def calendar(stack: Stack, office: str) -> list[dict[str, str]]:
    today = stack.now.astimezone(WIB).date()
    period = {"from": str(today), "to": str(today + timedelta(days=21)), "service_type": "new"}
    status, answer = stack.api("GET", f"offices/{office}/calendar/", **period)
    assert status == 200, answer
    return list(answer["days"])


def first_open_slot(stack: Stack, office: str) -> int:
    day = next(row["date"] for row in calendar(stack, office) if row["status"] == "open")
    _status, answer = stack.api("GET", f"offices/{office}/slots/", date=day, service_type="new")
    slots = answer["slots"] if isinstance(answer, dict) else answer
    return next(int(slot["id"]) for slot in slots if slot["status"] == "open")


def assert_laws_hold(stack: Stack) -> None:
    result = stack.manage("verify", "--json")
    findings = json.loads(result.stdout)
    assert [row for row in findings if row["breaches"]] == []
    assert result.returncode == 0


def kill_the_worker_shortly_before_a_release(stack: Stack) -> datetime:
    """Kill the worker; if the start took too long, restart the office before the next release."""
    release, lead = RELEASE, LEAD
    while True:
        if stack.now < release:
            stack.freeze()
            stack.kill("Worker")
        if stack.now < release:
            return release
        stack.thaw()
        stack.stop()
        release, lead = release + WEEK, lead * 2
        stack.open_at(release - lead)


def test_without_a_worker_the_window_opens_and_messages_follow(stack: Stack) -> None:
    release = kill_the_worker_shortly_before_a_release(stack)
    announcements = len(stack.emails(kind="window_opened", to=SUPERVISOR))
    monday = str((release + timedelta(days=3)).date())
    (before,) = [row for row in calendar(stack, "palembang") if row["date"] == monday]
    assert before["status"] == "not_yet_open"
    time.sleep(
        max(0.0, (release - stack.now).total_seconds()) + 1.5
    )  # public responses may be a second old

    (after,) = [row for row in calendar(stack, "palembang") if row["date"] == monday]
    assert after["status"] == "open"
    account = Account.open(stack)
    code = account.book("palembang")
    time.sleep(BEAT)  # no worker delivers
    assert account.confirmations(code) == 0
    assert len(stack.emails(kind="window_opened", to=SUPERVISOR)) == announcements

    stack.thaw()
    wait_until(
        lambda: account.confirmations(code), seconds=SOON, what="no e-mail about the booking"
    )
    wait_until(
        lambda: len(stack.emails(kind="window_opened", to=SUPERVISOR)) > announcements,
        seconds=SOON,
        what="no e-mail about the opening",
    )
    time.sleep(BEAT)
    assert account.confirmations(code) == 1
    assert len(stack.emails(kind="window_opened", to=SUPERVISOR)) == announcements + 1
    assert_laws_hold(stack)


def test_a_booking_survives_a_power_cut_a_second_later(stack: Stack) -> None:
    account = Account.open(stack)
    code = account.book("balikpapan")
    time.sleep(1)
    moment = stack.now
    wait_until_gone(stack.kill_everything())

    # A killed worker's message is taken over when its two-minute lease expires.
    stack.open_at(moment + timedelta(minutes=3))
    assert account.status_of(code) == "booked"
    wait_until(
        lambda: account.confirmations(code), seconds=SOON, what="no e-mail about the booking"
    )
    time.sleep(BEAT)
    assert account.confirmations(code) == 1
    assert_laws_hold(stack)
    assert "Traceback" not in stack.output()


def test_without_redis_pages_and_bookings_work(stack: Stack) -> None:
    account = Account.open(stack)
    stack.freeze()
    stack.kill("Valkey")
    for path in ("/", "/offices/", "/offices/balikpapan/", "/akun/login/"):
        assert stack.page(path) == 200, path
    assert stack.page("/healthz") == 200
    wait_until(
        lambda: stack.page("/readyz") == 503, seconds=10, what="readiness hides that Redis is away"
    )
    code = account.book("balikpapan")
    assert account.status_of(code) == "booked"
    time.sleep(BEAT)
    assert account.confirmations(code) == 0

    stack.thaw()
    wait_until(lambda: stack.page("/readyz") == 200, seconds=SOON, what="not ready again")
    wait_until(
        lambda: account.confirmations(code), seconds=SOON, what="no e-mail about the booking"
    )
    time.sleep(BEAT)
    assert account.confirmations(code) == 1
    assert_laws_hold(stack)
