"""First come: one request, one short transaction, places for everyone named or for no one."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.errors import AlreadyBooked, KeyReused
from booking.models import (
    LIVE,
    Applicant,
    Booking,
    Party,
    Status,
    new_code,
)
from booking.selectors import alternatives_to
from booking.services.alone import book_alone, hash_of, is_surely_full
from booking.services.applications import check_products, fits
from booking.services.asked import asked_hour, asked_service, check_shape
from booking.services.caps import check_caps, refuse_restricted
from booking.services.messages import tell_confirmed
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import Busy, DomainError, InvalidInput
from core.ids import new_id
from offices.models import Office, ServiceType
from quotas.errors import NotYetOpen, SlotFull, WindowClosed
from quotas.models import Slot
from quotas.selectors.calendar import OPEN, slot_view
from quotas.services import BookedAt, check_let_in, look_first, take_places

ONE_LIVE: Final = {"booking_one_live_a_person": AlreadyBooked}
# Waits for a rival request under the same key to commit or fail, then makes the row or nothing.
OPEN_PARTY: Final = """
INSERT INTO booking_party (account_id, key, body_hash, created_at, device_key) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING RETURNING id
"""
# Bookings and the first line of each one's history in one round trip, in the order of the person
# keys: two families that share members then wait for each other and cannot deadlock.
WRITE_BOOKINGS: Final = """
WITH asked AS (
  SELECT * FROM unnest(%(ids)s::uuid[], %(codes)s::text[], %(applicants)s::bigint[],
                       %(applications)s::bigint[], %(persons)s::text[], %(places)s::bigint[])
    AS asked (id, code, applicant_id, application_id, person_key, place_id)
), made AS (
  INSERT INTO booking_booking (id, code, account_id, applicant_id, application_id, person_key, party_id,
    service_type_id, office_id, slot_id, place_id, status, via, placed_at, changes_used, key)
  SELECT id, code, %(account)s, applicant_id, application_id, person_key, %(party)s,
    %(service)s, %(office)s, %(slot)s, place_id, %(status)s, %(via)s, %(now)s, 0, %(key)s
  FROM asked ORDER BY person_key
  RETURNING id, place_id
)
INSERT INTO booking_bookingevent (booking_id, kind, old, new, place_to_id, by_id, reason, at)
SELECT id, 'made', '', %(status)s, place_id, %(by)s, '', %(now)s FROM made
"""
USED_KEY: Final = (
    "SELECT id, body_hash, created_at FROM booking_party WHERE account_id = %s AND key = %s"
)
# Written out, for it stands on the path of everyone at once: the ORM took longer to say it than PostgreSQL to do it.
PEOPLE: Final = """
SELECT person.id, person.account_id, person.full_name, person.identity_kind, person.person_key,
       account.email, account.language,
       person.phone,
       (SELECT true FROM booking_booking live WHERE live.person_key = person.person_key
           AND live.status IN %(live)s LIMIT 1) IS NOT NULL,
       (SELECT true FROM booking_restriction bound WHERE bound.person_key = person.person_key
           AND bound.until_at > %(now)s AND bound.lifted_at IS NULL LIMIT 1) IS NOT NULL,
       (SELECT prepared.id FROM booking_passportapplication prepared
         WHERE prepared.applicant_id = person.id AND prepared.service_type_id = %(service)s)
  FROM booking_applicant person JOIN accounts_user account ON account.id = person.account_id
 WHERE person.id = ANY(%(people)s) AND person.account_id = %(account)s AND person.removed_at IS NULL
 ORDER BY person.id
"""
# So that nobody's number changes while their booking is being made.
LOCK_PEOPLE: Final = f"{PEOPLE} FOR NO KEY UPDATE OF person"
PERSON_FIELDS: Final = ("id", "account_id", "full_name", "identity_kind", "person_key")
ACCOUNT_FIELDS: Final = ("id", "email", "language")


@dataclass(frozen=True)
class Claim:
    """What a request for places says."""

    account_id: int | None
    slot: Slot
    service: ServiceType
    key: str
    via: str
    by_id: int
    now: dt.datetime
    device_key: str = ""
    language: str = ""

    @property
    def office(self) -> Office:
        return self.slot.office


def own_claim(
    *,
    account_id: int,
    slot: Slot,
    service: ServiceType,
    key: str,
    now: dt.datetime,
    device_key: str = "",
    language: str = "",
) -> Claim:
    """Return what an account says that books for itself."""
    via = Booking.Via.FIRST_COME
    return Claim(account_id, slot, service, key, via, account_id, now, device_key, language)


def create_bookings(
    *,
    account_id: int,
    slot_id: int,
    applicant_ids: Sequence[int],
    service_type: str,
    key: str,
    now: dt.datetime,
    device_key: str = "",
    room_tickets: Sequence[str] = (),
    language: str = "",
) -> Party:
    """Book one hour for up to five people of an account: all of them or none.

    `language` is the account's, where the caller knows it: that spares a read. The same `key` with
    the same request returns the party it made the first time; a refusal is evaluated anew. Raises
    KeyReused, InvalidInput with its fields, AlreadyBooked, Restricted, LimitReached, ProductNotMade,
    NotLetIn, Busy, and with alternatives SlotFull, NotYetOpen, WindowClosed.
    """
    check_shape(applicant_ids, key)
    body_hash = hash_of(slot_id, applicant_ids, service_type)
    hour = asked_hour(slot_id)
    claim = own_claim(
        account_id=account_id, slot=hour.slot, service=asked_service(service_type, hour), key=key,
        now=now, device_key=device_key, language=language,
    )  # fmt: skip
    try:
        check_let_in(slot_id=slot_id, account_id=account_id, tokens=room_tickets, now=now)
        is_full = is_surely_full(claim, applicant_ids)
        party = None if is_full else _look_and_book(claim, applicant_ids, body_hash)
    except DomainError:
        # The same form, sent before, may itself have taken the last place.
        made_before = _replay(account_id, key, body_hash)
        if made_before is None:
            raise
        return made_before
    if is_full:
        raise SlotFull(alternatives=_ways_on(claim, wanted=1))
    # Without a party of ours one was made under this key before, or by a twin that has just committed.
    party = party or _replay(account_id, key, body_hash)
    if party is None:
        raise Busy
    return party


def _look_and_book(claim: Claim, applicant_ids: Sequence[int], body_hash: str) -> Party | None:
    slot, wanted = claim.slot, len(applicant_ids)
    try:
        # Where everyone sees places left, taking one is the better look; it finds the truth in any case.
        seen = slot_view(slot.pk, now=claim.now)
        if seen is None or seen.status != OPEN or seen.left < wanted:
            look_first(slot_id=slot.pk, wanted=wanted, now=claim.now)
        elif wanted == 1:
            with busy_on_timeout(), constraints_as_errors(ONE_LIVE):
                party = book_alone(claim, person_id=applicant_ids[0], body_hash=body_hash)
            if party is not None:
                return party
        return _book(claim, applicant_ids, body_hash)
    except (SlotFull, NotYetOpen, WindowClosed) as error:
        # Who has an hour already is told that, not that this one is full.
        _people(PEOPLE, claim, applicant_ids)
        error.alternatives[:] = _ways_on(claim, wanted=wanted)
        raise


def _ways_on(claim: Claim, *, wanted: int) -> list[dict[str, Any]]:
    slot = claim.slot
    return alternatives_to(
        claim.office,
        group=slot.group,
        near=slot.starts_at,
        now=claim.now,
        wanted=wanted,
        but_not=slot.pk,
        service=claim.service.pk,
    )


def _book(claim: Claim, applicant_ids: Sequence[int], body_hash: str) -> Party | None:
    """Make the party and its bookings, or return None when a rival request had the same key."""
    with busy_on_timeout(), constraints_as_errors(ONE_LIVE), transaction.atomic():
        party = open_party(claim, body_hash)
        if party is None:
            return None
        people = _people(LOCK_PEOPLE, claim, applicant_ids)
        check_caps(
            account_id=claim.account_id,
            office=claim.office,
            people=people,
            device_key=claim.device_key,
            now=claim.now,
        )
        check_products(
            office=claim.office,
            day=claim.slot.day,
            application_ids=[
                person.prepared_id  # type: ignore[attr-defined]
                for person in people
                if person.prepared_id  # type: ignore[attr-defined]
            ],
        )
        bookings = write_bookings(claim, party, people, lanes_booked_at="online", has_looked=True)
        tell_confirmed(bookings, now=claim.now)
        party.made_codes = tuple(booking.code for booking in bookings)
        return party


def open_party(claim: Claim, body_hash: str) -> Party | None:
    """Write the party, the first thing of every request: whoever repeats it waits here."""
    with connection.cursor() as cursor:
        cursor.execute(
            OPEN_PARTY, [claim.account_id, claim.key, body_hash, claim.now, claim.device_key]
        )
        row = cursor.fetchone()
    if row is None:
        return None
    return Party(
        pk=row[0],
        account_id=claim.account_id,
        key=claim.key,
        body_hash=body_hash,
        created_at=claim.now,
        device_key=claim.device_key,
    )


def write_bookings(
    claim: Claim,
    party: Party,
    people: Sequence[Applicant],
    *,
    lanes_booked_at: BookedAt,
    has_looked: bool = False,
) -> list[Booking]:
    """Take a place for each person and write their bookings, with the first line of history."""
    bookings = [_draft(claim, party, person) for person in people]
    places = take_places(
        slot_id=claim.slot.pk,
        holders=[booking.pk for booking in bookings],
        now=claim.now,
        lanes_booked_at=lanes_booked_at,
        has_looked=has_looked,
    )
    for booking, place_id in zip(bookings, places, strict=True):
        booking.place_id = place_id
    _insert(claim, party, bookings)
    return bookings


def _insert(claim: Claim, party: Party, bookings: Sequence[Booking]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            WRITE_BOOKINGS,
            {
                "ids": [str(booking.pk) for booking in bookings],
                "codes": [booking.code for booking in bookings],
                "applicants": [booking.applicant_id for booking in bookings],
                "applications": [booking.application_id for booking in bookings],
                "persons": [booking.person_key for booking in bookings],
                "places": [booking.place_id for booking in bookings],
                "account": claim.account_id,
                "party": party.pk,
                "service": claim.service.pk,
                "office": claim.office.pk,
                "slot": claim.slot.pk,
                "status": Status.BOOKED.value,
                "via": str(claim.via),
                "now": claim.now,
                "key": claim.key,
                "by": claim.by_id,
            },
        )


def _draft(claim: Claim, party: Party, person: Applicant) -> Booking:
    return Booking(
        id=new_id(),
        code=new_code(),
        account_id=claim.account_id,
        applicant=person,
        application_id=getattr(person, "prepared_id", None),
        person_key=person.person_key,
        party=party,
        service_type=claim.service,
        office=claim.office,
        slot=claim.slot,
        status=Status.BOOKED,
        via=claim.via,
        placed_at=claim.now,
        key=claim.key,
    )


def _replay(account_id: int, key: str, body_hash: str) -> Party | None:
    """Return what this key made before. Raises KeyReused when it asked for something else."""
    with connection.cursor() as cursor:
        cursor.execute(USED_KEY, [account_id, key])
        row = cursor.fetchone()
    if row is None:
        return None
    if row[1] != body_hash:
        raise KeyReused
    return Party(pk=row[0], account_id=account_id, key=key, body_hash=row[1], created_at=row[2])


def _people(statement: str, claim: Claim, applicant_ids: Sequence[int]) -> list[Applicant]:
    """Read whom the request names, in its order. Raises InvalidInput, AlreadyBooked, Restricted."""
    found = {person.pk: person for person in _read_people(statement, claim, applicant_ids)}
    if set(found) != set(applicant_ids):
        text = _("Ada orang yang tidak ada di daftar Anda. Pilih dari daftar orang Anda.")
        raise InvalidInput(fields={"applicants": [text]})
    people = [found[pk] for pk in applicant_ids]
    if not all(fits(person, claim.service) for person in people):
        text = _(
            "Layanan ini bukan untuk jenis identitas yang dipilih. Warga asing memakai paspor, WNI memakai NIK."
        )
        raise InvalidInput(fields={"applicants": [text]})
    if any(person.has_live for person in people):  # type: ignore[attr-defined]
        raise AlreadyBooked
    if any(person.is_bound for person in people):  # type: ignore[attr-defined]
        refuse_restricted(people=people, now=claim.now)
    return people


def _read_people(statement: str, claim: Claim, applicant_ids: Sequence[int]) -> Iterator[Applicant]:
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "people": list(applicant_ids),
                "account": claim.account_id,
                "service": claim.service.pk,
                "live": tuple(status.value for status in LIVE),
                "now": claim.now,
            },
        )
        rows = cursor.fetchall()
    for row in rows:
        person = Applicant.from_db(connection.alias, PERSON_FIELDS, row[:5])
        person.account = User.from_db(connection.alias, ACCOUNT_FIELDS, [row[1], *row[5:7]])
        person.phone = row[7]
        person.has_live, person.is_bound, person.prepared_id = row[8:]  # type: ignore[attr-defined]
        yield person
