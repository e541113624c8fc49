"""The public calendar of releases, its feeds, and announcements to people without an account."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client

from notices.models import Message
from offices.directory.models import Office
from offices.hours.models import Holiday
from quotas.watches.models import OpeningWatch
from quotas.windows.openings import open_due_windows
from quotas.windows.services import prepare_windows
from tests.builders import NOW, make_office, make_policy, make_weekly_release
from tests.outbox import open_link, text_of

pytestmark = pytest.mark.django_db
FRIDAY_14 = NOW.replace(hour=7) + timedelta(days=4)
ADDRESS = "siti@contoh.id"


@pytest.fixture
def office(set_clock: Any) -> Office:
    set_clock(NOW)
    office = make_office("palembang")
    make_policy(office, places=75)
    make_weekly_release(office)
    Holiday.objects.create(day="2026-12-09", name="Pilkada", kind="national")
    prepare_windows(office_id=office.pk, now=NOW)
    return office


def test_the_page_lists_openings_places_and_reasons(client: Client, office: Office) -> None:
    page = client.get("/releases/").content.decode()
    assert office.name in page
    assert "14.00" in page
    assert "375" in page
    assert "Libur: Pilkada" in page


def test_the_page_and_its_feeds_are_publicly_cacheable(client: Client, office: Office) -> None:
    for address in ("/releases/", "/releases.ics", "/api/v1/releases/"):
        assert "public" in client.get(address)["Cache-Control"]


def test_the_feed_is_stable_until_something_changes(client: Client, office: Office) -> None:
    first = client.get("/releases.ics").content
    assert first == client.get("/releases.ics").content
    assert b"DTSTART:20261127T070000Z" in first
    assert b"375 tempat" in first
    assert client.get("/offices/palembang/releases.ics").content.count(b"BEGIN:VEVENT") >= 3
    assert client.get("/offices/mars/releases.ics").status_code == 404


def test_the_api_returns_the_same(client: Client, office: Office) -> None:
    row = client.get("/api/v1/releases/").json()[0]
    assert row["office"] == "palembang"
    assert row["openings"][0]["opens_at"] == "2026-11-27T14:00:00+07:00"
    assert {"date": "2026-12-09", "reason": "Libur: Pilkada"} in row["closed"]


def links(kind: str) -> list[str]:
    messages = Message.objects.filter(kind=kind).order_by("pk")
    return [
        re.sub(r"^.*?//[^/]+", "", address)
        for message in messages
        for address in re.findall(r"http\S+/watch/\S+", text_of(message))
    ]


def subscribe(client: Client) -> None:
    client.post("/offices/palembang/watch/", {"address": ADDRESS})
    client.post(open_link(client, links("watch_confirm")[0]))


def test_unconfirmed_addresses_get_no_announcement(client: Client, office: Office) -> None:
    answer = client.post("/offices/palembang/watch/", {"address": ADDRESS})
    assert "Buka surel dari kami" in answer.content.decode()
    assert client.get(open_link(client, links("watch_confirm")[0])).status_code == 200
    open_due_windows(now=FRIDAY_14)
    assert not Message.objects.filter(kind="watch_opened").exists()


def test_a_confirmed_address_gets_one_message_per_opening(client: Client, office: Office) -> None:
    subscribe(client)
    open_due_windows(now=FRIDAY_14)
    open_due_windows(now=FRIDAY_14)
    email = Message.objects.get(kind="watch_opened")
    assert email.address == ADDRESS
    assert "375" in text_of(email)


def test_the_link_unsubscribes_after_a_button_and_deletes_the_address(
    client: Client, office: Office
) -> None:
    subscribe(client)
    open_due_windows(now=FRIDAY_14)
    stop = next(link for link in links("watch_opened") if link.endswith("/stop/"))
    page = open_link(client, stop)
    assert "Hentikan pemberitahuan?" in client.get(page).content.decode()
    assert OpeningWatch.objects.get().address == ADDRESS
    for _turn in range(2):
        answer = client.post(page, follow=True)
        assert "Pemberitahuan dihentikan" in answer.content.decode()
    assert OpeningWatch.objects.get().address == ""
    open_due_windows(now=FRIDAY_14 + timedelta(days=7))
    assert Message.objects.filter(kind="watch_opened").count() == 1
    subscribe_again = client.post("/offices/palembang/watch/", {"address": ADDRESS})
    assert subscribe_again.status_code == 200


def test_links_contain_no_address_and_cannot_be_forged(client: Client, office: Office) -> None:
    subscribe(client)
    link = links("watch_confirm")[0]
    assert "siti" not in link
    assert client.get(link[:-12] + "x/confirm/").status_code == 404
    other = signing.dumps(OpeningWatch.objects.get().pk, salt="other")
    assert client.get(f"/watch/{other}/stop/").status_code == 404


def test_repeated_requests_send_one_message_a_day(client: Client, office: Office) -> None:
    for _turn in range(3):
        client.post("/offices/palembang/watch/", {"address": ADDRESS.upper()})
    assert Message.objects.filter(kind="watch_confirm").count() == 1


def test_an_invalid_address_is_refused_with_a_message(client: Client, office: Office) -> None:
    answer = client.post("/offices/palembang/watch/", {"address": "siti"})
    assert answer.status_code == 400
    assert "Isi alamat lengkap" in answer.content.decode()
