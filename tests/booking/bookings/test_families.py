"""A family books together: services and service groups of their own, one party, one message."""

from datetime import time
from typing import Any

import pytest

from booking.bookings.changes import cancel_bookings, reschedule_bookings
from booking.bookings.errors import (
    GroupNotServed,
    KeyReused,
    NoChangeLeft,
    PartyNotTogether,
    TooLate,
)
from booking.bookings.hours import Need, hour_rows, slot_at_same_hour
from booking.bookings.models import Booking, Party
from booking.bookings.selectors import when
from booking.closures.moves import move_everyone
from booking.closures.services import ClosureData, close_office, preview_closure
from booking.people.errors import WrongIdentityKind
from booking.restrictions.errors import LimitReached
from booking.statuses import Status
from core.errors import InvalidInput, NotFound
from notices.models import Message
from offices.directory.models import ServiceType
from offices.limits.models import BookingLimit
from offices.staff.models import Role
from quotas.places.errors import SlotFull
from quotas.places.models import Place
from tests.booking.bookings.families import book_family, hours_of, make_family, make_mixed_office
from tests.booking.bookings.test_limits import make_limit
from tests.builders import NOW, fill_slot, make_officer, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office() -> Any:
    return make_mixed_office()


@pytest.fixture
def hours(office: Any) -> tuple[list[Any], list[Any]]:
    return hours_of(office), hours_of(office, "foreigners")


def of(party: Party) -> dict[str, Booking]:
    """The family's bookings by first name."""
    rows = party.bookings.select_related("applicant", "slot", "service_type")
    return {row.applicant.full_name.split()[0]: row for row in rows}


def test_citizens_and_a_foreigner_get_one_party_with_services_of_their_own(hours: Any) -> None:
    citizens, foreigners = hours
    party = book_family(make_family(), citizens[0], foreigners[0])
    family = of(party)
    assert {name: row.service_type.code for name, row in family.items()} == {
        "Budi": "replacement",
        "Anna": "stay_permit",
        "Rafi": "new",
        "Nia": "new",
    }
    assert family["Anna"].slot == foreigners[0]
    assert {row.slot.starts_at for row in family.values()} == {citizens[0].starts_at}
    assert len(party.code) == 10
    assert party.code not in {row.code for row in family.values()}


def test_a_family_gets_one_message_with_everybodys_service_and_code(hours: Any) -> None:
    party = book_family(make_family(), hours[0][0], hours[1][0])
    message = Message.objects.get(kind="booking_confirmed")
    rows = message.context["bookings"]
    assert {(row["code"], row["service"]) for row in rows} == {
        (row.code, str(row.service_type)) for row in of(party).values()
    }
    assert {row["party"] for row in rows} == {party.code}


def test_too_few_places_for_one_group_leave_nobody_booked(hours: Any) -> None:
    citizens, foreigners = hours
    fill_slot(foreigners[0])
    with pytest.raises(SlotFull) as refused:
        book_family(make_family(), citizens[0], foreigners[0])
    assert not Party.objects.exists()
    assert not Place.objects.filter(slot=citizens[0], holder__isnull=False).exists()
    offered = [row["slot"] for row in refused.value.alternatives]
    assert citizens[1].pk in offered
    assert citizens[0].pk not in offered


def test_a_family_comes_to_one_office_at_one_start(hours: Any) -> None:
    citizens, foreigners = hours
    for other in (foreigners[1], hours_of(make_mixed_office(foreigners=4), "foreigners")[0]):
        with pytest.raises(PartyNotTogether):
            book_family(make_family(), citizens[0], other)


def test_each_person_is_checked_against_their_own_service(hours: Any) -> None:
    citizens, _foreigners = hours
    father, mother, *children = make_family()
    with pytest.raises(GroupNotServed):
        book_family([father, mother, *children], citizens[0], citizens[0])
    with pytest.raises(WrongIdentityKind):
        book_family([mother, father, *children], *(row[0] for row in hours))


def test_somebody_twice_in_two_parts_is_refused(hours: Any) -> None:
    father, mother, child, _other = make_family()
    with pytest.raises(InvalidInput) as refused:
        book_family([father, mother, child, child], hours[0][0], hours[1][0])
    assert "applicants" in refused.value.fields
    with pytest.raises(InvalidInput):
        book_family([father, mother, child, father], hours[0][0], hours[1][0])


def test_a_repeated_request_returns_the_same_party_and_another_is_refused(hours: Any) -> None:
    citizens, foreigners = hours
    people = make_family()
    first = book_family(people, citizens[0], foreigners[0], key="sekali")
    again = book_family(people, citizens[0], foreigners[0], key="sekali")
    assert (again.pk, again.code) == (first.pk, first.code)
    with pytest.raises(KeyReused):
        book_family(people, citizens[1], foreigners[1], key="sekali")


def test_a_limit_counts_the_whole_family(hours: Any, office: Any) -> None:
    make_limit(office, BookingLimit.Subject.ACCOUNT, 3)
    with pytest.raises(LimitReached):
        book_family(make_family(), hours[0][0], hours[1][0])
    assert not Booking.objects.exists()


def test_an_hour_with_too_few_places_says_how_many_there_are(hours: Any, office: Any) -> None:
    citizens, foreigners = hours
    service = ServiceType.objects.get(code="new")
    day, group = citizens[0].day, foreigners[0].group
    needs = [Need(service.group, service.pk, 11)]
    rows = {row["id"]: row for row in hour_rows(office, day=day, needs=needs, now=NOW)}
    assert rows[citizens[0].pk]["state"] == "few"
    assert rows[citizens[0].pk]["reason"] == "10 tempat, Anda perlu 11"
    needs = [Need(service.group, service.pk, 2), Need(group, None, 4)]
    rows = {row["id"]: row for row in hour_rows(office, day=day, needs=needs, now=NOW)}
    assert rows[citizens[0].pk]["reason"] == f"{group}: 3 tempat, Anda perlu 4"


def test_the_slot_at_the_same_hour_is_of_the_services_group(hours: Any) -> None:
    citizens, foreigners = hours
    permit = ServiceType.objects.get(code="stay_permit")
    assert slot_at_same_hour(citizens[0].pk, permit.pk) == foreigners[0]
    assert slot_at_same_hour(foreigners[0].pk, permit.pk) == foreigners[0]


def test_one_child_moves_and_the_others_keep_their_places(hours: Any) -> None:
    citizens, foreigners = hours
    people = make_family()
    party = book_family(people, citizens[0], foreigners[0])
    child = of(party)["Rafi"]
    account = people[0].account
    reschedule_bookings(booking_ids=[child.pk], slot_id=citizens[1].pk, by=account, now=NOW)
    family = of(party)
    assert family["Rafi"].slot == citizens[1]
    assert {family[name].slot for name in ("Budi", "Nia")} == {citizens[0]}
    [message] = Message.objects.filter(kind="booking_changed")
    [row] = message.context["bookings"]
    assert row["code"] == child.code
    assert sorted(row["others"]) == ["Anna K.", "Budi S.", "Nia S."]


def test_everybody_moves_together_to_the_slots_of_the_new_hour(hours: Any) -> None:
    citizens, foreigners = hours
    people = make_family()
    party = book_family(people, citizens[0], foreigners[0])
    ids = [row.pk for row in party.bookings.all()]
    account = people[0].account
    reschedule_bookings(booking_ids=ids, slot_id=citizens[1].pk, by=account, now=NOW)
    assert {row.slot for row in of(party).values()} == {citizens[1], foreigners[1]}
    assert Message.objects.filter(kind="booking_changed").count() == 1
    assert Place.objects.filter(holder__isnull=False).count() == 4
    with pytest.raises(NoChangeLeft):
        reschedule_bookings(booking_ids=ids, slot_id=citizens[0].pk, by=account, now=NOW)


def test_a_move_without_room_for_one_of_them_moves_nobody(hours: Any) -> None:
    citizens, foreigners = hours
    people = make_family()
    party = book_family(people, citizens[0], foreigners[0])
    fill_slot(foreigners[1])
    ids = [row.pk for row in party.bookings.all()]
    with pytest.raises(SlotFull) as refused:
        reschedule_bookings(booking_ids=ids, slot_id=citizens[1].pk, by=people[0].account, now=NOW)
    assert refused.value.alternatives
    assert {row.slot for row in of(party).values()} == {citizens[0], foreigners[0]}
    assert not Place.objects.filter(slot=citizens[1], holder__isnull=False).exists()


def test_some_cancel_with_one_message_and_the_others_stay(hours: Any) -> None:
    people = make_family()
    party = book_family(people, hours[0][0], hours[1][0])
    family = of(party)
    ending = [family[name].pk for name in ("Rafi", "Nia")]
    for _press in range(2):
        cancel_bookings(booking_ids=ending, by=people[0].account, now=NOW)
    statuses = {name: row.status for name, row in of(party).items()}
    assert statuses == {
        "Budi": Status.BOOKED,
        "Anna": Status.BOOKED,
        "Rafi": Status.CANCELLED,
        "Nia": Status.CANCELLED,
    }
    [message] = Message.objects.filter(kind="booking_cancelled")
    assert len(message.context["bookings"]) == 2
    assert sorted(message.context["bookings"][0]["others"]) == ["Anna K.", "Budi S."]


def test_one_that_cannot_be_cancelled_keeps_all(hours: Any) -> None:
    people = make_family()
    party = book_family(people, hours[0][0], hours[1][0])
    rows = list(party.bookings.all())
    with pytest.raises(TooLate):
        cancel_bookings(
            booking_ids=[row.pk for row in rows],
            by=people[0].account,
            now=hours[0][0].ends_at,
        )
    assert set(party.bookings.values_list("status", flat=True)) == {Status.BOOKED}


def test_nobody_else_changes_a_family_nor_mixes_two(hours: Any) -> None:
    people = make_family()
    first = book_family(people, hours[0][0], hours[1][0])
    second = book_family(make_family(), hours[0][0], hours[1][0])
    mine = [row.pk for row in first.bookings.all()]
    other = [row.pk for row in second.bookings.all()]
    with pytest.raises(NotFound):
        reschedule_bookings(booking_ids=mine, slot_id=hours[0][1].pk, by=make_user(), now=NOW)
    with pytest.raises(NotFound):
        cancel_bookings(booking_ids=[mine[0], other[0]], by=people[0].account, now=NOW)


def test_a_closure_moves_a_mixed_family_to_one_hour_of_both_groups(hours: Any, office: Any) -> None:
    citizens, foreigners = hours
    party = book_family(make_family(), citizens[0], foreigners[0])
    fill_slot(foreigners[1])  # the next hour that has room for both groups is on the next day
    data = ClosureData(
        first_day=citizens[0].day,
        last_day=citizens[0].day,
        from_time=time(8),
        until_time=time(9),
        reason="Listrik padam",
    )
    [proposal] = preview_closure(office=office, data=data, now=NOW).proposals
    assert proposal.becomes == when(citizens[2], office)
    supervisor = make_officer(office, Role.SUPERVISOR)
    closure = close_office(office_id=office.pk, data=data, by=supervisor, now=NOW)
    move_everyone(closure_id=closure.pk, now=NOW)
    family = of(party)
    assert {row.status for row in family.values()} == {Status.BOOKED}
    assert {row.slot.group.code for row in family.values()} == {"citizens", "foreigners"}
    [start] = {row.slot.starts_at for row in family.values()}
    assert start == citizens[2].starts_at
    assert Message.objects.filter(kind="booking_moved").count() == 1
