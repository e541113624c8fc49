"""Endpoints by the API: made, changed, tested and deleted by their account only."""

from functools import partial
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services import issue_token
from accounts.webhooks.models import MOST_ENDPOINTS, WebhookEndpoint
from accounts.webhooks.tasks import deliver_due_webhooks
from notices.models import Message
from tests.accounts.webhooks.receiver import Receiver, make_endpoint
from tests.builders import make_user
from tests.outbox import text_of

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/api/v1/webhooks/"
PUBLIC = "https://sistem.contoh.id/kejadian?token=rahasia-alamat"
KINDS = ["booking.confirmed", "passport.ready"]


def api_of(user: User) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {issue_token(user_id=user.pk)}")
    return client


@pytest.fixture
def owner() -> User:
    return make_user("program@contoh.id")


@pytest.fixture
def api(owner: User) -> APIClient:
    return api_of(owner)


def make(api: APIClient, **changes: Any) -> Any:
    return api.post(PATH, {"url": PUBLIC, "kinds": KINDS, **changes})


def test_the_secret_is_shown_once_and_stored_encrypted(api: APIClient, owner: User) -> None:
    made = make(api)
    assert made.status_code == 201
    secret = made.json()["secret"]
    shown = api.get(f"{PATH}{made.json()['id']}/").json()
    assert shown == {name: made.json()[name] for name in made.json() if name != "secret"}
    assert api.get(PATH).json() == [shown]
    assert (shown["url"], shown["kinds"], shown["is_active"]) == (PUBLIC, KINDS, True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT url || secret FROM accounts_webhookendpoint")
        [[row]] = cursor.fetchall()
    assert secret not in row
    assert "rahasia-alamat" not in row
    message = Message.objects.get()
    assert message.address == owner.email
    assert "webhook" in text_of(message)


@pytest.mark.parametrize(
    "url",
    [
        "http://sistem.contoh.id/",
        "http://127.0.0.1:8000/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://10.0.0.7/",
        "https://169.254.169.254/latest/",
        "https://localhost/",
        "https://db.internal/",
        "https://postgres/",
        "https://nama:sandi@sistem.contoh.id/",
        "https://sistem.contoh.id/#bagian",
        "https://sistem.contoh.id:99999/",
        "https://sistem.contoh.id:465/",
        "https://sistem.contoh.id/a b",
        "https://[sistem/",
        "ftp://sistem.contoh.id/",
        "sistem.contoh.id",
    ],
)
def test_production_refuses_addresses_that_are_not_public(
    api: APIClient, settings: Any, url: str
) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = False
    refused = make(api, url=url)
    assert (refused.status_code, refused.json()["code"]) == (400, "webhook_address")
    assert refused.json()["fields"]["url"]
    kept = make(api).json()["id"]
    assert api.patch(f"{PATH}{kept}/", {"url": url}).status_code == 400
    assert api.get(f"{PATH}{kept}/").json()["url"] == PUBLIC


@pytest.mark.parametrize("kinds", [[], ["booking.unknown"], "booking.moved", [None]])
def test_only_known_kinds_are_accepted(api: APIClient, kinds: Any) -> None:
    assert make(api, kinds=kinds).status_code == 400


def test_another_account_does_not_find_an_endpoint(api: APIClient) -> None:
    path = f"{PATH}{make(api).json()['id']}/"
    other = api_of(make_user())
    assert other.get(PATH).json() == []
    for verb, address in (
        (other.get, path),
        (other.patch, path),
        (other.delete, path),
        (other.post, f"{path}test/"),
        (other.post, f"{path}secret/"),
    ):
        assert verb(address).status_code == 404
    assert api.get(path).status_code == 200


def test_an_endpoint_is_changed_paused_and_deleted(api: APIClient) -> None:
    made = make(api).json()
    path = f"{PATH}{made['id']}/"
    paused = api.patch(path, {"is_active": False, "kinds": ["booking.moved"]}).json()
    assert (paused["is_active"], paused["paused_reason"]) == (False, "owner")
    assert paused["kinds"] == ["booking.moved"]
    refused = api.post(f"{path}test/")
    assert (refused.status_code, refused.json()["code"]) == (409, "webhook_paused")
    assert api.patch(path, {"is_active": True}).json()["paused_reason"] == ""
    renewed = api.post(f"{path}secret/").json()["secret"]
    assert renewed != made["secret"]
    assert WebhookEndpoint.objects.get().secret == renewed
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


def test_a_test_event_is_sent_and_its_result_is_shown(api: APIClient, receiver: Receiver) -> None:
    path = f"{PATH}{make(api, url=receiver.url).json()['id']}/"
    queued = api.post(f"{path}test/")
    assert queued.status_code == 202
    assert api.post(f"{path}test/").status_code == 429
    deliver_due_webhooks()
    [event] = receiver.events
    assert event == {"id": queued.json()["event"], "kind": "test", "at": event["at"]}
    assert api.get(f"{path}").json()["last_delivered_at"]


# --- The limit ------------------------------------------------------------------------------------
def race(owner: User, run_together: Any) -> int:
    for _each in range(MOST_ENDPOINTS - 1):
        make_endpoint(owner, PUBLIC)
    run_together([partial(make_endpoint, owner, PUBLIC)] * 3)
    return WebhookEndpoint.objects.count()


def test_an_account_has_few_endpoints(owner: User, api: APIClient, run_together: Any) -> None:
    assert race(owner, run_together) == MOST_ENDPOINTS
    refused = make(api)
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_webhooks")


def test_control_without_guards_there_are_more(unguarded_database: str, run_together: Any) -> None:
    """If this fails, the test above no longer races and proves nothing."""
    assert race(make_user(), run_together) > MOST_ENDPOINTS
