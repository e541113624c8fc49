"""An office that serves citizens and foreigners at the same hours, and families that come there."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from accounts.models import User
from booking.bookings.models import Party
from booking.bookings.requests import Choice, OpenWindow, parts_of, request_of
from booking.bookings.services import create_bookings
from booking.people.guardians import give_guardian_consent
from booking.people.models import Applicant
from offices.directory.models import Office
from quotas.places.models import Slot
from quotas.windows.services import prepare_windows
from tests.builders import (
    NOW,
    make_daily_release,
    make_nik,
    make_office,
    make_person,
    make_policy,
    make_service_type,
    make_user,
)
from tests.remembered import remembered

HOURS = [["08:00", "09:00"], ["09:00", "10:00"]]
CHILD_BORN = date(2018, 3, 4)


@remembered
def make_mixed_office(*, citizens: int = 20, foreigners: int = 6, now: datetime = NOW) -> Office:
    """Two hours a day for both groups: `citizens` and `foreigners` places over them."""
    office = make_office(service_types=("new", "replacement"))
    office.service_types.add(make_service_type("stay_permit", group="foreigners"))
    for group, places in (("citizens", citizens), ("foreigners", foreigners)):
        make_policy(office, places=places, group=group, hours=HOURS)
    make_daily_release(office, days_ahead=7)
    prepare_windows(office_id=office.pk, now=now)
    return office


def hours_of(office: Office, group: str = "citizens", *, now: datetime = NOW) -> list[Slot]:
    """The open slots of a group, earliest first."""
    rows = Slot.objects.filter(office=office, group__code=group, lane="online", starts_at__gt=now)
    return list(
        rows.filter(places__opens_at__lte=now, places__closes_at__gt=now)
        .distinct()
        .order_by("starts_at")
    )


def make_family(account: User | None = None, *, now: datetime = NOW) -> list[Applicant]:
    """A father, a foreign mother and two children, of one account."""
    account = account or make_user()
    father = make_person(
        account,
        now=now,
        full_name="Budi Santoso",
        sex="male",
        identity_number=make_nik(is_woman=False),
    )
    mother = make_person(
        account,
        now=now,
        full_name="Anna Keller",
        identity_kind="passport",
        identity_number=f"C{uuid4().int % 10**8:08d}",
        nationality="DE",
    )
    children = [
        make_person(
            account,
            now=now,
            full_name=name,
            birth_date=CHILD_BORN,
            identity_number=make_nik(born=CHILD_BORN),
        )
        for name in ("Rafi Santoso", "Nia Santoso")
    ]
    for child in children:
        give_guardian_consent(applicant_id=child.pk, account_id=account.pk, way="page", now=now)
    return [father, mother, *children]


SERVICES = ("replacement", "stay_permit", "new", "new")


def book_family(
    people: list[Applicant], citizens: Slot, foreigners: Slot, *, key: str = "", **changes: Any
) -> Party:
    """Book everybody with a service of their own; the mother's slot is the foreigners'."""
    choices = [
        Choice(person.pk, (foreigners if service == "stay_permit" else citizens).pk, service)
        for person, service in zip(people, SERVICES, strict=True)
    ]
    values = {"account_id": people[0].account_id, "key": key or uuid4().hex, **changes}
    [party] = create_bookings(
        requests=[request_of(parts_of(choices), **values)],
        right=OpenWindow(),
        by=User(pk=people[0].account_id),
        now=NOW,
    )
    return party
