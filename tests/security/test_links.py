"""Links in messages: nobody but the recipient gets one, and opening one changes nothing."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.db import InternalError, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.services import REMINDERS_LINK
from booking.bookings.models import Booking
from booking.bookings.selectors import MOVE_LINK
from booking.waiting_list.models import Offer, WaitingListEntry
from booking.waiting_list.selectors import OFFER_LINK, STOP_LINK
from counters.survey.messages import ANSWER_LINK as SURVEY_LINK
from counters.survey.messages import STOP_LINK as SURVEY_STOP_LINK
from notices import links
from notices.errors import LinkExpired
from notices.models import LinkAnswer, Message
from notices.services import deliver_due
from offices.staff.models import Role
from quotas.watches.models import OpeningWatch
from quotas.watches.services import CONFIRM_LINK, request_watch
from quotas.watches.services import STOP_LINK as WATCH_STOP_LINK
from tests.booking.waiting_list.waiting_world import make_offer
from tests.builders import NOW, make_office, make_officer, make_user
from tests.clients import page_text
from tests.outbox import as_sent, link_of, open_link, path_of

pytestmark = pytest.mark.django_db(transaction=True)
SetClock = Callable[[datetime], None]


@pytest.fixture(autouse=True)
def _clock(set_clock: SetClock) -> None:
    set_clock(NOW)


@pytest.fixture
def offer() -> Offer:
    return make_offer()


def offer_message() -> Message:
    return Message.objects.get(kind="waiting_offer")


def mailed(message: Message, mailbox: Any) -> str:
    """Deliver the messages; return the address of the offer as its recipient gets it."""
    while deliver_due(now=NOW):
        pass
    [email] = [email for email in mailbox.emails if email.kind == message.kind]
    link = re.search(r"https?://\S+/offers/\S+", email.text)
    assert link
    return link[0]


# --- Who can read a link ---------------------------------------------------------------------------
def test_a_supervisor_cannot_answer_with_a_link_from_the_list_of_messages(
    offer: Offer, client: Client, mailbox: Any
) -> None:
    supervisor = make_officer(offer.slot.office, Role.SUPERVISOR)
    client.force_login(supervisor)
    message = offer_message()
    detail = reverse("admin:notices_message_change", args=[message.pk])
    unsent = client.get(detail).content.decode()
    address = mailed(message, mailbox)
    sent = client.get(detail).content.decode()
    listed = client.get(reverse("admin:notices_message_changelist")).content.decode()
    for page in (unsent, sent, listed):
        assert links.TOKEN.search(page) is None
    assert "tautan pribadi" in unsent
    assert "tautan pribadi" in sent
    # Control: with the link from the mail, the same officer answers for the applicant.
    client.post(open_link(client, address), {"accept": "1"})
    assert Booking.objects.filter(via="waiting_list").exists()


def test_no_row_holds_a_link_that_works(offer: Offer, mailbox: Any) -> None:
    """So no export and no backup holds one either."""
    rows = str(list(Message.objects.values()))
    assert links.TOKEN.search(rows) is None
    address = mailed(offer_message(), mailbox)
    assert links.TOKEN.search(str(list(Message.objects.values()))) is None
    # Control: the recipient's copy does.
    assert links.TOKEN.search(address)


def test_account_links_are_not_shown_before_they_are_sent(client: Client) -> None:
    make_office()
    user = make_user()
    client.post(reverse("account_reset_password"), {"email": user.email})
    message = Message.objects.get(kind="account_new_password")
    client.force_login(make_officer(None, Role.NATIONAL))
    page = client.get(reverse("admin:notices_message_change", args=[message.pk]))
    assert page.status_code == 200
    assert "/password/reset/key/" not in page.content.decode()
    assert "/password/reset/key/" not in str(list(Message.objects.values()))
    # Control: the message that is sent has the link.
    assert "/password/reset/key/" in as_sent(message).body


# --- What opening a link does ------------------------------------------------------------------------
def test_programs_that_open_links_use_none_up(offer: Offer) -> None:
    address = path_of(link_of(offer_message()))
    for _turn in range(3):
        scanner = Client()
        assert scanner.head(address).status_code == 303
        follow = scanner.get(address, follow=True)
        assert follow.status_code == 200
    offer.refresh_from_db()
    assert (offer.status, LinkAnswer.objects.count()) == ("open", 0)
    # Control: pressing the button answers, also after all those visits.
    reader = Client()
    reader.post(open_link(reader, address), {"accept": "1"})
    offer.refresh_from_db()
    assert offer.status == "accepted"


def test_a_program_that_opens_the_unsubscribe_link_stops_nothing() -> None:
    watch = make_watch()
    address = entrance_of(WATCH_STOP_LINK, watch.pk)
    for _turn in range(2):
        Client().get(address, follow=True)
    watch.refresh_from_db()
    assert (watch.stopped_at, watch.address) == (None, "siti@contoh.id")
    # Control: the button does.
    reader = Client()
    reader.post(open_link(reader, address))
    watch.refresh_from_db()
    assert watch.stopped_at is not None


def test_the_address_of_the_page_opens_nothing_in_another_browser(offer: Offer) -> None:
    """The address after the redirect may stay in a history or a log: it has no power."""
    reader = Client()
    page = open_link(reader, link_of(offer_message()))
    thief = Client()
    assert thief.get(page).status_code == 404
    assert thief.post(page, {"accept": "1"}).status_code == 404
    stranger = Client()
    stranger.force_login(make_user())
    assert stranger.get(page).status_code == 404
    # Control: in the browser that opened the link it works.
    assert reader.get(page).status_code == 200


def test_the_session_forgets_the_link_after_half_an_hour(offer: Offer, set_clock: SetClock) -> None:
    reader = Client()
    page = open_link(reader, link_of(offer_message()))
    set_clock(NOW + links.HELD_FOR - timedelta(seconds=20))
    assert reader.get(page).status_code == 200
    set_clock(NOW + links.HELD_FOR + timedelta(minutes=1))
    assert reader.get(page).status_code == 404
    assert reader.post(page, {"accept": "1"}).status_code == 404


# --- What a link is good for ---------------------------------------------------------------------------
def test_a_link_serves_its_purpose_only(offer: Offer) -> None:
    """With the same number: an offer's link ends no waiting, and the other way round."""
    entry = offer.entry
    address = entrance_of(STOP_LINK, entry.pk)
    token = address.rstrip("/").rpartition("/")[2]
    for name in ("offer_link", "move_link", "watch_confirm_link", "watch_stop_link"):
        assert Client().get(reverse(f"booking:{name}", args=[token])).status_code == 404
    # A browser that holds a link of one purpose has no page of another.
    reader = Client()
    reader.get(entrance_of(MOVE_LINK, entry.pk))
    assert reader.post(f"/waiting/{entry.pk}/stop/").status_code == 404
    # Control: the right link ends the waiting.
    reader.post(open_link(reader, address))
    assert WaitingListEntry.objects.get().status == "stopped"


@pytest.mark.parametrize("purpose", list(links.PURPOSES.values()), ids=lambda row: str(row.name))
def test_a_link_expires(purpose: links.Purpose) -> None:
    token = links.sign(purpose, 7, message_id=None, now=NOW)
    last = NOW + purpose.lifetime - timedelta(seconds=1)
    assert links.read(token, purpose, now=last).subject == "7"
    with pytest.raises(LinkExpired):
        links.read(token, purpose, now=NOW + purpose.lifetime)


def test_an_expired_link_says_when_it_ended_and_where_to_go(
    client: Client, offer: Offer, set_clock: SetClock
) -> None:
    token = links.sign(OFFER_LINK, offer.pk, message_id=None, now=NOW)
    set_clock(NOW + OFFER_LINK.lifetime + timedelta(days=1))
    answer = client.get(reverse(OFFER_LINK.entrance, args=[token]))
    page = page_text(answer)
    assert answer.status_code == 410
    assert "Tautan ini sudah kedaluwarsa pada" in page
    assert f'href="{reverse("booking:bookings")}"' in page


def test_a_forged_link_is_refused(offer: Offer) -> None:
    token = links.sign(OFFER_LINK, offer.pk, message_id=1, now=NOW)
    body, signature = token.split(":")
    other = links.sign(OFFER_LINK, "0" * 8, message_id=1, now=NOW)
    for forged in (f"{other.split(':')[0]}:{signature}", f"{body}:{'x' * 43}", body, "x", ":"):
        assert Client().get(f"/offers/{forged}/").status_code == 404
    assert Client().get(f"/offers/{token}/").status_code == 303


# --- The first address -----------------------------------------------------------------------------
def entrance_patterns() -> Iterator[tuple[str, str]]:
    """Every address of the site with a secret in its path: the name, and the parameter."""
    yield from _walk(get_resolver(), "")


def _walk(resolver: URLResolver, space: str) -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _walk(entry, f"{entry.namespace}:" if entry.namespace else space)
        elif isinstance(entry, URLPattern) and entry.name:
            names = entry.pattern.regex.groupindex.keys()
            for name in names & {"token", "key"}:
                yield f"{space}{entry.name}", name


ENTRANCES = {
    "booking:offer_link",
    "booking:move_link",
    "booking:waiting_stop_link",
    "booking:watch_confirm_link",
    "booking:watch_stop_link",
    "accounts:stop_reminders_link",
    "feedback:survey_link",
    "feedback:survey_stop_link",
    # Opened by a signed-in officer only; its guard is tested with the subscriptions.
    "reports:sent",
    "accounts:confirm_address_link",
    "accounts:new_password_link",
    # allauth's names for the two addresses above.
    "account_confirm_email",
    "account_reset_password_from_key",
}


def test_every_address_with_a_secret_is_tested_here() -> None:
    assert {name for name, _parameter in entrance_patterns()} == ENTRANCES


def first_addresses() -> list[str]:
    user = make_user()
    address = EmailAddress.objects.create(user=make_user(), email="dua@contoh.id")
    client = Client()
    client.post(reverse("account_reset_password"), {"email": user.email})
    reset = link_of(Message.objects.get(kind="account_new_password"))
    confirm = reverse("account_confirm_email", args=[EmailConfirmationHMAC(address).key])
    purposes = [
        MOVE_LINK,
        STOP_LINK,
        CONFIRM_LINK,
        WATCH_STOP_LINK,
        REMINDERS_LINK,
        SURVEY_LINK,
        SURVEY_STOP_LINK,
    ]
    number = [entrance_of(purpose, 7) for purpose in purposes]
    offered = entrance_of(OFFER_LINK, "0198c0de-0000-7000-8000-000000000007")
    return [*number, offered, path_of(reset), confirm]


def test_the_first_address_redirects_to_one_without_the_secret() -> None:
    for address in first_addresses():
        answer = Client().get(address)
        secret = max(address.split("/"), key=len)
        assert answer.status_code == 303, address
        assert secret not in answer["Location"]
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "no-store" in answer["Cache-Control"]


def test_a_refused_first_address_is_named_to_nobody_either() -> None:
    answer = Client().get("/offers/sudah-lewat/")
    assert (answer.status_code, answer["Referrer-Policy"]) == (404, "no-referrer")


# --- Accounts --------------------------------------------------------------------------------------
def test_a_reset_link_opened_by_a_program_still_works_for_its_owner() -> None:
    user = make_user()
    Client().post(reverse("account_reset_password"), {"email": user.email})
    address = path_of(link_of(Message.objects.get(kind="account_new_password")))
    for _turn in range(2):
        Client().get(address, follow=True)
    reader = Client()
    page = open_link(reader, address)
    form = {"password1": "malam-cerah-99", "password2": "malam-cerah-99"}
    assert Client().post(page, form).context["token_fail"]
    reader.post(page, form)
    user.refresh_from_db()
    assert user.check_password("malam-cerah-99")
    answer = LinkAnswer.objects.get()
    assert (answer.purpose, answer.subject, answer.action) == (
        "new_password",
        str(user.pk),
        "password_set",
    )


def test_a_link_of_another_account_signs_the_browser_out_and_still_works() -> None:
    owner, other = make_user(), make_user()
    Client().post(reverse("account_reset_password"), {"email": owner.email})
    reader = Client()
    reader.force_login(other)
    page = open_link(reader, link_of(Message.objects.get(kind="account_new_password")))
    assert "token_fail" not in reader.get(page).context
    assert "_auth_user_id" not in reader.session
    reader.post(page, {"password1": "malam-cerah-99", "password2": "malam-cerah-99"})
    owner.refresh_from_db()
    other.refresh_from_db()
    assert owner.check_password("malam-cerah-99")
    assert not other.check_password("malam-cerah-99")


def test_confirming_an_address_is_recorded() -> None:
    address = EmailAddress.objects.create(user=make_user(), email="dua@contoh.id")
    reader = Client()
    link = reverse("account_confirm_email", args=[EmailConfirmationHMAC(address).key])
    page = open_link(reader, link)
    reader.get(page)
    assert not EmailAddress.objects.get(pk=address.pk).verified
    reader.post(page)
    assert EmailAddress.objects.get(pk=address.pk).verified
    answer = LinkAnswer.objects.get()
    assert (answer.purpose, answer.subject) == ("confirm_address", str(address.pk))


# --- The history -----------------------------------------------------------------------------------
def test_the_history_says_who_answered(offer: Offer) -> None:
    message = offer_message()
    reader = Client()
    reader.post(open_link(reader, link_of(message)), {"decline": "1"})
    answer = LinkAnswer.objects.get()
    assert (answer.purpose, answer.subject) == ("offer", str(offer.pk))
    assert (answer.action, answer.message_number, answer.account_number) == (
        "declined",
        message.pk,
        None,
    )
    with pytest.raises(InternalError), transaction.atomic():
        LinkAnswer.objects.update(action="accepted")


def test_the_history_names_the_account_that_was_signed_in(offer: Offer) -> None:
    relative = make_user()
    reader = Client()
    reader.force_login(relative)
    reader.post(open_link(reader, link_of(offer_message())), {"accept": "1"})
    assert LinkAnswer.objects.get().account_number == relative.pk


def test_an_answer_without_a_link_has_no_line_of_links(offer: Offer) -> None:
    reader = Client()
    reader.force_login(offer.entry.account)
    reader.post(f"/offers/{offer.pk}/", {"decline": "1"})
    offer.refresh_from_db()
    assert offer.status == "declined"
    assert not LinkAnswer.objects.exists()


# --- Helpers ---------------------------------------------------------------------------------------
def entrance_of(purpose: links.Purpose, subject: Any) -> str:
    token = links.sign(purpose, subject, message_id=None, now=NOW)
    return reverse(purpose.entrance, args=[token])


def make_watch() -> OpeningWatch:
    office = make_office()
    request_watch(office_id=office.pk, address="siti@contoh.id", language="id", now=NOW)
    OpeningWatch.objects.update(confirmed_at=NOW)
    return OpeningWatch.objects.get()
