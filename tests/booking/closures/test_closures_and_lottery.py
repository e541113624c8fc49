"""Closures combined with a lottery, a roll-over and a service point; deadlines outside quiet hours."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from booking.bookings.models import Booking
from booking.closures.forms import ClosureForm
from booking.closures.moves import move_everyone
from booking.closures.services import ClosureData, close_office, reopen_office
from booking.lottery.models import Draw, DrawEntry
from booking.lottery.results import claim_entry, hold_due_draws
from booking.statuses import Status
from core.errors import DomainError
from notices.models import Message
from offices.closures.models import Closure
from offices.directory.models import Office
from offices.staff.models import Role
from ops.verification.services import verify
from quotas.calendar.selectors import calendar
from quotas.places.models import Place, Slot
from quotas.places.roll_over import roll_over_due
from quotas.places.selectors import ledger
from quotas.rules.services import end_roll_over
from quotas.windows.services import prepare_windows
from tests.booking.closures.test_services import make_week, slots_of
from tests.booking.lottery.lottery_world import (
    CLOSES,
    LOTTERY_TIME,
    MONDAY,
    draw_in,
    enter,
    hold,
    make_draw_office,
)
from tests.builders import NOW, make_booking, make_group, make_officer, make_person, make_user
from tests.outbox import text_of
from tests.quotas.places.test_roll_over import AT_13, MORNING, TOMORROW, free_in, make_desk

pytestmark = pytest.mark.django_db
Race = Callable[[Iterable[Callable[[], Any]]], list[Any]]
UNSENT = 9  # no worker runs here, so messages stay unsent
REASON = "Listrik padam"


def close(office: Office, first: date, last: date, *, now: datetime, **changes: Any) -> Closure:
    supervisor = make_officer(office, Role.SUPERVISOR)
    data = ClosureData(first_day=first, last_day=last, reason=REASON, **changes)
    return close_office(office_id=office.pk, data=data, by=supervisor, now=now)


def laws_hold(now: datetime) -> bool:
    return not [
        finding for finding in verify(now=now) if finding.breaches and finding.law != UNSENT
    ]


# --- Lotteries ------------------------------------------------------------------------------------
def won_one(draw: Draw) -> DrawEntry:
    entry = enter(draw)
    hold(draw)
    entry.refresh_from_db()
    assert entry.outcome == "won"
    return entry


def test_a_win_on_a_closed_day_is_moved_without_claiming(db: None) -> None:
    office = make_draw_office()
    draw = draw_in(office)
    entry = won_one(draw)
    assert entry.slot is not None
    closure = close(office, entry.slot.day, entry.slot.day, now=LOTTERY_TIME)
    move_everyone(closure_id=closure.pk, now=LOTTERY_TIME)
    [booking] = Booking.objects.filter(party=entry.party).select_related("slot")
    assert booking.status == Status.BOOKED
    assert booking.slot.day > entry.slot.day
    entry.refresh_from_db()
    assert entry.outcome == "claimed"
    assert entry.claim_until is not None
    hold_due_draws(now=entry.claim_until + timedelta(minutes=1))
    booking.refresh_from_db()
    assert booking.status == Status.BOOKED
    assert not Message.objects.filter(kind="draw_lapsed").exists()
    assert (
        claim_entry(account_id=entry.account_id, code=entry.code, now=LOTTERY_TIME).pk == entry.pk
    )
    assert laws_hold(LOTTERY_TIME)


def test_a_closed_lottery_day_moves_its_winners(db: None) -> None:
    office = make_draw_office()
    draw = draw_in(office)
    for _entrant in range(4):
        enter(draw)
    close(office, MONDAY, MONDAY, now=NOW)
    hold(draw)
    won = DrawEntry.objects.filter(draw=draw, outcome="won").select_related("slot")
    assert won.count() == 4
    assert all(row.slot is not None and row.slot.day > MONDAY for row in won)
    assert laws_hold(LOTTERY_TIME)


def test_entrants_are_notified_when_every_lottery_day_closes(db: None) -> None:
    office = make_draw_office()
    draw = draw_in(office)
    enter(draw)
    close(office, MONDAY, MONDAY + timedelta(days=4), now=NOW)
    hold(draw)
    [email] = Message.objects.filter(kind="draw_lost")
    assert "Kantor tutup" in text_of(email)
    assert "murni undian" not in text_of(email)
    assert laws_hold(LOTTERY_TIME)


def test_a_win_does_not_expire_at_night(db: None) -> None:
    office = make_draw_office()
    draw = draw_in(office)
    entry = enter(draw)
    evening = datetime.fromisoformat("2026-11-27T19:30:00+07:00")
    hold(draw, now=evening)
    entry.refresh_from_db()
    # Half an hour is left of the day; the other twelve and a half begin at seven.
    assert entry.claim_until == datetime.fromisoformat("2026-11-28T19:30:00+07:00")


def test_a_lottery_day_is_labelled_as_lottery(db: None, set_clock: Any) -> None:
    office = make_draw_office("undian")
    draw = draw_in(office)
    group = make_group()
    [day] = calendar(office, first=MONDAY, last=MONDAY, group=group, now=NOW)
    assert (day.status, day.is_lottery, day.opens_at) == ("not_yet_open", True, CLOSES)
    assert day.reason.startswith("Diundi: daftar sampai Jumat 27 Nov pukul 14.00")
    set_clock(NOW)
    page = Client().get(reverse("booking:office", args=[office.code])).content.decode()
    assert "Diundi: daftar sampai" in page
    assert "Dibuka Jumat" not in page
    public = Client().get(reverse("booking:releases")).content.decode()
    assert "Undian, daftar sampai" in public
    between = CLOSES + timedelta(minutes=5)
    [day] = calendar(office, first=MONDAY, last=MONDAY, group=group, now=between)
    assert (day.status, day.left) == ("not_yet_open", 0)
    assert "Sedang diundi" in day.reason
    enter(draw)
    hold(draw)
    [day] = calendar(office, first=MONDAY, last=MONDAY, group=group, now=LOTTERY_TIME)
    assert (day.status, day.is_lottery) == ("open", False)


# --- Roll-over ------------------------------------------------------------------------------------
def test_a_closed_day_is_not_rolled_over(db: None) -> None:
    office = make_desk()
    close(office, TOMORROW, TOMORROW, now=MORNING)
    assert roll_over_due(now=AT_13) == 0


def test_rolled_over_places_stay_in_their_lane_through_a_closure(db: None) -> None:
    office = make_desk()
    moved = roll_over_due(now=AT_13)
    assert moved == free_in(office, "walk_in") > 0
    closure = close(office, TOMORROW, TOMORROW, now=AT_13)
    assert free_in(office, "walk_in") == 0
    supervisor = make_officer(office, Role.SUPERVISOR)
    reopen_office(closure_id=closure.pk, on=TOMORROW, by=supervisor, now=AT_13)
    prepare_windows(office_id=office.pk, now=AT_13)
    assert free_in(office, "walk_in") == moved
    assert ledger(office, TOMORROW)
    assert laws_hold(AT_13)


def test_a_roll_over_ends_on_a_date_with_a_legal_basis(db: None) -> None:
    office = make_desk()
    rule = office.roll_over_rules.get()
    by = make_officer(office, Role.SUPERVISOR)
    change = end_roll_over(
        rule_id=rule.pk,
        office_id=office.pk,
        last_day=TOMORROW,
        instrument="SK 9",
        by=by,
        now=MORNING,
    )
    assert (change.before["to_lane"], change.after["to_lane"]) == ("walk_in", None)
    assert roll_over_due(now=AT_13) > 0
    assert roll_over_due(now=AT_13 + timedelta(days=1)) == 0
    for last_day, instrument in ((TOMORROW - timedelta(days=9), "SK"), (TOMORROW, " ")):
        with pytest.raises(DomainError):
            end_roll_over(
                rule_id=rule.pk,
                office_id=office.pk,
                last_day=last_day,
                instrument=instrument,
                by=by,
                now=MORNING,
            )


def test_a_roll_over_can_end_before_it_begins(db: None) -> None:
    office = make_desk()
    rule = office.roll_over_rules.get()
    end_roll_over(
        rule_id=rule.pk,
        office_id=office.pk,
        last_day=NOW.date(),
        instrument="SK 9",
        by=make_officer(office, Role.SUPERVISOR),
        now=NOW,
    )
    assert not office.roll_over_rules.exists()
    assert roll_over_due(now=AT_13) == 0


def test_a_supervisor_ends_a_roll_over_on_the_screen(db: None, set_clock: Any) -> None:
    office = make_desk()
    set_clock(MORNING)
    client = Client()
    client.force_login(make_officer(office, Role.SUPERVISOR))
    page = "/admin/rules/roll-over/"
    assert "Akhiri pengalihan" in client.get(page).content.decode()
    rule = office.roll_over_rules.get()
    sent = {"end": "1", "rule": rule.pk, "last_day": "2026-11-24", "instrument": ""}
    assert client.post(page, sent).status_code == 400
    assert client.post(page, sent | {"instrument": "SK 9"}).status_code == 302
    rule.refresh_from_db()
    assert rule.valid_until == date(2026, 11, 24)


# --- Service points -------------------------------------------------------------------------------
def test_bookings_of_a_service_point_move_to_its_parent(db: None) -> None:
    parent, point = make_week(places=20), make_week()
    point.parent = parent
    point.save(update_fields=["parent"])
    form = ClosureForm(office=point, day=NOW.date())
    assert form["merged_into"].value() == parent.pk
    assert ClosureForm(office=parent, day=NOW.date())["merged_into"].value() is None


def test_a_parent_in_another_region_can_take_over(db: None) -> None:
    parent, point = make_week(places=20), make_week()
    point.parent, point.region = parent, make_draw_office(region="lain").region
    point.save(update_fields=["parent", "region"])
    mine = make_booking(slots_of(point)[0])
    day = mine.slot.day
    closure = close(point, day, day, now=NOW, merged_into=parent)
    move_everyone(closure_id=closure.pk, now=NOW)
    mine.refresh_from_db()
    assert mine.office_id == parent.pk
    assert laws_hold(NOW)


# --- The race, and its control --------------------------------------------------------------------
def left_behind(run_together: Race) -> int:
    """Book and close concurrently, then move everyone; count who still has a place in the closed slot."""
    office = make_week(places=40)
    slot = slots_of(office)[0]
    people = [make_person(make_user()) for _ in range(8)]
    supervisor = make_officer(office, Role.SUPERVISOR)
    data = ClosureData(first_day=slot.day, last_day=slot.day, reason=REASON)

    def shut() -> None:
        closure = close_office(office_id=office.pk, data=data, by=supervisor, now=NOW)
        move_everyone(closure_id=closure.pk, now=NOW)

    def book(person: Any) -> Booking:
        return make_booking(slot, person=person)

    outcomes = run_together([*[lambda one=one: book(one) for one in people], shut])
    faults = [
        one
        for one in outcomes
        if isinstance(one, BaseException) and not isinstance(one, DomainError)
    ]
    assert not faults, faults
    held = Place.objects.filter(slot=slot, withdrawn_at__isnull=False, holder__isnull=False)
    return held.count()


def test_nobody_keeps_a_place_in_a_closed_slot(run_together: Race) -> None:
    for _round in range(3):
        assert left_behind(run_together) == 0
    assert Slot.objects.filter(
        starts_at__gt=datetime.combine(NOW.date(), time(), NOW.tzinfo)
    ).exists()


def test_control_without_guards_a_place_in_a_closed_slot_remains(
    unguarded_database: str, run_together: Race
) -> None:
    assert any(left_behind(run_together) for _round in range(20))
