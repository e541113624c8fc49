"""Events are written with the messages that they follow, signed, sent once, and tried again."""

import re
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from pytest_django import Settings

from accounts.services import revoke_tokens
from accounts.webhooks import delivery, kinds, sending, services
from accounts.webhooks.delivery import deliver_due
from accounts.webhooks.models import WebhookEndpoint, WebhookEvent
from accounts.webhooks.selectors import endpoint_of
from booking.bookings.changes import cancel_booking
from booking.people.models import Applicant
from core import clock
from notices.kinds import KINDS
from notices.models import Message
from notices.services import deliver_due as deliver_messages
from notices.services import queue_message, withdraw_messages
from privacy.erasure.services import erase_accounts
from privacy.holdings.rendering import as_json, as_pdf
from privacy.holdings.selectors import held, subject_of_account
from privacy.retention.services import run_retention
from tests.accounts.webhooks.receiver import HOST, Receiver, make_certificate, make_endpoint
from tests.builders import NOW, make_booking, make_person, make_user
from tests.notices.test_kinds import message_of
from tests.notices.test_services import CONFIRMED, OFFICE

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
UNSERVED = {"office": OFFICE, "return_until_on": NOW.date()}
GUIDE = Path(settings.BASE_DIR, "docs", "api.md")


def queue(endpoint: WebhookEndpoint, key: str = "1", **changes: Any) -> None:
    """Queue a message to the endpoint's account."""
    values: dict[str, Any] = {
        "kind": "booking_confirmed",
        "dedupe_key": f"booking_confirmed:{key}",
        "address": endpoint.account.email,
        "language": "id",
        "context": CONFIRMED,
        "office_code": "palembang",
        "now": NOW,
    }
    queue_message(**(values | changes))


def stored(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    return endpoint_of(endpoint.account_id, endpoint.pk)


def documented_check() -> Callable[..., bool]:
    """Return the function that docs/api.md gives to integrators."""
    [source] = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(source, names)  # noqa: S102 - our own page
    check: Callable[..., bool] = names["is_genuine"]
    return check


def deliver(*, now: datetime) -> int:
    """Admit the messages that are due, which writes their events; then send the events."""
    deliver_messages(now=now)
    return deliver_due(now=now)


# --- What is sent ---------------------------------------------------------------------------------
def test_a_booking_and_its_end_are_sent_once(endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    person = make_person(endpoint.account)
    booking = make_booking(person=person)
    cancel_booking(booking_id=booking.pk, by=endpoint.account, now=NOW)
    assert deliver(now=NOW) == 2
    assert deliver(now=NOW + HOUR) == 0
    confirmed, cancelled = sorted(receiver.events, key=lambda event: event["kind"], reverse=True)
    assert (confirmed["kind"], cancelled["kind"]) == ("booking.confirmed", "booking.cancelled")
    assert confirmed["bookings"] == cancelled["bookings"] == [booking.code]
    assert confirmed["office"] == booking.office.code
    assert confirmed["starts_at"] == booking.slot.starts_at.isoformat()
    for headers, body in receiver.received:
        assert headers["Idempotency-Key"] in body.decode()
        for secret in private_values(person):
            assert secret not in body.decode()


def private_values(person: Applicant) -> list[str]:
    return [person.identity_number, *person.full_name.split(), person.phone, "contoh.id"]


def test_the_documented_check_accepts_only_our_signature(
    endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    services.queue_test(account_id=endpoint.account_id, endpoint_id=endpoint.pk, now=NOW)
    assert deliver(now=clock.machine_time(clock.now())) == 1
    [(headers, body)] = receiver.received
    is_genuine = documented_check()
    assert is_genuine(body, headers, endpoint.secret)
    assert not is_genuine(body.replace(b"test", b"tset"), headers, endpoint.secret)
    assert not is_genuine(body, headers, endpoint.secret[1:])
    older = {**headers, "X-Timestamp": str(int(headers["X-Timestamp"]) - 1)}
    assert not is_genuine(body, older, endpoint.secret)


@pytest.mark.parametrize("name", sorted(kinds.KIND_OF_MESSAGE))
def test_every_kind_of_event_is_made_from_its_message(name: str) -> None:
    optional = {"code": "ACDEFGHJKM"} if name == "visit_incomplete" else {}
    message = message_of(KINDS[name], "id", **optional)
    message.about_id = "7"
    facts = kinds.KIND_OF_MESSAGE[name].facts(message)
    assert facts
    assert "Siti" not in str(facts)
    assert "https" not in str(facts)


def test_only_the_owner_and_the_chosen_kinds(receiver: Receiver) -> None:
    chosen = make_endpoint(make_user(), receiver.url, "booking.moved")
    paused = make_endpoint(make_user(), receiver.url)
    services.pause_endpoints(account_id=paused.account_id)
    queue(chosen)
    queue(paused, "2")
    make_booking()
    deliver_messages(now=NOW)
    assert not WebhookEvent.objects.exists()


def test_an_event_is_written_when_its_message_is_due(endpoint: WebhookEndpoint) -> None:
    queue(endpoint)
    assert not WebhookEvent.objects.exists(), "a booking does not wait for it"
    deliver_messages(now=NOW)
    deliver_messages(now=NOW + HOUR)
    assert WebhookEvent.objects.get().created_at == NOW


def test_a_message_over_a_budget_has_an_event(
    endpoint: WebhookEndpoint, settings: Settings
) -> None:
    settings.MESSAGE_BUDGETS = {name: [("address", 1, 0)] for name in settings.MESSAGE_BUDGETS}
    queue(endpoint)
    assert deliver_messages(now=NOW) == 0
    assert WebhookEvent.objects.count() == 1


def test_a_message_that_was_skipped_has_no_event(
    endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    queue(endpoint)
    queue(endpoint)
    assert deliver(now=NOW) == 1
    WebhookEvent.objects.all().delete()  # as the retention rule does
    queue(endpoint, now=NOW + HOUR)
    assert deliver(now=NOW + HOUR) == 0


def test_a_withdrawn_message_is_not_sent(endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    for number in (1, 2):
        context = {"office": OFFICE, "code": "ACDEFGHJKM", "ready_at": NOW, "has_drive_thru": False}
        queue(
            endpoint,
            kind="passport_ready",
            dedupe_key=f"passport_ready:{number}",
            context={**context, "collect_until_on": NOW.date()},
            about_type="book",
            about_id=number,
            due_at=NOW + 5 * MINUTE,
        )
    assert deliver(now=NOW + 4 * MINUTE) == 0
    withdraw_messages(kind="passport_ready", about_type="book", about_id=1, now=NOW + 4 * MINUTE)
    assert deliver(now=NOW + 5 * MINUTE) == 1
    sent = WebhookEvent.objects.exclude(delivered_at=None).get()
    assert sent.message == Message.objects.get(about_id="2")


# --- Failures -------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", [500, 302, 404, 429])
def test_a_refused_event_is_sent_again(
    endpoint: WebhookEndpoint, receiver: Receiver, status: int
) -> None:
    """A redirect is not followed: it is a failure as well."""
    receiver.status = status
    queue(endpoint)
    queue(endpoint, "2")
    assert deliver(now=NOW) == 0
    assert len(receiver.received) == 1, "after a failure the endpoint is left alone"
    assert stored(endpoint).last_error == f"status_{status}"
    assert deliver(now=NOW + timedelta(seconds=14)) == 0
    assert len(receiver.received) == 1
    receiver.status = 200
    assert deliver(now=NOW + MINUTE) == 2
    first, *others = receiver.received
    again = next(row for row in others if row[0]["Idempotency-Key"] == first[0]["Idempotency-Key"])
    assert again[1] == first[1]
    assert (stored(endpoint).failures, stored(endpoint).last_error) == (0, "")


def test_many_failures_pause_an_endpoint(endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    receiver.status = 500
    queue(endpoint)
    moment = NOW
    for _attempt in range(delivery.MOST_FAILURES + 3):
        deliver(now=moment)
        moment += HOUR + MINUTE
    assert len(receiver.received) == delivery.MOST_FAILURES
    assert stored(endpoint).paused_reason == "failures"
    receiver.status = 200
    resume = partial(services.change_endpoint, changes={"is_active": True}, now=moment)
    resume(account_id=endpoint.account_id, endpoint_id=endpoint.pk)
    assert deliver(now=moment) == 1
    assert stored(endpoint).failures == 0


def test_an_event_is_given_up_after_its_attempts(
    endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    receiver.status = 500
    queue(endpoint)
    deliver_messages(now=NOW)
    WebhookEvent.objects.update(attempts=delivery.MOST_ATTEMPTS - 1)
    deliver(now=NOW)
    receiver.status = 200
    assert deliver(now=NOW + 2 * HOUR) == 0
    assert WebhookEvent.objects.get().given_up_at == pytest.approx(NOW, abs=MINUTE)


def test_a_slow_answer_does_not_hold_a_worker(
    endpoint: WebhookEndpoint, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "LONGEST", 0.2)
    receiver.waits = 0.02
    queue(endpoint)
    assert deliver(now=NOW) == 0
    assert stored(endpoint).last_error == "timeout"


def test_nobody_at_the_address_is_a_failure(endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    receiver.server.server_close()
    queue(endpoint)
    assert deliver(now=NOW) == 0
    assert stored(endpoint).last_error == "no_answer"


# --- Addresses inside a network -------------------------------------------------------------------
def resolves_to(monkeypatch: pytest.MonkeyPatch, *numbers: str) -> list[Any]:
    """Let every name lead to these numbers; return the list of connections, which all fail."""
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, 443)) for number in numbers]
    connected: list[Any] = []

    def refuse(to: Any, **_options: Any) -> None:
        connected.append(to)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_names: rows)
    monkeypatch.setattr(socket, "create_connection", refuse)
    return connected


INSIDE = (
    "10.1.2.3",
    "127.0.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "::1",
    "fd00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
)


@pytest.mark.parametrize("number", INSIDE)
def test_a_name_that_leads_inside_gets_no_connection(
    monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    endpoint = make_endpoint(make_user(), "https://sistem.contoh.id/events")
    connected = resolves_to(monkeypatch, "93.184.216.34", number)
    queue(endpoint)
    assert deliver(now=NOW) == 0
    assert stored(endpoint).last_error == "not_public"
    assert connected == []


def test_the_connection_goes_to_the_checked_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name that is resolved again by the connection could lead elsewhere by then."""
    public = make_endpoint(make_user(), "https://sistem.contoh.id/events")
    connected = resolves_to(monkeypatch, "93.184.216.34")
    queue(public)
    assert deliver(now=NOW) == 0
    assert connected == [("93.184.216.34", 443)]


@pytest.mark.parametrize(
    ("host", "is_trusted", "error"),
    [(HOST, True, ""), (HOST, False, "tls"), ("lain.contoh.id", True, "tls")],
)
def test_a_certificate_must_be_valid_for_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, is_trusted: bool, error: str
) -> None:
    """The name's number is public; the connection is led to a receiver on this machine."""
    certificate = make_certificate(tmp_path)
    receiver = Receiver(certificate)
    endpoint = make_endpoint(make_user(), f"https://{host}/events")
    resolves_to(monkeypatch, "93.184.216.34")
    port = receiver.server.server_port
    monkeypatch.setattr(socket, "create_connection", lambda *_to, **_more: connected_to(port))
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    queue(endpoint)
    assert deliver(now=NOW) == len(receiver.received) == (0 if error else 1)
    assert stored(endpoint).last_error == error
    receiver.server.shutdown()
    receiver.server.server_close()


def connected_to(port: int) -> socket.socket:
    one = socket.socket()
    one.settimeout(5)
    one.connect(("127.0.0.1", port))
    return one


def test_production_sends_nothing_to_its_own_machine(
    endpoint: WebhookEndpoint, receiver: Receiver, settings: Any
) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = False
    queue(endpoint)
    assert deliver(now=NOW) == 0
    assert receiver.received == []
    assert stored(endpoint).last_error == "not_public"


# --- Two workers ----------------------------------------------------------------------------------
def race(endpoint: WebhookEndpoint, receiver: Receiver, run_together: Any) -> list[str]:
    for number in range(3):
        queue(endpoint, str(number))
    deliver_messages(now=NOW)
    run_together(partial(deliver_due, now=NOW) for _worker in range(4))
    return [event["id"] for event in receiver.events]


def test_workers_at_once_send_each_event_once(
    endpoint: WebhookEndpoint, receiver: Receiver, run_together: Any
) -> None:
    ids = race(endpoint, receiver, run_together)
    assert len(ids) == len(set(ids)) == 3


def test_control_without_locks_an_event_is_sent_twice(
    receiver: Receiver, unguarded_database: str, run_together: Any
) -> None:
    """If this fails, the test above no longer races and proves nothing."""
    ids = race(make_endpoint(make_user(), receiver.url), receiver, run_together)
    assert len(ids) > len(set(ids)) == 3


# --- The end of data ------------------------------------------------------------------------------
def test_events_are_deleted_by_rule(endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    queue(endpoint)
    queue(endpoint, "2", now=NOW + timedelta(days=10))
    deliver(now=NOW)
    deliver_messages(now=NOW + timedelta(days=10))
    run_retention(now=NOW + timedelta(days=31))
    assert WebhookEvent.objects.get().created_at == NOW + timedelta(days=10)


def test_the_export_shows_an_endpoint_without_its_secret(endpoint: WebhookEndpoint) -> None:
    queue(endpoint)
    deliver_messages(now=NOW)
    tables = held(subject_of_account(endpoint.account), now=NOW)
    exported = as_json(tables, now=NOW).decode()
    assert endpoint.url in exported
    assert "passport.ready" in exported
    assert endpoint.secret not in exported
    assert as_pdf(tables, now=NOW)


def test_erasing_the_account_deletes_its_endpoints(endpoint: WebhookEndpoint) -> None:
    queue(endpoint)
    deliver_messages(now=NOW)
    assert WebhookEvent.objects.exists()
    erase_accounts(ids=[endpoint.account_id], now=NOW)
    assert not WebhookEndpoint.objects.exists()
    assert not WebhookEvent.objects.exists()


def test_revoking_all_tokens_pauses_the_endpoints(endpoint: WebhookEndpoint) -> None:
    revoke_tokens(user_id=endpoint.account_id, digests=[])
    assert stored(endpoint).is_active
    revoke_tokens(user_id=endpoint.account_id)
    assert stored(endpoint).paused_reason == "access"
