"""Two reports of one outage, and two rosters for one officer, over real connections."""

from collections.abc import Callable, Iterable
from datetime import date, time, timedelta
from functools import partial
from typing import Any

import pytest

from accounts.models import User
from core.errors import DomainError
from offices.directory.models import Device, Office
from offices.outages.errors import OutageStands
from offices.outages.models import Outage
from offices.outages.services import record_outage
from offices.rosters.errors import OfficerElsewhere
from offices.rosters.models import RosterShift
from offices.rosters.selectors import ShiftData, editable_shifts, fingerprint
from offices.rosters.services import save_week
from offices.staff.models import Role, StaffRole
from tests.builders import NOW, SINCE, make_office, make_officer

pytestmark = pytest.mark.django_db(transaction=True)
Race = Callable[[Iterable[Callable[[], Any]]], list[Any]]
MONDAY = date(2026, 11, 30)
ROUNDS = 60


def faultless(outcomes: list[Any]) -> list[Any]:
    faults = [
        each
        for each in outcomes
        if isinstance(each, BaseException) and not isinstance(each, DomainError)
    ]
    assert not faults, faults
    return outcomes


# --- Two outages at once ------------------------------------------------------------------------
def note_together(run_together: Race, office: Office, people: list[User], name: str) -> list[Any]:
    device = Device.objects.create(office=office, kind="camera", name=name)
    return run_together(
        partial(
            record_outage,
            office_id=office.pk,
            device_id=device.pk,
            reason="layar gelap",
            by=one,
            now=NOW + timedelta(seconds=number),
        )
        for number, one in enumerate(people)
    )


def test_concurrent_reports_record_one_outage(run_together: Race) -> None:
    office = make_office()
    people = [make_officer(office, Role.COUNTER) for _each in range(4)]
    outcomes = faultless(note_together(run_together, office, people, "Kamera 1"))
    assert sum(isinstance(each, Outage) for each in outcomes) == 1
    assert sum(isinstance(each, OutageStands) for each in outcomes) == 3


def test_control_without_guards_one_camera_has_two_outages(
    run_together: Race, unguarded_database: str
) -> None:
    """If this fails, the test above no longer races and proves nothing."""
    office = make_office()
    people = [make_officer(office, Role.COUNTER) for _each in range(4)]

    def goes_wrong(number: int) -> bool:
        name = f"Kamera {number}"
        note_together(run_together, office, people, name)
        return Outage.objects.filter(device__name=name).count() > 1

    assert any(goes_wrong(number) for number in range(ROUNDS))


# --- Two offices want one officer ---------------------------------------------------------------
def roster_together(
    run_together: Race, offices: list[tuple[Office, User]], officer: User, day: date
) -> list[Any]:
    row = ShiftData(officer.pk, day, time(8), time(15))
    today = NOW.date()
    calls = [
        partial(
            save_week,
            office_id=office.pk,
            monday=MONDAY,
            shifts=[row],
            by=supervisor,
            now=NOW,
            shown_fingerprint=fingerprint(editable_shifts(office, MONDAY, today=today)),
        )
        for office, supervisor in offices
    ]
    return run_together(calls)


def two_offices() -> tuple[list[tuple[Office, User]], User]:
    officer = make_officer(make_office(), Role.COUNTER)
    offices = []
    for _each in range(2):
        office = make_office()
        StaffRole.objects.create(user=officer, role=Role.COUNTER, office=office, valid_from=SINCE)
        offices.append((office, make_officer(office, Role.SUPERVISOR)))
    return offices, officer


def test_concurrent_rosters_assign_an_officer_once(run_together: Race) -> None:
    offices, officer = two_offices()
    outcomes = faultless(roster_together(run_together, offices, officer, MONDAY))
    assert RosterShift.objects.filter(officer=officer).count() == 1
    lost = [each for each in outcomes if isinstance(each, DomainError)]
    assert len(lost) == 1
    # The second one reads where the officer is assigned, or the database refuses.
    assert isinstance(lost[0], OfficerElsewhere) or lost[0].fields


def test_control_without_guards_one_officer_is_assigned_twice(
    run_together: Race, unguarded_database: str
) -> None:
    """If this fails, the test above no longer races and proves nothing."""

    def goes_wrong(number: int) -> bool:
        offices, officer = two_offices()
        roster_together(run_together, offices, officer, MONDAY + timedelta(days=number % 5))
        return RosterShift.objects.filter(officer=officer).count() > 1

    assert any(goes_wrong(number) for number in range(ROUNDS))
