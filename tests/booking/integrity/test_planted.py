"""A planted set: every planted pattern is found, and how many honest look-alikes are flagged.

docs/integrity.md shows the same table. The sizes of the honest groups come from a seeded generator and reach up
to the thresholds and, where people share something with strangers, beyond them.
"""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from booking.bookings.changes import cancel_booking
from booking.bookings.models import Booking
from booking.integrity.broker_signals import find_broker_signals, find_churn_signals
from booking.integrity.models import BrokerSignal
from booking.people.models import Applicant
from booking.statuses import Status
from core import status
from offices.directory.models import Office
from quotas.places.models import Place, Slot
from tests.builders import (
    NOW,
    book_online,
    make_open_office,
    make_person,
    make_rebooking_rule,
    make_user,
)

pytestmark = pytest.mark.django_db
Kind = BrokerSignal.Kind
SEED = 20261130
HONEST = 12
# For each pattern the sizes of the planted groups, and the range of the honest ones.
PLANTED = {
    Kind.PEOPLE: ((10, 14), (1, 6)),  # people of one account; a family has up to six
    Kind.PHONE: ((4, 6), (1, 3)),  # accounts with one telephone number
    Kind.DEVICE: ((4, 5), (1, 5)),  # accounts on one device; internet cafés go beyond
    Kind.FIRST_SECOND: ((4, 6), (1, 6)),  # accounts of one network at once; campuses go beyond
    Kind.ABSENT: ((5, 6), (1, 4)),  # absent people of one account
    Kind.CHURN: ((6, 8), (1, 3)),  # bookings cancelled within the hour
}
# What the searches report: planted groups found, honest groups flagged.
RESULT = {
    Kind.PEOPLE: (2, 0),
    Kind.PHONE: (2, 0),
    Kind.DEVICE: (2, 1),
    Kind.FIRST_SECOND: (2, 6),
    Kind.ABSENT: (2, 0),
    Kind.CHURN: (2, 0),
}


class Town:
    """One office whose places are booked by honest people and by planted brokers."""

    def __init__(self) -> None:
        self.office: Office = make_open_office(places=600)
        make_rebooking_rule(self.office, unlimited=True)
        slots = Slot.objects.filter(
            office=self.office, lane="online", places__opens_at__lte=NOW, places__closes_at__gt=NOW
        )
        self.slots = list(slots.order_by("starts_at").distinct())
        self.numbers = count(1)
        self.is_planted: dict[int, bool] = {}

    def person(self, **fields: Any) -> Applicant:
        return make_person(**fields)

    def book(self, person: Applicant, now: datetime, **fields: Any) -> Booking:
        number = next(self.numbers)
        party = book_online(
            account_id=person.account_id,
            slot_id=self.slots[number % len(self.slots)].pk,
            applicant_ids=[person.pk],
            service_type="new",
            key=uuid4().hex,
            now=now,
            **fields,
        )
        return party.bookings.get()

    def group(self, kind: Kind, size: int, *, is_planted: bool) -> None:
        """Act as one group of a pattern; remember its accounts."""
        mark = f"{kind}{next(self.numbers)}"
        accounts = GROUPS[kind](self, size, mark)
        self.is_planted |= dict.fromkeys(accounts, is_planted)


def _people(town: Town, size: int, _mark: str) -> Sequence[int]:
    account = make_user()
    for nth in range(size):
        town.book(town.person(account=account), NOW + timedelta(minutes=20 * nth))
    return [account.pk]


def _phone(town: Town, size: int, _mark: str) -> Sequence[int]:
    phone = f"0812 {next(town.numbers):08d}"
    people = [town.person(phone=phone) for _account in range(size)]
    return [town.book(person, NOW).account_id or 0 for person in people]


def _device(town: Town, size: int, mark: str) -> Sequence[int]:
    people = [town.person() for _account in range(size)]
    return [town.book(person, NOW, device_key=mark).account_id or 0 for person in people]


def _first_second(town: Town, size: int, mark: str) -> Sequence[int]:
    opens_at = Place.objects.filter(slot=town.slots[0]).values_list("opens_at", flat=True)[0]
    people = [town.person() for _account in range(size)]
    accounts = []
    for nth, person in enumerate(people):
        number = next(town.numbers)
        slot = town.slots[0]
        now = opens_at + timedelta(milliseconds=100 + nth)
        party = book_online(
            account_id=person.account_id,
            slot_id=slot.pk,
            applicant_ids=[person.pk],
            service_type="new",
            key=f"{mark}-{number}",
            now=now,
            network_key=mark,
        )
        accounts.append(party.account_id or 0)
    return accounts


def _absent(town: Town, size: int, _mark: str) -> Sequence[int]:
    account = make_user()
    for _nth in range(size):
        booking = town.book(town.person(account=account), NOW)
        # Without the office's day around it, which decides whether an absence counts.
        status.move(booking, to=Status.NO_SHOW, by=None, now=booking.slot.ends_at)
    return [account.pk]


def _churn(town: Town, size: int, _mark: str) -> Sequence[int]:
    account = make_user()
    person = town.person(account=account)
    for nth in range(size):
        now = NOW + timedelta(minutes=3 * nth)
        booking = town.book(person, now)
        cancel_booking(booking_id=booking.pk, by=account, now=now + timedelta(minutes=1))
    return [account.pk]


GROUPS = {
    Kind.PEOPLE: _people,
    Kind.PHONE: _phone,
    Kind.DEVICE: _device,
    Kind.FIRST_SECOND: _first_second,
    Kind.ABSENT: _absent,
    Kind.CHURN: _churn,
}


def measured(town: Town, kind: Kind) -> tuple[int, int]:
    """Return the planted and the honest groups that one pattern reports."""
    counts: Counter[bool] = Counter()
    for signal in BrokerSignal.objects.filter(office=town.office, kind=kind):
        counts[town.is_planted[signal.evidence[0]["account"]]] += 1
    return counts[True], counts[False]


@pytest.mark.parametrize("kind", PLANTED)
def test_planted_groups_are_reported_and_honest_ones_counted(kind: Kind) -> None:
    town, chance = Town(), random.Random(SEED)
    sizes, (least, most) = PLANTED[kind]
    for size in sizes:
        town.group(kind, size, is_planted=True)
    for _group in range(HONEST):
        town.group(kind, chance.randint(least, most), is_planted=False)
    later = max(slot.ends_at for slot in town.slots) if kind == Kind.ABSENT else NOW
    find_broker_signals(now=later + timedelta(hours=6))
    find_churn_signals(now=NOW + timedelta(hours=2))
    assert measured(town, kind) == RESULT[kind]


def test_the_table_in_the_docs_is_what_was_measured() -> None:
    text = Path(settings.BASE_DIR, "docs", "integrity.md").read_text(encoding="utf-8")
    for kind, (reported, flagged) in RESULT.items():
        planted = len(PLANTED[kind][0])
        assert f"| `{kind}` | {reported} of {planted} | {flagged} of {HONEST} |" in text, kind
