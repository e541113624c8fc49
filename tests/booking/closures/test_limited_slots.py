"""A closure in which some services continue: its slots can be booked for these services only."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from booking.bookings.changes import cancel_booking, move_to, reschedule_booking
from booking.bookings.models import Booking
from booking.bookings.services import book_at_desk
from booking.closures.moves import move_everyone, move_next_party
from booking.closures.services import reopen_office
from booking.statuses import Status
from booking.waiting_list.selectors import line_for
from core.errors import InvalidInput
from counters.gate.selectors import WalkInsLeft, walk_ins_left
from offices.directory.models import Lane, Office, ServiceType
from offices.hours.selectors import working_hours
from offices.staff.models import Role
from quotas.calendar.selectors import calendar, day_slots, nearest_open_slots
from quotas.places.errors import SlotFull
from quotas.places.models import Place, Slot
from quotas.places.services import take_places
from quotas.rules.evening import add_evening_places
from quotas.windows.selectors import windows
from quotas.windows.services import prepare_windows
from tests.booking.closures.test_services import (
    REASON,
    TUESDAY,
    breaches,
    close,
    is_offered,
    make_week,
    slots_of,
)
from tests.booking.waiting_list.waiting_world import wait
from tests.builders import (
    NOW,
    make_booking,
    make_daily_release,
    make_officer,
    make_person,
    make_policy,
    make_service_type,
    person_data,
)
from tests.clients import page_text

WEDNESDAY = TUESDAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def _at_now(set_clock: Callable[[datetime], None]) -> None:
    set_clock(NOW)


@pytest.fixture
def office(db: None) -> Office:
    office = make_week()
    office.service_types.add(*(make_service_type(code) for code in ("new", "replacement", "child")))
    return office


def service(code: str = "replacement") -> ServiceType:
    return ServiceType.objects.get(code=code)


def close_but(office: Office, *codes: str, **changes: Any) -> Any:
    services = tuple(service(code) for code in codes or ("replacement",))
    return close(office, open_services=services, **changes)


def day_for(office: Office, code: str, day: date = TUESDAY) -> Any:
    kind = service(code)
    return calendar(office, first=day, last=day, group=kind.group, now=NOW, service=kind.pk)[0]


def hours_for(office: Office, code: str, day: date = TUESDAY) -> list[Any]:
    kind = service(code)
    return day_slots(office, day=day, group=kind.group, now=NOW, service=kind.pk)


def limited(office: Office, day: date = TUESDAY) -> list[Slot]:
    rows = Slot.objects.filter(office=office, day=day, lane="online").exclude(only_services=[])
    return list(rows.order_by("starts_at", "pk"))


def places_in(office: Office, start: Any, day: date = TUESDAY) -> int:
    """Count who can still come in a slot: free places, and bookings on withdrawn ones."""
    rows = Place.objects.filter(slot__office=office, slot__day=day, slot__starts_at=start)
    return sum(1 for row in rows if row.withdrawn_at is None or row.holder is not None)


# --- Availability -------------------------------------------------------------------------------
def test_the_day_is_open_only_for_the_continuing_service(
    office: Office,
) -> None:
    close_but(office)
    mine, other = day_for(office, "replacement"), day_for(office, "new")
    assert (mine.status, mine.places, mine.left) == ("open", 12, 12)
    assert (other.status, other.places) == ("closed", 0)
    assert REASON in other.reason
    assert [view.left for view in hours_for(office, "replacement")] == [6, 6]
    assert hours_for(office, "new") == []
    assert breaches() == []


def test_the_api_shows_the_same_limits(office: Office, client: Client) -> None:
    close_but(office)
    base = f"/api/v1/offices/{office.code}"
    for code, status, hours in (("replacement", "open", 2), ("new", "closed", 0)):
        query = f"from={TUESDAY}&to={TUESDAY}&service_type={code}"
        [day] = client.get(f"{base}/calendar/?{query}").json()["days"]
        assert day["status"] == status
        slots = client.get(f"{base}/slots/?date={TUESDAY}&service_type={code}").json()
        assert len(slots) == hours


def test_limited_slots_are_listed_for_their_service_only(office: Office) -> None:
    close_but(office, last_day=date(2026, 12, 4))
    near = partial(nearest_open_slots, office, group=service().group, now=NOW, limit=50)
    at = office.at(TUESDAY, time(8))
    assert TUESDAY in {view.day for view in near(after=at, service=service().pk)}
    assert TUESDAY not in {view.day for view in near(after=at, service=service("new").pk)}
    assert TUESDAY not in {view.day for view in near(after=at)}
    assert all(window.first_day < TUESDAY for window in windows(office, now=NOW))


def test_slots_prepared_after_the_closure_are_limited_too(office: Office) -> None:
    far = date(2026, 12, 15)
    close_but(office, first_day=far)
    make_policy(
        office,
        places=10,
        hours=[["08:00", "10:00"]],
        valid_from=date(2026, 12, 14),
        valid_until=date(2026, 12, 16),
    )
    prepare_windows(office_id=office.pk, now=NOW)
    assert [Place.objects.offered().filter(slot=slot).count() for slot in limited(office, far)] == [
        5,
        5,
    ]
    assert prepare_windows(office_id=office.pk, now=NOW).inserted == 0
    assert breaches() == []


def test_only_slots_within_the_closure_are_limited(office: Office) -> None:
    close_but(office, from_time=time(8), until_time=time(8, 30))
    assert [view.left for view in hours_for(office, "replacement")] == [6, 6]
    assert [view.starts_at.hour for view in hours_for(office, "new")] == [
        slots_of(office)[1].starts_at.hour
    ]
    assert [len(slot.only_services) for slot in limited(office)] == [1]


# --- Booking ------------------------------------------------------------------------------------
def test_other_services_are_refused_with_the_reason(
    office: Office,
) -> None:
    close_but(office)
    slot = limited(office)[0]
    assert make_booking(slot, service="replacement").slot_id == slot.pk
    with pytest.raises(InvalidInput) as refusal:
        make_booking(slot)
    assert "tutup untuk layanan Anda" in str(refusal.value.fields["slot"][0])
    elsewhere = make_booking(slots_of(office, WEDNESDAY)[0])
    assert elsewhere.account is not None
    with pytest.raises(InvalidInput):
        reschedule_booking(booking_id=elsewhere.pk, slot_id=slot.pk, by=elsewhere.account, now=NOW)
    assert breaches() == []


def test_the_page_of_a_limited_slot_lists_its_service_only(office: Office, client: Client) -> None:
    close_but(office)
    slot, person = limited(office)[0], make_person()
    assert person.account is not None
    client.force_login(person.account)
    text = page_text(client.get(f"/book/{slot.pk}/?service_type=replacement"))
    assert str(service()) in text
    assert str(service("new")) not in text


def test_the_office_and_day_pages_announce_what_stays_open(office: Office, client: Client) -> None:
    close_but(office)
    for address in (f"/offices/{office.code}/", f"/offices/{office.code}/{TUESDAY}/"):
        text = page_text(client.get(address))
        assert f"{REASON}. Yang tetap berjalan: {service()}." in text
    assert REASON not in page_text(client.get(f"/offices/{office.code}/{WEDNESDAY}/"))


def test_the_supervisor_sees_the_continuing_service_before_and_after(
    office: Office, client: Client
) -> None:
    officer = make_officer(office, Role.SUPERVISOR)
    client.force_login(officer)
    typed = {
        "office": office.code,
        "first_day": f"{TUESDAY}",
        "last_day": f"{TUESDAY}",
        "reason": REASON,
        "open_services": service().pk,
    }
    preview = page_text(client.post("/admin/closures/new/", {**typed, "look": ""}))
    assert f"tetap dapat dipesan untuk {service()}" in preview
    done = page_text(client.post("/admin/closures/new/", {**typed, "apply": ""}, follow=True))
    assert f"Tetap berjalan: {service()}." in done


def test_existing_bookings_count_in_a_limited_slot(office: Office) -> None:
    first = slots_of(office)[0]
    stays, goes = make_booking(first, service="replacement"), make_booking(first)
    closure = close_but(office)
    assert places_in(office, first.starts_at) == 6
    move_everyone(closure_id=closure.pk, now=NOW)
    stays.refresh_from_db()
    goes.refresh_from_db()
    assert (stays.slot_id, goes.slot.day) == (first.pk, WEDNESDAY)
    assert places_in(office, first.starts_at) == 6
    assert [view.left for view in hours_for(office, "replacement")] == [5, 6]
    assert breaches() == []


def test_the_last_place_is_sold_once(office: Office) -> None:
    close_but(office)
    slot = limited(office)[0]
    for _each in range(6):
        make_booking(slot, service="replacement")
    with pytest.raises(SlotFull):
        make_booking(slot, service="replacement")


def test_displaced_people_are_not_moved_to_limited_slots(office: Office) -> None:
    close_but(office, first_day=WEDNESDAY, last_day=date(2026, 12, 4))
    mine = make_booking(slots_of(office)[0])
    closure = close(office)
    move_everyone(closure_id=closure.pk, now=NOW)
    mine.refresh_from_db()
    assert mine.status == Status.DISPLACED
    assert breaches() == []


def test_only_entries_for_the_service_are_offered_limited_slots(office: Office) -> None:
    close_but(office)
    slot = limited(office)[0]
    entry = wait(slot)  # for a new passport
    assert entry not in line_for(slot, offers_at_most=3)
    entry.service_type = service()
    entry.save(update_fields=["service_type"])
    assert entry in line_for(slot, offers_at_most=3)


def add_walk_ins(office: Office, places: int, *, now: datetime) -> None:
    """Walk-in places in the two slots of Tuesday."""
    make_policy(
        office,
        places=places,
        lane="walk_in",
        hours=[["08:00", "10:00"]],
        valid_from=TUESDAY,
        valid_until=TUESDAY,
    )
    make_daily_release(office, days_ahead=0, lane="walk_in")
    prepare_windows(office_id=office.pk, now=now)


def test_the_desk_serves_only_the_continuing_service(office: Office) -> None:
    now = office.at(TUESDAY, time(7))
    add_walk_ins(office, 2, now=now)
    officer = make_officer(office, Role.SUPERVISOR)
    close_but(office, by=officer, now=now)
    come = partial(book_at_desk, office_id=office.pk, by=officer, now=now)
    with pytest.raises(SlotFull):
        come(applicant=person_data(), service_type_id=service("new").pk)
    given = [come(applicant=person_data(), service_type_id=service().pk) for _each in range(2)]
    assert all(booking.slot.only_services for booking in given)
    assert given[0].slot.starts_at < given[1].slot.starts_at


def test_the_gate_shows_remaining_places_and_their_service(
    office: Office, client: Client, set_clock: Callable[[datetime], None]
) -> None:
    now = office.at(TUESDAY, time(7))
    add_walk_ins(office, 6, now=now)
    assert walk_ins_left(office, now=now) == WalkInsLeft(places=6)
    officer = make_officer(office, Role.SUPERVISOR)
    close_but(office, by=officer, now=now, from_time=time(8), until_time=time(9))
    assert walk_ins_left(office, now=now) == WalkInsLeft(6, 3, (service(),))
    close_but(office, by=officer, now=now, from_time=time(9), until_time=time(10))
    assert walk_ins_left(office, now=now) == WalkInsLeft(6, 6, (service(),))
    assert walk_ins_left(office, now=office.at(TUESDAY, time(9, 30))).places == 3
    set_clock(now)
    client.force_login(officer)
    named = str(service())
    assert f"sisa tempat langsung hari ini 6 (6 hanya untuk {named})" in page_text(
        client.get(reverse("counters:gate"))
    )
    assert f"Hanya untuk {named}: 6." in page_text(client.get(reverse("counters:gate_walk_in")))


def test_the_gate_ignores_slots_limited_to_discontinued_services(
    office: Office,
) -> None:
    now = office.at(TUESDAY, time(7))
    add_walk_ins(office, 6, now=now)
    close_but(office, by=make_officer(office, Role.SUPERVISOR), now=now)
    office.service_types.remove(service())
    assert walk_ins_left(office, now=now) == WalkInsLeft(places=0)


def test_an_evening_session_on_a_closed_day_is_valid(office: Office) -> None:
    now = office.at(TUESDAY, time(9))
    officer = make_officer(office, Role.SUPERVISOR)
    close_but(office, by=officer, now=now)
    hours = working_hours(office, TUESDAY)
    assert hours is not None
    add_evening_places(
        office_id=office.pk,
        lane="online",
        group_id=service().group_id,
        starts=hours.closes,
        ends=time(hours.closes.hour + 1),
        count=3,
        reason="Yang masih menunggu",
        by=officer,
        now=now,
    )
    assert breaches(now) == []


# --- Reopening and a second closure -------------------------------------------------------------
def test_reopening_makes_the_slot_available_to_every_service(office: Office) -> None:
    closure = close_but(office)
    slot = limited(office)[0]
    mine, gone = (make_booking(slot, service="replacement") for _each in range(2))
    assert gone.account is not None
    reopen_office(closure_id=closure.pk, on=TUESDAY, by=closure.made_by, now=NOW)
    mine.refresh_from_db()
    assert (mine.slot_id, mine.status) == (slot.pk, Status.BOOKED)
    assert [places_in(office, row.starts_at) for row in slots_of(office)[:1]] == [6]
    assert not Place.objects.free().filter(slot=slot).exists()
    assert prepare_windows(office_id=office.pk, now=NOW).inserted == 0
    day = day_for(office, "new")  # nobody waits for a place, so there is no cooldown
    assert (day.status, day.left) == ("open", 10)
    cancel_booking(booking_id=gone.pk, by=gone.account, now=NOW)
    assert breaches() == []


def test_a_second_closure_withdraws_and_restores_the_remaining_places(office: Office) -> None:
    close_but(office, last_day=WEDNESDAY)
    mine = make_booking(limited(office)[0], service="replacement")
    second = close(office)
    assert not is_offered(office)
    assert is_offered(office, WEDNESDAY)
    move_everyone(closure_id=second.pk, now=NOW)
    mine.refresh_from_db()
    assert mine.slot.day > WEDNESDAY
    reopen_office(closure_id=second.pk, on=TUESDAY, by=second.made_by, now=NOW)
    assert day_for(office, "new").status == "closed"
    assert [places_in(office, slot.starts_at) for slot in limited(office)] == [6, 6]
    assert breaches() == []


def test_two_closures_leave_only_what_both_allow(office: Office) -> None:
    close_but(office, "replacement", "child")
    close_but(office, "child", "new")
    assert [day_for(office, code).status for code in ("child", "replacement", "new")] == [
        "open",
        "closed",
        "closed",
    ]
    assert day_for(office, "child").places == 12
    assert breaches() == []


def test_a_lane_that_stays_open_is_not_limited(office: Office) -> None:
    make_policy(office, places=4, lane="priority", valid_from=TUESDAY, valid_until=TUESDAY)
    make_daily_release(office, days_ahead=0, lane="priority")
    prepare_windows(office_id=office.pk, now=NOW)
    close_but(office, open_lanes=(Lane.objects.get(code="priority"),))
    rows = Slot.objects.filter(office=office, day=TUESDAY, lane="priority")
    assert [row.only_services for row in rows] == [[] for _row in rows]


# --- The database -------------------------------------------------------------------------------
@transaction.atomic
def take_unchecked(slot: Slot, code: str) -> None:
    """Insert a booking as code without the closure check would."""
    booking = make_booking(service=code)
    [place_id] = take_places(slot_id=slot.pk, holders=[booking.pk], now=NOW)
    via, by = Booking.Via.MOVED_BY_APPLICANT, booking.account
    assert by is not None
    move_to(booking, slot, place_id=place_id, via=via, by=by, now=NOW, changes=1)


def test_the_database_refuses_other_services_in_limited_slots(office: Office) -> None:
    close_but(office)
    slot = limited(office)[0]
    take_unchecked(slot, "replacement")
    wrong = pytest.raises(IntegrityError, match="is for other services")
    with wrong, transaction.atomic(), connection.cursor() as cursor:
        take_unchecked(slot, "new")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.usefixtures("unguarded_database")
def test_control_without_guards_another_service_gets_the_place() -> None:
    office = make_week()
    office.service_types.add(*(make_service_type(code) for code in ("new", "replacement")))
    close_but(office)
    take_unchecked(limited(office)[0], "new")
    assert [finding.law for finding in breaches()] == [3]


def test_verification_reports_places_on_closed_days_and_wrong_marks(office: Office) -> None:
    close_but(office)
    mine = Place.objects.free().filter(slot=limited(office)[0])
    mine.update(is_limited=False)
    assert [(finding.law, finding.breaches) for finding in breaches()] == [(3, 6)]
    mine.update(is_limited=True)
    Place.objects.filter(slot=slots_of(office)[0]).update(withdrawn_at=None)
    assert [(finding.law, finding.breaches) for finding in breaches()] == [(3, 6)]


@pytest.mark.django_db(transaction=True)
def test_concurrent_bookings_during_a_closure_get_permitted_places_only(run_together: Any) -> None:
    office = make_week()
    office.service_types.add(*(make_service_type(code) for code in ("new", "replacement")))
    slot, officer = slots_of(office)[0], make_officer(office, Role.SUPERVISOR)
    crowd = [
        partial(make_booking, slot, person=make_person(), service=code)
        for code in ("new", "replacement") * 4
    ]
    run_together([*crowd, partial(close_but, office, by=officer)])
    [closure] = office.closures.all()
    [own] = [row for row in limited(office) if row.starts_at == slot.starts_at]
    late = [
        partial(make_booking, own, person=make_person(), service="replacement")
        for _each in range(8)
    ]
    run_together([*late, partial(move_everyone, closure_id=closure.pk, now=NOW)])
    while move_next_party(closure_id=closure.pk, now=NOW):
        pass
    there = Booking.objects.filter(slot__starts_at=slot.starts_at, status=Status.BOOKED)
    assert set(there.values_list("service_type__code", flat=True)) <= {"replacement"}
    assert there.count() <= places_in(office, slot.starts_at) == 6
    assert breaches() == []
