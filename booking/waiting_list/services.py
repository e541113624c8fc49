"""Joining the waiting list of an office, as one person or a party, for places of one slot."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from booking.bookings.checks import party_mistakes, refuse_held, refuse_restricted
from booking.bookings.errors import AlreadyBooked, BookedElsewhere
from booking.bookings.models import Booking
from booking.people.errors import NotOnList, WrongIdentityKind
from booking.people.guardians import refuse_without_guardian
from booking.people.models import Applicant
from booking.people.selectors import fits
from booking.statuses import LIVE, Status
from booking.waiting_list.errors import AlreadyWaiting
from booking.waiting_list.models import WaitingListEntry, WaitingMember, WaitingStatus
from core import status
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import Busy, InvalidInput
from offices.directory.models import Lane, Office, ServiceType

FURTHEST: Final = dt.timedelta(days=92)
ONE_ENTRY: Final = {"waiting_member_once_an_office": AlreadyWaiting}
ONLINE: Final = "online"


@dataclass(frozen=True)
class WaitingPreferences:
    """What an entry waits for: places of one slot at an office, within a range of days."""

    office_code: str
    service_type: str
    first_day: dt.date
    last_day: dt.date
    lane: str = ONLINE


def join_waiting_list(
    *,
    account_id: int,
    applicant_ids: Sequence[int],
    preferences: WaitingPreferences,
    now: dt.datetime,
) -> WaitingListEntry:
    """Add up to five people of an account to a waiting list, for places together in one slot.

    People with a booking that can still be moved wait for another slot. The same people joining again
    change their preferences and keep their position. Raises InvalidInput with its fields, AlreadyWaiting,
    AlreadyBooked, Restricted, NotBookable, Busy.
    """
    office, lane, service = _check(preferences, applicant_ids, now)
    try:
        return _join(account_id, applicant_ids, preferences, (office, lane, service), now)
    except AlreadyWaiting:
        _refuse_waiting(office, account_id, applicant_ids)
        raise Busy from None  # the other entry has ended since


def _refuse_waiting(office: Office, account_id: int, applicant_ids: Sequence[int]) -> None:
    """Raise the error that the account may read, if one of these people waits at the office."""
    people = Applicant.objects.filter(account_id=account_id, pk__in=list(applicant_ids))
    rows = WaitingMember.objects.filter(
        office=office, person_key__in=people.values("person_key"), left_at__isnull=True
    )
    held = rows.values_list("person_key", "entry__account_id")
    refuse_held(held, account_id=account_id, own=AlreadyWaiting)


def _join(
    account_id: int,
    applicant_ids: Sequence[int],
    preferences: WaitingPreferences,
    chosen: tuple[Office, Lane, ServiceType],
    now: dt.datetime,
) -> WaitingListEntry:
    """Write the entry. Raises AlreadyWaiting if one of the people waits there, in any account."""
    office, lane, service = chosen
    with busy_on_timeout(), constraints_as_errors(ONE_ENTRY), transaction.atomic():
        people = _people(account_id, applicant_ids, service)
        refuse_restricted(people=people, account_id=account_id, now=now)
        refuse_without_guardian(people=people, now=now)
        entry = _same_people(office, lane, account_id, applicant_ids)
        if entry is not None:
            return _change(entry, service, preferences, now)
        moving = _movable(people, account_id, now)
        entry = WaitingListEntry(
            office=office,
            lane=lane,
            account_id=account_id,
            service_type=service,
            first_day=preferences.first_day,
            last_day=preferences.last_day,
            size=len(people),
            joined_at=now,
        )
        status.create(entry, by=entry.account, now=now)
        WaitingMember.objects.bulk_create(
            WaitingMember(
                entry=entry,
                office=office,
                applicant=one,
                person_key=one.person_key,
                booking=moving.get(one.person_key),
            )
            for one in sorted(people, key=lambda person: person.person_key)
        )
        return entry


def _change(
    entry: WaitingListEntry, service: ServiceType, preferences: WaitingPreferences, now: dt.datetime
) -> WaitingListEntry:
    """Update the preferences of an existing entry; its position stays."""
    wanted = {
        "service_type": service,
        "first_day": preferences.first_day,
        "last_day": preferences.last_day,
    }
    if any(getattr(entry, name) != value for name, value in wanted.items()):
        for name, value in wanted.items():
            setattr(entry, name, value)
        entry.save(update_fields=list(wanted))
        status.note(entry, by=entry.account, now=now, reason="changed")
    return entry


def _check(
    preferences: WaitingPreferences, applicant_ids: Sequence[int], now: dt.datetime
) -> tuple[Office, Lane, ServiceType]:
    """Return office, lane and service. Raises InvalidInput with every invalid field."""
    mistakes: dict[str, list[Any]] = {}
    office = Office.objects.filter(code=preferences.office_code).first()
    if office is None:
        mistakes["office"] = [_("Kantor ini tidak ada. Pilih dari daftar kantor.")]
    service = office.service_types.filter(code=preferences.service_type).first() if office else None
    if office is not None and service is None:
        mistakes["service_type"] = [
            _("Layanan ini tidak ada di kantor yang Anda pilih. Pilih layanan atau kantor lain.")
        ]
    lane = Lane.objects.filter(pk=preferences.lane, booked_at=Lane.BookedAt.ONLINE).first()
    if lane is None:
        mistakes["lane"] = [_("Jalur ini tidak dapat dipesan secara daring. Pilih jalur daring.")]
    too_many = _("Satu keluarga di daftar tunggu paling banyak 5 orang. Kurangi pilihan Anda.")
    mistakes |= party_mistakes(applicant_ids, too_many=too_many)
    if office is not None:
        mistakes |= _wrong_days(preferences, today=office.local_day(now))
    if mistakes or office is None or lane is None or service is None:
        raise InvalidInput(fields=mistakes)
    return office, lane, service


def _wrong_days(preferences: WaitingPreferences, *, today: dt.date) -> dict[str, list[Any]]:
    """Return errors of the days. Slots of today are never offered, so the range ends tomorrow or later."""
    if preferences.last_day < preferences.first_day:
        return {"last_day": [_("Hari terakhir harus sama dengan atau sesudah hari pertama.")]}
    if preferences.last_day <= today:
        return {
            "last_day": [
                _(
                    "Tempat ditawarkan paling lambat sehari sebelumnya. Pilih tanggal akhir besok atau sesudahnya."
                )
            ]
        }
    if preferences.first_day < today:
        return {"first_day": [_("Hari pertama sudah lewat. Pilih hari ini atau sesudahnya.")]}
    if preferences.last_day > today + FURTHEST:
        return {
            "last_day": [
                _("Daftar tunggu paling jauh 92 hari ke depan. Pilih hari yang lebih awal.")
            ]
        }
    return {}


def _people(account_id: int, applicant_ids: Sequence[int], service: ServiceType) -> list[Applicant]:
    """Lock the people, so that repeated submissions are serialised."""
    rows = Applicant.objects.select_for_update(no_key=True).filter(
        account_id=account_id, pk__in=list(applicant_ids), removed_at__isnull=True
    )
    people = list(rows.order_by("pk"))
    if len(people) < len(applicant_ids):
        raise NotOnList
    if not all(fits(person, service) for person in people):
        raise WrongIdentityKind
    return people


def _movable(people: Sequence[Applicant], account_id: int, now: dt.datetime) -> dict[str, Booking]:
    """Return the bookings that an offer would move. Raises AlreadyBooked or NotBookable."""
    keys = [person.person_key for person in people]
    rows = Booking.objects.filter(person_key__in=keys, status__in=LIVE)
    bookings = {row.person_key: row for row in rows.select_related("office", "slot")}
    fixed = []
    for row in bookings.values():
        is_early = row.status == Status.BOOKED and row.office.local_day(now) < row.slot.day
        if row.account_id != account_id or not (is_early or row.status == Status.DISPLACED):
            fixed.append((row.person_key, row.account_id))
    refuse_held(fixed, account_id=account_id, own=AlreadyBooked, elsewhere=BookedElsewhere)
    return bookings


def _same_people(
    office: Office, lane: Lane, account_id: int, applicant_ids: Sequence[int]
) -> WaitingListEntry | None:
    """Lock and return the existing entry of exactly these people, or None."""
    rows = WaitingListEntry.objects.filter(
        office=office, lane=lane, account_id=account_id, status=WaitingStatus.WAITING
    )
    for entry in rows.prefetch_related("members"):
        if {member.applicant_id for member in entry.members.all()} == set(applicant_ids):
            locked = WaitingListEntry.objects.select_for_update(no_key=True)
            return locked.filter(pk=entry.pk, status=WaitingStatus.WAITING).first()
    return None
