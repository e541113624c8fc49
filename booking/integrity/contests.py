"""Contests of bookings made with another person's number: decided at the office, on a document.

Lock order: the contest, entries of waiting lists and lotteries, the booking, its place.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.bookings.changes import leave_place
from booking.bookings.models import Booking
from booking.integrity.errors import (
    AlreadyContested,
    ContestDecided,
    HolderIsHere,
    NothingToContest,
)
from booking.integrity.messages import (
    queue_contested_message,
    queue_decided_message,
    queue_taken_away_message,
)
from booking.integrity.models import Contest, ContestStatus
from booking.integrity.selectors import (
    contested_booking,
    is_blocked_by_others,
    stale_contest_ids,
)
from booking.lottery.services import withdraw_entries_of_others
from booking.people.identity import clean_nik, clean_passport_number
from booking.people.models import Applicant
from booking.people.services import confirm_number
from booking.statuses import LIVE, Status
from booking.waiting_list.offers import end_waiting_of_others
from core import status
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import InvalidInput, NotFound
from core.retention import ERASED_TEXT
from offices.directory.models import Office
from offices.permissions import Right, check_right

ONE_OPEN: Final = {"contest_one_open_an_account": AlreadyContested}
TEXT_LENGTH: Final = 200
# Contests lapse after this many days without a document.
OPEN_DAYS: Final = 14


def erase_evidence(*, contest_ids: Iterable[int]) -> None:
    """Erase what an officer wrote about the document that decided a contest."""
    rows = Contest.objects.filter(pk__in=contest_ids).exclude(evidence="")
    rows.update(evidence=ERASED_TEXT)


def open_contest(*, applicant_id: int, office_id: int, by: User, now: dt.datetime) -> Contest:
    """Contest what others booked under a person's number; the person will show the document at `office`.

    Both accounts are notified, without naming the other one; nothing else changes yet.
    Raises NotFound, NothingToContest, AlreadyContested, Busy.
    """
    person = Applicant.objects.filter(pk=applicant_id, account=by, removed_at__isnull=True).first()
    office = Office.objects.filter(pk=office_id).first()
    if person is None or office is None:
        raise NotFound
    with busy_on_timeout(), constraints_as_errors(ONE_OPEN), transaction.atomic():
        if not is_blocked_by_others(person.person_key, account_id=by.pk, now=now):
            raise NothingToContest
        contest = Contest(
            account=by,
            applicant=person,
            person_key=person.person_key,
            booking=contested_booking(person.person_key, account_id=by.pk),
            office=office,
            opened_at=now,
        )
        status.create(contest, by=by, now=now)
        queue_contested_message(contest, now=now)
        return contest


def withdraw_contest(*, contest_id: int, by: User, now: dt.datetime) -> Contest:
    """Withdraw a contest. Raises NotFound, ContestDecided, Busy."""
    with busy_on_timeout(), transaction.atomic():
        contest = _locked(contest_id)
        if contest.account_id != by.pk:
            raise NotFound
        _move(contest, ContestStatus.WITHDRAWN, by=by, now=now)
        return contest


def release_contested(
    *, contest_id: int, evidence: str, reason: str = "", by: User, now: dt.datetime
) -> Contest:
    """Uphold a contest after the document was checked: cancel what others booked, without sanction.

    Both sides are notified. The contesting account may from then on read why the number is refused;
    a restriction stays until a supervisor answers the appeal. If nothing blocks the number any more,
    the contest lapses. Raises NotFound, NotAllowed,
    InvalidInput, ContestDecided, HolderIsHere, Busy.
    """
    document = _required(evidence, "evidence")
    with busy_on_timeout(), transaction.atomic():
        contest = _locked(contest_id)
        check_right(by, Right.DECIDE_CONTEST, office=contest.office, now=now)
        _release(contest, evidence=document, reason=reason, by=by, now=now)
        return contest


def dismiss_contest(*, contest_id: int, reason: str, by: User, now: dt.datetime) -> Contest:
    """Keep the booking, with a reason that the contesting person can read.

    Raises NotFound, NotAllowed, InvalidInput, ContestDecided, Busy.
    """
    why = _required(reason, "reason")
    with busy_on_timeout(), transaction.atomic():
        contest = _locked(contest_id)
        check_right(by, Right.DECIDE_CONTEST, office=contest.office, now=now)
        _move(contest, ContestStatus.DISMISSED, by=by, now=now, reason=why)
        queue_decided_message(contest, reason=why, now=now)
        return contest


def release_at_desk(
    *,
    office_id: int,
    identity_kind: str,
    identity_number: str,
    nationality: str = "ID",
    evidence: str,
    by: User,
    now: dt.datetime,
) -> Contest:
    """Release a contested booking for a person at the desk who did not open a contest online.

    Raises NotFound, NotAllowed, InvalidInput, NothingToContest, HolderIsHere, Busy.
    """
    document = _required(evidence, "evidence")
    office = Office.objects.filter(pk=office_id).first()
    if office is None:
        raise NotFound
    check_right(by, Right.DECIDE_CONTEST, office=office, now=now)
    key = _person_key(identity_kind, identity_number, nationality)
    with busy_on_timeout(), transaction.atomic():
        booking = contested_booking(key, account_id=None)
        if booking is None:
            raise NothingToContest
        contest = Contest(person_key=key, booking=booking, office=office, opened_at=now)
        status.create(contest, by=by, now=now)
        _release(contest, evidence=document, reason="", by=by, now=now)
        if contest.status != ContestStatus.RELEASED:
            raise NothingToContest
        return contest


def lapse_contests(*, now: dt.datetime) -> int:
    """End contests of numbers that nothing blocks, or without a document in time; return how many."""
    before = now - dt.timedelta(days=OPEN_DAYS)
    lapsed = 0
    for contest_id in stale_contest_ids(opened_before=before, now=now):
        with busy_on_timeout(), transaction.atomic():
            contest = _locked(contest_id)
            if contest.status == ContestStatus.OPEN:
                _move(contest, ContestStatus.LAPSED, by=None, now=now)
                queue_decided_message(contest, reason="", now=now)
                lapsed += 1
    return lapsed


def _release(contest: Contest, *, evidence: str, reason: str, by: User, now: dt.datetime) -> None:
    if contest.status != ContestStatus.OPEN:
        raise ContestDecided
    # Entries before the booking: accepting an offer locks them in this order.
    is_blocked = contest.account_id is not None and is_blocked_by_others(
        contest.person_key, account_id=contest.account_id, now=now
    )
    if contest.account_id is not None:
        end_waiting_of_others(
            person_key=contest.person_key, but_not=contest.account_id, by=by, now=now
        )
        withdraw_entries_of_others(
            person_key=contest.person_key, but_not=contest.account_id, now=now
        )
    booking = _locked_booking(contest)
    if booking is None and not is_blocked:
        _move(contest, ContestStatus.LAPSED, by=by, now=now, reason=reason)
        queue_decided_message(contest, reason="", now=now)
        return
    if booking is not None:
        _cancel(booking, by=by, now=now)
    if contest.applicant_id is not None:
        confirm_number(applicant_id=contest.applicant_id, person_key=contest.person_key, now=now)
    _move(
        contest,
        ContestStatus.RELEASED,
        by=by,
        now=now,
        reason=reason or evidence,
        booking=booking,
        evidence=evidence,
    )
    if booking is not None:
        queue_taken_away_message(booking, contest, now=now)
    queue_decided_message(contest, reason=reason, now=now)


def _cancel(booking: Booking, *, by: User, now: dt.datetime) -> None:
    if booking.status == Status.CHECKED_IN:
        raise HolderIsHere
    leave_place(
        booking,
        to=Status.CANCELLED,
        by=by,
        now=now,
        reason=str(_("Nomor identitas milik orang lain, bukti dilihat"))[:TEXT_LENGTH],
    )


def _locked_booking(contest: Contest) -> Booking | None:
    """Lock the current live booking under the number, which may differ from the one first contested."""
    contested = contested_booking(contest.person_key, account_id=contest.account_id)
    if contested is None:
        return None
    rows = Booking.objects.select_for_update(no_key=True).filter(pk=contested.pk, status__in=LIVE)
    if not rows.values_list("pk", flat=True):
        return None
    return Booking.objects.select_related(
        "applicant__account", "office", "slot__office", "service_type__group"
    ).get(pk=contested.pk)


def _locked(contest_id: int) -> Contest:
    locked = Contest.objects.select_for_update(no_key=True).filter(pk=contest_id)
    if not locked.values_list("pk", flat=True):
        raise NotFound
    rows = Contest.objects.select_related("office", "account", "applicant", "booking__account")
    return rows.get(pk=contest_id)


def _move(
    contest: Contest,
    to: ContestStatus,
    *,
    by: User | None,
    now: dt.datetime,
    reason: str = "",
    **changes: Any,
) -> None:
    """Decide a locked contest. Raises ContestDecided."""
    changes |= {"decided_at": now, "decided_by": by}
    status.move(contest, to=to, by=by, now=now, reason=reason[:TEXT_LENGTH], **changes)


def _required(text: str, field: str) -> str:
    value = " ".join(text.split())
    if not value or len(value) > TEXT_LENGTH:
        sentence = (
            _("Tulis bukti yang Anda lihat, misalnya KTP asli; paling panjang 200 karakter.")
            if field == "evidence"
            else _("Tulis alasannya, paling panjang 200 karakter: pemohon akan membacanya.")
        )
        raise InvalidInput(sentence, fields={field: [sentence]})
    return value


def _person_key(kind: str, number: str, nationality: str) -> str:
    is_nik = kind == Applicant.IdentityKind.NIK
    try:
        clean = clean_nik(number) if is_nik else clean_passport_number(number)
    except ValueError as error:
        raise InvalidInput(fields={"identity_number": [str(error)]}) from None
    country = "ID" if is_nik else nationality.upper()
    return Applicant.key_for(kind=kind, nationality=country, number=clean)
