"""Holidays announced late are proposed as differences, decided by an officer, never applied silently."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client

from booking.bookings.models import Booking
from booking.closures.tasks import move_displaced
from booking.holidays.proposals import decide_proposal, preview_proposals
from booking.holidays.tasks import watch_holidays
from core.errors import MoveNotAllowed, NotAllowed
from offices.hours.models import Holiday, HolidayProposal
from offices.hours.selectors import half_years_without_leave
from offices.hours.services import (
    ESTIMATED,
    LibraryDay,
    ensure_holidays,
    library_days,
    update_proposals,
)
from offices.staff.models import Role
from tests.builders import NOW, make_booking, make_officer, make_open_office, make_open_slot

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
LEAVE = LibraryDay("Cuti Bersama Uji", "Test leave", "cuti_bersama")


@pytest.fixture
def national() -> Any:
    return make_officer(None, Role.NATIONAL)


@pytest.fixture
def booking() -> Booking:
    return make_booking(make_open_slot(office=make_open_office(places=20)))


def propose(day: dt.date, listed: LibraryDay = LEAVE, **others: Any) -> HolidayProposal:
    update_proposals(now=NOW, library={day: listed})
    return HolidayProposal.objects.get(day=day, is_accepted=None, gone_at=None)


def decide(row: HolidayProposal, by: Any, *, is_accepted: bool = True) -> None:
    decide_proposal(
        proposal_id=row.pk, is_accepted=is_accepted, instrument="SKB 3 Menteri", by=by, now=NOW
    )


def test_a_late_cuti_bersama_is_proposed_though_its_year_has_rows(booking: Booking) -> None:
    """The year was filled before the government announced the day."""
    ensure_holidays(now=NOW)
    day = booking.slot.day
    library = {**library_days(range(TODAY.year, TODAY.year + 3)), day: LEAVE}
    before = set(Holiday.objects.values_list("day", "name"))
    assert update_proposals(now=NOW, library=library) == 1
    row = HolidayProposal.objects.get()
    assert (row.day, row.action, row.name) == (day, "add", "Cuti Bersama Uji")
    assert set(Holiday.objects.values_list("day", "name")) == before
    assert update_proposals(now=NOW, library=library) == 0


def test_accepting_moves_the_people_and_declining_is_remembered(
    booking: Booking, national: Any, set_clock: Callable[[dt.datetime], None]
) -> None:
    set_clock(NOW)
    day = booking.slot.day
    row = propose(day)
    [shown] = preview_proposals(by=national, now=NOW, today=TODAY)
    assert (shown.proposal, shown.people) == (row, 1)
    decide(row, national)
    move_displaced()
    booking.refresh_from_db()
    assert booking.slot.day != day
    assert Holiday.objects.get(day=day, office=None).kind == "cuti_bersama"
    with pytest.raises(MoveNotAllowed):
        decide(row, national)
    other = propose(day + dt.timedelta(days=7))
    decide(other, national, is_accepted=False)
    assert update_proposals(now=NOW, library={other.day: LEAVE}) == 0
    assert not Holiday.objects.filter(day=other.day).exists()


def test_a_moved_holiday_is_a_withdrawal_and_an_addition(national: Any) -> None:
    make_open_office(places=2)
    old, new = TODAY + dt.timedelta(days=30), TODAY + dt.timedelta(days=31)
    Holiday.objects.create(day=old, name="Maulid Nabi", kind="national")
    update_proposals(now=NOW, library={new: LibraryDay("Maulid Nabi", "Mawlid", "national")})
    rows = HolidayProposal.objects.order_by("day")
    assert [(row.day, row.action) for row in rows] == [(old, "remove"), (new, "add")]
    for row in rows:
        decide(row, national)
    assert list(Holiday.objects.values_list("day", flat=True)) == [new]


def test_an_estimated_day_is_read_again(national: Any) -> None:
    day = TODAY + dt.timedelta(days=60)
    Holiday.objects.create(day=day, name=f"Hari Raya Idul Fitri {ESTIMATED}", kind="national")
    row = propose(day, LibraryDay("Hari Raya Idul Fitri", "Eid al-Fitr", "national"))
    assert row.action == "rename"
    decide(row, national)
    assert Holiday.objects.get(day=day).name == "Hari Raya Idul Fitri"


def test_our_cuti_bersama_stays_while_the_library_knows_none_of_its_year() -> None:
    day = TODAY + dt.timedelta(days=60)
    Holiday.objects.create(day=day, name="Cuti Bersama", kind="cuti_bersama")
    other = LibraryDay("Tahun Baru", "New Year", "national")
    update_proposals(now=NOW, library={day + dt.timedelta(days=200): other})
    assert not HolidayProposal.objects.filter(action="remove").exists()


def test_a_proposal_that_no_longer_differs_is_gone() -> None:
    day = TODAY + dt.timedelta(days=20)
    propose(day)
    update_proposals(now=NOW, library={})
    assert HolidayProposal.objects.get().gone_at == NOW


def test_only_the_nation_decides(booking: Booking) -> None:
    row = propose(booking.slot.day)
    with pytest.raises(NotAllowed):
        decide(row, make_officer(booking.office, Role.SUPERVISOR))


def test_of_two_who_decide_at_once_one_is_refused(
    run_together: Callable[[Any], list[Any]],
) -> None:
    make_open_office(places=2)
    national, row = make_officer(None, Role.NATIONAL), propose(TODAY + dt.timedelta(days=20))
    calls = [
        partial(
            decide_proposal,
            proposal_id=row.pk,
            is_accepted=is_accepted,
            instrument="",
            by=national,
            now=NOW,
        )
        for is_accepted in (True, False)
    ]
    outcomes = run_together(calls)
    assert sum(isinstance(one, MoveNotAllowed) for one in outcomes) == 1


def test_a_half_year_without_cuti_bersama_is_warned_of() -> None:
    first = dt.date(TODAY.year + 1, 1, 1)
    assert half_years_without_leave(today=TODAY) == [first, dt.date(TODAY.year + 1, 7, 1)]
    Holiday.objects.create(day=first.replace(month=3), name="Cuti", kind="cuti_bersama")
    assert half_years_without_leave(today=TODAY) == [dt.date(TODAY.year + 1, 7, 1)]


def test_the_screen_shows_people_and_warnings(
    client: Client, booking: Booking, national: Any, set_clock: Callable[[dt.datetime], None]
) -> None:
    set_clock(NOW)
    row = propose(booking.slot.day)
    client.force_login(national)
    page = client.get("/admin/holidays/proposals/").content.decode()
    assert "1 orang sudah punya jadwal" in page
    assert "Belum ada cuti bersama" in page
    assert "/admin/holidays/proposals/" in client.get("/admin/holidays/").content.decode()
    answer = client.post(f"/admin/holidays/proposals/{row.pk}/", {"decision": "accept"})
    assert answer.status_code == 302
    assert Holiday.objects.filter(day=row.day).exists()


def test_the_task_compares_with_the_installed_library(
    set_clock: Callable[[dt.datetime], None],
) -> None:
    set_clock(NOW)
    watch_holidays()
    count = HolidayProposal.objects.count()
    assert count > 10
    watch_holidays()
    assert HolidayProposal.objects.count() == count
