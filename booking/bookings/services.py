"""The only code that inserts bookings, for every way of booking."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.bookings.checks import (
    LIMIT_CHECKS,
    PEOPLE_CHECKS,
    REQUEST_CHECKS,
    follows_own_cancellation,
    is_key,
    refuse_after_cut_off,
    refuse_booked,
    run_checks,
)
from booking.bookings.errors import (
    ONE_LIVE,
    AlreadyBooked,
    KeyReused,
    NotBookableOnline,
    PartyNotTogether,
    ServiceNotOffered,
    WalkInsNotAdmitted,
)
from booking.bookings.hours import Need, alternatives_to
from booking.bookings.messages import queue_confirmed_message
from booking.bookings.models import Booking, Party
from booking.bookings.requests import (
    FOR_APPLICANTS,
    OPEN_TO_ALL,
    Assisted,
    AtOffice,
    BookingRequest,
    BookingRight,
    Case,
    DeskOfficer,
    OpenWindow,
    Person,
    known_ids,
    read_people,
)
from booking.bookings.selectors import BookableSlot, bookable_slot, bookings_in, with_all
from booking.codes import new_code
from booking.payments.services import Payable, open_prepaid_bill
from booking.people.errors import WrongIdentityKind
from booking.people.models import Applicant
from booking.people.services import ApplicantData, checked
from booking.statuses import Status
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import Busy, DomainError, InvalidInput, NotFound
from core.ids import new_id
from offices.directory.models import ACCELERATED, Lane, Office, ServiceType
from offices.hours.selectors import admission_on
from offices.permissions import Right, check_right
from quotas.places.errors import NotYetOpen, SlotFull, WindowClosed
from quotas.places.models import Slot
from quotas.places.services import check_availability, seems_available

# Serialises the bookings of an account and of a person, in one order for all requests. What the following statements
# read then includes every booking that counts for the rebooking rule.
WAIT_FOR_TURN: Final = """
SELECT pg_advisory_xact_lock(hashtextextended(subject, 0)) FROM (
  SELECT 'rebooking:account:' || account_id AS subject FROM unnest(%(accounts)s::bigint[]) AS wanted (account_id)
  UNION SELECT 'rebooking:person:' || person_key FROM booking_applicant WHERE id = ANY(%(applicants)s::bigint[])
  ORDER BY subject) AS subjects;
"""
# Waits for a concurrent request with the same key to commit or fail, then inserts the row or nothing.
OPEN_PARTIES: Final = """
INSERT INTO booking_party (account_id, key, body_hash, created_at, device_key, network_key, code)
SELECT account_id, key, body_hash, %(now)s, device_key, network_key, code
  FROM unnest(%(accounts)s::bigint[], %(keys)s::text[], %(hashes)s::text[], %(devices)s::text[], %(networks)s::text[],
      %(codes)s::text[])
    AS wanted (account_id, key, body_hash, device_key, network_key, code)
ON CONFLICT DO NOTHING RETURNING id, account_id, key
"""
# Bookings and the first line of their history, in the order of the person keys: two families that share
# members then wait for each other and cannot deadlock.
WRITE_BOOKINGS: Final = """
WITH wanted AS (
  SELECT * FROM unnest(%(ids)s::uuid[], %(codes)s::text[], %(accounts)s::bigint[], %(applicants)s::bigint[],
      %(applications)s::bigint[], %(persons)s::text[], %(parties)s::bigint[], %(services)s::bigint[],
      %(offices)s::bigint[], %(slots)s::bigint[], %(places)s::bigint[], %(keys)s::text[],
      %(after_person)s::boolean[], %(after_account)s::boolean[])
    AS wanted (id, code, account_id, applicant_id, application_id, person_key, party_id, service_type_id,
      office_id, slot_id, place_id, key, after_person, after_account)
), made AS (
  INSERT INTO booking_booking (id, code, account_id, applicant_id, application_id, person_key, party_id,
    service_type_id, office_id, slot_id, place_id, status, via, placed_at, expires_at, changes_used, key,
    after_person_cancelled, after_account_cancelled)
  SELECT id, code, account_id, applicant_id, application_id, person_key, party_id,
    service_type_id, office_id, slot_id, place_id, %(status)s, %(via)s, %(now)s, %(expires_at)s, 0, key,
    after_person, after_account
  FROM wanted ORDER BY person_key
  RETURNING id, account_id, place_id
)
INSERT INTO booking_bookingevent (booking_id, kind, old, new, place_to_id, by_id, reason, at)
SELECT id, 'made', '', %(status)s, place_id, coalesce(%(by)s, account_id), '', %(now)s FROM made
"""
USED_KEYS: Final = """
SELECT party.account_id, party.key, party.id, party.body_hash, party.created_at, party.code
  FROM unnest(%(accounts)s::bigint[], %(keys)s::text[]) AS wanted (account_id, key)
  JOIN booking_party party ON party.account_id = wanted.account_id AND party.key = wanted.key
"""

WALK_IN: Final = "walk_in"
HOURS_OFFERED: Final = 2  # the current slot and the next one


@dataclass(frozen=True, slots=True)
class _Draft:
    """A booking without a place."""

    id: UUID
    code: str
    case: Case
    party: Party
    person: Person


class _BookedConcurrently(AlreadyBooked):
    """A concurrent request has booked one of the people, in some account."""


BOOKED_CONCURRENTLY: Final = dict.fromkeys(ONE_LIVE, _BookedConcurrently)


class _KeyTaken(Busy):
    """Another request has used the same key: it has finished, or is still running."""


def create_bookings(
    *, requests: Sequence[BookingRequest], right: BookingRight, by: User | None, now: dt.datetime
) -> list[Party]:
    """Book for every request, all of them or none; return their parties in the same order.

    `right` names the way of booking (`right.via`) and proves that it may be used; the checks that apply to it
    are listed in `booking.bookings.checks`. `by` is the actor; None for a worker. The same key with the same
    request returns the party it created the first time; a refusal is evaluated again. Raises what the checks and
    the right raise, KeyReused, Busy; SlotFull, NotYetOpen and WindowClosed have alternatives.
    """
    cases: list[Case] = []
    try:
        cases += _cases(requests, right=right, by=by, now=now)
        for case in cases:
            run_checks(case, REQUEST_CHECKS)
        for case in cases:
            _refuse_late(case, cases)
        return _book(requests, cases, right=right, by=by, now=now)
    except DomainError as error:
        # An earlier submission of the same form may have taken the last place.
        made_before = _made_before(requests)
        if made_before is not None:
            return made_before
        if cases and isinstance(error, (SlotFull, NotYetOpen, WindowClosed)):
            error.alternatives[:] = _alternatives(cases)
        if isinstance(error, _BookedConcurrently):
            _refuse_booked(cases)
        raise


def _refuse_booked(cases: Sequence[Case]) -> None:
    """Raise the error that the account may read. Raises Busy if the other booking has ended since."""
    for case in cases:
        if case.account_to_answer is not None:
            keys = [person.person_key for person in case.people]
            refuse_booked(keys, account_id=case.account_to_answer)
            raise Busy


def _cases(
    requests: Sequence[BookingRequest], *, right: BookingRight, by: User | None, now: dt.datetime
) -> list[Case]:
    bookables: dict[int, BookableSlot] = {}
    cases = []
    for request in requests:
        company: list[Person] = []
        for part in request.parts:
            bookable = bookables.get(part.slot_id) or bookable_slot(part.slot_id)
            if bookable is None:
                raise NotBookableOnline
            bookables[part.slot_id] = bookable
            service = _service(part.service_type, bookable)
            cases.append(Case(request, part, bookable, service, right, by, now, company=company))
        _refuse_apart([bookables[part.slot_id].slot for part in request.parts])
    return cases


def _refuse_apart(slots: Sequence[Slot]) -> None:
    """A party comes to one office at one time. Raises PartyNotTogether."""
    if len({(slot.office_id, slot.starts_at) for slot in slots}) > 1:
        raise PartyNotTogether


def _service(code: str, bookable: BookableSlot) -> ServiceType:
    """Return the service, even if the office no longer offers it. Raises ServiceNotOffered."""
    for row in bookable.services:
        if row.code == code:
            return row
    service = ServiceType.objects.select_related("group").filter(code=code).first()
    if service is None:
        raise ServiceNotOffered
    return service


def _refuse_late(case: Case, cases: Sequence[Case]) -> None:
    """Refuse most requests that are too late or too early without a transaction.

    First come only, and only if a count (at most one second old) shows too few places. People checks run
    first, so that a person with a live booking gets that error instead of "slot full".
    """
    if not isinstance(case.right, OpenWindow):
        return
    wanted, slot_id = case.request.wanted_in(case.slot.pk), case.slot.pk
    if seems_available(slot_id=slot_id, wanted=wanted, now=case.now):
        return
    together = [each for each in cases if each.request is case.request]
    _read(together, lock=False)
    for each in together:
        run_checks(each, PEOPLE_CHECKS)
    check_availability(slot_id=slot_id, wanted=wanted, now=case.now)


def _book(
    requests: Sequence[BookingRequest],
    cases: Sequence[Case],
    *,
    right: BookingRight,
    by: User | None,
    now: dt.datetime,
) -> list[Party]:
    """Lock, check and write in one transaction."""
    with busy_on_timeout(), constraints_as_errors(BOOKED_CONCURRENTLY), transaction.atomic():
        parties = _open_parties(requests, right, now)
        _read(cases, lock=True)
        for case in cases:
            run_checks(case, PEOPLE_CHECKS)
        for case in cases:
            if case.part == case.request.parts[0]:  # limits count the whole party
                run_checks(case, LIMIT_CHECKS)
        by_request = {(party.account_id, party.key): party for party in parties}
        drafts = [
            _Draft(
                new_id(),
                new_code(),
                case,
                by_request[case.request.account_id, case.request.key],
                person,
            )
            for case in cases
            for person in case.people
        ]
        places = _take_places(drafts, right, now)
        _insert(drafts, places, right=right, by=by, now=now)
        _confirm(drafts, places, right=right, now=now)
        _open_bills(drafts, right=right, now=now)
        return parties


def _open_parties(
    requests: Sequence[BookingRequest], right: BookingRight, now: dt.datetime
) -> list[Party]:
    """Insert the parties first, so that a repeated request waits here."""
    hashes = [request.fingerprint for request in requests]
    # One person has the booking's code only; a family has a code for all of them.
    codes = [new_code() if len(request.everyone) > 1 else "" for request in requests]
    with connection.cursor() as cursor:
        cursor.execute(
            WAIT_FOR_TURN + OPEN_PARTIES if right.via in OPEN_TO_ALL else OPEN_PARTIES,
            {
                "accounts": [request.account_id for request in requests],
                "keys": [request.key for request in requests],
                "hashes": hashes,
                "devices": [request.device_key for request in requests],
                "networks": [request.network_key for request in requests],
                "codes": codes,
                "applicants": known_ids(pk for row in requests for pk in row.everyone),
                "now": now,
            },
        )
        ids = {(account_id, key): pk for pk, account_id, key in cursor.fetchall()}
    if len(ids) < len(requests):
        raise _KeyTaken
    return [
        Party(
            pk=ids[request.account_id, request.key],
            account_id=request.account_id,
            key=request.key,
            body_hash=body_hash,
            created_at=now,
            device_key=request.device_key,
            network_key=request.network_key,
            code=code,
        )
        for request, body_hash, code in zip(requests, hashes, codes, strict=True)
    ]


def _read(cases: Sequence[Case], *, lock: bool) -> None:
    """Read the people of every case with one statement. Unknown people are missing."""
    wanted = [
        (pk, case.service.pk, case.office.pk) for case in cases for pk in case.part.applicant_ids
    ]
    rows = read_people(wanted, now=cases[0].now, lock=lock)
    for case in cases:
        case.company.clear()
    for case in cases:
        case.people[:] = [rows[pk] for pk in case.part.applicant_ids if pk in rows]
        case.company.extend(case.people)


def _take_places(
    drafts: Sequence[_Draft], right: BookingRight, now: dt.datetime
) -> dict[UUID, int]:
    holders: dict[int, list[UUID]] = defaultdict(list)
    for draft in drafts:
        holders[draft.case.slot.pk].append(draft.id)
    return right.take(holders, now=now)


def _insert(
    drafts: Sequence[_Draft],
    places: dict[UUID, int],
    *,
    right: BookingRight,
    by: User | None,
    now: dt.datetime,
) -> None:
    after = [follows_own_cancellation(draft.case, draft.person) for draft in drafts]
    values: dict[str, Any] = {
        "ids": [str(draft.id) for draft in drafts],
        "codes": [draft.code for draft in drafts],
        "accounts": [draft.case.request.account_id for draft in drafts],
        "applicants": [draft.person.id for draft in drafts],
        "applications": [draft.person.application_id for draft in drafts],
        "persons": [draft.person.person_key for draft in drafts],
        "parties": [draft.party.pk for draft in drafts],
        "services": [draft.case.service.pk for draft in drafts],
        "offices": [draft.case.office.pk for draft in drafts],
        "slots": [draft.case.slot.pk for draft in drafts],
        "places": [places[draft.id] for draft in drafts],
        "keys": [draft.case.request.key for draft in drafts],
        "after_person": [person for person, _account in after],
        "after_account": [account for _person, account in after],
        "status": str(right.status),
        "via": str(right.via),
        "expires_at": right.expires_at,
        "by": None if by is None else by.pk,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITE_BOOKINGS, values)


def _confirm(
    drafts: Sequence[_Draft], places: dict[UUID, int], *, right: BookingRight, now: dt.datetime
) -> None:
    """Queue one confirmation for each party. Holds are confirmed when they are claimed."""
    bookings: dict[int, list[Booking]] = defaultdict(list)
    applications = {draft.person.id: draft.person.as_application() for draft in drafts}
    for draft in drafts:
        draft.party.made_codes = (*draft.party.made_codes, draft.code)
        if right.status == Status.BOOKED:
            booking = _as_booking(draft, places[draft.id], right, now)
            bookings[draft.party.pk].append(booking)
    for same in bookings.values():
        queue_confirmed_message(same, now=now, applications=applications)


def _open_bills(drafts: Sequence[_Draft], *, right: BookingRight, now: dt.datetime) -> None:
    """Open the bills where the fee is paid before the visit. A hold gets its bill when it is claimed.

    People at the office pay after the interview.
    """
    if right.via not in FOR_APPLICANTS:
        return
    for draft in drafts:
        if not draft.case.bookable.may_be_prepaid:
            continue
        open_prepaid_bill(
            Payable(
                booking_id=draft.id,
                applicant_id=draft.person.id,
                service_type_id=draft.case.service.pk,
                office=draft.case.office,
                day=draft.case.slot.day,
                lane=draft.case.slot.lane_id,
            ),
            now=now,
        )


def _as_booking(draft: _Draft, place_id: int, right: BookingRight, now: dt.datetime) -> Booking:
    """Return the inserted row as a Booking, for messages."""
    case = draft.case
    return Booking(
        id=draft.id,
        code=draft.code,
        account_id=case.request.account_id,
        applicant=draft.person.as_applicant(),
        application_id=draft.person.application_id,
        person_key=draft.person.person_key,
        party=draft.party,
        service_type=case.service,
        office=case.office,
        slot=case.slot,
        place_id=place_id,
        status=right.status,
        via=right.via,
        placed_at=now,
        key=case.request.key,
    )


def _made_before(requests: Sequence[BookingRequest]) -> list[Party] | None:
    """Return the parties created under these keys, or None. Raises KeyReused if the requests differ."""
    if not all(is_key(request.key) for request in requests):
        return None
    accounts = [request.account_id for request in requests]
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"accounts": accounts, "keys": [row.key for row in requests]}
        cursor.execute(USED_KEYS, values)
        rows = {(account_id, key): row for account_id, key, *row in cursor.fetchall()}
    if len(rows) < len(requests):
        return None
    parties = []
    for request in requests:
        pk, body_hash, created_at, code = rows[request.account_id, request.key]
        if body_hash != request.fingerprint:
            raise KeyReused
        parties.append(
            Party(
                pk=pk,
                account_id=request.account_id,
                key=request.key,
                body_hash=body_hash,
                created_at=created_at,
                code=code,
            )
        )
    return parties


def _alternatives(cases: Sequence[Case]) -> list[dict[str, object]]:
    first = cases[0]
    parts = [case for case in cases if case.request is first.request]
    return alternatives_to(
        first.office,
        [Need(case.slot.group, case.service.pk, len(case.part.applicant_ids)) for case in parts],
        near=first.slot.starts_at,
        now=first.now,
        but_not=first.slot.pk,
    )


def book_at_desk(
    *,
    office_id: int,
    applicant: ApplicantData,
    service_type_id: int,
    lane: str = WALK_IN,
    by: User,
    now: dt.datetime,
) -> Booking:
    """Book a place in the current or next slot of a desk lane for a person at the desk.

    Raises NotAllowed, InvalidInput with its fields, WalkInsNotAdmitted and SlotFull (both with the
    nearest slots as alternatives), AlreadyBooked, Busy.
    """
    office = Office.objects.filter(pk=office_id).first()
    if office is None:
        raise NotFound
    check_right(by, Right.BOOK_AT_DESK, office=office, now=now)
    values = checked(applicant, now=now)
    service = _requested_service(office, service_type_id)
    slots = desk_slots(office, service, lane, now=now)
    _check_admission(office, service, lane, now=now)
    with busy_on_timeout(), transaction.atomic():
        person = Applicant(account=None, created_at=now, **values)
        person.save(force_insert=True)
        for slot in slots:
            with suppress(SlotFull, NotYetOpen, WindowClosed):
                return _book_walk_in(slot, service, person, by=by, now=now)
        raise SlotFull(
            _(
                "Tempat jalur ini untuk jam ini dan jam berikutnya sudah habis. Tawarkan jadwal terdekat."
            ),
            alternatives=alternatives_to(
                office, [Need(service.group, service.pk)], near=now, now=now
            ),
        )


def book_at_office(
    *,
    office_id: int,
    person: ApplicantData | int,
    service_type_id: int,
    slot_id: int,
    by: User,
    now: dt.datetime,
) -> Booking:
    """Book an online hour for a person at the office: a new person, or one by id.

    An applicant of an account keeps it, and gets the message there. Raises NotFound, NotAllowed,
    InvalidInput with its fields, SlotFull with the nearest slots as alternatives, AlreadyBooked, Busy.
    """
    office = Office.objects.filter(pk=office_id).first()
    if office is None:
        raise NotFound
    check_right(by, Right.BOOK_AT_DESK, office=office, now=now)
    service = _requested_service(office, service_type_id)
    if not Slot.objects.filter(pk=slot_id, office=office, ends_at__gt=now).exists():
        raise NotBookableOnline
    with busy_on_timeout(), transaction.atomic():
        row = _person_at_desk(person, office=office, now=now)
        request = BookingRequest(
            account_id=row.account_id,
            slot_id=slot_id,
            applicant_ids=[row.pk],
            service_type=service.code,
            key=uuid.uuid4().hex,
        )
        return _book_one(request, right=AtOffice(), by=by, now=now)


def book_assisted(
    *,
    office_id: int,
    person: ApplicantData,
    service_type_id: int,
    slot_id: int,
    key: str,
    by: User,
    now: dt.datetime,
) -> Booking:
    """Book an online hour of a later day for a person at the desk who has no account.

    Takes a place that everybody can book at this moment, under the same limits as online. The same
    `key` with the same person, service and hour returns the booking that it made the first time.
    Raises NotFound, NotAllowed, InvalidInput with its fields, WaitingRoomInUse, AlreadyBooked,
    Restricted, RebookingLimit, LimitReached, KeyReused, Busy; SlotFull, NotYetOpen and WindowClosed
    with the nearest slots as alternatives.
    """
    office = Office.objects.filter(pk=office_id).first()
    if office is None:
        raise NotFound
    check_right(by, Right.BOOK_AT_DESK, office=office, now=now)
    values = checked(person, now=now)
    service = _requested_service(office, service_type_id)
    online = Slot.objects.filter(office=office, lane__booked_at=Lane.BookedAt.ONLINE)
    if not online.filter(pk=slot_id, day__gt=office.local_day(now)).exists():
        raise NotBookableOnline
    try:
        with busy_on_timeout(), transaction.atomic():
            row = Applicant(account=None, created_at=now, **values)
            row.save(force_insert=True)
            request = _assisted_request(row.pk, slot_id, service, key)
            return _book_one(request, right=Assisted(), by=by, now=now)
    except _KeyTaken:
        made = with_all().filter(party__account=None, party__key=key, office=office)
        booking = made.filter(person_key=values["person_key"]).first()
        # Each submission makes an applicant of its own; the rest of the request must be equal.
        if booking is not None:
            same = _assisted_request(booking.applicant_id, slot_id, service, key)
            if same.fingerprint == booking.party.body_hash:
                return booking
        raise KeyReused from None


def _assisted_request(
    applicant_id: int, slot_id: int, service: ServiceType, key: str
) -> BookingRequest:
    return BookingRequest(
        account_id=None,
        slot_id=slot_id,
        applicant_ids=[applicant_id],
        service_type=service.code,
        key=key,
    )


def _person_at_desk(person: ApplicantData | int, *, office: Office, now: dt.datetime) -> Applicant:
    """Return the applicant with this id who had a booking here, or a new one without an account.

    Raises NotFound, InvalidInput.
    """
    if isinstance(person, int):
        row = Applicant.objects.filter(pk=person, bookings__office=office).first()
        if row is None:
            raise NotFound
        return row
    row = Applicant(account=None, created_at=now, **checked(person, now=now))
    row.save(force_insert=True)
    return row


def _book_walk_in(
    slot: Slot, service: ServiceType, person: Applicant, *, by: User, now: dt.datetime
) -> Booking:
    request = BookingRequest(
        account_id=None,
        slot_id=slot.pk,
        applicant_ids=[person.pk],
        service_type=service.code,
        key=uuid.uuid4().hex,
    )
    return _book_one(request, right=DeskOfficer(), by=by, now=now)


def _book_one(
    request: BookingRequest, *, right: BookingRight, by: User, now: dt.datetime
) -> Booking:
    """Book for one person at the desk; a wrong kind of identity is an error of the form."""
    try:
        [party] = create_bookings(requests=[request], right=right, by=by, now=now)
    except WrongIdentityKind:
        text = _(
            "Layanan ini bukan untuk jenis identitas ini. Warga asing memakai paspor, WNI memakai NIK."
        )
        raise InvalidInput(fields={"identity_number": [text]}) from None
    [booking] = bookings_in(party)
    return booking


def _requested_service(office: Office, service_type_id: int) -> ServiceType:
    service = (
        ServiceType.objects.select_related("group")
        .filter(pk=service_type_id, offices=office)
        .first()
    )
    if service is None:
        text = _("Layanan ini tidak ada di kantor ini. Pilih dari daftar.")
        raise InvalidInput(fields={"service_type": [text]})
    return service


def desk_slots(office: Office, service: ServiceType, lane: str, *, now: dt.datetime) -> list[Slot]:
    """Return the desk lane's current slot and the next one; a closure may have divided each into two rows."""
    rows = (
        Slot.objects.serving(service.pk)
        .select_related("office", "group")
        .filter(
            office=office,
            lane_id=lane,
            lane__booked_at__in=Lane.AT_DESK,
            group=service.group,
            day=office.local_day(now),
            ends_at__gt=now,
        )
        .order_by("starts_at", "pk")
    )
    starts = sorted({row.starts_at for row in rows})[:HOURS_OFFERED]
    return [row for row in rows if row.starts_at in starts]


def _check_admission(office: Office, service: ServiceType, lane: str, *, now: dt.datetime) -> None:
    """Check the rule of the lane. The priority lane always admits people without a booking."""
    if lane == ACCELERATED:
        refuse_after_cut_off(office, office.local_day(now), now=now)
    if lane != WALK_IN:
        return
    rule = admission_on(office, office.local_day(now))
    if rule is None or not rule.admits_walk_ins:
        raise WalkInsNotAdmitted(
            alternatives=alternatives_to(
                office, [Need(service.group, service.pk)], near=now, now=now
            )
        )
