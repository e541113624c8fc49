"""The invented people of the years: names, numbers and birth dates, and the accounts that book for them."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from allauth.account.models import EmailAddress

from accounts.models import User
from booking.people.services import ApplicantData
from devtools.trial.people import FIRST, LAST, WOMEN

ACCOUNTS: Final = 1500
LONGEST: Final = 55 * 365
PURPOSES: Final = (
    ("holiday", 30),
    ("umrah", 28),
    ("business", 14),
    ("study", 12),
    ("treatment", 8),
)
PRODUCTS: Final = ("electronic_10", "electronic_10", "electronic_5")


@dataclass(frozen=True)
class Someone:
    """One invented person, by a number that nobody else has."""

    number: int
    district: str

    @property
    def first_name(self) -> str:
        return FIRST[self.number % len(FIRST)]

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {LAST[self.number * 5 % len(LAST)]}"

    @property
    def sex(self) -> str:
        return "female" if self.first_name in WOMEN else "male"

    @property
    def birth_date(self) -> dt.date:
        return dt.date(1948, 1, 1) + dt.timedelta(days=self.number * 7919 % LONGEST)

    @property
    def identity_number(self) -> str:
        born = self.birth_date
        day = born.day + (40 if self.sex == "female" else 0)
        return f"{self.district}{day:02d}{born:%m%y}{1 + self.number // LONGEST:04d}"

    @property
    def purpose(self) -> str:
        place = self.number * 37 % sum(share for _name, share in PURPOSES)
        for name, share in PURPOSES:
            place -= share
            if place < 0:
                return name
        return PURPOSES[0][0]

    @property
    def product(self) -> str:
        return PRODUCTS[self.number % len(PRODUCTS)]

    def typed(self) -> ApplicantData:
        """The data as a form has them."""
        return ApplicantData(
            full_name=self.full_name,
            birth_date=self.birth_date,
            sex=self.sex,
            identity_number=self.identity_number,
        )


def make_accounts(code: str, count: int = ACCOUNTS) -> list[int]:
    """Return the ids of an office's invented accounts, made if they are missing. Nobody can sign in with them."""
    addresses = [f"tahun{nth}.{code}@warga.example" for nth in range(count)]
    known = set(User.objects.filter(email__in=addresses).values_list("email", flat=True))
    missing = [address for address in addresses if address not in known]
    users = User.objects.bulk_create(
        User(email=address, full_name=_holder(address), password=f"!{secrets.token_urlsafe(30)}")
        for address in missing
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, primary=True, verified=True) for user in users
    )
    rows: Sequence[int] = list(
        User.objects.filter(email__in=addresses).values_list("pk", flat=True)
    )
    return sorted(rows)


def _holder(address: str) -> str:
    number = sum(map(ord, address))
    return f"{FIRST[number % len(FIRST)]} {LAST[number * 7 % len(LAST)]}"
