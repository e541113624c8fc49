"""Attacks on sign-up, sign-in, second factor and passwords. Each has a control without the guard."""

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Any

import pytest
from allauth.account import forms as allauth_forms
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings as django_settings
from django.contrib import admin
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from knox.models import AuthToken
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts import attempts, devices, forms, services, sign_in
from accounts.models import User
from core.errors import NotAllowed
from notices.models import Message
from offices.staff.models import Role
from tests.builders import make_office, make_officer
from tests.outbox import text_of

pytestmark = pytest.mark.django_db
ADDRESS, PASSWORD, WRONG = "siti@contoh.id", "pagi-hujan-88", "malam-cerah-99"
UNKNOWN = "tak@ada.id"
TOKEN, REGISTER = "/api/v1/auth/token/", "/api/v1/auth/register/"
LOGIN, SIGN_UP, RESET = "/akun/login/", "/akun/signup/", "/akun/password/reset/"
OWN_NETWORK = "198.51.100.20"


@pytest.fixture
def user() -> User:
    return services.register(
        email=ADDRESS, password=PASSWORD, full_name="Siti Rahmawati", language="en"
    )


def network(number: int) -> str:
    return f"203.0.113.{number}"


def ask_token(address: str = OWN_NETWORK, **changes: Any) -> Any:
    body = {"email": ADDRESS, "password": PASSWORD} | changes
    return APIClient(REMOTE_ADDR=address).post(TOKEN, body)


def log_in(client: Client, password: str = PASSWORD) -> bool:
    client.post(LOGIN, {"login": ADDRESS, "password": password})
    return "_auth_user_id" in client.session


# --- Five wrong passwords from anywhere ---------------------------------------------------------
def guess_from_everywhere(count: int = 10) -> None:
    for number in range(count):
        log_in(Client(REMOTE_ADDR=network(number)), WRONG)
        ask_token(network(number), password=WRONG)


def guess_from(address: str) -> None:
    for _guess in range(6):
        log_in(Client(REMOTE_ADDR=address), WRONG)


def test_wrong_passwords_from_elsewhere_do_not_lock_the_owner_out(user: User) -> None:
    guess_from_everywhere()
    assert log_in(Client(REMOTE_ADDR=OWN_NETWORK))
    assert ask_token().status_code == 200


def test_control_a_limit_by_account_alone_locks_the_owner_out(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, the test above no longer attacks anything."""
    monkeypatch.setattr(attempts, "network_of", lambda _request: "")
    guess_from_everywhere()
    assert not log_in(Client(REMOTE_ADDR=OWN_NETWORK))
    assert ask_token().status_code == 429


def test_a_known_device_is_spared_on_the_network_of_the_guesses(user: User) -> None:
    phone = Client(REMOTE_ADDR=OWN_NETWORK)
    assert log_in(phone)
    phone.post("/akun/logout/")
    guess_from(OWN_NETWORK)
    assert log_in(phone)
    assert not log_in(Client(REMOTE_ADDR=OWN_NETWORK)), "another device there has to wait"


def test_a_forged_device_is_not_spared(user: User) -> None:
    assert log_in(Client(REMOTE_ADDR=OWN_NETWORK))
    guess_from(OWN_NETWORK)
    forged = Client(REMOTE_ADDR=OWN_NETWORK)
    forged.cookies["device"] = "0123456789abcdef0123456789abcdef:forged"
    assert not log_in(forged)


def test_a_device_is_known_for_two_years_at_most(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = Client(REMOTE_ADDR=OWN_NETWORK)
    assert log_in(phone)
    phone.post("/akun/logout/")
    monkeypatch.setattr(devices, "TWO_YEARS", -1)  # every cookie is older
    guess_from(OWN_NETWORK)
    assert not log_in(phone)


def test_the_device_of_another_account_is_not_spared(user: User) -> None:
    """Adding the victim's address to an own account, unconfirmed, does not help."""
    other = Client(REMOTE_ADDR=OWN_NETWORK)
    attacker = services.register(
        email="lain@contoh.id", password=PASSWORD, full_name="Lain", language="id"
    )
    EmailAddress.objects.create(user=attacker, email=ADDRESS, verified=False)
    other.post(LOGIN, {"login": "lain@contoh.id", "password": PASSWORD})
    other.post("/akun/logout/")
    guess_from(OWN_NETWORK)
    assert not log_in(other)


@pytest.fixture
def few_from_unknown_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(attempts.RATES, "from_unknown_networks", "12/3600s/key")


def test_guesses_from_many_networks_are_limited_and_spare_known_networks(
    user: User, few_from_unknown_networks: None
) -> None:
    assert ask_token().status_code == 200
    codes = [ask_token(network(n), password=WRONG).status_code for n in range(14)]
    assert codes == [400] * 12 + [429] * 2
    assert ask_token(network(99)).status_code == 429
    assert ask_token().status_code == 200, "a network from which the owner has signed in"


def test_control_without_the_limit_by_account_guesses_from_many_networks_go_on(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, the test above no longer proves that the account's limit counts."""
    monkeypatch.setitem(attempts.RATES, "from_unknown_networks", "")
    codes = [ask_token(network(n), password=WRONG).status_code for n in range(60)]
    assert set(codes) == {400}
    assert ask_token(network(99)).status_code == 200


def test_the_owner_gets_one_message_about_wrong_passwords(user: User) -> None:
    guess_from_everywhere()
    message = Message.objects.get(kind="account_failed_sign_ins")
    assert (message.address, message.language) == (ADDRESS, "en")
    assert "a wrong password for your account five times" in text_of(message)
    assert not Message.objects.exclude(pk=message.pk).exists()


def test_wrong_passwords_on_the_owners_device_are_not_reported(user: User) -> None:
    phone = Client(REMOTE_ADDR=OWN_NETWORK)
    log_in(phone)
    phone.post("/akun/logout/")
    for _slip in range(6):
        log_in(phone, WRONG)
    assert not Message.objects.exists()


def test_wrong_passwords_for_an_unknown_address_send_nothing() -> None:
    guess_from_everywhere()
    assert not Message.objects.exists()


def test_a_password_reset_ends_the_wait(user: User) -> None:
    guess_from(OWN_NETWORK)
    client = Client(REMOTE_ADDR=OWN_NETWORK)
    assert not log_in(client)
    page = client.get(services.password_link(user).partition("8000")[2], follow=True)
    new = {"password1": "siang-terik-77", "password2": "siang-terik-77"}
    client.post(page.redirect_chain[-1][0], new)
    assert log_in(client, "siang-terik-77")


def guesses_checked(run_together: Any, address: str) -> int:
    """The number of simultaneous guesses from one network whose password was checked."""
    answers = run_together([partial(ask_token, address, password=WRONG) for _guess in range(9)])
    return [answer.status_code for answer in answers].count(400)


def test_simultaneous_guesses_stay_within_the_limit(user: User, run_together: Any) -> None:
    assert 1 <= guesses_checked(run_together, network(1)) <= 5


def test_control_without_the_lock_simultaneous_guesses_exceed_the_limit(
    user: User, run_together: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, the test above no longer races."""
    monkeypatch.setattr(
        "allauth.core.internal.ratelimit.cache_lock", lambda _key: nullcontext(True)
    )
    assert any(guesses_checked(run_together, network(n)) > 5 for n in range(20))


# --- Second factor ------------------------------------------------------------------------------
@pytest.fixture
def recovery_codes(user: User) -> list[str]:
    """Codes of an account with a second factor; unlike those of an app they do not change with time."""
    TOTP.activate(user, generate_totp_secret())
    return list(RecoveryCodes.activate(user).get_unused_codes())


def guess_codes(count: int) -> None:
    """Guess codes with the right password, each time from another network."""
    for number in range(count):
        assert ask_token(network(number), code=f"{number:06}").status_code == 400


def test_second_factor_guesses_are_limited_for_each_account(
    user: User, recovery_codes: list[str]
) -> None:
    guess_codes(5)
    assert ask_token(code=recovery_codes[0]).status_code == 400, (
        "the right one does not help either"
    )


def test_control_without_the_limit_a_code_can_be_guessed(
    user: User, recovery_codes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, the test above no longer attacks anything."""
    monkeypatch.setattr(sign_in, "check_rate_limit", lambda _user: lambda: None)
    guess_codes(15)
    assert ask_token(code=recovery_codes[0]).status_code == 200


def test_page_and_api_share_the_limit_of_second_factor_guesses(
    user: User, recovery_codes: list[str]
) -> None:
    guess_codes(5)
    client = Client(REMOTE_ADDR=OWN_NETWORK)
    client.post(LOGIN, {"login": ADDRESS, "password": PASSWORD})
    client.post("/akun/2fa/authenticate/", {"code": recovery_codes[0]})
    assert "_auth_user_id" not in client.session


def test_the_owner_learns_that_somebody_with_the_password_guesses_codes(
    user: User, recovery_codes: list[str]
) -> None:
    client = Client(REMOTE_ADDR=OWN_NETWORK)
    client.post(LOGIN, {"login": ADDRESS, "password": PASSWORD})
    for number in range(5):
        client.post("/akun/2fa/authenticate/", {"code": f"{number:06}"})
    message = Message.objects.get(kind="account_failed_sign_ins")
    assert "Someone used your password" in text_of(message)


def answers_of(**guess: str) -> list[tuple[int, bytes]]:
    """What eight attempts from one network get, until the limit and beyond."""
    answers = [ask_token(**guess) for _attempt in range(8)]
    return [(answer.status_code, answer.content) for answer in answers]


def tells_the_right_password(code: str) -> bool:
    """True if the answers to the right and to a wrong password differ."""
    right = answers_of(address=network(1), code=code)
    wrong = answers_of(address=network(2), code=code, password=WRONG)
    return right != wrong


@pytest.mark.parametrize("code", ["", "000000"])
def test_the_password_is_not_confirmed_before_the_second_factor(
    user: User, recovery_codes: list[str], code: str
) -> None:
    assert not tells_the_right_password(code)
    assert answers_of(address=network(3), code=code) == answers_of(
        address=network(4), code=code, email=UNKNOWN
    )


def test_control_a_separate_answer_for_the_second_factor_confirms_the_password(
    user: User, recovery_codes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, the test above no longer attacks anything."""
    passes = sign_in._passes_second_factor

    def refuse_openly(*args: Any, is_password_right: bool) -> bool:
        if is_password_right and not passes(*args, is_password_right=True):
            raise NotAllowed
        return False

    monkeypatch.setattr(sign_in, "_passes_second_factor", refuse_openly)
    assert tells_the_right_password("000000")


def test_an_officer_without_a_second_factor_learns_nothing_either(
    user: User, settings: Settings
) -> None:
    User.objects.update(is_staff=True)
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    assert not tells_the_right_password("")


def test_a_closed_account_gets_the_same_answer_for_any_password(user: User) -> None:
    User.objects.update(is_active=False)
    assert not tells_the_right_password("")


def test_a_code_with_a_wrong_password_is_not_used_up(user: User, recovery_codes: list[str]) -> None:
    assert ask_token(password=WRONG, code=recovery_codes[0]).status_code == 400
    assert ask_token(code=recovery_codes[0]).status_code == 200


# --- Time ---------------------------------------------------------------------------------------
class CountingHasher(MD5PasswordHasher):
    """Counts hashes, which take nearly all of the time of a sign-in with the hasher of production."""

    algorithm = "md5"
    count = 0

    def encode(self, password: str, salt: str) -> str:
        CountingHasher.count += 1
        return str(super().encode(password, salt))


@pytest.fixture
def hashes_of(settings: Settings) -> Callable[[Callable[[], Any]], int]:
    """Return the number of password hashes that a call computes."""
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]

    def count(call: Callable[[], Any]) -> int:
        before = CountingHasher.count
        call()
        return CountingHasher.count - before

    return count


def test_known_and_unknown_addresses_take_one_hash(user: User, hashes_of: Any) -> None:
    assert hashes_of(lambda: ask_token(password=WRONG)) == 1
    assert hashes_of(lambda: ask_token(email=UNKNOWN)) == 1
    assert hashes_of(lambda: log_in(Client(), WRONG)) == 1
    assert hashes_of(lambda: register_by_api(ADDRESS)) == 1
    assert hashes_of(lambda: register_by_api(UNKNOWN)) == 1
    assert hashes_of(lambda: sign_up_on_page(ADDRESS)) == 1
    assert hashes_of(lambda: sign_up_on_page("lagi@ada.id")) == 1


def test_right_and_wrong_passwords_take_the_same_queries_before_the_second_factor(
    user: User, recovery_codes: list[str]
) -> None:
    def queries(**guess: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            ask_token(code="000000", **guess)
        return len([1 for query in captured if "SAVEPOINT" not in query["sql"]])

    assert queries(address=network(1)) == queries(address=network(2), password=WRONG)


# --- Known and unknown addresses ----------------------------------------------------------------
def register_by_api(email: str) -> Any:
    body = {"email": email, "password": PASSWORD, "full_name": "Siti Rahmawati"}
    return APIClient().post(REGISTER, body)


def sign_up_on_page(email: str) -> Any:
    return Client().post(
        SIGN_UP, {"email": email, "password1": PASSWORD, "full_name": "Siti Rahmawati"}
    )


def reset_on_page(email: str) -> Any:
    return Client().post(RESET, {"email": email})


def log_in_on_page(email: str) -> Any:
    return Client().post(LOGIN, {"login": email, "password": WRONG})


def visible(answer: Any) -> dict[str, Any]:
    """What a visitor sees of an answer: status, headers, names of cookies, and the visible text."""
    form = answer.context["form"].errors if answer.context and "form" in answer.context else None
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in ("Content-Length", "X-Request-ID", "Expires")  # Expires is the time
    }
    body = answer.content if "json" in answer["Content-Type"] else form
    cookies = {name: bool(cookie.value) for name, cookie in answer.cookies.items()}
    return {"status": answer.status_code, "headers": headers, "body": body, "cookies": cookies}


@pytest.mark.parametrize("ask", [register_by_api, sign_up_on_page, reset_on_page, log_in_on_page])
def test_known_and_unknown_addresses_get_the_same_answer(
    user: User, ask: Callable[[str], Any]
) -> None:
    assert visible(ask(ADDRESS)) == visible(ask(UNKNOWN))


def test_the_page_after_a_sign_up_is_the_same(user: User) -> None:
    pages = []
    for email in (ADDRESS, UNKNOWN):
        client = Client()
        data = {"email": email, "password1": PASSWORD, "full_name": "Siti Rahmawati"}
        page = client.post(SIGN_UP, data, follow=True)
        assert page.redirect_chain == [(LOGIN, 302)]
        text = page.content.decode().replace(email, "ADDRESS")
        token = client.cookies["csrftoken"].value
        pages.append([line for line in text.splitlines() if "csrfmiddlewaretoken" not in line])
        assert token
    assert pages[0] == pages[1]


def test_control_the_stock_sign_up_form_tells_that_an_address_is_known(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, the tests above no longer attack anything."""
    stock = allauth_forms.BaseSignupForm.validate_unique_email
    monkeypatch.setattr(forms.SignupForm, "validate_unique_email", stock)
    assert visible(sign_up_on_page(ADDRESS)) != visible(sign_up_on_page(UNKNOWN))


def test_control_the_service_alone_tells_that_an_address_is_known(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, the tests above no longer attack anything."""

    def register(_request: Any, **values: str) -> None:
        services.register(**values, language="id")

    monkeypatch.setattr(sign_in, "sign_up", register)
    assert visible(register_by_api(ADDRESS)) != visible(register_by_api(UNKNOWN))


def test_a_sign_up_with_a_confirmed_second_address_changes_nothing(user: User) -> None:
    EmailAddress.objects.create(user=user, email="kedua@contoh.id", verified=True)
    register_by_api("kedua@contoh.id")
    assert User.objects.get() == user
    assert Message.objects.get().kind == "account_exists"


def test_the_owner_of_a_known_address_gets_one_message_a_day(user: User) -> None:
    for _attempt in range(5):
        register_by_api(ADDRESS)
        sign_up_on_page(ADDRESS)
    assert [message.kind for message in Message.objects.all()] == ["account_exists"]


# --- Changing a password ------------------------------------------------------------------------
NEW_PASSWORD = "siang-terik-77"


@pytest.fixture
def officer() -> User:
    officer = make_officer(make_office(), Role.SUPERVISOR)
    officer.set_password(PASSWORD)
    officer.save(update_fields=["password"])
    services.issue_token(user_id=officer.pk)
    return officer


FIELDS = {
    **dict.fromkeys(("oldpassword", "old_password"), PASSWORD),
    **dict.fromkeys(("password1", "password2", "new_password1", "new_password2"), NEW_PASSWORD),
}


def test_the_admin_changes_passwords_on_the_account_page(officer: User) -> None:
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        client.force_login(officer)
    assert here.post("/admin/password_change/", FIELDS)["Location"] == "/akun/password/change/"
    officer.refresh_from_db()
    assert officer.check_password(PASSWORD)
    here.post("/akun/password/change/", FIELDS)
    officer.refresh_from_db()
    assert officer.check_password(NEW_PASSWORD)
    assert elsewhere.get("/admin/today/").status_code == 302
    assert not AuthToken.objects.exists()
    message = Message.objects.get()
    assert (message.address, message.kind) == (officer.email, "account_changed")


def test_control_the_stock_page_of_the_admin_sends_no_message(officer: User) -> None:
    """If this fails, the test above no longer shows what the account page adds."""
    client = Client()
    client.force_login(officer)
    request = RequestFactory().post("/admin/password_change/", FIELDS)
    request.user, request.session = officer, client.session
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
    admin.AdminSite.password_change(admin.site, request)
    officer.refresh_from_db()
    assert officer.check_password(NEW_PASSWORD)
    assert not Message.objects.exists()


def change_in_the_shell(officer: User) -> None:
    officer.set_password(NEW_PASSWORD)
    officer.save()


def test_tokens_end_with_the_password_however_it_is_changed(officer: User) -> None:
    change_in_the_shell(officer)
    assert not AuthToken.objects.exists()


def test_control_without_the_validator_tokens_outlive_the_password(
    officer: User, settings: Settings
) -> None:
    """If this fails, the test above no longer attacks anything."""
    settings.AUTH_PASSWORD_VALIDATORS = django_settings.AUTH_PASSWORD_VALIDATORS[:-1]
    change_in_the_shell(officer)
    assert AuthToken.objects.exists()
