"""A refused form is shown by a GET; its values outlive Back, reload and an expired session."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from booking.people.models import Applicant
from core import drafts
from core.clock import now
from tests.builders import make_nik, make_office, make_person, make_user
from tests.clients import page_text, post_once

pytestmark = pytest.mark.django_db
DELETED = "Isian ini sudah dihapus"
FORM = {"full_name": "Siti Rahma", "nik": "not a number"}


@pytest.fixture
def address() -> Any:
    return reverse("booking:person_add")


@pytest.fixture
def signed_in(client: Client) -> Any:
    client.force_login(make_user())
    return client


def refuse(client: Client, address: Any) -> Any:
    answer = post_once(client, address, FORM)
    assert answer.status_code == 303
    return answer["Location"]


def test_a_refused_form_leads_to_a_page_with_errors_and_values(
    signed_in: Client, address: Any
) -> None:
    location = refuse(signed_in, address)
    for _turn in range(2):  # reload
        page = signed_in.get(location)
        text = page_text(page)
        assert "Siti Rahma" in text
        assert "field-error" in text or "error" in text
        assert page["Cache-Control"] == "private, no-store"


def test_the_kept_page_can_be_sent(address: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user())
    client.get(address)
    token = client.cookies["csrftoken"].value
    location = post_once(client, address, FORM | {"csrfmiddlewaretoken": token})["Location"]
    field = drafts.TOKEN_FIELD.search(page_text(client.get(location)))
    assert field is not None
    fresh = field[0].split('value="')[1].rstrip('"')
    assert post_once(client, location, FORM | {"csrfmiddlewaretoken": fresh}).status_code == 303


def test_the_draft_is_encrypted_in_the_session(signed_in: Client, address: Any) -> None:
    refuse(signed_in, address)
    assert "Siti" not in str(dict(signed_in.session))


def test_a_draft_ends_after_thirty_minutes(signed_in: Client, address: Any, set_clock: Any) -> None:
    location = refuse(signed_in, address)
    set_clock(now() + timedelta(minutes=31))
    answer = signed_in.get(location)
    assert answer.status_code == 302
    assert answer["Location"] == address


def test_other_sessions_and_other_addresses_do_not_see_a_draft(
    signed_in: Client, address: Any
) -> None:
    location = refuse(signed_in, address)
    other = Client()
    other.force_login(make_user())
    assert other.get(location)["Location"] == address
    elsewhere = location.replace(address, "/")
    assert signed_in.get(elsewhere)["Location"] == "/"


def test_success_and_sign_out_delete_drafts(signed_in: Client, address: Any) -> None:
    location = refuse(signed_in, address)
    post_once(signed_in, reverse("accounts:reminders"), {"wanted": "yes"})
    assert "Siti Rahma" in page_text(signed_in.get(location))
    post_once(signed_in, reverse("account_logout"))
    assert "Siti Rahma" not in page_text(signed_in.get(location, follow=True))


def test_back_to_a_corrected_form_does_not_say_that_it_was_deleted(
    signed_in: Client, address: Any, set_clock: Any
) -> None:
    location = refuse(signed_in, address)
    form = {
        "full_name": "Siti Rahma",
        "nik": make_nik(),
        "birth_date_day": "6",
        "birth_date_month": "2",
        "birth_date_year": "1990",
        "sex": "female",
    }
    assert post_once(signed_in, location, form).status_code == 302
    assert Applicant.objects.exists()
    assert DELETED not in page_text(signed_in.get(location, follow=True))
    expired = refuse(signed_in, address)
    set_clock(now() + timedelta(minutes=31))
    assert DELETED in page_text(signed_in.get(expired, follow=True))


def test_a_session_keeps_a_few_drafts_only(signed_in: Client, address: Any) -> None:
    locations = [refuse(signed_in, address) for _turn in range(drafts.MOST_DRAFTS + 2)]
    assert len(signed_in.session[drafts.SESSION_KEY]) == drafts.MOST_DRAFTS
    assert signed_in.get(locations[-1]).status_code != 302
    assert signed_in.get(locations[0]).status_code == 302


def test_an_expired_session_keeps_what_was_typed(client: Client, address: Any) -> None:
    person = make_person()
    answer = post_once(client, address, FORM)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))
    client.force_login(person.account)
    session_draft = answer["Location"].partition("next=")[2]
    assert "draft" in session_draft


def test_the_typed_values_are_sent_by_one_press_after_signing_in(
    client: Client, address: Any
) -> None:
    user = make_user()
    user.set_password("a-long-password-7")
    user.save()
    login = post_once(client, address, FORM)["Location"]
    form = {"login": user.email, "password": "a-long-password-7", "next": ""}
    form["next"] = next_of(login)
    after = post_once(client, login, form)
    page = page_text(client.get(after["Location"]))
    assert 'name="full_name" value="Siti Rahma"' in page
    assert not Applicant.objects.exists()


def test_passwords_are_never_kept(client: Client) -> None:
    address = reverse("account_change_password")
    location = post_once(client, address, {"oldpassword": "secret-1", "password1": "secret-2"})
    assert "draft" in location["Location"]
    name = next(iter(client.session[drafts.SESSION_KEY]))
    kept = drafts._unseal(client.session[drafts.SESSION_KEY][name]["sealed"])
    assert "secret" not in str(kept)


def test_a_huge_form_is_answered_directly(
    client: Client, signed_in: Client, address: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "MOST_CHARACTERS", 10)
    assert post_once(signed_in, address, FORM).status_code != 303


def test_scripts_get_their_answer_directly(signed_in: Client, address: Any) -> None:
    answer = post_once(signed_in, address, FORM, headers={"Sec-Fetch-Mode": "cors"})
    assert answer.status_code != 303


def next_of(location: Any) -> Any:
    from urllib.parse import parse_qs, urlsplit

    return parse_qs(urlsplit(location).query)["next"][0]


# --- Caches ---------------------------------------------------------------------------------------
def test_personal_answers_are_kept_by_nobody(signed_in: Client) -> None:
    office = make_office()
    for path in ("/", reverse("booking:people"), f"/offices/{office.code}/", "/api/v1/bookings/"):
        assert signed_in.get(path)["Cache-Control"] == "private, no-store", path


def test_public_pages_stay_public(client: Client) -> None:
    assert "public" in client.get("/")["Cache-Control"]


def test_sign_out_empties_the_cache(signed_in: Client) -> None:
    answer = post_once(signed_in, reverse("account_logout"))
    assert answer["Clear-Site-Data"] == '"cache"'
