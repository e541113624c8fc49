"""Account pages with our own design."""

import json
from hashlib import sha256
from typing import Final

import html5lib
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from accounts.models import User

ORIGIN: Final = "https://testserver"
RP_HASH: Final = sha256(b"testserver").digest()
PASSWORD = "sangat-rahasia-7"
OPEN_PAGES = [
    "/akun/login/",
    "/akun/login/code/",
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


def make_passkey(user: User) -> tuple[ec.EllipticCurvePrivateKey, bytes]:
    """Store a passkey of the account; return its private key and its id."""
    private, key_id = ec.generate_private_key(ec.SECP256R1()), b"kunci-di-ponsel"
    public = ES256.from_cryptography_key(private.public_key())
    kept = AttestedCredentialData.create(Aaguid(bytes(16)), key_id, public)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    attestation = AttestationObject.create(
        "none", AuthenticatorData.create(RP_HASH, flags, 0, kept), {}
    )
    made = CollectedClientData.create("webauthn.create", key_id, ORIGIN)
    credential = {
        "id": websafe_encode(key_id),
        "rawId": websafe_encode(key_id),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(made),
            "attestationObject": websafe_encode(attestation),
        },
        "clientExtensionResults": {"credProps": {"rk": True}},
    }
    WebAuthn.add(user, "Ponsel", credential)
    return private, key_id


def signed(
    challenge: str, user: User, private: ec.EllipticCurvePrivateKey, key_id: bytes, *, origin: str
) -> str:
    """Return what a browser at this origin sends after the fingerprint was accepted."""
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV
    data = AuthenticatorData.create(RP_HASH, flags, 1)
    client_data = CollectedClientData.create("webauthn.get", websafe_decode(challenge), origin)
    signature = private.sign(data + client_data.hash, ec.ECDSA(hashes.SHA256()))
    handle = get_adapter().get_public_key_credential_user_entity(user)["id"]
    return json.dumps(
        {
            "id": websafe_encode(key_id),
            "rawId": websafe_encode(key_id),
            "type": "public-key",
            "response": {
                "clientDataJSON": websafe_encode(client_data),
                "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(signature),
                "userHandle": websafe_encode(handle),
            },
            "clientExtensionResults": {},
        }
    )


@pytest.mark.parametrize(
    ("origin", "is_accepted"), [(ORIGIN, True), ("https://paspor.example.net", False)]
)
@pytest.mark.django_db
def test_a_passkey_signs_in_without_a_password(
    client: Client, origin: str, is_accepted: bool
) -> None:
    user = User.objects.create_user("siti@contoh.id", None, full_name="Siti Rahmawati")
    private, key_id = make_passkey(user)
    page = client.get("/akun/login/?next=/bookings/").content.decode()
    assert 'id="passkey_login"' in page
    offered = client.get("/akun/2fa/webauthn/login/", headers={"accept": "application/json"})
    challenge = offered.json()["request_options"]["publicKey"]["challenge"]
    answer = signed(challenge, user, private, key_id, origin=origin)
    sent = client.post("/akun/2fa/webauthn/login/", {"credential": answer, "next": "/bookings/"})
    assert sent["Location"] == ("/bookings/" if is_accepted else "/akun/login/")
    assert ("_auth_user_id" in client.session) == is_accepted


@pytest.mark.django_db
def test_a_malformed_passkey_is_refused(client: Client) -> None:
    for credential in ("", "{}", "[]", '{"response": []}'):
        answer = client.post("/akun/2fa/webauthn/login/", {"credential": credential})
        assert answer["Location"] == "/akun/login/"
