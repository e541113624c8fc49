"""People without a booking: lanes, reasons, the accelerated lane, places beyond the quota."""

from datetime import date, time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from booking.bookings.errors import AcceleratedClosed, AlreadyBooked, WalkInsNotAdmitted
from booking.statuses import Status
from core.errors import InvalidInput, NotAllowed
from counters.gate import services as gate_services
from counters.gate.ages import birth_date_of, full_years, proposed_reason
from counters.gate.errors import OfficialGuestNeedsSupervisor
from counters.walk_in.models import DeskAdmission
from counters.walk_in.selectors import desk_lanes, offered_services
from counters.walk_in.services import Admitted, admit_at_desk
from offices.day_rules.selectors import day_rule_on
from offices.hours.models import AdmissionRule
from offices.hours.selectors import admission_on
from offices.reasons.models import Reason
from quotas.places.errors import SlotFull
from quotas.places.models import Place
from quotas.policies.models import RuleChange
from quotas.windows.services import prepare_windows
from reports.load.selectors import daily_load
from tests.builders import NOW, make_daily_release, make_policy, make_reason, person_data
from tests.clients import page_text
from tests.counters.world import DAY, World, make_world

PRIORITY = ("pregnant", "under_5", "aged_60", "disabled", "ill", "official_guest")
TODAY = date(2026, 11, 26)


def add_lane(world: World, lane: str, places: int, **fields: Any) -> None:
    make_policy(world.office, places=places, lane=lane, valid_until=DAY, **fields)
    make_daily_release(world.office, days_ahead=0, lane=lane)
    prepare_windows(office_id=world.office.pk, now=NOW)


def admit(world: World, lane: str = "priority", reason: str = "ill", **changes: Any) -> Admitted:
    values: dict[str, Any] = {"by": world.gate, "now": world.at(8, 10), "applicant": person_data()}
    return admit_at_desk(
        office_id=world.office.pk,
        service_type_id=world.office.service_types.get(code="new").pk,
        lane=lane,
        reason=reason,
        **{**values, **changes},
    )


@pytest.fixture
def lanes(world: World) -> World:
    """The world with priority and accelerated places and the lists of reasons."""
    for code in PRIORITY:
        make_reason(code, Reason.Use.PRIORITY, needs_note=code == "official_guest")
    make_reason("urgent_need", Reason.Use.EXTRA_PLACE)
    add_lane(world, "priority", 6)
    add_lane(world, "accelerated", 2, hours=[["08:00", "10:00"]])
    return world


# --- Ages -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("born", "years", "code"),
    [
        (date(2021, 11, 27), 4, "under_5"),
        (date(2021, 11, 26), 5, ""),
        (date(1966, 11, 27), 59, ""),
        (date(1966, 11, 26), 60, "aged_60"),
        (TODAY, 0, "under_5"),
        (date(1920, 2, 29), 106, "aged_60"),
    ],
)
def test_the_birth_date_proposes_a_reason(born: date, years: int, code: str) -> None:
    assert full_years(born, TODAY) == years
    assert proposed_reason(born, TODAY) == code


@pytest.mark.parametrize(
    ("day", "month", "year", "born"),
    [
        (14, 6, 88, date(1988, 6, 14)),
        (26, 11, 26, TODAY),
        (27, 11, 26, date(1926, 11, 27)),
        (29, 2, 0, date(2000, 2, 29)),
        (29, 2, 96, date(1996, 2, 29)),
        (31, 2, 5, None),
    ],
)
def test_a_nik_gives_the_latest_possible_birth_date(
    day: int, month: int, year: int, born: date | None
) -> None:
    assert birth_date_of(day, month, year, TODAY) == born


# --- Lanes and reasons ----------------------------------------------------------------------------
def test_each_lane_has_its_own_quota_and_series(lanes: World) -> None:
    first = admit(lanes)
    direct = admit(lanes, "walk_in", "")
    fast = admit(lanes, "accelerated", "")
    tickets = [str(one.visit.ticket) for one in (first, direct, fast) if one.visit]
    assert tickets == ["P-001", "W-001", "C-001"]
    assert [one.booking.slot.lane_id for one in (first, direct, fast)] == [
        "priority",
        "walk_in",
        "accelerated",
    ]


def test_the_reason_is_on_record(lanes: World) -> None:
    booking = admit(lanes, reason="pregnant").booking
    row = DeskAdmission.objects.get(booking=booking)
    assert row.reason is not None
    assert (row.reason.code, row.by, row.extra_reason) == ("pregnant", lanes.gate, None)
    assert DeskAdmission.objects.get(booking=admit(lanes, "walk_in", "").booking).reason is None


@pytest.mark.parametrize("reason", ["", "sick", "none"])
def test_priority_needs_a_reason_of_its_list(lanes: World, reason: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        admit(lanes, reason=reason)
    assert set(refusal.value.fields) == {"reason"}
    assert not DeskAdmission.objects.exists()


@pytest.mark.parametrize("reason", ["under_5", "aged_60"])
def test_a_reason_about_the_age_must_fit_the_birth_date(lanes: World, reason: str) -> None:
    with pytest.raises(InvalidInput):
        admit(lanes, reason=reason, applicant=person_data(birth_date=date(1988, 6, 14)))
    born = date(2024, 1, 5) if reason == "under_5" else date(1950, 1, 5)
    assert admit(lanes, reason=reason, applicant=person_data(birth_date=born)).visit


def test_an_unknown_lane_is_refused(lanes: World) -> None:
    for lane in ("online", "vip", ""):
        with pytest.raises(InvalidInput):
            admit(lanes, lane)


def test_priority_is_admitted_where_walk_ins_are_off(lanes: World) -> None:
    AdmissionRule.objects.update(admits_walk_ins=False)
    with pytest.raises(WalkInsNotAdmitted):
        admit(lanes, "walk_in", "")
    assert admit(lanes).visit
    states = {
        row.code: row.is_open
        for row in desk_lanes(
            lanes.office,
            services=offered_services(lanes.office),
            admission=admission_on(lanes.office, DAY),
            rule=day_rule_on(lanes.office, DAY),
            now=lanes.at(8),
        )
    }
    assert states == {"walk_in": False, "priority": True, "accelerated": True}


def test_an_official_guest_needs_a_supervisor_and_a_note(lanes: World) -> None:
    with pytest.raises(OfficialGuestNeedsSupervisor):
        admit(lanes, reason="official_guest", note="Delegasi")
    with pytest.raises(InvalidInput) as refusal:
        admit(lanes, reason="official_guest", by=lanes.supervisor)
    assert set(refusal.value.fields) == {"note"}
    assert admit(lanes, reason="official_guest", note="Delegasi", by=lanes.supervisor).visit


def test_only_gate_officers_admit(lanes: World) -> None:
    for officer in (lanes.officer, lanes.pickup, make_world().gate):
        with pytest.raises(NotAllowed):
            admit(lanes, by=officer)


def test_one_person_has_one_place(lanes: World) -> None:
    person = person_data()
    admit(lanes, applicant=person)
    with pytest.raises(AlreadyBooked):
        admit(lanes, applicant=person)


# --- Beyond the quota -----------------------------------------------------------------------------
def fill_up(world: World) -> None:
    """Take the two priority places of this hour and the next one."""
    for _each in range(2):
        admit(world)


def test_a_full_lane_is_refused_without_a_supervisor(lanes: World) -> None:
    fill_up(lanes)
    with pytest.raises(SlotFull):
        admit(lanes)
    with pytest.raises(NotAllowed):
        admit(lanes, extra_reason="urgent_need")


def test_a_supervisor_adds_a_place_with_a_reason(lanes: World) -> None:
    fill_up(lanes)
    places = Place.objects.filter(slot__lane="priority").count()
    admitted = admit(lanes, extra_reason="urgent_need", note="Berangkat besok", by=lanes.supervisor)
    assert admitted.visit is not None
    assert Place.objects.filter(slot__lane="priority").count() == places + 1
    change = RuleChange.objects.get(kind="added_places")
    assert (change.lane_id, change.instrument) == ("priority", "urgent_need: Berangkat besok")
    row = DeskAdmission.objects.get(booking=admitted.booking)
    assert row.extra_reason is not None
    assert row.note == "Berangkat besok"


def test_no_place_is_added_while_one_is_left(lanes: World) -> None:
    places = Place.objects.count()
    booking = admit(lanes, extra_reason="urgent_need", by=lanes.supervisor).booking
    assert Place.objects.count() == places
    assert DeskAdmission.objects.get(booking=booking).extra_reason is None


def test_a_place_is_added_only_with_a_reason_of_the_list(lanes: World) -> None:
    fill_up(lanes)
    with pytest.raises(InvalidInput) as refusal:
        admit(lanes, extra_reason="because", by=lanes.supervisor)
    assert set(refusal.value.fields) == {"extra_reason"}


# --- The accelerated lane -------------------------------------------------------------------------
def test_accelerated_ends_at_the_cut_off(lanes: World) -> None:
    assert admit(lanes, "accelerated", "", now=lanes.at(9, 59)).visit
    with pytest.raises(AcceleratedClosed):
        admit(lanes, "accelerated", "", now=lanes.at(10))


def test_the_accelerated_passport_is_due_on_the_same_day(lanes: World) -> None:
    visit = admit(lanes, "accelerated", "").visit
    assert visit is not None
    session = lanes.sit()
    assert lanes.call(session, lanes.at(8, 20)) == visit
    book = lanes.serve(visit, session, lanes.at(8, 20))
    assert book.due_on == DAY
    assert book.due_at == lanes.office.at(DAY, time(14))
    visit.booking.refresh_from_db()
    assert visit.booking.status == Status.SERVED


def test_another_passport_has_no_due_hour(lanes: World) -> None:
    book = lanes.book_of_someone(8)
    assert book.due_on is not None
    assert book.due_on > DAY
    assert book.due_at is None


# --- Counted in public ----------------------------------------------------------------------------
def test_a_guest_whom_the_gate_moves_needs_the_supervisor_and_is_counted(
    lanes: World, set_clock: Any
) -> None:
    visit = lanes.arrive(8)
    move = {"visit_id": visit.pk, "reason": "official_guest", "now": lanes.at(8, 5)}
    with pytest.raises(OfficialGuestNeedsSupervisor):
        gate_services.move_to_priority(note="Delegasi", by=lanes.gate, **move)
    with pytest.raises(InvalidInput):
        gate_services.move_to_priority(by=lanes.supervisor, **move)
    moved = gate_services.move_to_priority(note="Delegasi", by=lanes.supervisor, **move)
    assert moved.lane_id == "priority"
    set_clock(lanes.at(12))
    answer = Client().get(f"/api/v1/offices/{lanes.office.code}/").json()
    guests = next(row for row in answer["exceptions"] if row["code"] == "official_guests")
    assert guests["count"] == 1
    [load] = daily_load([lanes.office], DAY, DAY, now=lanes.at(12))
    assert load.official_guests == 1


def test_the_gates_reason_of_age_must_fit_the_birth_date(lanes: World) -> None:
    visit = lanes.arrive(8)
    with pytest.raises(InvalidInput) as refusal:
        gate_services.move_to_priority(
            visit_id=visit.pk, reason="aged_60", by=lanes.gate, now=lanes.at(8, 5)
        )
    assert set(refusal.value.fields) == {"reason"}


def test_official_guests_are_counted_in_public(lanes: World, set_clock: Any) -> None:
    values = {"reason": "official_guest", "note": "Delegasi", "by": lanes.supervisor}
    admit(lanes, **values)
    admit(lanes)
    set_clock(lanes.at(12))
    answer = Client().get(f"/api/v1/offices/{lanes.office.code}/").json()
    guests = next(row for row in answer["exceptions"] if row["code"] == "official_guests")
    assert guests["count"] == 1
    page = page_text(Client().get(reverse("booking:office", args=[lanes.office.code])))
    assert "tamu dinas lewat jalur prioritas 1" in page
    [load] = daily_load([lanes.office], DAY, DAY, now=lanes.at(12))
    assert (load.priority, load.official_guests) == (2, 1)
