"""The outbox: one row for one thing told, one letter for one row."""

import email
import email.policy
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import transaction

from notices import services
from notices.letters import message_id
from notices.models import Message

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


def queue(key="booking:1", **changes):
    values = {
        "kind": "booking_confirmed",
        "dedupe_key": key,
        "address": "siti@contoh.id",
        "language": "id",
        "subject": "Jadwal Anda tercatat",
        "paragraphs": ["Datanglah 15 menit sebelumnya."],
        "rows": [("Kode", "ACDE-FGH"), ("Jam", "09.00–10.00 WIB")],
        "bring": ["KTP asli"],
        "action": ("Lihat tiket", "https://paspor.example/bookings/ACDEFGH/"),
        "calendar": "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        "now": NOW,
    }
    services.queue_message(**(values | changes))


def parsed(mailbox):
    return [email.message_from_bytes(raw, policy=email.policy.default) for raw in mailbox.raw]


def test_a_message_is_written_once_for_one_key():
    queue()
    queue()
    assert Message.objects.count() == 1


def test_a_message_rolls_back_with_what_it_tells():
    with suppress(ZeroDivisionError), transaction.atomic():
        queue()
        raise ZeroDivisionError
    assert not Message.objects.exists()


def test_a_letter_has_text_html_and_the_calendar_file(mailbox):
    queue()
    assert services.deliver_due(now=NOW) == 1
    [letter] = parsed(mailbox)
    assert letter["To"] == "siti@contoh.id"
    assert letter["X-Kind"] == "booking_confirmed"
    assert letter["Message-ID"] == message_id("booking:1")
    text = letter.get_body(("plain",)).get_content()
    html = letter.get_body(("html",)).get_content()
    for part in (text, html):
        assert "Datanglah 15 menit sebelumnya." in part
        assert "KTP asli" in part
        assert "https://paspor.example/bookings/ACDEFGH/" in part
    assert [part.get_content_type() for part in letter.iter_attachments()] == ["text/calendar"]


def test_the_frame_of_a_letter_is_in_the_readers_language(mailbox):
    queue(language="en", subject="Your slot", calendar="")
    services.deliver_due(now=NOW)
    [letter] = parsed(mailbox)
    assert 'lang="en"' in letter.get_body(("html",)).get_content()


def test_what_a_person_typed_is_escaped_in_html(mailbox):
    queue(paragraphs=["<script>alert(1)</script>"])
    services.deliver_due(now=NOW)
    assert b"<script>" not in parsed(mailbox)[0].get_body(("html",)).get_content().encode()


def test_a_line_break_in_a_subject_does_not_make_a_header(mailbox):
    queue(subject="Jadwal\r\nBcc: lain@contoh.id")
    services.deliver_due(now=NOW)
    [letter] = parsed(mailbox)
    assert letter["Bcc"] is None


def test_a_message_waits_for_its_time(mailbox):
    queue(due_at=NOW + timedelta(hours=1))
    assert services.deliver_due(now=NOW) == 0
    assert services.deliver_due(now=NOW + timedelta(hours=1)) == 1
    assert len(mailbox.raw) == 1


def test_a_delivered_message_is_not_sent_again(mailbox):
    queue()
    services.deliver_due(now=NOW)
    services.deliver_due(now=NOW + timedelta(days=1))
    assert len(mailbox.raw) == 1


def test_workers_at_once_send_each_message_once(mailbox, run_together):
    for number in range(12):
        queue(f"booking:{number}")
    run_together(partial(services.deliver_due, now=NOW) for _worker in range(4))
    assert len(mailbox.raw) == 12
    assert len({letter["Message-ID"] for letter in parsed(mailbox)}) == 12


def test_a_mail_server_that_is_away_loses_nothing(mailbox, settings):
    queue("booking:1")
    queue("booking:2")
    settings.EMAIL_PORT = 1
    assert services.deliver_due(now=NOW) == 0
    settings.EMAIL_PORT = mailbox.port
    assert services.deliver_due(now=NOW + services.FIRST_BACK_OFF) == 2


def test_tries_are_spaced_further_and_further(mailbox, settings):
    queue()
    settings.EMAIL_PORT = 1
    now, waits = NOW, []
    for _try in range(4):
        services.deliver_due(now=now)
        message = Message.objects.get()
        waits.append(round((message.next_at - now).total_seconds()))
        now = message.next_at
    assert waits == [15, 30, 60, 120]
    assert Message.objects.get().last_error == "ConnectionRefusedError"


def test_a_worker_that_died_with_a_message_in_hand_leaves_it_to_another(mailbox):
    queue()
    services._claim_one(now=NOW)  # and then the process is gone
    assert services.deliver_due(now=NOW + timedelta(seconds=1)) == 0
    assert services.deliver_due(now=NOW + services.LEASE) == 1


def test_a_second_copy_bears_the_same_message_id(mailbox):
    queue()
    services.deliver_due(now=NOW)
    # The process died between the server's answer and our mark: the row still says unsent.
    Message.objects.update(sent_at=None)
    services.deliver_due(now=NOW + 2 * services.LEASE)
    first, second = parsed(mailbox)
    assert first["Message-ID"] == second["Message-ID"]


def test_an_address_that_cannot_be_one_is_given_up_and_does_not_hold_up_the_others(mailbox):
    queue("booking:1", address="siti\n@contoh.id")
    queue("booking:2")
    now = NOW
    for _try in range(services.REFUSALS_UNTIL_GIVEN_UP):
        services.deliver_due(now=now)
        now += timedelta(hours=1)
    refused = Message.objects.get(dedupe_key="booking:1")
    assert refused.given_up_at is not None
    assert len(mailbox.raw) == 1


def test_the_error_in_the_row_repeats_no_address(mailbox):
    queue(address="siti\n@contoh.id")
    services.deliver_due(now=NOW)
    assert "contoh" not in Message.objects.get().last_error


def test_a_refused_message_can_be_sent_again_but_not_one_that_went_out(mailbox):
    queue()
    Message.objects.update(given_up_at=NOW, attempts=3)
    message = Message.objects.get()
    assert services.send_again(message_id=message.pk, now=NOW)
    services.deliver_due(now=NOW)
    assert not services.send_again(message_id=message.pk, now=NOW)
    assert len(mailbox.raw) == 1


def test_the_link_of_an_account_letter_does_not_stay_in_the_table(mailbox):
    queue(kind="account", action=("Buat kata sandi baru", "https://paspor.example/geheim"))
    services.deliver_due(now=NOW)
    message = Message.objects.get()
    assert "geheim" not in message.body + str(message.parts)
