"""The people of the demo: officers from the scenarios, and one applicant with complete data."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db.models import Q

from accounts import services
from accounts.models import Consent, User
from booking.applications.services import AdultData, ApplicationData, save_application
from booking.people.guardians import give_guardian_consent, is_minor
from booking.people.models import Applicant, GuardianConsent
from booking.people.services import ApplicantData, add_applicant
from core.clock import local_day
from devtools.stack.state import data_dir, write_private
from offices.directory.models import ServiceType
from offices.staff.models import Role, StaffRole

APPLICANT_EMAIL: Final = "pemohon@warga.example"
APPLICANT_NAME: Final = "Siti Rahmawati"
APPLICANT: Final = "applicant"
# One renews her passport, and her child gets a first one. The numbers are invented.
PEOPLE: Final = (
    (
        ApplicantData(
            full_name=APPLICANT_NAME,
            birth_date=date(1990, 2, 6),
            sex="female",
            identity_number="1671014602900001",
            phone="0812 3456 7890",
        ),
        ApplicationData(
            service_type="replacement",
            reason="expired",
            purpose="umrah",
            product="electronic_10",
            issued="since_2009",
        ),
    ),
    (
        ApplicantData(
            full_name="Bagas Rahmawan",
            birth_date=date(2019, 8, 17),
            sex="male",
            identity_number="1671011708190002",
        ),
        ApplicationData(
            service_type="new",
            reason="first",
            purpose="holiday",
            product="electronic_5",
            parents="both",
            adults=[
                AdultData("Siti Rahmawati", "1671054602900003"),
                AdultData("Ahmad Rahmawan", "1671051203880002"),
            ],
        ),
    ),
)
ROLE_ORDER: Final = [*Role.values, APPLICANT]


@dataclass(frozen=True)
class Credential:
    """The sign-in of one person of the demo."""

    role: str
    office: str
    email: str
    password: str


def credentials_file() -> Path:
    return data_dir() / "demo-credentials.json"


def load_people(*, now: datetime) -> list[Credential]:
    """Give every person of the demo a permanent password, and write the list of sign-ins.

    A second run keeps passwords and people, and adds new ones.
    """
    kept = _kept_passwords()
    people = [*_officers(now), (APPLICANT, "", _applicant(now))]
    passwords = {
        user.email: kept.get(user.email) or _new_password() for _role, _office, user in people
    }
    for user in {user.pk: user for _role, _office, user in people}.values():
        services.hand_out(user_id=user.pk, password=passwords[user.email])
    credentials = [
        Credential(role, office, user.email, passwords[user.email]) for role, office, user in people
    ]
    write_private(credentials_file(), [asdict(credential) for credential in credentials])
    return credentials


def read_credentials() -> list[Credential]:
    """Return the sign-ins written by the last load; none before it."""
    try:
        return [Credential(**row) for row in json.loads(credentials_file().read_text())]
    except (OSError, ValueError, TypeError):
        return []


def _kept_passwords() -> dict[str, str]:
    return {row.email: row.password for row in read_credentials()}


def _new_password() -> str:
    """Return a password that can be typed from a screen: 60 bits in three groups."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _sign in range(4)) for _group in range(3))


def _officers(now: datetime) -> Iterator[tuple[str, str, User]]:
    """Yield every officer on duty: by office, then by role."""
    today = local_day(now, settings.TIME_ZONE)
    rows = StaffRole.objects.filter(
        Q(valid_until=None) | Q(valid_until__gte=today), valid_from__lte=today
    ).select_related("user", "office")
    for row in sorted(rows, key=_order):
        yield row.role, row.office.code if row.office else "", row.user


def _order(row: StaffRole) -> tuple[bool, str, int, int]:
    code = row.office.code if row.office else ""
    return (not code, code, ROLE_ORDER.index(row.role), row.pk)


def _applicant(now: datetime) -> User:
    """Return the demo's applicant, with consent to reminders, people and applications."""
    user = User.objects.filter(email=APPLICANT_EMAIL).first() or services.register(
        email=APPLICANT_EMAIL, password=_new_password(), full_name=APPLICANT_NAME, language="id"
    )
    services.give_consent(user_id=user.pk, purpose=Consent.Purpose.REMINDERS, now=now)
    if not Applicant.objects.filter(account=user).exists():
        for person, application in PEOPLE:
            _prepare(user, person, application, now=now)
    return user


def _prepare(
    user: User, person: ApplicantData, application: ApplicationData, *, now: datetime
) -> None:
    """Add a person with an application whose documents are all ready."""
    applicant = add_applicant(account_id=user.pk, data=person, now=now)
    if is_minor(applicant.birth_date, now=now):
        give_guardian_consent(
            applicant_id=applicant.pk,
            account_id=user.pk,
            way=GuardianConsent.Way.PAGE,
            now=now,
        )
    service = ServiceType.objects.filter(code=application.service_type).first()
    if service is not None:
        ready = {document["code"]: True for document in service.documents}
        data = replace(application, documents=ready, is_declared=True)
        save_application(applicant_id=applicant.pk, by=user, data=data, now=now)
