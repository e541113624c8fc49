"""An account that lists a stranger's number learns nothing about the stranger.

The control is the same request by an account that may read the reason: there the answers differ.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services import issue_token
from booking.bookings.changes import mark_no_show
from booking.bookings.errors import AlreadyBooked, BookedElsewhere, NotBookable
from booking.bookings.services import book_at_desk
from booking.integrity.contests import lapse_contests, open_contest, release_contested
from booking.integrity.errors import NothingToContest
from booking.integrity.models import Contest
from booking.lottery.errors import AlreadyEntered
from booking.people.models import Applicant
from booking.people.services import change_applicant, confirm_number
from booking.restrictions.errors import Restricted
from booking.restrictions.models import Restriction
from booking.statuses import Status
from booking.waiting_list.errors import AlreadyWaiting
from core.errors import DomainError
from notices.models import Message
from offices.directory.models import Office, ServiceType
from offices.staff.models import Role
from ops.verification.services import verify
from tests.booking.lottery.lottery_world import draw_in, enter, make_draw_office
from tests.booking.waiting_list.waiting_world import (
    accept,
    give_back,
    make_full_slot,
    offer_to,
    serve,
    wait,
)
from tests.builders import (
    INSTRUMENT,
    NOW,
    make_booking,
    make_nik,
    make_office,
    make_officer,
    make_open_office,
    make_open_slot,
    make_person,
    make_user,
    person_data,
)
from tests.outbox import text_of

pytestmark = pytest.mark.django_db
UNSENT = 9  # no worker runs here, so messages stay unsent
# Tokens, ids, and the list of all offices, which grows with each cause.
ONE_TIME = re.compile(
    r'(name="(csrfmiddlewaretoken|key)" value=")[^"]+|<option.*?</option>|/people/\d+/|\d+'
)
EVIDENCE = "KTP asli, foto cocok"


@pytest.fixture(autouse=True)
def _at_now(set_clock: Any) -> None:
    set_clock(NOW)


# --- What blocks a stranger's number ----------------------------------------------------------------
def is_booked(number: str) -> None:
    make_booking(make_open_slot(), person=make_person(identity_number=number))


def is_booked_at_the_desk(number: str) -> None:
    office = make_open_office()
    book_at_desk(
        office_id=office.pk,
        applicant=person_data(identity_number=number),
        service_type_id=ServiceType.objects.get(code="new").pk,
        by=make_officer(office, Role.GATE),
        now=NOW,
    )


def is_restricted(number: str) -> None:
    missed = make_booking(make_open_slot(), person=make_person(identity_number=number))
    mark_no_show(booking_id=missed.pk, now=NOW)
    Restriction.objects.create(
        applicant=missed.applicant,
        person_key=missed.person_key,
        booking=missed,
        office=missed.office,
        made_at=NOW,
        until_at=NOW + timedelta(days=30),
        instrument=INSTRUMENT,
    )


def plain(answer: Any) -> str:
    """Return the text of an answer without what differs between any two answers."""
    return " ".join(ONE_TIME.sub("", answer.content.decode()).split())


CAUSES = (is_booked, is_booked_at_the_desk, is_restricted)
Cause = Callable[[str], None]


# --- Ways of trying ---------------------------------------------------------------------------------
def signed_in(account: User | None) -> Client:
    assert account is not None
    client = Client()
    client.force_login(account)
    return client


def api_of(account: User | None) -> APIClient:
    assert account is not None
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {issue_token(user_id=account.pk)}")
    return client


def by_page(person: Applicant, where: "Where") -> Any:
    form = {"applicants": [person.pk], "service_type": "new", "key": uuid4().hex}
    return signed_in(person.account).post(reverse("booking:book", args=[where.slot.pk]), form)


def by_api(person: Applicant, where: "Where") -> Any:
    body = {"slot": where.slot.pk, "applicants": [person.pk], "service_type": "new"}
    return api_of(person.account).post("/api/v1/bookings/", body)


def by_waiting_page(person: Applicant, where: "Where") -> Any:
    form = {
        "applicants": [person.pk],
        "service_type": "new",
        "first_day": where.slot.day,
        "last_day": where.slot.day,
    }
    url = reverse("booking:waiting_join", args=[where.slot.office.code])
    return signed_in(person.account).post(url, form)


def by_waiting_api(person: Applicant, where: "Where") -> Any:
    body = {
        "office": where.slot.office.code,
        "service_type": "new",
        "applicants": [person.pk],
        "first_day": where.slot.day.isoformat(),
        "last_day": where.slot.day.isoformat(),
    }
    return api_of(person.account).post("/api/v1/waiting-list/", body)


def by_lottery_page(person: Applicant, where: "Where") -> Any:
    form = {"applicants": [person.pk], "service_type": "new", "any": "1"}
    url = reverse("booking:draw_enter", args=[where.draw.window_id])
    return signed_in(person.account).post(url, form)


def by_lottery_api(person: Applicant, where: "Where") -> Any:
    body = {"applicants": [person.pk], "service_type": "new"}
    return api_of(person.account).post(f"/api/v1/draws/{where.draw.window_id}/entries/", body)


WAYS = (by_page, by_api, by_waiting_page, by_waiting_api, by_lottery_page, by_lottery_api)


class Where:
    """An open slot and a lottery, the same for every cause."""

    def __init__(self) -> None:
        self.slot = make_open_slot()
        self.draw = draw_in(make_draw_office())


def answers(way: Callable[[Applicant, Where], Any], *, is_proved: bool) -> list[tuple[int, str]]:
    """Return what one account reads when its number is blocked by each cause in turn."""
    where, account = Where(), make_user()
    read = []
    for cause in CAUSES:
        number = make_nik()
        cause(number)
        person = make_person(account, identity_number=number)
        if is_proved:
            prove(person)
        answer = way(person, where)
        read.append((answer.status_code, plain(answer)))
        Applicant.objects.filter(pk=person.pk).update(removed_at=NOW)
    return read


def prove(person: Applicant) -> None:
    confirm_number(applicant_id=person.pk, person_key=person.person_key, now=NOW)


@pytest.mark.parametrize("way", WAYS)
def test_every_cause_gives_strangers_the_same_answer(way: Any) -> None:
    read = answers(way, is_proved=False)
    assert {status for status, _text in read} == {409}
    assert len(set(read)) == 1
    assert "tidak dapat dipesankan jadwal" in read[0][1]


@pytest.mark.parametrize("way", WAYS)
def test_control_the_owner_of_the_number_reads_the_reasons(way: Any) -> None:
    """If this fails, the answers above are alike for another reason, and prove nothing."""
    booked, at_desk, restricted = answers(way, is_proved=True)
    assert (booked[0], at_desk[0], restricted[0]) == (409, 409, 403)
    assert "di akun lain atau dari loket" in booked[1]
    assert INSTRUMENT in restricted[1]


def test_the_api_answers_strangers_not_bookable() -> None:
    where = Where()
    for cause in CAUSES:
        number = make_nik()
        cause(number)
        body = by_api(make_person(identity_number=number), where).json()
        assert body["code"] == "not_bookable"
        assert set(body) == {"code", "detail"}


def test_english_readers_get_the_agreed_sentence() -> None:
    number = make_nik()
    is_booked(number)
    person = make_person(identity_number=number)
    body = {"slot": make_open_slot().pk, "applicants": [person.pk], "service_type": "new"}
    answer = api_of(person.account).post(
        "/api/v1/bookings/", body, headers={"accept-language": "en"}
    )
    assert answer.json()["detail"].startswith("You cannot book with this number at the moment.")


def test_the_account_that_booked_reads_the_full_reason() -> None:
    booking = make_booking()
    other = make_person(identity_number=booking.applicant.identity_number)
    with pytest.raises(AlreadyBooked) as mine:
        make_booking(person=booking.applicant)
    assert not isinstance(mine.value, BookedElsewhere)
    assert "akun lain" not in str(mine.value)
    with pytest.raises(NotBookable):
        make_booking(person=other)


def test_a_place_in_a_list_or_lottery_is_not_revealed() -> None:
    person, draw = make_person(), draw_in(make_draw_office())
    slot, _bookings = make_full_slot()
    twin = make_person(identity_number=person.identity_number)
    tries: list[Callable[[Applicant], Any]] = [
        lambda one: wait(slot, one),
        lambda one: enter(draw, one),
    ]
    for attempt in tries:
        attempt(person)
        assert type(refusal_of(attempt, twin)) is NotBookable
    prove(twin)
    for attempt, error in zip(tries, (AlreadyWaiting, AlreadyEntered), strict=True):
        assert type(refusal_of(attempt, twin)) is error


def refusal_of(attempt: Callable[[Applicant], Any], person: Applicant) -> DomainError:
    with pytest.raises(DomainError) as refusal:
        attempt(person)
    return refusal.value


def test_an_accepted_offer_does_not_reveal_the_other_booking() -> None:
    slot, [booking] = make_full_slot()
    person = make_person()
    entry = wait(slot, person)
    give_back(booking)
    serve()
    offer = offer_to(entry)
    make_booking(make_open_slot(), person=make_person(identity_number=person.identity_number))
    with pytest.raises(NotBookable):
        accept(offer)
    prove(person)
    with pytest.raises(BookedElsewhere):
        accept(offer)


def test_officers_at_the_desk_read_the_reason() -> None:
    number = make_nik()
    is_booked(number)
    office = make_open_office()
    client = signed_in(make_officer(office, Role.GATE))
    form = {
        "full_name": "Siti Rahmawati",
        "nik": number,
        "birth_date_day": "6",
        "birth_date_month": "2",
        "birth_date_year": "1990",
        "sex": "female",
        "lane": "walk_in",
        "service_type": ServiceType.objects.get(code="new").pk,
    }
    answer = client.post(reverse("counters:gate_walk_in"), form)
    assert answer.status_code == 409
    assert "sudah punya jadwal yang masih berlaku" in answer.content.decode()


# --- The list of people -----------------------------------------------------------------------------
def test_adding_a_number_shows_nothing_about_it() -> None:
    pages: list[str] = []
    for cause in (lambda _number: None, *CAUSES):
        number = make_nik()
        cause(number)
        account = (
            make_user("sama@contoh.id") if not pages else User.objects.get(email="sama@contoh.id")
        )
        client = signed_in(account)
        form = {
            "full_name": "Siti",
            "nik": number,
            "birth_date_day": "6",
            "birth_date_month": "2",
            "birth_date_year": "1990",
            "sex": "female",
        }
        assert client.post(reverse("booking:person_add"), form).status_code == 302
        person = Applicant.objects.get(account=account, removed_at=None)
        addresses = [
            reverse("booking:contest_new", args=[person.pk]),
            reverse("booking:people"),
            reverse("booking:restrictions"),
        ]
        pages.append([plain(client.get(address)) for address in addresses])
        Applicant.objects.filter(pk=person.pk).update(removed_at=NOW)
    assert all(page == pages[0] for page in pages)


def test_no_page_claims_a_booking_in_another_account() -> None:
    """The page of the report used to say so about every number, booked or not."""
    person = make_person()
    client = signed_in(person.account)
    page = client.get(reverse("booking:contest_new", args=[person.pk])).content.decode()
    assert "akun lain" not in page


def test_a_strangers_restriction_cannot_be_read_or_appealed() -> None:
    number = make_nik()
    is_restricted(number)
    person = make_person(identity_number=number)
    restriction = Restriction.objects.get()
    client = signed_in(person.account)
    appeal = reverse("booking:appeal", args=[restriction.pk])
    assert client.post(appeal, {"text": "Bukan saya"}).status_code == 404
    assert INSTRUMENT not in client.get(reverse("booking:restrictions")).content.decode()
    # Control: with the proof the same account reads it, and may appeal.
    prove(person)
    assert INSTRUMENT in client.get(reverse("booking:restrictions")).content.decode()
    assert client.post(appeal, {"reason": "not_mine", "text": "Bukan saya"}).status_code == 302


def test_a_proof_ends_with_the_number_it_was_for() -> None:
    """Otherwise one honest report would open every other number."""
    person = make_person()
    prove(person)
    number = make_nik()
    is_booked(number)
    assert person.account_id is not None
    change_applicant(
        applicant_id=person.pk,
        account_id=person.account_id,
        data=person_data(identity_number=number),
        now=NOW,
    )
    person.refresh_from_db()
    assert person.number_confirmed_at is None
    with pytest.raises(NotBookable):
        make_booking(person=person)


# --- Contests ---------------------------------------------------------------------------------------
def contest_for(person: Applicant, office: Office) -> Contest:
    assert person.account is not None
    return open_contest(applicant_id=person.pk, office_id=office.pk, by=person.account, now=NOW)


@pytest.mark.parametrize("cause", CAUSES)
def test_every_cause_can_be_contested_with_the_same_message(cause: Cause) -> None:
    number, office = make_nik(), make_office()
    cause(number)
    person = make_person(identity_number=number, full_name="Dewi Lestari")
    assert person.account is not None
    with pytest.raises(NothingToContest):
        contest_for(make_person(), office)
    contest_for(person, office)
    text = text_of(Message.objects.get(kind="contest_opened", address=person.account.email))
    assert "Dewi L." in text
    assert "akun lain" not in text


def test_an_upheld_contest_lets_the_owner_read_and_appeal() -> None:
    number, office = make_nik(), make_office()
    is_restricted(number)
    person = make_person(identity_number=number)
    contest = contest_for(person, office)
    officer = make_officer(office, Role.COUNTER)
    release_contested(contest_id=contest.pk, evidence=EVIDENCE, by=officer, now=NOW)
    contest.refresh_from_db()
    assert (contest.status, contest.booking_id) == ("released", None)
    assert Restriction.objects.get().lifted_at is None
    with pytest.raises(Restricted):
        make_booking(person=person)
    assert not [row for row in verify(now=NOW) if row.breaches and row.law != UNSENT]


def test_an_upheld_contest_ends_entries_of_other_accounts() -> None:
    person, office = make_person(), make_office()
    slot, _bookings = make_full_slot()
    entry, lottery = wait(slot, person), enter(draw_in(make_draw_office()), person)
    owner = make_person(identity_number=person.identity_number)
    with pytest.raises(NotBookable):
        wait(slot, owner)
    contest = contest_for(owner, office)
    officer = make_officer(office, Role.COUNTER)
    release_contested(contest_id=contest.pk, evidence=EVIDENCE, by=officer, now=NOW)
    entry.refresh_from_db()
    lottery.refresh_from_db()
    assert (entry.status, lottery.withdrawn_at) == ("changed", NOW)
    kinds = ("waiting_ended", "draw_void")
    assert person.account is not None
    rows = Message.objects.filter(kind__in=kinds, address=person.account.email)
    assert rows.count() == len(kinds)
    assert wait(slot, owner).status == "waiting"
    assert enter(lottery.draw, owner).outcome == "waiting"
    assert not [row for row in verify(now=NOW) if row.breaches and row.law != UNSENT]


def test_a_rejected_contest_reveals_nothing_afterwards() -> None:
    number, office = make_nik(), make_office()
    is_booked(number)
    person = make_person(identity_number=number)
    contest = contest_for(person, office)
    lapse_contests(now=NOW + timedelta(days=15))
    contest.refresh_from_db()
    assert contest.status == "lapsed"
    with pytest.raises(NotBookable):
        make_booking(person=person)


def test_an_upheld_contest_frees_the_number() -> None:
    number, office = make_nik(), make_office()
    is_booked(number)
    person = make_person(identity_number=number)
    contest = contest_for(person, office)
    officer = make_officer(office, Role.COUNTER)
    release_contested(contest_id=contest.pk, evidence=EVIDENCE, by=officer, now=NOW)
    assert make_booking(person=person).status == Status.BOOKED
