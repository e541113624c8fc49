"""Booking and cancelling in turn keeps places out of sale: the attack, with and without the rebooking rule."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services import issue_address_code, issue_token, use_address_code
from booking.bookings.changes import cancel_booking, move_to, reschedule_booking
from booking.bookings.errors import AddressUnconfirmed, NotBookable, RebookingLimit
from booking.bookings.models import Booking, Party
from booking.integrity.broker_signals import find_churn_signals
from booking.integrity.models import BrokerSignal
from booking.people.models import Applicant
from booking.statuses import Status
from booking.waiting_list.accepting import accept_offer
from core.errors import DomainError
from offices.limits.models import RebookingRule
from offices.staff.models import Role
from ops.verification.services import verify
from quotas.places.models import Place, Slot, is_cooled_down
from quotas.places.services import take_for_office
from tests.booking.waiting_list.waiting_world import make_offer
from tests.builders import (
    NOW,
    book_online,
    confirm_address,
    make_booking,
    make_officer,
    make_open_office,
    make_open_slot,
    make_person,
    make_rebooking_rule,
    make_user,
)

pytestmark = pytest.mark.django_db
SetClock = Callable[[datetime], None]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PLACES = 12


@pytest.fixture
def slot() -> Slot:
    return make_open_slot(places=PLACES)


@pytest.fixture
def account() -> User:
    user = make_user()
    confirm_address(user)
    return user


@pytest.fixture
def person(account: User) -> Applicant:
    return make_person(account)


def book(
    slot: Slot, *people: Applicant, now: datetime = NOW, device: str = "", network: str = ""
) -> list[Booking]:
    party = book_online(
        account_id=people[0].account_id,
        slot_id=slot.pk,
        applicant_ids=[person.pk for person in people],
        service_type="new",
        key=uuid4().hex,
        now=now,
        device_key=device,
        network_key=network,
    )
    return list(party.bookings.order_by("pk"))


def cancel(*bookings: Booking, by: User | None = None, now: datetime = NOW) -> None:
    for booking in bookings:
        actor = by or booking.account
        assert actor is not None
        cancel_booking(booking_id=booking.pk, by=actor, now=now)


def churn(slot: Slot, people: Sequence[Applicant], *, now: datetime = NOW, **keys: str) -> int:
    """Book and cancel for one person after another until each is refused; return how many bookings were made."""
    made = 0
    for person in people:
        for _turn in range(PLACES):
            try:
                [booking] = book(slot, person, now=now, **keys)
            except DomainError:
                break
            cancel(booking, now=now)
            made += 1
    return made


def left(slot: Slot, now: datetime = NOW) -> int:
    return Place.objects.free().filter(is_cooled_down(now), slot=slot).count()


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {issue_token(user_id=user.pk)}")
    return client


# --- The attack -----------------------------------------------------------------------------------
def test_one_person_keeps_two_places_out_of_sale(slot: Slot, person: Applicant) -> None:
    assert churn(slot, [person]) == 2
    assert left(slot) == PLACES - 2


def test_control_without_the_rule_one_person_empties_an_hour(slot: Slot, person: Applicant) -> None:
    make_rebooking_rule(slot.office, unlimited=True)
    assert churn(slot, [person]) == PLACES
    assert left(slot) == 0


def test_an_account_books_five_times_after_a_cancellation(slot: Slot, account: User) -> None:
    people = [make_person(account) for _ in range(10)]
    assert churn(slot, people) == 6
    with pytest.raises(RebookingLimit):
        book(slot, people[9])


def test_control_without_the_account_limit_each_person_adds_two(slot: Slot, account: User) -> None:
    make_rebooking_rule(slot.office, per_account=None)
    assert churn(slot, [make_person(account) for _ in range(6)]) == PLACES


def test_a_family_of_five_books_again_after_cancelling(slot: Slot, account: User) -> None:
    family = [make_person(account) for _ in range(5)]
    cancel(*book(slot, *family))
    again = book(slot, *family)
    assert len(again) == 5
    cancel(*again)
    with pytest.raises(RebookingLimit):
        book(slot, *family)


def test_every_cancelled_place_gets_a_secret_cooldown(slot: Slot, person: Applicant) -> None:
    """However short the booking was: otherwise one person could hand the place to another."""
    for turn in range(2):
        at = NOW + turn * HOUR
        [booking] = book(slot, person, now=at)
        place_id = booking.place_id
        cancel(booking, now=at)
        place = Place.objects.get(pk=place_id)
        assert place.holder is None
        assert place.cooldown_until is not None
        assert at + 5 * MINUTE <= place.cooldown_until <= at + HOUR


@pytest.mark.slow
def test_twenty_accounts_keep_forty_of_375_places_out_of_sale() -> None:
    """Each books and cancels for ten minutes; every second account keeps its last booking."""
    slot, accounts = make_open_slot(places=375), [make_user() for _number in range(20)]
    places: dict[int, set[Any]] = {user.pk: set() for user in accounts}
    people = []
    for user in accounts:
        confirm_address(user)
        people.append(make_person(user))
    for turn in range(60):
        at = NOW + turn * MINUTE / 6
        for number, person in enumerate(people):
            taken = places[accounts[number].pk]
            try:
                [booking] = book(slot, person, now=at)
            except DomainError:
                continue
            taken.add(booking.place_id)
            if not (number % 2 and len(taken) > 1):
                cancel(booking, now=at)
        on_sale = set(Place.objects.free().filter(is_cooled_down(at)).values_list("pk", flat=True))
        assert max(len(taken - on_sale) for taken in places.values()) <= 2
    kept = Booking.objects.filter(status=Status.BOOKED).count()
    assert 0 < kept <= 20
    an_hour_later = NOW + 10 * MINUTE + HOUR
    assert left(slot, an_hour_later) == 375 - kept
    for _person in range(375 - kept):
        book(slot, make_person(make_user()), now=an_hour_later)
    assert left(slot, an_hour_later) == 0


# --- From when one may book again -----------------------------------------------------------------
def refusal(slot: Slot, *people: Applicant, now: datetime) -> RebookingLimit:
    with pytest.raises(RebookingLimit) as caught:
        book(slot, *people, now=now)
    return caught.value


def test_booking_is_possible_again_at_the_time_stated(slot: Slot, person: Applicant) -> None:
    for turn in range(2):
        cancel(*book(slot, person, now=NOW + turn * HOUR), now=NOW + turn * HOUR)
    error = refusal(slot, person, now=NOW + 2 * HOUR)
    possible = datetime.fromisoformat(error.facts["possible_from"])
    # The second booking, which followed a cancellation, was made an hour after NOW.
    assert possible == NOW + DAY + HOUR
    refusal(slot, person, now=possible - MINUTE)
    assert book(slot, person, now=possible)


def test_the_time_stated_is_rounded_up(slot: Slot, person: Applicant) -> None:
    at = NOW + timedelta(seconds=30)
    churn(slot, [person], now=at)
    error = refusal(slot, person, now=at)
    assert datetime.fromisoformat(error.facts["possible_from"]) == NOW + DAY + MINUTE


def test_the_api_answers_403_with_the_time(
    slot: Slot, person: Applicant, account: User, set_clock: SetClock
) -> None:
    set_clock(NOW)
    churn(slot, [person])
    body = {"slot": slot.pk, "applicants": [person.pk], "service_type": "new"}
    answer = client_of(account).post("/api/v1/bookings/", body)
    assert answer.status_code == 403
    refused = answer.json()
    assert refused["code"] == "rebooking_limit"
    assert refused["possible_from"] == "2026-11-24T10:00:00+07:00"
    assert "10.00 WIB" in refused["detail"]


def test_the_page_says_from_when_booking_is_possible(
    slot: Slot, person: Applicant, account: User, set_clock: SetClock, client: Client
) -> None:
    set_clock(NOW)
    churn(slot, [person])
    client.force_login(account)
    form = {"applicants": [person.pk], "service_type": "new", "key": "a"}
    answer = client.post(reverse("booking:book", args=[slot.pk]), form)
    assert answer.status_code == 403
    assert "10.00 WIB" in answer.content.decode()


def test_a_rule_may_have_other_numbers(slot: Slot, person: Applicant) -> None:
    make_rebooking_rule(slot.office, per_person=2, within_hours=6)
    assert churn(slot, [person]) == 3
    assert book(slot, person, now=NOW + 6 * HOUR)


# --- What is not limited --------------------------------------------------------------------------
def test_cancelling_and_rescheduling_are_never_blocked(slot: Slot, person: Applicant) -> None:
    cancel(*book(slot, person))
    [booking] = book(slot, person)
    other = make_open_slot(office=slot.office, days_from_now=4)
    assert booking.account is not None
    reschedule_booking(booking_id=booking.pk, slot_id=other.pk, by=booking.account, now=NOW)
    cancel(booking)
    assert Booking.objects.get(pk=booking.pk).status == Status.CANCELLED
    refusal(slot, person, now=NOW)


def test_a_cancellation_by_the_office_does_not_count(slot: Slot, person: Applicant) -> None:
    officer = make_officer(slot.office, Role.GATE)
    for _turn in range(3):
        cancel(*book(slot, person), by=officer)
    assert book(slot, person)


def test_a_booking_moved_by_the_office_does_not_count(slot: Slot, person: Applicant) -> None:
    cancel(*book(slot, person))
    [booking] = book(slot, person)
    other = make_open_slot(office=slot.office, days_from_now=4)
    [place] = take_for_office(slot_id=other.pk, holders=[booking.pk])
    officer = make_officer(slot.office, Role.SUPERVISOR)
    via = Booking.Via.MOVED_BY_OFFICE
    move_to(booking, other, place_id=place, via=via, by=officer, now=NOW)
    cancel(booking)
    assert book(slot, person)


def test_an_offer_from_the_waiting_list_can_be_accepted() -> None:
    offer = make_offer()
    [member] = offer.entry.members.all()
    person, account = member.applicant, offer.entry.account
    slot = make_open_slot(places=PLACES)
    assert churn(slot, [person]) == 1  # the address is not confirmed
    accept_offer(offer_id=offer.pk, account_id=account.pk, now=NOW)
    assert not Booking.objects.get(via=Booking.Via.WAITING_LIST).after_person_cancelled


# --- Another account ------------------------------------------------------------------------------
def test_another_account_learns_nothing_about_the_cancellations(
    slot: Slot, person: Applicant, set_clock: SetClock
) -> None:
    set_clock(NOW)
    churn(slot, [person])
    twin = make_person(identity_number=person.identity_number)
    assert twin.account is not None
    with pytest.raises(NotBookable):
        book(slot, twin)
    body = {"slot": slot.pk, "applicants": [twin.pk], "service_type": "new"}
    answer = client_of(twin.account).post("/api/v1/bookings/", body)
    assert answer.status_code == 409
    assert set(answer.json()) == {"code", "detail"}
    assert answer.json()["code"] == "not_bookable"


# --- The address ----------------------------------------------------------------------------------
@pytest.fixture
def stranger() -> Applicant:
    """A person of an account whose address is not confirmed."""
    return make_person()


def test_an_unconfirmed_account_confirms_before_it_books_again(
    slot: Slot, stranger: Applicant
) -> None:
    cancel(*book(slot, stranger))
    with pytest.raises(AddressUnconfirmed):
        book(slot, stranger, now=NOW + 30 * DAY)
    confirm_address(stranger.account)
    assert book(slot, stranger)


def test_the_api_asks_an_unconfirmed_account_for_its_address(
    slot: Slot, stranger: Applicant, set_clock: SetClock
) -> None:
    set_clock(NOW)
    cancel(*book(slot, stranger))
    assert stranger.account is not None
    body = {"slot": slot.pk, "applicants": [stranger.pk], "service_type": "new"}
    answer = client_of(stranger.account).post("/api/v1/bookings/", body)
    assert (answer.status_code, answer.json()["code"]) == (403, "address_unconfirmed")


def test_control_without_the_policy_an_invented_address_books_again(
    slot: Slot, stranger: Applicant
) -> None:
    make_rebooking_rule(slot.office, confirmation=RebookingRule.Confirmation.NEVER)
    cancel(*book(slot, stranger))
    assert book(slot, stranger)


def test_an_office_may_ask_before_the_first_booking(slot: Slot, stranger: Applicant) -> None:
    make_rebooking_rule(slot.office, confirmation=RebookingRule.Confirmation.BEFORE_FIRST)
    with pytest.raises(AddressUnconfirmed):
        book(slot, stranger)


def test_a_program_confirms_with_the_code_of_the_message(set_clock: SetClock) -> None:
    set_clock(NOW)
    api, who = APIClient(), {"email": "siti@contoh.id", "password": "pagi-hujan-88"}
    api.post("/api/v1/auth/register/", {**who, "full_name": "Siti Rahmawati"})
    account = User.objects.get(email=who["email"])
    address = EmailAddress.objects.get(user=account)
    code = issue_address_code(address_id=address.pk, now=NOW)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    refused = api.post("/api/v1/auth/confirm/", {"email": who["email"], "code": wrong})
    assert (refused.status_code, refused.json()["code"]) == (400, "code_refused")
    unknown = api.post("/api/v1/auth/confirm/", {"email": "tak@ada.id", "code": code})
    assert unknown.content == refused.content
    spaced = f"{code[:3]} {code[3:]}"
    answer = api.post("/api/v1/auth/confirm/", {"email": " Siti@Contoh.ID ", "code": spaced})
    assert answer.status_code == 200
    assert set(answer.json()) == {"detail"}
    assert not answer.cookies
    address.refresh_from_db()
    assert address.verified
    again = api.post("/api/v1/auth/confirm/", {"email": who["email"], "code": code})
    assert again.status_code == 400


def unconfirmed_address() -> Any:
    user = make_user()
    return EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)


def guesses(address: Any, *, tries: int, now: datetime = NOW) -> None:
    for number in range(tries):
        with pytest.raises(DomainError):
            use_address_code(email=address.email, code=f"x{number}", now=now)


def test_ten_wrong_codes_end_the_guessing_for_a_day() -> None:
    address = unconfirmed_address()
    issue_address_code(address_id=address.pk, now=NOW)
    guesses(address, tries=10)
    # A new message does not allow more attempts.
    code = issue_address_code(address_id=address.pk, now=NOW)
    guesses(address, tries=1)
    with pytest.raises(DomainError):
        use_address_code(email=address.email, code=code, now=NOW)
    code = issue_address_code(address_id=address.pk, now=NOW + DAY)
    assert use_address_code(email=address.email, code=code, now=NOW + DAY) == address


def test_control_after_nine_wrong_codes_the_right_one_is_valid() -> None:
    address = unconfirmed_address()
    code = issue_address_code(address_id=address.pk, now=NOW)
    guesses(address, tries=9)
    assert use_address_code(email=address.email, code=code, now=NOW) == address


def test_a_code_is_valid_for_a_day() -> None:
    address = unconfirmed_address()
    code = issue_address_code(address_id=address.pk, now=NOW)
    with pytest.raises(DomainError):
        use_address_code(email=address.email, code=code, now=NOW + DAY)


# --- What the pages say ---------------------------------------------------------------------------
def cancel_page(client: Client, booking: Booking) -> str:
    client.force_login(booking.account)
    answer = client.get(reverse("booking:cancel", args=[booking.code]))
    return " ".join(answer.content.decode().split())


def test_the_cancel_page_states_the_effect_beforehand(
    slot: Slot, person: Applicant, set_clock: SetClock, client: Client
) -> None:
    set_clock(NOW)
    [first] = book(slot, person)
    page = cancel_page(client, first)
    assert "Dalam 24 jam setelah pembatalan" in page
    assert "<b>1</b> untuk Siti" in page
    cancel(first)
    [second] = book(slot, person)
    page = cancel_page(client, second)
    assert "Batas pemesanan ulang sudah tercapai" in page
    assert "10.00 WIB" in page


def test_the_cancel_page_leads_to_the_confirmation(
    slot: Slot, stranger: Applicant, set_clock: SetClock, client: Client
) -> None:
    set_clock(NOW)
    [booking] = book(slot, stranger)
    code_page = reverse("accounts:address_code")
    assert code_page in cancel_page(client, booking)
    answer = client.post(reverse("booking:cancel", args=[booking.code]), {"reason": ""})
    for page in (answer["Location"], reverse("booking:bookings"), "/"):
        assert code_page in client.get(page).content.decode()


def test_no_page_requests_confirmation_around_an_opening(
    slot: Slot, stranger: Applicant, set_clock: SetClock, client: Client
) -> None:
    cancel(*book(slot, stranger))
    client.force_login(stranger.account)
    opens_at = Place.objects.filter(
        slot__office=make_open_office(), slot__lane="online", opens_at__gt=NOW
    ).earliest("opens_at")
    pages = ["/", reverse("booking:bookings"), reverse("booking:book", args=[slot.pk])]
    for moment, is_requested in ((NOW, True), (opens_at.opens_at + MINUTE, False)):
        set_clock(moment)
        for page in pages:
            text = client.get(page).content.decode()
            assert (reverse("accounts:address_code") in text) is is_requested


def test_full_hours_state_no_count_of_taken_places(
    slot: Slot, set_clock: SetClock, client: Client
) -> None:
    set_clock(NOW)
    Place.objects.filter(slot=slot).update(cooldown_until=NOW + HOUR)
    with override("id"):
        day = client.get(reverse("booking:day", args=[slot.office.code, slot.day]))
        shown = day.content.decode()
        query = f"?date={slot.day}&service_type=new"
        listed = client.get(f"/api/v1/offices/{slot.office.code}/slots/{query}").json()
    sentence = "Saat ini tidak ada tempat yang dapat dipesan"
    assert sentence in shown
    assert f"{PLACES} dari {PLACES}" not in shown
    [row] = [row for row in listed if row["id"] == slot.pk]
    assert (row["status"], row["left"]) == ("full", 0)


# --- Signals and the law --------------------------------------------------------------------------
def test_churn_of_a_device_and_a_network_raises_signals_only(slot: Slot) -> None:
    for _account in range(3):
        person = make_person()
        confirm_address(person.account)
        assert churn(slot, [person], device="d" * 64, network="n" * 64) == 2
    find_churn_signals(now=NOW + MINUTE)
    raised = {signal.kind: signal.count for signal in BrokerSignal.objects.all()}
    assert raised == {"churn_dev": 6, "churn_net": 6}
    newcomer = make_person()
    assert book(slot, newcomer, device="d" * 64, network="n" * 64)


def network_of(slot: Slot, address: str) -> str:
    person = make_person()
    assert person.account is not None
    body = {"slot": slot.pk, "applicants": [person.pk], "service_type": "new"}
    answer = client_of(person.account).post("/api/v1/bookings/", body, REMOTE_ADDR=address)
    assert answer.status_code == 201
    return Party.objects.get(account=person.account).network_key


def test_a_network_is_stored_as_a_keyed_hash_only(slot: Slot, set_clock: SetClock) -> None:
    set_clock(NOW)
    first, same, other, older = (
        network_of(slot, address)
        for address in ("2001:db8:1:2::3", "2001:db8:1:2:9::1", "2001:db8:1:3::3", "203.0.113.7")
    )
    assert first == same
    assert len({first, other, older}) == 3
    assert len(first) == 64
    assert network_of(slot, "127.0.0.1") == ""


def test_a_family_that_cancels_once_raises_no_signal(slot: Slot, account: User) -> None:
    cancel(*book(slot, *[make_person(account) for _ in range(5)], device="d" * 64))
    assert find_churn_signals(now=NOW + MINUTE) == 0


def breaches_of_law_3() -> int:
    return sum(finding.breaches for finding in verify(now=NOW) if finding.law == 3)


def test_verify_reports_who_booked_again_too_often(slot: Slot, person: Applicant) -> None:
    churn(slot, [person])
    assert breaches_of_law_3() == 0
    rule = make_rebooking_rule(slot.office, per_person=None, per_account=None)
    cancel(*book(slot, person, now=NOW + MINUTE))
    assert breaches_of_law_3() == 0
    rule.delete()
    assert breaches_of_law_3() == 1


def test_an_account_with_many_bookings_is_read_by_index(slot: Slot, person: Applicant) -> None:
    """The history of a person is read for each booking of the release minute."""
    from booking.bookings.requests import PEOPLE

    make_booking(slot, person=person)
    with connection.cursor() as cursor:
        # The plan of a large table, whatever statistics the tests before left behind.
        cursor.execute("DELETE FROM pg_statistic WHERE starelid = 'booking_booking'::regclass")
        cursor.execute(
            """UPDATE pg_class SET reltuples = 1000000, relpages = 1
               WHERE oid = 'booking_booking'::regclass OR oid IN (
                   SELECT indexrelid FROM pg_index WHERE indrelid = 'booking_booking'::regclass)"""
        )
        cursor.execute(f"PREPARE churn_people AS {PEOPLE}")
        cursor.execute(
            "EXPLAIN EXECUTE churn_people (ARRAY[1], ARRAY[1], ARRAY[1], now())",
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("DEALLOCATE churn_people")
    assert "booking_rebooked_by_person" in plan
    assert "Seq Scan on booking_booking" not in plan
