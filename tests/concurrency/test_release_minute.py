"""A whole release minute: a crowd books through the pages while others cancel and move, a day closes and a rule changes."""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import Count, QuerySet
from django.test import Client
from django.urls import reverse

from accounts.models import User
from booking.bookings.models import Booking
from booking.closures.moves import move_everyone
from booking.closures.services import ClosureData, close_office
from booking.people.models import Applicant
from booking.statuses import Status
from core import clock
from core.errors import DomainError
from offices.directory.models import Office
from offices.staff.models import Role
from ops.verification.services import verify
from quotas.places.models import Place, Slot
from quotas.plan.decrees import QuotaDecree
from quotas.rules.services import apply_decree
from quotas.windows.services import prepare_windows
from tests.builders import (
    NOW,
    make_daily_release,
    make_group,
    make_office,
    make_officer,
    make_person,
    make_policy,
    make_return_rule,
)

pytestmark = pytest.mark.django_db(transaction=True)
Race = Callable[[Iterable[Callable[[], Any]]], list[Any]]
DAYS = 6  # Thursday to Thursday; the last day is closed during the run
SPAN = timedelta(days=7)
AT_ONCE = 24
HONEST = {302, 409}
ROUNDS = 60


@dataclass
class Minute:
    """An office, its crowd, and the status codes of all responses."""

    office: Office
    supervisor: User
    people: list[Applicant]
    clients: list[Client]
    is_rush: bool = False  # everyone wants the first slot
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[BaseException] = field(default_factory=list)

    @property
    def slots(self) -> list[Slot]:
        first = self.office.local_day(NOW) + timedelta(days=3)
        days = (first, first + SPAN)
        rows = Slot.objects.filter(office=self.office, lane="online", day__range=days)
        return list(rows.order_by("starts_at"))

    def offered(self) -> int:
        return Place.objects.offered().filter(slot__in=self.slots).count()

    @property
    def live(self) -> QuerySet[Booking]:
        return Booking.objects.filter(office=self.office, status=Status.BOOKED)

    def booked(self) -> int:
        """Count who has a place in these days; people moved by the closure may have a later day."""
        return self.live.filter(slot__in=self.slots, place__withdrawn_at__isnull=True).count()

    def lost(self) -> int:
        """Count those whose slot closed and who neither got another nor come first for one."""
        closed = self.live.filter(place__withdrawn_at__isnull=False)
        return closed.exclude(party__displacements__placed_at__isnull=True).count()


def open_minute(*, places: int, applicants: int) -> Minute:
    """An office with so many places in five days plus a sixth day, without cooldown."""
    office = make_office()
    first = office.local_day(NOW) + timedelta(days=3)
    make_policy(
        office,
        places=places // (DAYS - 1),
        hours=[["08:00", "10:00"]],
        valid_from=first,
        valid_until=first + SPAN,
    )
    make_daily_release(office)
    make_return_rule(office, rest_from_minutes=0, rest_until_minutes=0)
    prepare_windows(office_id=office.pk, now=NOW)
    people = [make_person() for _ in range(applicants)]
    clients = [signed_in(person) for person in people]
    return Minute(office, make_officer(office, Role.SUPERVISOR), people, clients)


def signed_in(person: Applicant) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person.account)
    return client


# --- One member of the crowd ----------------------------------------------------------------------
def press(minute: Minute, client: Client, address: str, form: dict[str, Any]) -> int:
    """Send a form, and repeat it after a "busy" response, as the message asks."""
    for _try in range(20):
        status = client.post(address, form).status_code
        if status != 503:
            break
        time.sleep(0.05)
    minute.statuses[status] += 1
    return status


def book(minute: Minute, client: Client, person: Applicant, slot: Slot) -> bool:
    form = {"applicants": [person.pk], "service_type": "new", "key": uuid4().hex}
    return press(minute, client, reverse("booking:book", args=[slot.pk]), form) == 302


def take_part(minute: Minute, number: int, slots: list[Slot]) -> None:
    """Try the wanted slot and two others; some who booked then cancel or move."""
    person, client = minute.people[number], minute.clients[number]
    wanted = [slots[(number + step) % len(slots)] for step in (0, 7, 13)]
    if minute.is_rush:
        wanted = slots[:1]
    if not any(book(minute, client, person, slot) for slot in wanted):
        return
    code = Booking.objects.filter(applicant=person).latest("placed_at").code
    if number % 10 == 3:
        press(minute, client, reverse("booking:cancel", args=[code]), {})
    elif number % 7 == 2:
        other = slots[(number + 5) % len(slots)]
        press(minute, client, reverse("booking:reschedule", args=[code]), {"slot": other.pk})


def order(minute: Minute) -> None:
    """Close the last day and move its people; change the plan of later days."""
    day = minute.slots[-1].day
    data = ClosureData(reason="Listrik padam", first_day=day, last_day=day)
    by, office = minute.supervisor, minute.office
    closure = close_office(office_id=office.pk, data=data, by=by, now=clock.now())
    new = QuotaDecree(
        office=office.pk,
        lane="online",
        group=make_group().pk,
        base=20,
        percent=Decimal(50),
        valid_from=day + timedelta(days=14),
        instrument="SK uji",
    )
    apply_decree(new, by=by, now=clock.now())
    move_everyone(closure_id=closure.pk, now=clock.now())


# --- The minute -----------------------------------------------------------------------------------
def run_minute(run_together: Race, minute: Minute) -> None:
    """Run everything concurrently, then let the refused people return until nothing is left."""
    slots = minute.slots
    waiting = deque(range(len(minute.people)))

    def crowd() -> None:
        while waiting:
            try:
                take_part(minute, waiting.popleft(), slots)
            except IndexError:
                return

    def office() -> None:
        while len(waiting) > len(minute.people) * 0.8:
            time.sleep(0.01)
        order(minute)

    outcomes = run_together([office, *[crowd] * AT_ONCE])
    minute.faults += [each for each in outcomes if isinstance(each, BaseException)]
    come_back(minute, slots)


def come_back(minute: Minute, slots: list[Slot]) -> None:
    """People without a slot take what cancelling and moving freed, slot by slot."""
    served = Booking.objects.exclude(status=Status.CANCELLED).values_list("applicant", flat=True)
    late = deque(person for person in minute.people if person.pk not in set(served))
    for slot in slots:
        while late and Place.objects.free().filter(slot=slot).exists():
            person = late.popleft()
            book(minute, signed_in(person), person, slot)


def has_expected_answers_only(minute: Minute) -> bool:
    return not minute.faults and set(minute.statuses) <= HONEST


def check_minute(run_together: Race, *, places: int, applicants: int) -> None:
    minute = open_minute(places=places, applicants=applicants)
    run_minute(run_together, minute)
    assert has_expected_answers_only(minute), (minute.statuses, minute.faults)
    assert sum(minute.statuses.values()) >= applicants
    assert minute.offered() == places
    assert minute.booked() == places
    assert minute.lost() == 0
    assert [finding for finding in verify(now=clock.now()) if finding.breaches] == []


@pytest.fixture(autouse=True)
def _at_now(set_clock: Any, settings: Any) -> None:
    set_clock(NOW)
    settings.SHARED_READ_SECONDS = 0.2  # as in production, where shared reads are cached


def test_every_place_is_sold_once_under_mixed_load(run_together: Race) -> None:
    check_minute(run_together, places=40, applicants=120)


@pytest.mark.slow
def test_375_places_go_to_375_of_2000_people(
    run_together: Race,
) -> None:
    check_minute(run_together, places=375, applicants=2000)


def test_control_without_guards_mixed_load_oversells(
    unguarded_database: str, run_together: Race
) -> None:
    """If this fails, the test above no longer races and proves nothing."""

    def is_oversold() -> bool:
        minute = open_minute(places=20, applicants=AT_ONCE)
        minute.is_rush = True
        with suppress(DomainError):
            run_minute(run_together, minute)
        places = Booking.objects.filter(place__isnull=False).values("place")
        return places.annotate(times=Count("pk")).filter(times__gt=1).exists()

    assert any(is_oversold() for _round in range(ROUNDS))
