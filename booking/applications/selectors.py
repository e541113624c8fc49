"""Reads of applications, and of an account's people with their applications."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from booking.applications.models import ApplicationDraft, PassportApplication
from booking.people.models import Applicant
from booking.people.selectors import PERSON_FIELDS
from booking.statuses import LIVE
from core.crypto import decrypt
from core.db import stored_row

APPLICATION_FIELDS: Final = (
    "id",
    "applicant_id",
    "service_type_id",
    "reason",
    "product",
    "changed_at",
)
# Raw SQL because this page is reloaded often during a release: two ORM queries took four times as long.
ACCOUNT_PEOPLE: Final = f"""
SELECT (SELECT true FROM booking_booking live
                WHERE live.applicant_id = person.id AND live.status IN ({", ".join(f"'{status}'" for status in LIVE)}) LIMIT 1) IS NOT NULL,
       (SELECT max(bound.until_at) FROM booking_restriction bound JOIN booking_booking missed ON missed.id = bound.booking_id
                WHERE bound.person_key = person.person_key AND bound.lifted_at IS NULL
                  AND (missed.account_id = person.account_id OR person.number_confirmed_at IS NOT NULL)),
       {", ".join(f"person.{name}" for name in PERSON_FIELDS)},
       {", ".join(f"application.{name}" for name in APPLICATION_FIELDS)}
  FROM booking_applicant person LEFT JOIN booking_passportapplication application ON application.applicant_id = person.id
 WHERE person.account_id = %s AND person.removed_at IS NULL ORDER BY person.created_at, person.id
"""  # noqa: S608 - our own names


@dataclass(frozen=True)
class AccountPeople:
    """An account's people and their applications.

    Each person has `has_live_booking`, and `restricted_until`: the end of the longest restriction that
    the account may read, also of one that is over, or None.
    """

    people: list[Applicant]
    applications: list[PassportApplication]

    def prepared_for(self, service_type_id: int) -> dict[int, PassportApplication]:
        """Return the applications for a service by applicant id."""
        rows = self.applications
        return {row.applicant_id: row for row in rows if row.service_type_id == service_type_id}


def account_people_of(account_id: int) -> AccountPeople:
    """Return the account's people, as `people_of` does, with their applications, latest first."""
    people: dict[int, Applicant] = {}
    applications = []
    with connection.cursor() as cursor:
        cursor.execute(ACCOUNT_PEOPLE, [account_id])
        rows = cursor.fetchall()
    for is_booked, restricted_until, *row in rows:
        person_row, application_row = row[: len(PERSON_FIELDS)], row[len(PERSON_FIELDS) :]
        if person_row[0] not in people:
            person_row[4] = decrypt(person_row[4])
            person = stored_row(Applicant, **dict(zip(PERSON_FIELDS, person_row, strict=True)))
            person.has_live_booking = is_booked  # type: ignore[attr-defined]
            person.restricted_until = restricted_until  # type: ignore[attr-defined]
            people[person.pk] = person
        if application_row[0] is not None:
            values = dict(zip(APPLICATION_FIELDS, application_row, strict=True))
            applications.append(stored_row(PassportApplication, **values))
    applications.sort(key=lambda application: application.changed_at, reverse=True)
    return AccountPeople(list(people.values()), applications)


def applications_for(services: Mapping[int, int]) -> dict[int, PassportApplication | None]:
    """Return people's applications by applicant id, each for the service that `services` has for the person."""
    rows = PassportApplication.objects.filter(applicant__in=services)
    return {
        row.applicant_id: row for row in rows if services[row.applicant_id] == row.service_type_id
    }


def applications_of(applicant_id: int) -> list[PassportApplication]:
    """Return the person's applications, latest first."""
    rows = PassportApplication.objects.filter(applicant_id=applicant_id)
    return list(rows.select_related("service_type").order_by("-changed_at", "pk"))


def application_of(applicant_id: int, service_type_id: int) -> PassportApplication | None:
    """Return the person's application for a service, or None."""
    return (
        PassportApplication.objects.select_related("service_type")
        .filter(applicant_id=applicant_id, service_type_id=service_type_id)
        .first()
    )


def draft_of(applicant_id: int, service_type_id: int) -> ApplicationDraft | None:
    """Return the person's unfinished application for a service, or None."""
    rows = ApplicationDraft.objects.filter(applicant=applicant_id, service_type=service_type_id)
    return rows.first()


def answers_in(draft: ApplicationDraft) -> dict[str, Any]:
    """Return the answers that an unfinished application has so far."""
    answers: dict[str, Any] = json.loads(draft.answers)
    return answers
