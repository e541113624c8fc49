"""Sign-up, sign-in and consent in the browser."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from accounts import services
from accounts.consents import current_wording
from accounts.models import Consent, User
from core import clock
from notices.models import Message
from tests.outbox import open_link, text_of

PASSWORD = "pagi-hujan-88"
pytestmark = pytest.mark.django_db


def sign_up(client: Any, **changes: Any) -> Any:
    data = {"email": "siti@contoh.id", "password1": PASSWORD, "full_name": " Siti  Rahmawati "}
    return client.post(reverse("account_signup"), data | changes)


def sign_in(client: Any, **changes: Any) -> Any:
    return client.post(
        reverse("account_login"), {"login": "siti@contoh.id", "password": PASSWORD} | changes
    )


@pytest.fixture
def user() -> Any:
    return services.register(
        email="siti@contoh.id", password=PASSWORD, full_name="Siti Rahmawati", language="en"
    )


def test_signing_up_creates_an_account_and_leads_to_the_sign_in(client: Any) -> None:
    answer = sign_up(client, next="/people/")
    assert (answer.status_code, answer.url) == (302, "/akun/login/?next=%2Fpeople%2F")
    user = User.objects.get()
    assert user.full_name == "Siti Rahmawati"
    assert "_auth_user_id" not in client.session
    page = client.get(answer.url).content.decode()
    assert 'value="siti@contoh.id"' in page
    assert 'value="siti@contoh.id"' not in client.get(answer.url).content.decode()
    assert sign_in(client, next="/people/").url == "/people/"
    assert client.session["_auth_user_id"] == str(user.pk)


def test_confirming_the_address_is_not_a_consent(client: Any) -> None:
    sign_up(client)
    user = User.objects.get()
    assert not services.may_remind(user.pk)
    link = re.search(
        r"/akun/confirm-email/\S+", text_of(Message.objects.get(kind="account_confirm_address"))
    ).group()
    address = open_link(client, link)
    page = client.get(address)
    assert page.status_code == 200
    client.post(address)
    assert EmailAddress.objects.get().verified
    assert not services.has_consented(user.pk, Consent.Purpose.REMINDERS)


def test_a_ticked_sign_up_records_wording_way_and_time(client: Any) -> None:
    sign_up(client, reminders="on")
    consent = Consent.objects.get()
    assert (consent.purpose, consent.way) == ("reminders", "sign_up")
    assert consent.wording == current_wording("reminders")
    # Reminders go out only once the address is confirmed too.
    assert not services.may_remind(consent.user_id)


@pytest.mark.parametrize(
    ("field", "value"), [("email", "bukan"), ("password1", "123"), ("full_name", " ")]
)
def test_errors_appear_at_their_field_and_input_is_preserved(
    client: Any, field: Any, value: Any
) -> None:
    page = sign_up(client, **{field: value})
    assert page.status_code == 200
    assert field in page.context["form"].errors
    if field != "email":
        assert "siti@contoh.id" in page.content.decode()
    assert not User.objects.exists()


def test_signing_up_with_a_known_address_changes_nothing_and_tells_the_owner(
    client: Any, user: Any
) -> None:
    sign_up(client, password1="lain-sekali-1", full_name="Orang Lain")
    sign_up(client, email="SITI@contoh.id")
    assert User.objects.get().full_name == "Siti Rahmawati"
    message = Message.objects.get()
    assert (message.kind, message.address) == ("account_exists", "siti@contoh.id")
    assert message.language == "en"


def test_wrong_password_and_unknown_address_show_the_same_page(client: Any, user: Any) -> None:
    first, second = sign_in(client, password="salah-satu"), sign_in(client, login="tak@ada.id")
    assert first.context["form"].errors == second.context["form"].errors


def test_signing_in_switches_to_the_accounts_language(client: Any, user: Any) -> None:
    answer = sign_in(client)
    assert answer.cookies["django_language"].value == "en"


def test_a_language_chosen_in_the_browser_is_preserved(client: Any, user: Any) -> None:
    client.cookies["django_language"] = "id"
    assert "django_language" not in sign_in(client).cookies


def test_switching_the_language_also_changes_messages(client: Any, user: Any) -> None:
    client.force_login(user)
    client.post(reverse("pages:set_language"), {"language": "id", "next": "/"})
    user.refresh_from_db()
    assert user.language == "id"


def test_password_reset_does_not_reveal_whether_an_account_exists(client: Any, user: Any) -> None:
    known = client.post(reverse("account_reset_password"), {"email": "siti@contoh.id"})
    unknown = client.post(reverse("account_reset_password"), {"email": "tak@ada.id"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert set(Message.objects.values_list("address", flat=True)) == {
        "siti@contoh.id",
        "tak@ada.id",
    }


def test_a_new_password_revokes_every_token(client: Any, user: Any) -> None:
    services.issue_token(user_id=user.pk)
    client.post(reverse("account_reset_password"), {"email": "siti@contoh.id"})
    link = re.search(r"/akun/password/reset/key/\S+", text_of(Message.objects.get())).group()
    address = open_link(client, link)
    assert client.get(address).status_code == 200
    client.post(address, {"password1": "malam-cerah-99", "password2": "malam-cerah-99"})
    user.refresh_from_db()
    assert user.check_password("malam-cerah-99")
    assert not user.auth_token_set.exists()


def test_reminders_can_be_switched_off_and_on(client: Any, user: Any) -> None:
    client.force_login(user)
    services.give_consent(user_id=user.pk, purpose=Consent.Purpose.REMINDERS, now=clock.now())
    page = reverse("accounts:reminders")
    assert client.get(page).context["is_on"]
    client.post(page, {"wanted": "no"})
    assert not services.has_consented(user.pk, Consent.Purpose.REMINDERS)
    client.post(page, {"wanted": "yes"})
    assert services.has_consented(user.pk, Consent.Purpose.REMINDERS)
    assert Consent.objects.count() == 2, "what was taken back stays as evidence"


def test_giving_consent_twice_records_it_once(user: Any) -> None:
    for _time in range(2):
        services.give_consent(user_id=user.pk, purpose=Consent.Purpose.REMINDERS, now=clock.now())
    assert Consent.objects.count() == 1


def test_officers_must_set_up_a_second_factor_where_configured(
    client: Any, user: Any, settings: Any
) -> None:
    User.objects.update(is_staff=True)
    client.force_login(user)
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    answer = client.get("/admin/")
    assert answer.status_code == 302
    assert answer.url == reverse("mfa_activate_totp")


def test_a_session_is_listed_and_can_be_ended(client: Any, user: Any) -> None:
    other = type(client)()
    sign_in(client)
    sign_in(other)
    page = client.get(reverse("usersessions_list"))
    assert page.status_code == 200
    client.post(reverse("usersessions_list"))
    assert other.get(reverse("accounts:reminders")).status_code == 302
    assert client.get(reverse("accounts:reminders")).status_code == 200
