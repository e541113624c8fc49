"""Account pages with our own design."""

import html5lib
import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import User

PASSWORD = "sangat-rahasia-7"
OPEN_PAGES = [
    "/akun/login/",
    "/akun/signup/",
    "/akun/password/reset/",
    "/akun/password/reset/done/",
    "/akun/password/reset/key/x-y/",
    "/akun/password/reset/key/done/",
    "/akun/confirm-email/",
    "/akun/confirm-email/unknown/",
    "/akun/inactive/",
]
OWN_PAGES = [
    "/akun/",
    "/akun/email/",
    "/akun/logout/",
    "/akun/password/change/",
    "/akun/reauthenticate/",
    "/akun/sessions/",
    "/akun/2fa/",
    "/akun/2fa/totp/activate/",
    "/akun/2fa/webauthn/",
    "/akun/2fa/webauthn/add/",
]


@pytest.fixture
def signed_in(client: Client, db: None) -> Client:
    """A client that signed in and has just confirmed the password."""
    user = User.objects.create_user("siti@contoh.id", PASSWORD, full_name="Siti Rahmawati")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client.post("/akun/login/", {"login": user.email, "password": PASSWORD})
    client.post("/akun/reauthenticate/", {"password": PASSWORD})
    return client


def assert_page(client: Client, address: str) -> None:
    answer = client.get(address, follow=True, headers={"accept-language": "id"})
    html = answer.content.decode()
    assert answer.status_code == 200
    html5lib.HTMLParser(strict=True).parse(html)
    assert html.count("<h1") == 1
    assert " style=" not in html
    assert "Antrean Paspor</title>" in html


@pytest.mark.parametrize("address", OPEN_PAGES)
@pytest.mark.django_db
def test_sign_in_pages_are_valid_html(client: Client, address: str) -> None:
    assert_page(client, address)


@pytest.mark.parametrize("address", OWN_PAGES)
def test_account_pages_are_valid_html(signed_in: Client, address: str) -> None:
    assert_page(signed_in, address)


@pytest.mark.django_db
def test_a_refused_sign_in_shows_an_error_title_and_alternatives(client: Client) -> None:
    answer = client.post(
        "/akun/login/",
        {"login": "siapa@contoh.id", "password": "keliru"},
        headers={"accept-language": "id"},
    )
    html = answer.content.decode()
    assert "<title>Kesalahan: Masuk" in html
    assert 'class="errors"' in html
    assert "/akun/password/reset/" in html
