"""A person is already booked by another account: the office decides on a document, and both are notified."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from accounts.models import User
from booking.bookings.changes import cancel_booking
from booking.bookings.errors import NotBookable
from booking.bookings.models import Booking
from booking.integrity.contests import (
    dismiss_contest,
    lapse_contests,
    open_contest,
    release_at_desk,
    release_contested,
    withdraw_contest,
)
from booking.integrity.errors import (
    AlreadyContested,
    ContestDecided,
    HolderIsHere,
    NothingToContest,
)
from booking.integrity.models import Contest, ContestEvent
from booking.statuses import Status
from core.errors import DomainError, InvalidInput, NotAllowed, NotFound
from counters.gate.services import check_in
from counters.visits.models import Visit
from notices.models import Message
from offices.directory.models import Office
from offices.staff.models import Role
from ops.verification.services import verify
from quotas.places.models import Place
from tests.builders import (
    NOW,
    confirm_address,
    make_booking,
    make_office,
    make_officer,
    make_open_office,
    make_open_slot,
    make_person,
)
from tests.outbox import text_of

Race = Callable[[Iterable[Callable[[], Any]]], list[Any]]
UNSENT = 9  # no worker runs here, so messages stay unsent
EVIDENCE = "KTP asli, foto cocok"


class Squatted:
    """Another account booked a person's number; the person is at another office."""

    def __init__(self, slot: Any = None) -> None:
        self.owner_office = make_office()
        self.booking = make_booking(slot or make_open_slot())
        number = self.booking.applicant.identity_number
        self.owner = make_person(identity_number=number, full_name="Dewi Lestari")
        self.account: User = self.owner.account  # type: ignore[assignment]
        self.officer = make_officer(self.owner_office, Role.SUPERVISOR)

    def contest(self) -> Contest:
        return open_contest(
            applicant_id=self.owner.pk, office_id=self.owner_office.pk, by=self.account, now=NOW
        )

    def release(self, contest: Contest, **changes: Any) -> Contest:
        values = {"evidence": EVIDENCE, "by": self.officer, "now": NOW} | changes
        return release_contested(contest_id=contest.pk, **values)


@pytest.fixture
def case(db: None) -> Squatted:
    return Squatted()


def clean(now: Any = NOW) -> bool:
    return not [
        finding for finding in verify(now=now) if finding.breaches and finding.law != UNSENT
    ]


def test_a_refused_owner_can_contest_the_existing_booking(case: Squatted) -> None:
    with pytest.raises(NotBookable):
        make_booking(make_open_slot(), person=case.owner)
    contest = case.contest()
    kinds = ("contest_opened", "contest_notice")
    emails = {row.address: row for row in Message.objects.filter(kind__in=kinds)}
    assert set(emails) == {case.account.email, case.booking.account.email}
    assert case.owner_office.name in text_of(emails[case.account.email])
    # Neither side learns who the other is, or where the slot is.
    assert case.booking.code not in text_of(emails[case.account.email])
    assert case.booking.office.name not in text_of(emails[case.account.email])
    holder = case.booking.account
    assert holder is not None
    assert "Dewi" not in text_of(emails[holder.email])
    assert contest.status == "open"
    with pytest.raises(AlreadyContested):
        case.contest()


def test_a_release_cancels_without_sanction_and_notifies_both(
    case: Squatted,
) -> None:
    case.release(case.contest())
    case.booking.refresh_from_db()
    assert case.booking.status == Status.CANCELLED
    assert not Place.objects.filter(holder=case.booking.pk).exists()
    assert Message.objects.filter(kind="booking_released").count() == 1
    [message] = Message.objects.filter(kind="contest_decided")
    assert message.address == case.account.email
    assert make_booking(make_open_slot(), person=case.owner).status == Status.BOOKED
    assert list(ContestEvent.objects.values_list("new", flat=True)) == ["open", "released"]
    assert clean()


def test_a_release_requires_a_document(case: Squatted) -> None:
    contest = case.contest()
    with pytest.raises(InvalidInput) as caught:
        case.release(contest, evidence=" ")
    assert set(caught.value.fields) == {"evidence"}
    case.booking.refresh_from_db()
    assert case.booking.status == Status.BOOKED


def test_a_rejected_contest_leaves_the_booking(case: Squatted) -> None:
    contest = case.contest()
    dismiss_contest(contest_id=contest.pk, reason="KTP tidak cocok", by=case.officer, now=NOW)
    case.booking.refresh_from_db()
    assert case.booking.status == Status.BOOKED
    emails = Message.objects.filter(kind__in=("contest_decided", "booking_kept"))
    assert emails.count() == 2
    assert "KTP tidak cocok" in text_of(emails.get(address=case.account.email))
    with pytest.raises(ContestDecided):
        case.release(contest)
    assert case.contest().status == "open"
    assert clean()


def test_only_the_chosen_office_decides(case: Squatted) -> None:
    contest = case.contest()
    for someone in (
        make_officer(case.booking.office, Role.SUPERVISOR),
        make_officer(case.owner_office, Role.GATE),
    ):
        with pytest.raises(NotAllowed):
            case.release(contest, by=someone)


def test_an_account_contests_for_its_own_people_only(case: Squatted) -> None:
    with pytest.raises(NotFound):
        open_contest(
            applicant_id=case.booking.applicant_id,
            office_id=case.owner_office.pk,
            by=case.account,
            now=NOW,
        )


def test_an_account_cannot_contest_its_own_booking(db: None) -> None:
    booking = make_booking()
    assert booking.account is not None
    with pytest.raises(NothingToContest):
        open_contest(
            applicant_id=booking.applicant_id,
            office_id=booking.office_id,
            by=booking.account,
            now=NOW,
        )


def test_a_checked_in_booking_cannot_be_released(case: Squatted) -> None:
    contest = case.contest()
    at = case.booking.slot.starts_at
    check_in(
        office_id=case.booking.office_id,
        code=case.booking.code,
        now=at,
        by=make_officer(case.booking.office, Role.GATE),
    )
    with pytest.raises(HolderIsHere):
        case.release(contest, now=at)


def test_a_contest_ends_when_the_booking_is_cancelled(case: Squatted) -> None:
    contest = case.contest()
    holder = case.booking.account
    assert holder is not None
    cancel_booking(booking_id=case.booking.pk, by=holder, now=NOW)
    assert case.release(contest).status == "lapsed"
    assert clean()


def test_a_later_booking_by_the_same_account_is_released_too(case: Squatted) -> None:
    contest = case.contest()
    holder = case.booking.account
    assert holder is not None
    confirm_address(holder)
    cancel_booking(booking_id=case.booking.pk, by=holder, now=NOW)
    again = make_booking(make_open_slot(), person=case.booking.applicant)
    assert case.release(contest).booking_id == again.pk
    again.refresh_from_db()
    assert again.status == Status.CANCELLED


def test_an_unattended_contest_expires_after_two_weeks(case: Squatted) -> None:
    case.contest()
    assert lapse_contests(now=NOW + timedelta(days=1)) == 0
    assert lapse_contests(now=NOW + timedelta(days=15)) == 1
    assert lapse_contests(now=NOW + timedelta(days=15)) == 0
    case.booking.refresh_from_db()
    assert case.booking.status == Status.BOOKED


def test_the_claimant_can_withdraw_a_contest(case: Squatted) -> None:
    contest = case.contest()
    with pytest.raises(NotFound):
        withdraw_contest(contest_id=contest.pk, by=case.booking.account, now=NOW)
    withdraw_contest(contest_id=contest.pk, by=case.account, now=NOW)
    assert case.contest().status == "open"


def test_at_the_desk_a_document_is_sufficient(case: Squatted) -> None:
    release_at_desk(
        office_id=case.owner_office.pk,
        identity_kind="nik",
        identity_number=case.owner.identity_number,
        evidence=EVIDENCE,
        by=make_officer(case.owner_office, Role.COUNTER),
        now=NOW,
    )
    case.booking.refresh_from_db()
    assert case.booking.status == Status.CANCELLED
    with pytest.raises(NothingToContest):
        release_at_desk(
            office_id=case.owner_office.pk,
            identity_kind="nik",
            identity_number=case.owner.identity_number,
            evidence=EVIDENCE,
            by=case.officer,
            now=NOW,
        )
    assert clean()


# --- Races --------------------------------------------------------------------------------------
def decide_twice(run_together: Race) -> list[Any]:
    """Two supervisors, one who believes the document and one who does not."""
    case = Squatted()
    contest = case.contest()
    other = make_officer(case.owner_office, Role.SUPERVISOR)
    return run_together(
        [
            partial(case.release, contest),
            partial(
                dismiss_contest, contest_id=contest.pk, reason="Tidak cocok", by=other, now=NOW
            ),
        ]
    )


def kinds(outcomes: list[Any]) -> list[str]:
    faults = [
        one
        for one in outcomes
        if isinstance(one, BaseException) and not isinstance(one, DomainError)
    ]
    assert not faults, faults
    return sorted(type(one).__name__ for one in outcomes)


def test_two_concurrent_decisions_give_one_result(run_together: Race) -> None:
    for _round in range(4):
        assert kinds(decide_twice(run_together)) == ["Contest", "ContestDecided"]
    assert clean()


def test_control_without_guards_both_decisions_apply(
    unguarded_database: str, run_together: Race
) -> None:
    assert any(kinds(decide_twice(run_together)) == ["Contest"] * 2 for _round in range(20))


def check_in_while_released(run_together: Race, office: Office) -> tuple[list[str], Booking]:
    slot = make_open_slot(office=office, days_from_now=1)
    case = Squatted(slot)
    contest = case.contest()
    at = case.booking.slot.starts_at
    gate = make_officer(case.booking.office, Role.GATE)
    outcomes = run_together(
        [
            partial(case.release, contest, now=at),
            partial(
                check_in, office_id=case.booking.office_id, code=case.booking.code, by=gate, now=at
            ),
        ]
    )
    return kinds(outcomes), Booking.objects.get(pk=case.booking.pk)


def test_concurrent_release_and_check_in_never_both_succeed(run_together: Race) -> None:
    office = make_open_office(places=20)
    for _round in range(4):
        outcomes, booking = check_in_while_released(run_together, office)
        if booking.status == Status.CANCELLED:
            assert outcomes == ["BookingEnded", "Contest"]
            assert not Visit.objects.filter(booking=booking).exists()
        else:
            assert outcomes == ["HolderIsHere", "Visit"]
            assert booking.status == Status.CHECKED_IN
    assert clean(NOW + timedelta(days=1))


def test_control_without_guards_a_released_booking_is_checked_in(
    unguarded_database: str, run_together: Race
) -> None:
    office = make_open_office(places=60)
    assert any(
        check_in_while_released(run_together, office)[0] == ["Contest", "Visit"]
        for _round in range(25)
    )
