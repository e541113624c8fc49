"""Invented applicants for the demo: families with accounts, and people who walk in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from typing import Final

from django.db.models import Max

from accounts import services as accounts_services
from accounts.models import User
from booking.applications.services import ApplicationData, save_application
from booking.people.models import Applicant
from booking.people.services import ApplicantData, add_applicant
from offices.directory.models import Office, ServiceType

FIRST: Final = (
    "Siti",
    "Budi",
    "Dewi",
    "Rizky",
    "Maria",
    "Andi",
    "Nurul",
    "Putu",
    "Yuliana",
    "Wahyu",
    "Ketut",
    "Yohanes",
    "Ayu",
)
WOMEN: Final = frozenset({"Siti", "Dewi", "Maria", "Nurul", "Yuliana", "Ayu"})
LAST: Final = (
    "Rahmawati",
    "Santoso",
    "Anggraini",
    "Ramadhan",
    "Saputra",
    "Tambunan",
    "Wijaya",
    "Hidayat",
    "Lubis",
    "Mandagi",
    "Kusuma",
)
PURPOSES: Final = ("holiday", "umrah", "study", "business", "treatment")
# District codes of the identity numbers; people of other offices are from Jakarta.
DISTRICTS: Final = {"balikpapan": "647101", "palembang": "167101", "jaksel": "317401"}
ELSEWHERE: Final = "317101"
# The accounts that the demo books with; their owners come and go by themselves.
EMAIL: Final = "warga{number}@warga.example"
IS_INVENTED: Final = {"account__email__regex": r"^warga\d+@warga\.example$"}


@dataclass(frozen=True)
class Family:
    """An account with one to three people who want the same service."""

    account: User
    applicant_ids: list[int]
    service_type: str


class People:
    """Makes people, each with a number of their own, also after a restart."""

    def __init__(self, office: Office) -> None:
        self.office = office
        last = Applicant.objects.aggregate(last=Max("pk"))["last"] or 0
        self.numbers: Iterator[int] = count(last + 1)

    def person(self, *, now: datetime, last_name: str = "") -> ApplicantData:
        """Return the data of somebody between 18 and 74 years old."""
        number = next(self.numbers)
        first = FIRST[number % len(FIRST)]
        is_woman = first in WOMEN
        age = timedelta(days=365 * 18 + 300 + number * 887 % (365 * 55))
        birth_date = now.date() - age
        return ApplicantData(
            full_name=f"{first} {last_name or LAST[number * 5 % len(LAST)]}",
            birth_date=birth_date,
            sex="female" if is_woman else "male",
            identity_number=self._identity_number(number, birth_date, is_woman=is_woman),
        )

    def family(self, *, size: int, service: ServiceType, now: datetime) -> Family:
        """Register an account with people whose applications are prepared."""
        people = [self.person(now=now)]
        last_name = people[0].full_name.rpartition(" ")[2]
        people += [self.person(now=now, last_name=last_name) for _relative in range(size - 1)]
        number = people[0].identity_number[-4:]
        # Nobody signs in with these accounts, and hashing a password takes as long as all the rest.
        account = accounts_services.create_without_password(
            email=EMAIL.format(number=f"{int(now.timestamp())}{number}"),
            full_name=people[0].full_name,
        )
        ids = [add_applicant(account_id=account.pk, data=person, now=now).pk for person in people]
        for applicant_id in ids:
            self._prepare(applicant_id, service, by=account, now=now)
        return Family(account, ids, service.code)

    def _identity_number(self, number: int, birth_date: date, *, is_woman: bool) -> str:
        day = birth_date.day + (40 if is_woman else 0)
        district = DISTRICTS.get(self.office.code, ELSEWHERE)
        return f"{district}{day:02d}{birth_date:%m%y}{1 + number % 9998:04d}"

    def _prepare(self, applicant_id: int, service: ServiceType, *, by: User, now: datetime) -> None:
        data = ApplicationData(
            service_type=service.code,
            reason="first" if service.code == "new" else "expired",
            purpose=PURPOSES[applicant_id % len(PURPOSES)],
            product="electronic_10" if applicant_id % 3 else "electronic_5",
            documents={row["code"]: True for row in service.documents},
            issued="since_2009",
            is_declared=True,
        )
        save_application(applicant_id=applicant_id, by=by, data=data, now=now)
