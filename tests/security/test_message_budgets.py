"""Nobody can use this system to flood somebody else with messages."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import Consent
from accounts.services import REMINDERS_LINK, give_consent, has_consented
from booking.bookings.changes import cancel_booking
from notices import links
from notices.budgets import address_key
from notices.kinds import KINDS, Group
from notices.models import LinkAnswer, Message
from notices.services import admit, deliver_due, describe_state, queue_message, send_again
from offices.staff.models import Role
from quotas.watches.models import OpeningWatch
from quotas.watches.services import STOP_LINK, request_watch
from tests.builders import NOW, make_booking, make_office, make_officer, make_open_slot, make_user
from tests.notices.test_kinds import message_of

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "siti@contoh.id"
HOUR = timedelta(hours=1)
RESET = "account_new_password"
GENEROUS = [("address", 1, 1_000)]


@pytest.fixture(autouse=True)
def _clock(set_clock: Callable[[datetime], None]) -> None:
    set_clock(NOW)


def queue(
    kind: str = "booking_kept",
    *,
    times: int = 1,
    address: str = ADDRESS,
    now: datetime = NOW,
    **changes: Any,
) -> None:
    """Queue messages of a kind, each for another event."""
    for _turn in range(times):
        message = message_of(KINDS[kind], "id")
        message.dedupe_key = f"{kind}:{Message.objects.count()}"
        message.address, message.address_key = address, address_key(address)
        message.created_at = message.due_at = message.next_at = now
        for name, value in changes.items():
            setattr(message, name, value)
        message.save()


def confirm(address: str = ADDRESS) -> None:
    user = make_user(address)
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)


def deliver(now: datetime = NOW) -> None:
    while deliver_due(now=now):
        pass


def sent() -> int:
    return Message.objects.filter(sent_at__isnull=False).count()


def reasons() -> set[str]:
    rows = Message.objects.filter(suppressed_at__isnull=False)
    return set(rows.values_list("suppressed_reason", flat=True))


# --- Addresses -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("siti@contoh.id", "Siti+abc@Contoh.id"),
        ("siti@contoh.id", " siti+a+b@contoh.id "),
        ("siti.r@gmail.com", "s.i.t.i.r+x@googlemail.com"),
    ],
)
def test_spellings_of_one_mailbox_count_together(one: str, other: str) -> None:
    assert address_key(one) == address_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("siti@contoh.id", "siti@contoh.com"),
        ("siti.r@contoh.id", "sitir@contoh.id"),
        ("+siti@contoh.id", "+budi@contoh.id"),
    ],
)
def test_different_mailboxes_count_apart(one: str, other: str) -> None:
    assert address_key(one) != address_key(other)


@pytest.mark.parametrize("guarded", [True, False])
def test_one_victim_cannot_be_flooded_with_reset_messages(
    client: Client, mailbox: Any, settings: Settings, guarded: bool
) -> None:
    """Control: without the budget, every request sends a message."""
    victim = make_user("victim@gmail.com")
    settings.ACCOUNT_RATE_LIMITS = False
    if not guarded:
        settings.MESSAGE_BUDGETS = settings.MESSAGE_BUDGETS | {"access": GENEROUS}
    for turn in range(12):
        spelling = f"v.ictim+{turn}@gmail.com" if turn else victim.email
        client.post(reverse("account_reset_password"), {"email": spelling})
    deliver(NOW + HOUR / 2)
    assert sent() == (5 if guarded else 12)
    assert reasons() == ({"address"} if guarded else set())
    assert Message.objects.count() == 12, "nothing is dropped"


def test_the_budget_is_open_again_an_hour_later(mailbox: Any) -> None:
    queue(RESET, times=6)
    deliver()
    assert sent() == 5
    queue(RESET, times=6, now=NOW + HOUR)
    deliver(NOW + HOUR)
    assert sent() == 10
    queue(RESET, now=NOW + 3 * HOUR)
    deliver(NOW + 3 * HOUR)
    assert sent() == 10, "ten a day"
    queue(RESET, now=NOW + 25 * HOUR)
    deliver(NOW + 25 * HOUR)
    assert sent() == 11


def test_messages_that_waited_for_the_mail_server_are_not_suppressed(mailbox: Any) -> None:
    """They count for the hour in which they were written, not for the one in which they are sent."""
    confirm()
    for hour in range(4):
        queue("account_changed", times=15, now=NOW + hour * HOUR)
    deliver(NOW + 5 * HOUR)
    assert (sent(), reasons()) == (60, set())


def test_security_messages_survive_a_flood_of_reset_messages(mailbox: Any) -> None:
    """So a flood cannot hide that a password was changed, nor an offer of a place."""
    confirm()
    queue(RESET, times=20)
    queue("account_changed")
    queue("waiting_offer")
    deliver()
    kinds = Message.objects.filter(sent_at__isnull=False).values_list("kind", flat=True)
    assert {"account_changed", "waiting_offer"} <= set(kinds)


# --- Accounts and networks --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("field", "reason"), [("account_number", "account"), ("network_key", "network")]
)
def test_one_source_cannot_write_to_many_addresses(
    mailbox: Any, settings: Settings, field: str, reason: str
) -> None:
    settings.MESSAGE_BUDGETS = settings.MESSAGE_BUDGETS | {"access": [(reason, 1, 3)]}
    for number in range(5):
        queue(RESET, address=f"korban{number}@contoh.id", **{field: 7})
    queue(RESET, address="lain@contoh.id", **{field: 8})
    deliver()
    assert (sent(), reasons()) == (4, {reason})


def test_a_message_knows_the_account_and_network_that_caused_it(
    client: Client, settings: Settings
) -> None:
    settings.RATE_LIMIT_LOOPBACK = True
    user, office = make_user(), make_office()
    client.force_login(user)
    path = reverse("booking:watch", args=[office.code])
    client.post(path, {"address": ADDRESS})
    client.post(path, {"address": "lain@contoh.id"}, REMOTE_ADDR="10.9.8.7")
    Client().post(path, {"address": "tiga@contoh.id"}, REMOTE_ADDR="10.9.8.7")
    rows = list(Message.objects.order_by("pk"))
    assert [row.account_number for row in rows] == [user.pk, user.pk, None]
    assert rows[0].network_key != rows[1].network_key == rows[2].network_key != ""
    assert "10.9.8.7" not in str(list(Message.objects.values()))


def test_messages_of_officers_and_tasks_count_for_no_account(client: Client) -> None:
    office = make_office()
    officer = make_officer(office, Role.SUPERVISOR)
    client.force_login(officer)
    client.post(reverse("booking:watch", args=[office.code]), {"address": ADDRESS})
    assert Message.objects.get().account_number is None


# --- Unconfirmed addresses ---------------------------------------------------------------------------
@pytest.mark.parametrize("is_confirmed", [True, False])
def test_an_unconfirmed_address_gets_six_messages_a_day_about_its_bookings(
    mailbox: Any, is_confirmed: bool
) -> None:
    """Control: a confirmed address gets all of them."""
    if is_confirmed:
        confirm()
    for hour in range(9):
        queue(now=NOW + hour * HOUR)
    deliver(NOW + 9 * HOUR)
    assert sent() == (9 if is_confirmed else 6)
    assert reasons() == (set() if is_confirmed else {"unconfirmed_day"})
    queue(now=NOW + 30 * HOUR)
    deliver(NOW + 30 * HOUR)
    assert sent() == (10 if is_confirmed else 7)


def test_an_unconfirmed_address_gets_its_confirmation(mailbox: Any) -> None:
    queue(times=10)
    queue("account_confirm_address")
    deliver()
    assert Message.objects.get(kind="account_confirm_address").sent_at is not None


@pytest.mark.parametrize("kind", ["booking_moved", "booking_displaced", "booking_released"])
def test_a_move_or_cancellation_by_the_office_is_always_sent(mailbox: Any, kind: str) -> None:
    queue(times=10)
    queue(kind, times=40, is_always_sent=KINDS[kind].group == Group.OFFICE)
    deliver()
    assert Message.objects.filter(kind=kind, sent_at__isnull=False).count() == 40


@pytest.mark.parametrize("by_office", [True, False])
def test_only_the_offices_own_cancellation_is_always_sent(mailbox: Any, by_office: bool) -> None:
    booking = make_booking(make_open_slot())
    assert booking.account is not None
    queue(times=6, address=booking.account.email)
    deliver()
    officer = make_officer(booking.office, Role.SUPERVISOR)
    cancel_booking(booking_id=booking.pk, by=officer if by_office else booking.account, now=NOW)
    deliver()
    message = Message.objects.get(kind="booking_cancelled")
    assert message.is_always_sent == by_office
    assert (message.sent_at is not None) == by_office


def test_optional_messages_go_to_confirmed_addresses_only(mailbox: Any) -> None:
    queue("booking_reminder")
    queue("watch_opened")
    deliver()
    assert Message.objects.get(kind="booking_reminder").suppressed_reason == "unconfirmed"
    # The subscription has a confirmation of its own.
    assert Message.objects.get(kind="watch_opened").sent_at is not None
    confirm()
    queue("booking_reminder")
    deliver()
    assert Message.objects.filter(kind="booking_reminder", sent_at__isnull=False).count() == 1


# --- The decision ----------------------------------------------------------------------------------
def decide(message_id: int) -> bool:
    with transaction.atomic():
        return admit(Message.objects.get(pk=message_id), now=NOW)


def race(run_together: Any) -> int:
    """Several workers decide about messages to one address at the same moment; return how many are sent."""
    queue(RESET, times=10)
    ids = list(Message.objects.values_list("pk", flat=True))
    return run_together(partial(decide, message_id) for message_id in ids).count(True)


def test_several_workers_keep_the_budget_together(run_together: Any) -> None:
    assert race(run_together) == 5


def test_control_without_locks_workers_exceed_the_budget(
    unguarded_database: str, run_together: Any
) -> None:
    assert race(run_together) > 5


def test_a_decision_is_made_once(mailbox: Any, settings: Settings) -> None:
    """A message that is retried does not count itself, and is not suppressed later."""
    queue(RESET, times=5)
    settings.EMAIL_PORT = 1
    for minute in range(3):
        deliver_due(now=NOW + timedelta(minutes=minute))
    settings.EMAIL_PORT = mailbox.port
    deliver(NOW + HOUR)
    assert (sent(), reasons()) == (5, set())


def test_officers_see_what_was_suppressed_and_can_send_it(client: Client, mailbox: Any) -> None:
    office = make_office()
    queue(times=7, office_code=office.code)
    deliver()
    message = Message.objects.get(suppressed_at__isnull=False)
    assert "belum diverifikasi" in describe_state(message)
    client.force_login(make_officer(office, Role.SUPERVISOR))
    listed = reverse("admin:notices_message_changelist")
    page = client.get(listed, {"state": "suppressed"})
    assert [row.pk for row in page.context["cl"].result_list] == [message.pk]
    assert "belum diverifikasi" in page.content.decode()
    client.post(listed, {"action": "send_again", "_selected_action": [message.pk]})
    deliver(NOW + HOUR)
    assert sent() == 7


def test_an_optional_message_to_an_unconfirmed_address_stays_suppressed(mailbox: Any) -> None:
    queue("booking_reminder")
    deliver()
    assert not send_again(message_id=Message.objects.get().pk, now=NOW)


# --- Unsubscribing ---------------------------------------------------------------------------------
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def test_every_optional_kind_can_be_stopped_with_one_click() -> None:
    optional = [kind for kind in KINDS.values() if kind.group == Group.OPTIONAL]
    assert {kind.name for kind in optional} == {
        "booking_reminder",
        "watch_opened",
        "survey_invitation",
    }
    assert all(kind.unsubscribe in kind.keys for kind in optional)


def test_the_mail_has_the_headers_and_the_post_works_without_sign_in(mailbox: Any) -> None:
    user = make_user(ADDRESS)
    EmailAddress.objects.create(user=user, email=ADDRESS, verified=True, primary=True)
    give_consent(user_id=user.pk, purpose=Consent.Purpose.REMINDERS, now=NOW)
    message = message_of(
        KINDS["booking_reminder"], "id", stop_url=links.reference(REMINDERS_LINK, user.pk)
    )
    message.save()
    deliver()
    [raw] = mailbox.raw
    headers = raw.decode().replace("\r\n ", " ").replace("\n ", " ")
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in headers
    address = headers.partition("List-Unsubscribe: ")[2].partition(">")[0].lstrip(" <")
    path = "/" + address.split("/", 3)[3]
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(path, {}).status_code == 404
    assert has_consented(user.pk, Consent.Purpose.REMINDERS)
    assert strict.post(path, ONE_CLICK).status_code == 200
    assert not has_consented(user.pk, Consent.Purpose.REMINDERS)
    answer = LinkAnswer.objects.get()
    assert (answer.purpose, answer.message_number) == ("stop_reminders", message.pk)


def test_opening_the_unsubscribe_address_shows_a_question() -> None:
    user = make_user()
    give_consent(user_id=user.pk, purpose=Consent.Purpose.REMINDERS, now=NOW)
    token = links.sign(REMINDERS_LINK, user.pk, message_id=None, now=NOW)
    client = Client()
    page = client.get(reverse(REMINDERS_LINK.entrance, args=[token]), follow=True)
    assert "Hentikan pengingat?" in page.content.decode()
    assert has_consented(user.pk, Consent.Purpose.REMINDERS)
    client.post(page.redirect_chain[-1][0])
    assert not has_consented(user.pk, Consent.Purpose.REMINDERS)


def test_a_subscription_ends_with_one_click() -> None:
    office = make_office()
    request_watch(office_id=office.pk, address=ADDRESS, language="id", now=NOW)
    watch = OpeningWatch.objects.get()
    token = links.sign(STOP_LINK, watch.pk, message_id=None, now=NOW)
    answer = Client().post(reverse(STOP_LINK.entrance, args=[token]), ONE_CLICK)
    watch.refresh_from_db()
    assert (answer.status_code, watch.address) == (200, "")


def test_other_messages_have_no_unsubscribe_header(mailbox: Any) -> None:
    queue_message(
        kind="booking_kept",
        dedupe_key="x",
        address=ADDRESS,
        language="id",
        context={"code": "ACDEFGHJKM"},
        now=NOW,
    )
    deliver()
    assert b"List-Unsubscribe" not in mailbox.raw[0]
