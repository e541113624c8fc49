"""Registration and sign-in through the API."""

from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from knox.models import AuthToken
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services import issue_token
from notices.models import Message
from tests.outbox import link_of

PASSWORD = "pagi-hujan-88"
WHO = {"email": "siti@contoh.id", "password": PASSWORD, "full_name": "Siti Rahmawati"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def api() -> Any:
    return APIClient()


def register(api: Any, **changes: Any) -> Any:
    return api.post("/api/v1/auth/register/", WHO | changes)


def sign_in(api: Any, **changes: Any) -> Any:
    return api.post("/api/v1/auth/token/", {"email": WHO["email"], "password": PASSWORD} | changes)


def new_token(api: Any, **changes: Any) -> Any:
    register(api, **changes)
    return sign_in(api).json()["token"]


def logout(api: Any, token: Any) -> Any:
    return api.post("/api/v1/auth/logout/", headers={"Authorization": f"Token {token}"})


def test_registering_gives_no_token(api: Any) -> None:
    answer = register(api)
    assert answer.status_code == 201
    assert set(answer.json()) == {"detail"}
    assert not AuthToken.objects.exists()
    assert logout(api, sign_in(api).json()["token"]).status_code == 204


def test_registering_sends_the_link_to_confirm_the_address(api: Any) -> None:
    register(api)
    message = Message.objects.get()
    assert (message.address, message.kind) == ("siti@contoh.id", "account_confirm_address")
    assert link_of(message).startswith("http://testserver/akun/confirm-email/")


def test_the_message_uses_the_language_of_the_request(api: Any) -> None:
    api.post("/api/v1/auth/register/", WHO, headers={"Accept-Language": "en"})
    assert User.objects.get().language == "en"
    assert Message.objects.get().language == "en"


def test_signing_in_gives_a_token(api: Any) -> None:
    register(api)
    answer = sign_in(api, email=" Siti@Contoh.ID ")
    assert answer.status_code == 200
    assert set(answer.json()) == {"token"}


def test_a_revoked_token_is_refused(api: Any) -> None:
    token = new_token(api)
    logout(api, token)
    answer = logout(api, token)
    assert answer.status_code == 401
    assert answer.json()["code"] == "authentication_failed"


def test_revoking_all_tokens_ends_every_one(api: Any) -> None:
    first, second = new_token(api), sign_in(api).json()["token"]
    answer = api.post("/api/v1/auth/logout-all/", headers={"Authorization": f"Token {first}"})
    assert answer.status_code == 204
    assert logout(api, second).status_code == 401


@pytest.mark.parametrize("header", ["Token", "Token x y", "Token \xff", "Token ''--", "Basic abc"])
def test_a_forged_token_is_refused(api: Any, header: Any) -> None:
    answer = api.post("/api/v1/auth/logout/", headers={"Authorization": header})
    assert answer.status_code == 401
    assert set(answer.json()) == {"code", "detail"}


def test_unknown_address_and_wrong_password_get_the_same_answer(api: Any) -> None:
    register(api)
    wrong, unknown = sign_in(api, password="lain-sekali-1"), sign_in(api, email="tak@ada.id")
    assert wrong.status_code == unknown.status_code == 400
    assert wrong.content == unknown.content
    assert wrong.json()["code"] == "sign_in_refused"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "bukan-alamat"),
        ("email", ""),
        ("password", "12345678"),
        ("password", "siti@contoh.id"),
        ("password", "pendek"),
        ("full_name", "   "),
        ("full_name", "x" * 121),
        ("full_name", None),
        ("full_name", "Siti 😀"),
    ],
)
def test_a_wrong_value_names_its_field_and_changes_nothing(
    api: Any, field: Any, value: Any
) -> None:
    answer = register(api, **{field: value})
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert list(answer.json()["fields"]) == [field]
    assert answer.json()["fields"][field][0]
    assert not User.objects.exists()


def test_registration_reports_every_error_at_once(api: Any) -> None:
    answer = register(api, email="x", password="1", full_name="")
    assert set(answer.json()["fields"]) == {"email", "password", "full_name"}


def test_an_address_can_have_one_account_only(api: Any) -> None:
    register(api)
    register(api, email="SITI@contoh.id", password="lain-sekali-1", full_name="Orang Lain")
    assert User.objects.get().full_name == "Siti Rahmawati"
    assert sign_in(api).status_code == 200
    assert sign_in(api, password="lain-sekali-1").status_code == 400


def test_an_invalid_json_body_is_refused_with_problem_details(api: Any) -> None:
    answer = api.post("/api/v1/auth/token/", "{", content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert "bukan JSON" in answer.json()["detail"]


def test_password_guesses_are_limited_per_account(api: Any) -> None:
    register(api)
    answers = [sign_in(api, password=f"salah-{number}") for number in range(7)]
    assert answers[-1].status_code == 429
    assert answers[-1].json()["code"] == "slow_down"
    assert int(answers[-1]["Retry-After"]) > 0


def test_registrations_are_limited_per_address_except_from_localhost(
    api: Any, settings: Any
) -> None:
    spared = {register(api, email=f"a{number}@contoh.id").status_code for number in range(25)}
    settings.RATE_LIMIT_LOOPBACK = True
    bounded = [register(api, email=f"b{number}@contoh.id").status_code for number in range(25)]
    assert spared == {201}
    assert bounded[-1] == 429


def current_code(secret: Any) -> Any:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_an_account_with_a_second_factor_needs_its_code(api: Any) -> None:
    register(api)
    user, secret = User.objects.get(), generate_totp_secret()
    TOTP.activate(user, secret)
    assert sign_in(api).json()["code"] == "sign_in_refused"
    assert sign_in(api, code="000000").status_code == 400
    assert sign_in(api, code=current_code(secret)).status_code == 200


def test_a_recovery_code_works_once(api: Any) -> None:
    register(api)
    user = User.objects.get()
    TOTP.activate(user, generate_totp_secret())
    [code, *_others] = RecoveryCodes.activate(user).get_unused_codes()
    assert sign_in(api, code=code).status_code == 200
    assert sign_in(api, code=code).status_code == 400


def test_officers_need_a_second_factor_where_configured(api: Any, settings: Any) -> None:
    register(api)
    User.objects.update(is_staff=True)
    assert sign_in(api).status_code == 200
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    assert sign_in(api).json()["code"] == "sign_in_refused"


def test_tokens_are_stored_hashed(api: Any) -> None:
    token = new_token(api)
    row = AuthToken.objects.get()
    assert token not in (row.digest, row.token_key)
    assert row.expiry is not None


def test_a_closed_account_cannot_use_the_api(api: Any) -> None:
    register(api)
    user = User.objects.get()
    token = issue_token(user_id=user.pk)
    User.objects.update(is_active=False)
    assert logout(api, token).status_code == 401
    assert sign_in(api).json()["code"] == "sign_in_refused"
