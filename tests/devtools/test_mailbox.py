from datetime import datetime

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from pytest_django import Settings

from core.formats import local_time_long
from tests.builders import make_office
from tests.conftest import Mailbox


def send(subject: str, to: str = "siti@example.org") -> None:
    email = EmailMultiAlternatives(
        subject, "Halo Siti", to=[to], headers={"X-Kind": "confirmation"}
    )
    email.attach_alternative("<p>Halo Siti</p>", "text/html")
    email.send()


@pytest.mark.django_db
def test_the_mailbox_lists_the_newest_message_first(mailbox: Mailbox, client: Client) -> None:
    send("Pertama")
    send("Kedua", to="budi@example.org")
    emails = client.get("/demo/mailbox/?format=json").json()
    assert [email["subject"] for email in emails] == ["Kedua", "Pertama"]
    assert set(emails[0]) == {"to", "kind", "subject", "text", "at"}
    assert emails[1]["to"] == "siti@example.org"
    assert emails[1]["kind"] == "confirmation"
    assert emails[1]["text"].strip() == "Halo Siti"


@pytest.mark.django_db
def test_the_mailbox_page_shows_the_local_time_of_an_office(
    mailbox: Mailbox, client: Client
) -> None:
    send("Pertama")
    at = datetime.fromisoformat(client.get("/demo/mailbox/?format=json").json()[0]["at"])
    office = make_office(time_zone="Asia/Makassar")
    for query, zone in ((f"?office={office.code}", "WITA"), ("", "WIB")):
        page = client.get(f"/demo/mailbox/{query}").content.decode()
        place = office if query else "Asia/Jakarta"
        assert local_time_long(at, place) in page
        assert zone in page


@pytest.mark.django_db
def test_the_mailbox_page_shows_messages_as_text(mailbox: Mailbox, client: Client) -> None:
    send("<b>Penting</b>")
    page = client.get("/demo/mailbox/").content.decode()
    assert "&lt;b&gt;Penting&lt;/b&gt;" in page


@pytest.mark.django_db
def test_outside_the_demo_there_is_no_mailbox(client: Client, settings: Settings) -> None:
    settings.DEMO = False
    assert client.get("/demo/mailbox/").status_code == 404
