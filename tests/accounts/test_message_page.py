"""The account's page about messages: choices, the phone number and its code, and what was sent."""

import json
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts import phones
from accounts.errors import NotAPhone, PhoneCodeRefused
from accounts.models import Phone, User
from accounts.preferences import choices_of, messages_of
from accounts.services import erase_account
from devtools import gateway as demo_gateway
from devtools.mailbox import read_messages
from notices import gateway, services
from notices.models import Message
from tests.builders import NOW, confirm_address, make_user

pytestmark = pytest.mark.django_db
ADDRESS = "/akun/pesan/"


@pytest.fixture
def user(settings: Any, set_clock: Any) -> User:
    set_clock(NOW)
    settings.MESSAGE_GATEWAY_URL = "http://127.0.0.1:1/"
    settings.MESSAGE_GATEWAY_KEY = "kunci-gerbang-pesan-untuk-pengujian"
    user = make_user("siti@contoh.id")
    confirm_address(user)
    return user


@pytest.fixture
def page(user: User, client: Client) -> Client:
    client.force_login(user)
    return client


def code_of(user: User) -> str:
    from notices import links

    message = Message.objects.filter(kind="phone_code").latest("pk")
    context = links.resolved(
        message.context, lambda target: links.mint(target, message_id=None, now=NOW)
    )
    return str(context["confirmation_code"])


@pytest.mark.parametrize("text", ["0812 3456 789O", "12", "", "halo", "+62-"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(NotAPhone):
        phones.read_number(text)


def test_a_number_is_used_after_its_code(page: Client, user: User) -> None:
    page.post(ADDRESS, {"go": "phone", "number": "0812 3456 7890", "channel": "sms"})
    message = Message.objects.get(kind="phone_code")
    assert (message.address, message.channel) == ("+6281234567890", "sms")
    assert code_of(user) not in json.dumps(message.context)
    assert phones.confirmed_number(user.pk) == ""
    page.post(ADDRESS, {"go": "code", "code": code_of(user)})
    assert phones.confirmed_number(user.pk) == "+6281234567890"
    page.post(ADDRESS, {"go": "choices", "on": ["bookings:sms", "reminders:email"]})
    choices = choices_of(user.pk)
    assert choices["bookings", "sms"]
    assert choices["bookings", "email"]
    assert not choices["survey", "email"]
    page.post(ADDRESS, {"go": "remove"})
    assert not Phone.objects.exists()


def test_codes_and_attempts_are_limited(page: Client, user: User) -> None:
    form = {"go": "phone", "number": "0812 3456 7890", "channel": "whatsapp"}
    page.post(ADDRESS, form)
    page.post(ADDRESS, form)
    assert Message.objects.filter(kind="phone_code").count() == 1
    for _try in range(5):
        with pytest.raises(PhoneCodeRefused):
            phones.confirm_phone(user_id=user.pk, code="abc", now=NOW)
    with pytest.raises(PhoneCodeRefused):
        phones.confirm_phone(user_id=user.pk, code=code_of(user), now=NOW)


def test_only_confirmed_addresses_show_what_was_sent(page: Client, user: User) -> None:
    services.queue_message(
        kind="visit_incomplete",
        dedupe_key="visit:1",
        address=user.email,
        language="id",
        context={
            "office": {"name": "Kantor", "address": "", "code": "x", "time_zone": "Asia/Jakarta"},
            "missing": "KTP",
            "return_until_on": NOW.date(),
        },
        now=NOW,
    )
    assert [row.kind for row in messages_of(user, now=NOW)] == ["visit_incomplete"]
    assert "menunggu" in page.get(ADDRESS).content.decode()
    EmailAddress.objects.filter(user=user).update(verified=False)
    assert messages_of(user, now=NOW) == []


def test_an_erased_account_keeps_no_number(user: User) -> None:
    phones.set_phone(user_id=user.pk, number="+6281234567890", channel="sms", now=NOW)
    erase_account(user_id=user.pk, now=NOW)
    assert not Phone.objects.exists()


def test_the_demo_gateway_shows_a_message_and_reports_about_it(
    client: Client, settings: Any, tmp_path: Path, user: User
) -> None:
    settings.DEMO, settings.MAILBOX_DIR = True, tmp_path
    message = {"id": "a" * 40, "channel": "sms", "to": "+6281200", "language": "id", "text": "Halo"}
    body = json.dumps(message).encode()
    headers = gateway.signed_headers(body, now=NOW)
    headers.pop("Content-Type")
    for signature, status in ((headers["X-Signature"], 202), ("0", 403)):
        answer = client.post(
            "/demo/gateway/",
            body,
            content_type="application/json",
            headers=headers | {"X-Signature": signature},
        )
        assert answer.status_code == status
    [mail] = read_messages()
    assert (mail.to, mail.subject, mail.text.strip()) == ("+6281200", "SMS", "Halo")
    [path] = (tmp_path / demo_gateway.REPORTS).glob("*.json")
    assert json.loads(path.read_text()) == {"id": "a" * 40, "status": "failed"}
