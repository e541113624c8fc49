"""The admin lists of messages and accounts, by role."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from notices.models import Message
from notices.services import queue_message
from offices.staff.models import Role
from tests.builders import NOW, make_office, make_officer, make_user

pytestmark = pytest.mark.django_db
LIST = reverse("admin:notices_message_changelist")


@pytest.fixture
def office() -> Any:
    return make_office()


CONTEXTS = {
    "booking_kept": {"code": "ACDEFGHJKM"},
    "account_new_password": {"url": "https://x/Rahasia"},
}


def tell(office_code: Any = "", kind: Any = "booking_kept", key: Any = "a") -> Any:
    queue_message(
        kind=kind,
        dedupe_key=key,
        address="siti@contoh.id",
        language="id",
        context=CONTEXTS[kind],
        office_code=office_code,
        now=NOW,
    )
    return Message.objects.get(dedupe_key=key)


def detail(message: Any) -> Any:
    return reverse("admin:notices_message_change", args=[message.pk])


def test_supervisors_read_messages_with_masked_addresses(client: Any, office: Any) -> None:
    mine, other = tell(office.code), tell(make_office().code, key="b")
    client.force_login(make_officer(office, Role.SUPERVISOR))
    page = client.get(LIST)
    assert [row.pk for row in page.context["cl"].result_list] == [mine.pk]
    assert "siti@contoh.id" not in page.content.decode()
    assert client.get(detail(mine)).status_code == 200
    assert client.get(detail(other)).status_code == 302


def test_a_message_can_be_read_before_and_after_sending(client: Any, office: Any) -> None:
    message = tell(office.code)
    client.force_login(make_officer(office, Role.SUPERVISOR))
    assert "ACDEFGHJKM tetap milik Anda" in client.get(detail(message)).content.decode()
    Message.objects.update(sent_at=NOW, subject="Perihal", body="Yang terkirim")
    page = client.get(detail(message)).content.decode()
    assert "Yang terkirim" in page
    assert "tetap milik Anda" not in page


@pytest.mark.parametrize("role", [Role.GATE, Role.COUNTER, Role.PICKUP])
def test_officers_cannot_read_messages(client: Any, office: Any, role: Any) -> None:
    client.force_login(make_officer(office, role))
    assert client.get(LIST).status_code == 403


def test_account_messages_are_national_and_their_links_hidden(client: Any, office: Any) -> None:
    message = tell(kind="account_new_password")
    client.force_login(make_officer(office, Role.SUPERVISOR))
    assert not client.get(LIST).context["cl"].result_list
    client.force_login(make_officer(None, Role.NATIONAL))
    page = client.get(detail(message))
    assert page.status_code == 200
    assert "Rahasia" not in page.content.decode()


def test_a_supervisor_sends_a_refused_message_again(client: Any, office: Any) -> None:
    message = tell(office.code)
    Message.objects.update(given_up_at=NOW, attempts=3, next_at=NOW + timedelta(days=9))
    client.force_login(make_officer(office, Role.SUPERVISOR))
    client.post(LIST, {"action": "send_again", "_selected_action": [message.pk]})
    message.refresh_from_db()
    assert (message.given_up_at, message.attempts) == (None, 0)


def test_national_staff_change_accounts_and_nobody_deletes_them(client: Any, office: Any) -> None:
    someone = make_user()
    page = reverse("admin:accounts_user_change", args=[someone.pk])
    client.force_login(make_officer(office, Role.SUPERVISOR))
    assert client.get(reverse("admin:accounts_user_changelist")).status_code == 403
    assert client.get(page).status_code == 403
    client.force_login(make_officer(None, Role.NATIONAL))
    client.post(
        page,
        {
            "full_name": "Budi",
            "language": "id",
            "consents-TOTAL_FORMS": 0,
            "consents-INITIAL_FORMS": 0,
        },
    )
    someone.refresh_from_db()
    assert (someone.full_name, someone.is_active) == ("Budi", False)
    assert client.post(reverse("admin:accounts_user_delete", args=[someone.pk])).status_code == 403


def test_a_new_officer_has_no_password(client: Any, office: Any) -> None:
    client.force_login(make_officer(None, Role.NATIONAL))
    data = {
        "email": "Baru@Imigrasi.example",
        "full_name": "Baru",
        "language": "id",
        "is_staff": "on",
        "is_active": "on",
        "consents-TOTAL_FORMS": 0,
        "consents-INITIAL_FORMS": 0,
    }
    answer = client.post(reverse("admin:accounts_user_add"), data)
    assert answer.status_code == 302, answer.context["errors"]
    user = User.objects.get(email="baru@imigrasi.example")
    assert user.is_staff
    assert not user.has_usable_password()
