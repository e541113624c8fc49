"""An account reads its own refused bookings, the supervisor those of the office."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from booking.bookings.errors import NotBookable
from booking.refusals.models import Refusal
from booking.refusals.officer_views import SHOWN
from booking.refusals.services import Channel, record_refusal
from core.errors import DomainError
from offices.directory.models import Office
from offices.staff.models import Role
from quotas.places.errors import NotYetOpen, SlotFull
from tests.builders import (
    NOW,
    make_booking,
    make_office,
    make_officer,
    make_open_slot,
    make_user,
)
from tests.clients import page_text

pytestmark = pytest.mark.django_db
MINE = "/refusals/"
DESK = "/admin/refusals/"


@pytest.fixture(autouse=True)
def _at_now(set_clock: Any) -> None:
    set_clock(NOW)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def refuse(error: DomainError, user: Any, office: Office, *, now: Any = NOW) -> Refusal:
    record_refusal(error, channel=Channel.PAGE, account_id=user.pk, office=office, now=now)
    return Refusal.objects.latest("pk")


# --- The account's page -----------------------------------------------------------------------------
def test_the_account_page_links_to_the_refusals() -> None:
    assert reverse("booking:refusals") in page_text(signed_in(make_user()).get("/akun/"))


def test_an_account_reads_when_where_and_why() -> None:
    user, slot = make_user(), make_open_slot()
    record_refusal(SlotFull(), channel=Channel.PAGE, account_id=user.pk, slot=slot, size=2, now=NOW)
    page = page_text(signed_in(user).get(MINE))
    for text in ("Semua tempat jam itu sudah terisi", slot.office.name, "10.00", "2 orang"):
        assert text in page


def test_an_account_reads_no_hidden_reason() -> None:
    user = make_user()
    refuse(NotBookable(reason="already_booked"), user, make_office())
    page = page_text(signed_in(user).get(MINE))
    assert "Nomor identitas tidak dapat dipesankan jadwal" in page
    assert "sudah punya jadwal" not in page
    assert "already_booked" not in page


def test_an_account_reads_its_own_refusals_only() -> None:
    refuse(SlotFull(), make_user(), make_office())
    assert "Tidak ada yang ditolak" in page_text(signed_in(make_user()).get(MINE))
    assert Client().get(MINE).status_code == 302


# --- The supervisor's screen --------------------------------------------------------------------------
@pytest.fixture
def office() -> Office:
    return make_office()


@pytest.fixture
def desk(office: Office) -> Client:
    return signed_in(make_officer(office, Role.SUPERVISOR))


def test_the_supervisor_reads_the_full_reason_and_no_address(office: Office, desk: Client) -> None:
    user = make_user("siti@contoh.id")
    refuse(NotBookable(reason="restricted"), user, office)
    page = page_text(desk.get(DESK))
    assert "Pembatasan setelah jadwal yang tidak dihadiri" in page
    assert "Nomor identitas tidak dapat dipesankan jadwal" in page
    assert "siti@contoh.id" not in page
    assert "s•••@contoh.id" in page


def test_the_supervisor_reads_the_own_office_only(office: Office, desk: Client) -> None:
    refuse(SlotFull(), make_user(), make_office())
    page = desk.get(DESK)
    assert page.context["page"].paginator.count == 0
    other = make_officer(make_office(), Role.SUPERVISOR)
    assert signed_in(other).get(DESK, {"office": office.code}).status_code == 404
    assert signed_in(make_officer(office, Role.COUNTER)).get(DESK).status_code == 403


def test_refusals_are_filtered_by_day_and_reason(office: Office, desk: Client) -> None:
    user = make_user()
    first = refuse(SlotFull(), user, office)
    # 16.00 UTC is 23.00 of that day at the office, 18.00 UTC is the next day.
    second = refuse(SlotFull(), user, office, now=NOW - timedelta(hours=11))
    fourth = refuse(SlotFull(), user, office, now=NOW - timedelta(hours=9))
    third = refuse(NotYetOpen(), user, office)
    hidden = refuse(NotBookable(reason="restricted"), user, office)

    def rows(**query: Any) -> set[Refusal]:
        return set(desk.get(DESK, query).context["page"].object_list)

    assert rows() == {first, second, third, fourth, hidden}
    assert rows(day="2026-11-23") == {first, third, fourth, hidden}
    assert rows(day="2026-11-22") == {second}
    assert rows(reason="full") == {first, second, fourth}
    assert rows(reason="full", day="2026-11-22") == {second}
    assert rows(reason="restricted") == {hidden}


@pytest.mark.parametrize(
    "query",
    [{"day": "besok"}, {"day": "2000-01-01"}, {"day": "9999-12-31"}, {"reason": "tidak-ada"}],
)
def test_a_wrong_filter_gets_a_sentence(desk: Client, query: dict[str, str]) -> None:
    answer = desk.get(DESK, query)
    assert answer.status_code == 400
    text = page_text(answer)
    assert "Pilih" in text or "tanggal" in text
    assert "Kesalahan" in text


@pytest.mark.parametrize(
    "query",
    [
        {"day": "0001-01-01"},
        {"day": "9999-12-31"},
        {"account": "9" * 30},
        {"account": "x"},
        {"page": "9999999"},
        {"page": "x"},
    ],
)
def test_an_extreme_filter_finds_nothing_and_fails_nowhere(
    desk: Client, query: dict[str, str]
) -> None:
    assert desk.get(DESK, query).status_code in (200, 400)


def test_an_account_is_searched_by_address_and_booking_code(office: Office, desk: Client) -> None:
    booking = make_booking()
    account = booking.account
    assert account is not None
    mine = refuse(SlotFull(), account, office)
    refuse(SlotFull(), make_user(), office)
    for text in (account.email, account.email.upper(), booking.code, f" {booking.code.lower()} "):
        answer = desk.post(DESK, {"search-text": text})
        assert answer.status_code == 302
        location = answer.headers["Location"]
        assert account.email not in location
        assert list(desk.get(location).context["page"].object_list) == [mine]


@pytest.mark.parametrize("text", ["tidak@contoh.id", "AAAAAAAAAA", "x" * 300, "", "\x00"])
def test_a_search_without_result_keeps_the_screen(desk: Client, text: str) -> None:
    answer = desk.post(DESK, {"search-text": text})
    assert answer.status_code == 400


def test_the_search_does_not_reveal_accounts_of_other_offices(desk: Client) -> None:
    user = make_user("siti@contoh.id")
    refuse(SlotFull(), user, make_office())
    answers = [desk.post(DESK, {"search-text": text}) for text in (user.email, "siapa@contoh.id")]
    sentence = "Tidak ada penolakan di kantor ini"
    assert all(answer.status_code == 400 and sentence in page_text(answer) for answer in answers)


def test_the_list_is_paged_and_keeps_its_filters(
    office: Office, desk: Client, django_assert_max_num_queries: Any
) -> None:
    user = make_user()
    for _each in range(SHOWN + 1):
        refuse(SlotFull(), user, office)
    with django_assert_max_num_queries(30):
        first = desk.get(DESK, {"reason": "full"})
    assert len(first.context["page"]) == SHOWN
    assert "reason=full&amp;page=2" in page_text(first)
    second = desk.get(DESK, {"reason": "full", "page": 2})
    assert len(second.context["page"]) == 1
