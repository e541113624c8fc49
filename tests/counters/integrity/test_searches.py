"""Signals about officers: evidence only, and never reviewed by the officer concerned."""

from collections.abc import Sequence
from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from accounts.models import User
from booking.integrity.broker_signals import find_broker_signals, note_signal
from booking.integrity.models import BrokerSignal, BrokerSignalNote
from core.errors import NotAllowed
from counters.integrity import searches
from counters.walk_in.services import admit_at_desk
from offices.directory.models import ServiceType
from offices.reasons.models import Reason
from offices.staff.models import Role
from tests.builders import make_officer, make_reason, person_data
from tests.counters.world import DAY, World, make_world

pytestmark = pytest.mark.django_db
EXTRA = searches.MANY_EXCEPTIONS


def admit(
    world: World, count: int, *, by: User, hour: int = 8, day: date = DAY, phone: str = ""
) -> None:
    """Admit walk-ins; beyond the quota of one place each needs an added place with its reason."""
    for _person in range(count):
        fields = {"phone": phone} if phone else {}
        admit_at_desk(
            office_id=world.office.pk,
            applicant=person_data(**fields),
            service_type_id=ServiceType.objects.get(code="new").pk,
            extra_reason="stranded" if by.pk == world.supervisor.pk else "",
            by=by,
            now=world.at(hour, 5, day=day),
        )


def kinds(world: World) -> Sequence[str]:
    find_broker_signals(now=world.at(18))
    return sorted(BrokerSignal.objects.filter(office=world.office).values_list("kind", flat=True))


def test_an_officer_with_many_exceptions_is_shown_and_does_not_review_it() -> None:
    world = make_world(walk_ins=6)
    make_reason("stranded", Reason.Use.EXTRA_PLACE)
    admit(world, EXTRA + 6, by=world.supervisor)
    world.sit(1)
    assert "exception" in kinds(world)
    signal = BrokerSignal.objects.get(kind="exception")
    assert signal.officer_id == world.supervisor.pk
    review = SimpleNamespace(signal_id=signal.pk, outcome="groundless", text="Banjir")
    with pytest.raises(NotAllowed):
        note_signal(**vars(review), by=world.supervisor, now=world.at(18))
    other = make_officer(world.office, Role.SUPERVISOR)
    note_signal(**vars(review), by=other, now=world.at(18))
    assert BrokerSignalNote.objects.get().by == other


def test_few_exceptions_are_no_signal() -> None:
    world = make_world(walk_ins=6)
    make_reason("stranded", Reason.Use.EXTRA_PLACE)
    admit(world, 3, by=world.supervisor)
    assert kinds(world) == []


def test_people_of_one_number_on_several_days_are_shown() -> None:
    world = make_world(walk_ins=18)
    admit(world, 3, by=world.gate, phone="0813 5555 7777")
    assert kinds(world) == []  # one family, one day
    find = world.at(8) + timedelta(days=1)
    admit(world, 1, by=world.gate, day=find.date(), phone="0813 5555 7777")
    assert searches.MANY_FAVOURED == 4
    find_broker_signals(now=find + timedelta(hours=9))
    signal = BrokerSignal.objects.get(office=world.office, kind="favoured")
    assert signal.count == 4
    assert "5555" not in f"{signal.label}{signal.subject}"
