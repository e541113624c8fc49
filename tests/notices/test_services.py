"""The outbox: one row per event, one e-mail per row."""

import email
import email.policy
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from notices import services
from notices.composing import message_id
from notices.models import SUBJECT_LENGTH, Message
from notices.snapshots import to_json

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


OFFICE = {
    "code": "palembang",
    "name": "Kantor Palembang",
    "address": "Jalan Merdeka 1",
    "time_zone": "Asia/Jakarta",
}
CONFIRMED = {
    "office": OFFICE,
    "slot": {
        "starts_at": NOW + timedelta(days=3),
        "ends_at": NOW + timedelta(days=3, hours=1),
        "time_zone": "Asia/Jakarta",
    },
    "service": "Paspor baru",
    "documents": [{"name": "KTP asli", "is_required": True}],
    "bookings": [{"id": "0198", "code": "ACDEFGHJKM", "name": "Siti R.", "version": 0}],
    "is_changeable": True,
    "written_at": NOW,
}
INCOMPLETE = {"office": OFFICE, "missing": "KTP", "return_until_on": NOW.date()}


def queue(key: Any = "booking:1", **changes: Any) -> None:
    values = {
        "kind": "booking_confirmed",
        "dedupe_key": key,
        "address": "siti@contoh.id",
        "language": "id",
        "context": CONFIRMED,
        "now": NOW,
    }
    services.queue_message(**(values | changes))


def queue_missing(missing: Any) -> None:
    """Queue a message with a text that an officer typed."""
    queue(kind="visit_incomplete", context=INCOMPLETE | {"missing": missing})


def unsendable(key: Any) -> None:
    """Queue a message whose templates fail because its row lacks a value."""
    queue(key)
    Message.objects.filter(dedupe_key=key).update(context={"office": OFFICE})


def parsed(mailbox: Any) -> Any:
    return [email.message_from_bytes(raw, policy=email.policy.default) for raw in mailbox.raw]


def test_a_message_is_written_once_per_key() -> None:
    queue()
    queue()
    assert Message.objects.count() == 1


def test_a_message_rolls_back_with_its_transaction() -> None:
    with suppress(ZeroDivisionError), transaction.atomic():
        queue()
        raise ZeroDivisionError
    assert not Message.objects.exists()


def test_an_email_has_text_html_and_the_calendar_file(mailbox: Any) -> None:
    queue()
    assert services.deliver_due(now=NOW) == 1
    [mail] = parsed(mailbox)
    assert mail["To"] == "siti@contoh.id"
    assert mail["X-Kind"] == "booking_confirmed"
    assert mail["Message-ID"] == message_id("booking:1")
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    for part in (text, html):
        assert "Datanglah pada jam ini." in part
        assert "KTP asli" in part
        assert "/bookings/ACDEFGHJKM/" in part
    [file] = mail.iter_attachments()
    alternative = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    for part in (file, alternative):
        assert part.get_content_type() == "text/calendar"
        assert part.get_param("method") == "REQUEST"


def test_a_row_has_its_text_only_after_sending(mailbox: Any) -> None:
    queue()
    message = Message.objects.get()
    assert (message.subject, message.body) == ("", "")
    services.deliver_due(now=NOW)
    message.refresh_from_db()
    [mail] = parsed(mailbox)
    assert message.subject == mail["Subject"]
    assert message.body == mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_a_message_is_composed_in_its_language(mailbox: Any) -> None:
    queue("booking:1", language="en")
    queue("booking:2")
    services.deliver_due(now=NOW)
    english, indonesian = parsed(mailbox)
    assert 'lang="en"' in english.get_body(("html",)).get_content()
    assert "Thursday" in english.get_body(("plain",)).get_content()
    assert "Kamis" in indonesian.get_body(("plain",)).get_content()


def test_user_input_is_escaped_in_html_only(mailbox: Any) -> None:
    queue_missing("<script>alert(1)</script>")
    services.deliver_due(now=NOW)
    [mail] = parsed(mailbox)
    assert "<script>" not in mail.get_body(("html",)).get_content()
    assert "<script>alert(1)</script>" in mail.get_body(("plain",)).get_content()


def test_user_input_is_not_a_template(mailbox: Any) -> None:
    queue_missing("{{ office.address }}{% now 'Y' %}")
    services.deliver_due(now=NOW)
    assert "{{ office.address }}{% now 'Y' %}" in Message.objects.get().body


def test_a_line_break_in_a_subject_adds_no_header(mailbox: Any) -> None:
    name = "Palembang\r\nBcc: lain@contoh.id"
    context = {"office": OFFICE | {"name": name}, "confirm_url": "https://paspor.example/"}
    queue(kind="watch_confirm", context=context)
    services.deliver_due(now=NOW)
    [mail] = parsed(mailbox)
    assert mail["Bcc"] is None
    assert "Palembang Bcc" in mail["Subject"]


def test_a_long_subject_is_truncated(mailbox: Any) -> None:
    context = {"office": OFFICE | {"name": "P" * 300}, "confirm_url": "https://paspor.example/"}
    queue(kind="watch_confirm", context=context)
    assert services.deliver_due(now=NOW) == 1
    assert len(Message.objects.get().subject) == SUBJECT_LENGTH


def test_many_messages_are_inserted_by_one_statement(django_assert_num_queries: Any) -> None:
    values = {"kind": "booking_confirmed", "address": "siti@contoh.id", "language": "id"}
    with transaction.atomic(), django_assert_num_queries(1):
        services.queue_messages(
            services.new_message(dedupe_key=f"k:{n}", context=CONFIRMED, now=NOW, **values)
            for n in range(20)
        )
    assert Message.objects.count() == 20


def test_a_message_that_cannot_be_composed_does_not_block_others(mailbox: Any) -> None:
    unsendable("booking:1")
    queue("booking:2")
    assert services.deliver_due(now=NOW) == 1
    broken = Message.objects.get(dedupe_key="booking:1")
    assert broken.sent_at is None
    assert broken.next_at >= NOW + services.FIRST_BACK_OFF
    assert broken.last_error.startswith("IncompleteContext bookings, documents")


def test_a_message_that_cannot_be_composed_is_never_given_up(mailbox: Any) -> None:
    """Law 9 continues to count it: it is sent when the defect is repaired."""
    unsendable("booking:1")
    now = NOW
    for _try in range(services.REFUSALS_UNTIL_GIVEN_UP + 2):
        services.deliver_due(now=now)
        now += services.LONGEST_BACK_OFF
    message = Message.objects.get()
    assert (message.given_up_at, message.attempts) == (None, 5)
    Message.objects.update(context=to_json(CONFIRMED))
    assert services.deliver_due(now=now + services.LONGEST_BACK_OFF) == 1


def test_the_log_of_a_failed_composition_has_no_personal_data(
    mailbox: Any, caplog: pytest.LogCaptureFixture
) -> None:
    unsendable("booking:1")
    Message.objects.update(context={"office": "Rahasia"})
    services.deliver_due(now=NOW)
    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    [line] = [line for line in lines if line["event"] == "message_not_composed"]
    assert line["kind"] == "booking_confirmed"
    assert "siti" not in str(lines)
    assert "Rahasia" not in str(lines)


def test_a_message_waits_for_its_time(mailbox: Any) -> None:
    queue(due_at=NOW + timedelta(hours=1))
    assert services.deliver_due(now=NOW) == 0
    assert services.deliver_due(now=NOW + timedelta(hours=1)) == 1
    assert len(mailbox.raw) == 1


def test_a_delivered_message_is_not_sent_again(mailbox: Any) -> None:
    queue()
    services.deliver_due(now=NOW)
    services.deliver_due(now=NOW + timedelta(days=1))
    assert len(mailbox.raw) == 1


def test_workers_at_once_send_each_message_once(mailbox: Any, run_together: Any) -> None:
    for number in range(12):
        queue(f"booking:{number}", address=f"orang{number}@contoh.id")
    run_together(partial(services.deliver_due, now=NOW) for _worker in range(4))
    assert len(mailbox.raw) == 12
    assert len({mail["Message-ID"] for mail in parsed(mailbox)}) == 12


def test_an_unavailable_mail_server_loses_nothing(mailbox: Any, settings: Any) -> None:
    queue("booking:1")
    queue("booking:2")
    settings.EMAIL_PORT = 1
    assert services.deliver_due(now=NOW) == 0
    settings.EMAIL_PORT = mailbox.port
    later = NOW + services.FIRST_BACK_OFF + timedelta(minutes=1)
    assert services.deliver_due(now=later) == 2


def test_retry_intervals_grow(mailbox: Any, settings: Any) -> None:
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


def test_another_worker_sends_the_message_of_a_killed_one(mailbox: Any) -> None:
    queue()
    services._lease_one(("email",), now=NOW)  # then the process is killed
    assert services.deliver_due(now=NOW + timedelta(seconds=1)) == 0
    assert services.deliver_due(now=NOW + services.LEASE) == 1


def test_a_second_copy_has_the_same_message_id(mailbox: Any) -> None:
    queue()
    services.deliver_due(now=NOW)
    # The process was killed between the server's response and our update: the row still counts as unsent.
    Message.objects.update(sent_at=None)
    services.deliver_due(now=NOW + 2 * services.LEASE)
    first, second = parsed(mailbox)
    assert first["Message-ID"] == second["Message-ID"]


def test_an_invalid_address_is_given_up_without_blocking_others(mailbox: Any) -> None:
    queue("booking:1", address="siti\n@contoh.id")
    queue("booking:2")
    now = NOW
    for _try in range(services.REFUSALS_UNTIL_GIVEN_UP):
        services.deliver_due(now=now)
        now += timedelta(hours=1)
    refused = Message.objects.get(dedupe_key="booking:1")
    assert refused.given_up_at is not None
    assert len(mailbox.raw) == 1


def test_the_stored_error_contains_no_address(mailbox: Any) -> None:
    queue(address="siti\n@contoh.id")
    services.deliver_due(now=NOW)
    assert "contoh" not in Message.objects.get().last_error


def test_only_a_refused_message_can_be_sent_again(mailbox: Any) -> None:
    queue()
    Message.objects.update(given_up_at=NOW, attempts=3)
    message = Message.objects.get()
    assert services.send_again(message_id=message.pk, now=NOW)
    services.deliver_due(now=NOW)
    assert not services.send_again(message_id=message.pk, now=NOW)
    assert len(mailbox.raw) == 1


def test_account_links_are_removed_from_the_table(mailbox: Any) -> None:
    queue(kind="account_new_password", context={"url": "https://paspor.example/geheim"})
    services.deliver_due(now=NOW)
    message = Message.objects.get()
    assert "geheim" in parsed(mailbox)[0].get_body(("plain",)).get_content()
    assert "geheim" not in message.body + str(message.context)
