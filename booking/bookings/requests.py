"""Booking requests, and the right (`via`) under which they are made."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final
from uuid import UUID

from accounts.models import User
from booking.applications.models import PassportApplication
from booking.bookings.models import Booking
from booking.bookings.selectors import BookableSlot
from booking.people.models import Applicant
from booking.statuses import LIVE, Status
from core.db import Planned, stored_row
from offices.directory.models import Office, ServiceType
from offices.limits.models import MOST_REBOOKING_HOURS
from quotas.places.lottery import take_reserved
from quotas.places.models import Slot
from quotas.places.returns import hand_over_places
from quotas.places.services import take_at_office, take_places

# The latest own cancellation and the times of the bookings that followed one. Bookings that the office ended do not
# count.
LONGEST: Final = f"interval '{MOST_REBOOKING_HOURS} hours'"
HISTORY: Final = f"""max(old.own_cancelled_at) AS cancelled_at,
           coalesce(array_agg(made.created_at) FILTER (
             WHERE old.{{flag}} AND made.created_at > $4::timestamptz - {LONGEST}
               AND (old.status <> '{Status.CANCELLED}' OR old.own_cancelled_at IS NOT NULL)), '{{{{}}}}') AS rebooked_at"""
# Scalar subqueries with LIMIT instead of EXISTS: for EXISTS the planner may scan all live bookings.
PEOPLE: Final = f"""
SELECT person.id, person.account_id, person.full_name, person.identity_kind, person.person_key, person.phone,
       person.removed_at IS NOT NULL, account.email, account.language, prepared.id, prepared.product,
       prepared.reason, prepared.purpose, prepared.issued, prepared.is_married, prepared.parents, prepared.permit,
       (SELECT true FROM booking_booking live WHERE live.person_key = person.person_key
           AND live.status IN ({", ".join(f"'{status}'" for status in LIVE)}) LIMIT 1) IS NOT NULL,
       (SELECT true FROM booking_restriction bound WHERE bound.person_key = person.person_key
           AND bound.until_at > $4::timestamptz AND bound.lifted_at IS NULL LIMIT 1) IS NOT NULL,
       office.booking_stopped_reason,
       by_person.cancelled_at, by_person.rebooked_at, by_person.is_own,
       by_account.cancelled_at, by_account.rebooked_at,
       (SELECT true FROM account_emailaddress address WHERE address.user_id = person.account_id
           AND address."primary" AND address.verified LIMIT 1) IS NOT NULL,
        person.restricted_at IS NOT NULL, person.birth_date, person.nik_differs
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS wanted (person_id, service_id, office_id)
  JOIN booking_applicant person ON person.id = wanted.person_id
  JOIN offices_office office ON office.id = wanted.office_id
  LEFT JOIN accounts_user account ON account.id = person.account_id
  LEFT JOIN booking_passportapplication prepared
    ON prepared.applicant_id = person.id AND prepared.service_type_id = wanted.service_id
  CROSS JOIN LATERAL (
    SELECT {HISTORY.format(flag="after_person_cancelled")},
           bool_or(old.account_id = person.account_id) FILTER (
             WHERE greatest(old.own_cancelled_at, made.created_at) > $4::timestamptz - {LONGEST}) AS is_own
      FROM booking_booking old JOIN booking_party made ON made.id = old.party_id
     WHERE old.person_key = person.person_key
       AND (old.own_cancelled_at IS NOT NULL OR old.after_person_cancelled)) by_person
  CROSS JOIN LATERAL (
    SELECT {HISTORY.format(flag="after_account_cancelled")}
      FROM booking_booking old JOIN booking_party made ON made.id = old.party_id
     WHERE old.account_id = person.account_id) by_account
 ORDER BY person.id
"""  # noqa: S608 - no input in it
READ: Final = Planned("people_to_book", PEOPLE)
# Locked so that nobody's number changes, and nobody leaves the list, during the booking.
LOCK: Final = Planned("people_to_book_locked", f"{PEOPLE} FOR NO KEY UPDATE OF person")
LARGEST_ID: Final = 2**63 - 1
# What a message reads of an application.
APPLICATION_FIELDS: Final = (
    "product",
    "reason",
    "purpose",
    "issued",
    "is_married",
    "parents",
    "permit",
)


@dataclass(frozen=True, kw_only=True)
class Part:
    """The people of a party who have the same slot and the same service."""

    slot_id: int
    service_type: str
    applicant_ids: Sequence[int]


@dataclass(frozen=True, kw_only=True)
class BookingRequest:
    """One party: up to five people of an account, or one person at the desk.

    Usually everybody has the same slot and service. `more` holds the people who do not: other
    services, or slots of other service groups, all at one office with the same start.
    `key` is the request's idempotency key. `device_key` and `network_key` are keyed hashes of the
    browser's cookie and of the network address, if they are known.
    """

    account_id: int | None
    slot_id: int
    applicant_ids: Sequence[int]
    service_type: str
    key: str
    device_key: str = ""
    network_key: str = ""
    more: Sequence[Part] = ()

    @property
    def parts(self) -> list[Part]:
        """Everybody of the party, by slot and service."""
        first = Part(
            slot_id=self.slot_id,
            service_type=self.service_type,
            applicant_ids=self.applicant_ids,
        )
        return [first, *self.more]

    @property
    def everyone(self) -> list[int]:
        """The ids of all applicants."""
        return [pk for part in self.parts for pk in part.applicant_ids]

    def wanted_in(self, slot_id: int) -> int:
        """Return how many places of a slot the party needs."""
        return sum(len(part.applicant_ids) for part in self.parts if part.slot_id == slot_id)

    @property
    def fingerprint(self) -> str:
        """A hash that is equal for repeated requests and differs for any other request."""
        parts = [
            [part.slot_id, sorted(part.applicant_ids), part.service_type] for part in self.parts
        ]
        body = json.dumps(sorted(parts) if len(parts) > 1 else parts[0])
        return hashlib.sha256(body.encode()).hexdigest()


@dataclass(frozen=True)
class Choice:
    """The slot and the service of one person."""

    applicant_id: int
    slot_id: int
    service_type: str


def parts_of(choices: Sequence[Choice]) -> list[Part]:
    """Return the people with the same slot and service together, in the order of their first person."""
    together: dict[tuple[int, str], list[int]] = {}
    for row in choices:
        together.setdefault((row.slot_id, row.service_type), []).append(row.applicant_id)
    return [
        Part(slot_id=slot_id, service_type=service, applicant_ids=ids)
        for (slot_id, service), ids in together.items()
    ]


def request_of(parts: Sequence[Part], **values: Any) -> BookingRequest:
    """Return the request of one party. `values` are the account, the key and what else is known."""
    first, *more = parts
    return BookingRequest(
        slot_id=first.slot_id,
        service_type=first.service_type,
        applicant_ids=first.applicant_ids,
        more=more,
        **values,
    )


@dataclass(frozen=True, slots=True)
class Person:
    """One person at the moment of booking, with their application for the service."""

    id: int
    account_id: int | None
    full_name: str
    identity_kind: str
    person_key: str
    phone: str
    is_removed: bool
    email: str | None
    language: str | None
    application_id: int | None
    product: str | None
    reason: str | None
    purpose: str | None
    issued: str | None
    is_married: bool | None
    parents: str | None
    permit: str | None
    has_live_booking: bool
    is_restricted: bool
    stopped_reason: str
    cancelled_at: dt.datetime | None
    rebooked_at: Sequence[dt.datetime]
    is_own_history: bool | None  # False: all of it was made by other accounts
    account_cancelled_at: dt.datetime | None
    account_rebooked_at: Sequence[dt.datetime]
    has_confirmed_address: bool
    is_processing_restricted: bool
    birth_date: dt.date
    nik_differs: bool

    @property
    def pk(self) -> int:
        return self.id

    @property
    def short_name(self) -> str:
        return Applicant(full_name=self.full_name).short_name

    def as_applicant(self) -> Applicant:
        """Return the person as an Applicant for messages, without another query."""
        applicant = stored_row(
            Applicant,
            id=self.id,
            account_id=self.account_id,
            full_name=self.full_name,
            identity_kind=self.identity_kind,
            person_key=self.person_key,
            birth_date=self.birth_date,
            nik_differs=self.nik_differs,
        )
        applicant.account = None
        if self.account_id is not None:
            applicant.account = stored_row(
                User, id=self.account_id, email=self.email, language=self.language
            )
        return applicant

    def as_application(self) -> PassportApplication | None:
        """Return the person's application for the service, for messages, without another query."""
        if self.application_id is None:
            return None
        values = {name: getattr(self, name) for name in APPLICATION_FIELDS}
        return stored_row(PassportApplication, id=self.application_id, **values)


Via = Booking.Via
FOR_APPLICANTS: Final = frozenset({Via.FIRST_COME, Via.WAITING_LIST})
# For these an earlier own cancellation counts: anybody can book the same places.
OPEN_TO_ALL: Final = frozenset({Via.FIRST_COME, Via.ASSISTED})
# Ids of the bookings to be created, by slot, in the order in which they get places.
Holders = Mapping[int, Sequence[UUID]]


@dataclass(frozen=True)
class OpenWindow:
    """First come: the window is open and the account has passed its waiting room."""

    via: ClassVar = Via.FIRST_COME
    status: ClassVar = Status.BOOKED
    expires_at: ClassVar[dt.datetime | None] = None
    room_tickets: Sequence[str] = ()

    def take(self, holders: Holders, *, now: dt.datetime) -> dict[UUID, int]:
        """Take places. Raises SlotFull, NotYetOpen, WindowClosed, Busy."""
        taken: dict[UUID, int] = {}
        for slot_id, ids in sorted(holders.items()):
            places = take_places(slot_id=slot_id, holders=ids, now=now, is_checked=True)
            taken |= zip(ids, places, strict=True)
        return taken


@dataclass(frozen=True)
class DeskOfficer:
    """At the desk: an officer books a slot of a desk lane."""

    via: ClassVar = Via.DESK
    status: ClassVar = Status.BOOKED
    expires_at: ClassVar[dt.datetime | None] = None

    def take(self, holders: Holders, *, now: dt.datetime) -> dict[UUID, int]:
        """Take places. Raises NotFound for an online lane, SlotFull, NotYetOpen, WindowClosed, Busy."""
        taken: dict[UUID, int] = {}
        for slot_id, ids in sorted(holders.items()):
            places = take_places(slot_id=slot_id, holders=ids, now=now, lanes_booked_at="desk")
            taken |= zip(ids, places, strict=True)
        return taken


@dataclass(frozen=True)
class AtOffice:
    """In the office: an officer books one of the next online hours with a free place for a person who is there."""

    via: ClassVar = Via.AT_OFFICE
    status: ClassVar = Status.BOOKED
    expires_at: ClassVar[dt.datetime | None] = None

    def take(self, holders: Holders, *, now: dt.datetime) -> dict[UUID, int]:
        """Take places whose window has opened, also after it closed. Raises SlotFull."""
        taken: dict[UUID, int] = {}
        for slot_id, ids in sorted(holders.items()):
            places = take_at_office(slot_id=slot_id, holders=ids, now=now)
            taken |= zip(ids, places, strict=True)
        return taken


@dataclass(frozen=True)
class Assisted:
    """For a later day: an officer books a place that everybody can book now, for a person at the desk."""

    via: ClassVar = Via.ASSISTED
    status: ClassVar = Status.BOOKED
    expires_at: ClassVar[dt.datetime | None] = None

    def take(self, holders: Holders, *, now: dt.datetime) -> dict[UUID, int]:
        """Take places as a first-come booking does. Raises SlotFull, NotYetOpen, WindowClosed, Busy."""
        taken: dict[UUID, int] = {}
        for slot_id, ids in sorted(holders.items()):
            taken |= zip(ids, take_places(slot_id=slot_id, holders=ids, now=now), strict=True)
        return taken


@dataclass(frozen=True)
class AcceptedOffer:
    """From the waiting list: an open offer of the account that holds these places."""

    via: ClassVar = Via.WAITING_LIST
    status: ClassVar = Status.BOOKED
    expires_at: ClassVar[dt.datetime | None] = None
    offer_id: UUID
    place_ids: Sequence[int]

    def take(self, holders: Holders, *, now: dt.datetime) -> dict[UUID, int]:
        """Take the offered places. Raises PlaceNotHeld if the offer no longer holds one of them."""
        ids = [booking_id for same in holders.values() for booking_id in same]
        hand_over_places(place_ids=self.place_ids, holder=self.offer_id, to=ids)
        return dict(zip(ids, self.place_ids, strict=True))


@dataclass(frozen=True)
class LotteryWin:
    """From a lottery, under its window's lock: reserved places, held until the win is claimed."""

    via: ClassVar = Via.DRAW
    status: ClassVar = Status.HELD
    window_id: int
    expires_at: dt.datetime

    def take(self, holders: Holders, *, now: dt.datetime) -> dict[UUID, int]:
        """Take reserved places. Raises Busy if a closure took one of them; the lottery is then held again."""
        taken: dict[UUID, int] = {}
        for slot_id, ids in sorted(holders.items()):
            places = take_reserved(window_id=self.window_id, slot_id=slot_id, holders=ids, now=now)
            taken |= zip(ids, places, strict=True)
        return taken


BookingRight = OpenWindow | DeskOfficer | AtOffice | Assisted | AcceptedOffer | LotteryWin


@dataclass(frozen=True)
class Case:
    """One part of a request with everything its checks need.

    `people` follow the order of the part once they are read; `company` is everybody of the request.
    """

    request: BookingRequest
    part: Part
    bookable: BookableSlot
    service: ServiceType
    right: BookingRight
    by: User | None
    now: dt.datetime
    people: list[Person] = field(default_factory=list)
    company: list[Person] = field(default_factory=list)

    @property
    def slot(self) -> Slot:
        return self.bookable.slot

    @property
    def account_to_answer(self) -> int | None:
        """The account that reads a refusal, or None if an officer or a worker does."""
        return self.request.account_id if self.right.via in FOR_APPLICANTS else None

    @property
    def office(self) -> Office:
        return self.bookable.slot.office


def known_ids(ids: Iterable[int]) -> list[int]:
    """Return the ids that the database can hold."""
    return [pk for pk in ids if 0 < pk <= LARGEST_ID]


def read_people(
    wanted: Sequence[tuple[int, int, int]], *, now: dt.datetime, lock: bool
) -> dict[int, Person]:
    """Return people by id. `wanted` holds the ids of person, service and office. Unknown people are left out."""
    known = set(known_ids(row[0] for row in wanted))
    rows = [row for row in wanted if row[0] in known]
    columns = [[row[place] for row in rows] for place in range(3)]
    statement = LOCK if lock else READ
    return {row[0]: Person(*row) for row in statement.rows(*columns, now)}
