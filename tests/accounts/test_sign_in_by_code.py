"""Sign-in by a code that is sent by e-mail."""

import re
from datetime import datetime
from typing import Any

import html5lib
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from accounts import services
from accounts.models import Phone, User
from core import clock
from notices.models import Message
from tests.outbox import text_of

pytestmark = pytest.mark.django_db
ADDRESS, PASSWORD = "siti@contoh.id", "pagi-hujan-88"
REQUEST, CONFIRM = "/akun/login/code/", "/akun/login/code/confirm/"


@pytest.fixture
def user() -> User:
    user = services.register(
        email=ADDRESS, password=PASSWORD, full_name="Siti Rahmawati", language="id"
    )
    EmailAddress.objects.filter(user=user).update(verified=True)
    return user


def request_code(client: Client, address: str = ADDRESS, **extra: Any) -> Any:
    return client.post(f"{REQUEST}?next=/bookings/", {"email": address}, **extra)


def sent_code() -> str:
    text = text_of(Message.objects.filter(kind="account_sign_in_code").latest("pk"))
    match = re.search(r"\b[0-9]{6}\b", text)
    assert match, text
    return match[0]


def enter(client: Client, code: str, **extra: Any) -> Any:
    return client.post(CONFIRM, {"code": code, "next": "/bookings/"}, **extra)


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def wrong_code() -> str:
    return f"{(int(sent_code()) + 1) % 1_000_000:06d}"


def test_six_digits_sign_in_and_lead_on(client: Client, user: User) -> None:
    answer = request_code(client, " Siti@Contoh.id ")
    assert answer["Location"].startswith(CONFIRM)
    code = sent_code()
    answer = enter(client, f" {code[:3]} {code[3:]} ")
    assert answer["Location"] == "/bookings/"
    assert is_signed_in(client)


def test_a_code_works_once_and_only_in_its_browser(client: Client, user: User) -> None:
    request_code(client)
    other = Client()
    request_code(other, "tak@ada.id")
    enter(other, sent_code())
    assert not is_signed_in(other)
    enter(client, sent_code())
    client.post("/akun/logout/")
    assert enter(client, sent_code())["Location"].startswith(REQUEST)
    assert not is_signed_in(client)


@pytest.mark.parametrize("language", ["id", "en"])
def test_known_and_unknown_addresses_get_the_same_pages(user: User, language: str) -> None:
    pages = []
    for address in (ADDRESS, "tak@ada.id"):
        browser = Client(headers={"accept-language": language})
        sent = request_code(browser, address)
        page = browser.get(CONFIRM).content.decode()
        html5lib.HTMLParser(strict=True).parse(page)
        refused = enter(browser, wrong_code(), follow=True)
        texts = [
            re.sub(r'value="[^"]+"|nonce="[^"]+"', "", text).replace(address, "")
            for text in (page, refused.content.decode())
        ]
        pages.append((sent.status_code, sent["Location"], refused.status_code, texts))
    assert pages[0] == pages[1]
    kinds = Message.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["account_sign_in_code", "account_unknown"]


def test_five_wrong_codes_end_the_attempt(client: Client, user: User) -> None:
    request_code(client)
    for _turn in range(5):
        enter(client, wrong_code())
    enter(client, sent_code())
    assert not is_signed_in(client)


def test_wrong_codes_and_wrong_passwords_share_their_limit(client: Client, user: User) -> None:
    extra = {"REMOTE_ADDR": "198.51.100.20"}
    for _turn in range(4):
        client.post("/akun/login/", {"login": ADDRESS, "password": "malam"}, **extra)
    request_code(client, **extra)
    enter(client, wrong_code(), **extra)
    enter(client, sent_code(), **extra)
    assert not is_signed_in(client), "the sixth attempt is not checked"
    elsewhere = {"REMOTE_ADDR": "198.51.100.21"}
    enter(client, sent_code(), **elsewhere)
    assert is_signed_in(client)


def test_no_more_codes_than_messages_are_sent(user: User) -> None:
    for number in range(5):
        request_code(Client(), REMOTE_ADDR=f"198.51.100.{number}")
    refused = request_code(Client(), REMOTE_ADDR="198.51.100.9")
    assert refused.status_code == 200
    assert 'class="errors"' in refused.content.decode()
    sent = Message.objects.filter(kind="account_sign_in_code", suppressed_at=None)
    assert sent.count() == 5


def test_an_unconfirmed_other_address_leads_to_no_account(user: User) -> None:
    """Anybody can add somebody else's address to an account."""
    EmailAddress.objects.create(user=user, email="budi@contoh.id", verified=False)
    request_code(Client(), "budi@contoh.id")
    assert Message.objects.get().kind == "account_unknown"


def test_what_somebody_else_set_up_ends_when_the_owner_comes(user: User) -> None:
    EmailAddress.objects.filter(user=user).update(verified=False)
    stranger, owner = Client(), Client()
    stranger.post("/akun/login/", {"login": ADDRESS, "password": PASSWORD})
    now: datetime = clock.now()
    Phone.objects.create(user=user, number="+628123", issued_at=now, counted_since=now)
    request_code(owner)
    enter(owner, sent_code())
    user.refresh_from_db()
    assert is_signed_in(owner)
    assert EmailAddress.objects.get(user=user).verified
    assert not user.has_usable_password()
    assert not Phone.objects.exists()
    assert stranger.get("/bookings/").status_code == 302
    assert owner.get("/akun/").status_code == 200


def test_the_password_stays_on_a_device_that_has_signed_in_before(
    client: Client, user: User
) -> None:
    EmailAddress.objects.filter(user=user).update(verified=False)
    client.post("/akun/login/", {"login": ADDRESS, "password": PASSWORD})
    client.post("/akun/logout/")
    request_code(client)
    enter(client, sent_code())
    user.refresh_from_db()
    assert is_signed_in(client)
    assert user.has_usable_password()


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_a_code_is_no_second_factor(client: Client, user: User, is_confirmed: bool) -> None:
    EmailAddress.objects.filter(user=user).update(verified=is_confirmed)
    TOTP.activate(user, generate_totp_secret())
    request_code(client)
    assert enter(client, sent_code())["Location"].startswith("/akun/2fa/authenticate/")
    assert not is_signed_in(client)
