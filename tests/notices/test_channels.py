"""Copies by phone: written once, sent to a signed gateway, tried again, and reported about."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.test import Client

from accounts import phones, preferences
from accounts.models import User
from core.errors import NotFound
from notices import gateway, services
from notices.models import ChannelRule, Message
from tests.builders import confirm_address, make_user
from tests.notices.test_services import CONFIRMED

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
NUMBER = "+6281234567890"
KEY = "kunci-gerbang-pesan-untuk-pengujian"
pytestmark = pytest.mark.django_db(transaction=True)


class Provider:
    """A gateway that keeps what it received and answers with `status`."""

    def __init__(self) -> None:
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.status = 202
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                provider.received.append((dict(self.headers), body))
                self.send_response(provider.status)
                self.end_headers()

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def texts(self) -> list[Any]:
        return [json.loads(body) for _headers, body in self.received]


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    one = Provider()
    settings.MESSAGE_GATEWAY_URL = f"http://127.0.0.1:{one.server.server_port}/"
    settings.MESSAGE_GATEWAY_KEY = KEY
    yield one
    one.server.shutdown()
    one.server.server_close()


@pytest.fixture
def user(provider: Provider) -> User:
    user = make_user("siti@contoh.id")
    confirm_address(user)
    phones.set_phone(user_id=user.pk, number=NUMBER, channel="sms", now=NOW - timedelta(hours=1))
    services.deliver_due_by_phone(now=NOW - timedelta(hours=1))
    [text] = provider.texts
    code = text["text"].partition("Kode Anda: ")[2][:6]
    phones.confirm_phone(user_id=user.pk, code=code, now=NOW - timedelta(minutes=50))
    provider.received.clear()
    return user


def choose(user: User, *on: tuple[str, str]) -> None:
    preferences.set_choices(user_id=user.pk, on=on, now=NOW)


def queue(kind: str = "booking_confirmed", **more: Any) -> Message:
    services.queue_message(
        kind=kind,
        dedupe_key=f"{kind}:1",
        address="siti@contoh.id",
        language="id",
        context=CONFIRMED | more,
        now=NOW,
    )
    return Message.objects.get(dedupe_key=f"{kind}:1")


def report(client: Client, message: Message, status: str, **changes: str) -> int:
    body = json.dumps({"id": message.report_key, "status": status}).encode()
    headers = gateway.signed_headers(body, now=NOW + timedelta(minutes=1)) | changes
    return client.post(
        "/gateway/reports/",
        body,
        content_type="application/json",
        headers={name: value for name, value in headers.items() if name != "Content-Type"},
    ).status_code


def test_chosen_channels_get_one_signed_copy_each(user: User, provider: Provider) -> None:
    choose(user, ("bookings", "whatsapp"), ("bookings", "sms"))
    queue()
    for _run in range(2):
        services.deliver_due(now=NOW)
        services.deliver_due_by_phone(now=NOW + timedelta(minutes=1))
    long, short = sorted((text["text"] for text in provider.texts), key=len, reverse=True)
    assert [text["to"] for text in provider.texts] == [NUMBER, NUMBER]
    assert "Kantor Palembang" in long
    assert "/bookings/ACDEFGHJKM/" in short
    assert len(short) < 200
    headers, body = provider.received[0]
    assert headers["X-Signature"] == gateway.sign(body, timestamp=headers["X-Timestamp"])
    states = Message.objects.exclude(kind="phone_code").values_list("channel", "sent_at")
    assert {channel for channel, sent_at in states if sent_at} == {"email", "whatsapp", "sms"}


def test_without_a_choice_or_a_gateway_there_is_only_the_email(user: User, settings: Any) -> None:
    queue()
    services.deliver_due(now=NOW)
    assert Message.objects.exclude(kind="phone_code").count() == 1
    choose(user, ("bookings", "sms"))
    settings.MESSAGE_GATEWAY_URL = ""
    queue("booking_changed")
    services.deliver_due(now=NOW)
    assert not Message.objects.filter(kind="booking_changed", channel="sms").exists()


def test_what_is_not_essential_can_be_turned_off_by_email(user: User) -> None:
    choose(user, ("survey", "email"))  # everything else off, as far as that is possible
    reminder = queue("booking_reminder", stop_url="")
    confirmation = queue("booking_confirmed")
    services.deliver_due(now=NOW)
    reminder.refresh_from_db()
    confirmation.refresh_from_db()
    assert reminder.suppressed_reason == "preference"
    assert confirmation.sent_at is not None
    assert not services.send_again(message_id=reminder.pk, now=NOW)


def test_the_data_decide_what_is_offered(user: User) -> None:
    ChannelRule.objects.create(topic="bookings", channel="sms", is_offered=False)
    ChannelRule.objects.create(topic="visit", channel="sms", is_offered=True, is_preset=True)
    choices = preferences.choices_of(user.pk)
    assert ("bookings", "sms") not in choices
    assert choices["visit", "sms"]


@pytest.mark.parametrize(("status", "tries"), [(503, 4), (429, 4), (400, 3)])
def test_a_gateway_that_refuses_is_tried_again_for_some_time(
    user: User, provider: Provider, status: int, tries: int
) -> None:
    choose(user, ("bookings", "sms"))
    queue()
    services.deliver_due(now=NOW)
    provider.status = status
    moment = NOW + timedelta(minutes=1)
    for _try in range(4):
        services.deliver_due_by_phone(now=moment)
        moment += timedelta(hours=1)
    message = Message.objects.get(kind="booking_confirmed", channel="sms")
    assert len(provider.received) == message.attempts == tries
    assert (message.given_up_at is not None) == (status == 400)
    assert str(status) in message.last_error
    provider.status = 202
    services.deliver_due_by_phone(now=moment)
    message.refresh_from_db()
    assert (message.sent_at is not None) == (status != 400)


def test_signed_reports_are_recorded_once(user: User, client: Client, set_clock: Any) -> None:
    set_clock(NOW + timedelta(minutes=1))
    choose(user, ("bookings", "sms"))
    queue()
    services.deliver_due(now=NOW)
    services.deliver_due_by_phone(now=NOW + timedelta(minutes=1))
    message = Message.objects.get(kind="booking_confirmed", channel="sms")
    assert services.describe_state(message) == "terkirim"
    assert report(client, message, "failed", **{"X-Signature": "0" * 64}) == 403
    assert report(client, message, "failed", **{"X-Timestamp": "1"}) == 403
    assert report(client, message, "lost") == 400
    assert report(client, message, "failed") == 204
    message.refresh_from_db()
    assert services.describe_state(message) == "tidak sampai"
    assert report(client, message, "delivered") == 204
    assert report(client, message, "failed") == 204
    message.refresh_from_db()
    assert services.describe_state(message) == "sampai"
    set_clock(NOW + timedelta(minutes=7))
    assert report(client, message, "delivered") == 403  # replayed later
    with pytest.raises(NotFound):
        services.record_report(key="", status="delivered", now=NOW)
