"""The people of booking requests, with all that decides whether they may book: read and locked by one statement."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from accounts.models import User
from booking.models import LIVE, Applicant
from core.db import Planned

# Scalar questions with a LIMIT, not EXISTS: that the planner may answer by walking through all live bookings.
PEOPLE: Final = f"""
SELECT person.id, person.account_id, person.full_name, person.identity_kind, person.person_key, person.phone,
       person.removed_at IS NOT NULL, account.email, account.language, prepared.id, prepared.product,
       (SELECT true FROM booking_booking live WHERE live.person_key = person.person_key
           AND live.status IN ({", ".join(f"'{status}'" for status in LIVE)}) LIMIT 1) IS NOT NULL,
       (SELECT true FROM booking_restriction bound WHERE bound.person_key = person.person_key
           AND bound.until_at > $4::timestamptz AND bound.lifted_at IS NULL LIMIT 1) IS NOT NULL,
       office.booking_stopped_reason
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS wanted (person_id, service_id, office_id)
  JOIN booking_applicant person ON person.id = wanted.person_id
  JOIN offices_office office ON office.id = wanted.office_id
  LEFT JOIN accounts_user account ON account.id = person.account_id
  LEFT JOIN booking_passportapplication prepared
    ON prepared.applicant_id = person.id AND prepared.service_type_id = wanted.service_id
 ORDER BY person.id
"""  # noqa: S608 - no input in it
READ: Final = Planned("people_to_book", PEOPLE)
# So that nobody's number changes, and nobody leaves the list, while their booking is being made.
LOCK: Final = Planned("people_to_book_locked", f"{PEOPLE} FOR NO KEY UPDATE OF person")
LARGEST_ID: Final = 2**63 - 1
USER_FIELDS: Final = ("id", "email", "language")
APPLICANT_FIELDS: Final = ("id", "account_id", "full_name", "identity_kind", "person_key")


@dataclass(frozen=True, slots=True)
class Person:
    """One person at the moment of booking, with what is prepared for the service."""

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
    has_live_booking: bool
    is_restricted: bool
    stopped_reason: str

    @property
    def short_name(self) -> str:
        return Applicant(full_name=self.full_name).short_name

    def as_applicant(self) -> Applicant:
        """Return the row that messages read, without another query."""
        values = (self.id, self.account_id, self.full_name, self.identity_kind, self.person_key)
        applicant = Applicant.from_db("default", APPLICANT_FIELDS, values)
        applicant.account = None
        if self.account_id is not None:
            account = (self.account_id, self.email, self.language)
            applicant.account = User.from_db("default", USER_FIELDS, account)
        return applicant


def read_people(
    wanted: Sequence[tuple[int, int, int]], *, now: dt.datetime, lock: bool
) -> dict[int, Person]:
    """Return people by id; `wanted` are ids of person, service and office. Who does not exist is left out."""
    rows = [row for row in wanted if 0 < row[0] <= LARGEST_ID]
    columns = [[row[place] for row in rows] for place in range(3)]
    statement = LOCK if lock else READ
    return {row[0]: Person(*row) for row in statement.rows(*columns, now)}
