"""The roster: saved by week, one officer in one place, and absences."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from accounts.models import User
from core.errors import InvalidInput, NotAllowed
from offices.directory.models import Counter, Office
from offices.hours.models import Holiday
from offices.rosters.errors import OfficerElsewhere, RosterChanged
from offices.rosters.models import RosterShift
from offices.rosters.selectors import ShiftData, editable_shifts, fingerprint, week_of
from offices.rosters.services import add_overtime, fill_week, mark_absent, mark_present, save_week
from offices.staff.models import Role, StaffRole
from tests.builders import NOW, SINCE, make_office, make_officer

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 30)
TODAY = date(2026, 11, 23)


@pytest.fixture
def office() -> Office:
    return make_office(counters=3)


@pytest.fixture
def supervisor(office: Office) -> User:
    return make_officer(office, Role.SUPERVISOR)


@pytest.fixture
def officer(office: Office) -> User:
    return make_officer(office, Role.COUNTER)


def shift(officer: User, day: date = MONDAY, **values: Any) -> ShiftData:
    given = {"starts": time(8), "ends": time(15), **values}
    return ShiftData(officer.pk, day, **given)


def save(office: Office, by: User, *shifts: ShiftData, version: str | None = None) -> int:
    editable = fingerprint(editable_shifts(office, MONDAY, today=TODAY))
    return save_week(
        office_id=office.pk,
        monday=MONDAY,
        shifts=shifts,
        shown_fingerprint=editable if version is None else version,
        by=by,
        now=NOW,
    )


def counter(office: Office, number: int = 1) -> Counter:
    return Counter.objects.get(hall__office=office, number=number)


def test_a_week_is_saved_as_typed_and_idempotently(
    office: Office, supervisor: User, officer: User
) -> None:
    rows = (
        shift(officer, counter_id=counter(office).pk),
        shift(officer, MONDAY + timedelta(days=1), ends=time(12)),
    )
    assert save(office, supervisor, *rows) == 2
    before = list(RosterShift.objects.order_by("pk").values())
    assert save(office, supervisor, *rows) == 2
    assert list(RosterShift.objects.order_by("pk").values()) == before
    assert save(office, supervisor, rows[0]) == 1
    assert RosterShift.objects.get().day == MONDAY


@pytest.mark.parametrize(
    ("values", "part"),
    [
        ({"starts": time(7)}, "Di luar jam buka, 08.00 sampai 15.00"),
        ({"ends": time(17)}, "Di luar jam buka"),
        ({"starts": time(12), "ends": time(9)}, "Selesai harus sesudah mulai"),
        ({"day": date(2026, 12, 5)}, "Kantor tidak buka"),
        ({"day": date(2026, 12, 1)}, "Kantor tidak buka"),
        ({"counter_id": 999_999}, "kantor lain"),
        ({"day": date(2026, 12, 7)}, "bukan petugas loket"),
    ],
)
def test_an_invalid_shift_is_refused_in_its_cell(
    office: Office, supervisor: User, officer: User, values: dict[str, Any], part: str
) -> None:
    Holiday.objects.create(day=date(2026, 12, 1), name="Libur", kind="local", office=office)
    wrong = shift(officer, **values)
    with pytest.raises(InvalidInput) as refused:
        save(office, supervisor, wrong)
    assert part in str(refused.value.fields[wrong.cell][0])
    assert not RosterShift.objects.exists()


def test_only_counter_officers_of_the_office_are_accepted(office: Office, supervisor: User) -> None:
    with pytest.raises(InvalidInput):
        save(office, supervisor, shift(make_officer(office, Role.GATE)))


def test_an_officer_works_in_one_place_across_time_zones(
    office: Office, supervisor: User, officer: User
) -> None:
    east = make_office(time_zone="Asia/Makassar")
    StaffRole.objects.create(user=officer, role=Role.COUNTER, office=east, valid_from=SINCE)
    their_supervisor = make_officer(east, Role.SUPERVISOR)
    save(office, supervisor, shift(officer, starts=time(8), ends=time(12)))
    for starts in (time(8), time(12)):  # noon in Balikpapan is eleven in Palembang
        wrong = shift(officer, starts=starts, ends=time(15))
        with pytest.raises(InvalidInput) as refused:
            save(east, their_supervisor, wrong)
        assert office.name in refused.value.fields[wrong.cell][0]
        assert "08.00–12.00" in refused.value.fields[wrong.cell][0]
    assert save(east, their_supervisor, shift(officer, starts=time(13), ends=time(15))) == 1


def test_shifts_of_an_officer_or_counter_never_overlap(
    office: Office, supervisor: User, officer: User
) -> None:
    other = make_officer(office, Role.COUNTER)
    pk = counter(office).pk
    twice = (shift(officer, ends=time(12)), shift(officer, starts=time(11)))
    same = (shift(officer, counter_id=pk), shift(other, counter_id=pk, starts=time(14)))
    for rows in (twice, same):
        with pytest.raises(InvalidInput):
            save(office, supervisor, *rows)
    fits = (
        shift(officer, counter_id=pk, ends=time(12)),
        shift(other, counter_id=pk, starts=time(12)),
    )
    assert save(office, supervisor, *fits) == 2


def test_a_week_changed_by_somebody_else_is_not_overwritten(
    office: Office, supervisor: User, officer: User
) -> None:
    shown = fingerprint(editable_shifts(office, MONDAY, today=TODAY))
    save(office, supervisor, shift(officer))
    with pytest.raises(RosterChanged):
        save(office, supervisor, version=shown)
    assert RosterShift.objects.count() == 1


def test_past_days_are_not_changed(office: Office, supervisor: User, officer: User) -> None:
    past = RosterShift.objects.create(
        officer=officer,
        office=office,
        day=date(2026, 11, 20),
        starts_at=office.at(date(2026, 11, 20), time(8)),
        ends_at=office.at(date(2026, 11, 20), time(15)),
    )
    monday = date(2026, 11, 16)
    editable = editable_shifts(office, monday, today=TODAY)
    save_week(
        office_id=office.pk,
        monday=monday,
        shifts=[],
        shown_fingerprint=fingerprint(editable),
        by=supervisor,
        now=NOW,
    )
    assert RosterShift.objects.get() == past


def test_an_empty_week_is_filled_then_copied(
    office: Office, supervisor: User, officer: User
) -> None:
    make_officer(office, Role.COUNTER)
    assert fill(office, supervisor, MONDAY) == 10
    assert fill(office, supervisor, MONDAY) == 0
    assert fill(office, supervisor, MONDAY + timedelta(days=7), like_last_week=True) == 10
    role = StaffRole.objects.get(user=officer)
    role.valid_until = date(2026, 12, 10)
    role.save(update_fields=["valid_until"])
    assert fill(office, supervisor, MONDAY + timedelta(days=14), like_last_week=True) == 5


def fill(office: Office, by: User, monday: date, *, like_last_week: bool = False) -> int:
    return fill_week(
        office_id=office.pk, monday=monday, like_last_week=like_last_week, by=by, now=NOW
    )


def test_filling_a_week_skips_officers_assigned_elsewhere(
    office: Office, supervisor: User, officer: User
) -> None:
    other = make_office()
    StaffRole.objects.create(user=officer, role=Role.COUNTER, office=other, valid_from=SINCE)
    save(office, supervisor, shift(officer))
    assert fill(other, make_officer(other, Role.SUPERVISOR), MONDAY) == 4


def test_an_absence_has_a_reason_and_can_be_removed(
    office: Office, supervisor: User, officer: User
) -> None:
    save(office, supervisor, shift(officer))
    row = RosterShift.objects.get()
    with pytest.raises(InvalidInput):
        mark_absent(shift_id=row.pk, reason=" ", by=supervisor, now=NOW)
    mark_absent(shift_id=row.pk, reason="sakit", by=supervisor, now=NOW)
    row.refresh_from_db()
    assert (row.absent_reason, row.absent_by) == ("sakit", supervisor)
    assert not editable_shifts(office, MONDAY, today=TODAY)
    mark_present(shift_id=row.pk, by=supervisor, now=NOW)
    row.refresh_from_db()
    assert (row.absent_at, row.absent_reason) == (None, "")


def test_an_officer_assigned_elsewhere_cannot_be_present_twice(
    office: Office, supervisor: User, officer: User
) -> None:
    save(office, supervisor, shift(officer))
    row = RosterShift.objects.get()
    mark_absent(shift_id=row.pk, reason="dipinjamkan", by=supervisor, now=NOW)
    add_overtime(
        office_id=office.pk,
        officer_ids=[officer.pk],
        starts_at=office.at(MONDAY, time(14)),
        ends_at=office.at(MONDAY, time(18)),
        reason="lembur",
        by=supervisor,
        now=NOW,
    )
    with pytest.raises(OfficerElsewhere):
        mark_present(shift_id=row.pk, by=supervisor, now=NOW)


def test_only_the_offices_supervisor_writes_the_roster(
    office: Office, supervisor: User, officer: User
) -> None:
    save(office, supervisor, shift(officer))
    row = RosterShift.objects.get()
    for one in (officer, make_officer(make_office(), Role.SUPERVISOR)):
        with pytest.raises(NotAllowed):
            save(office, one)
        with pytest.raises(NotAllowed):
            fill(office, one, MONDAY)
        with pytest.raises(NotAllowed):
            mark_absent(shift_id=row.pk, reason="sakit", by=one, now=NOW)
        with pytest.raises(NotAllowed):
            mark_present(shift_id=row.pk, by=one, now=NOW)


def test_a_counter_is_rostered_until_its_last_day(
    office: Office, supervisor: User, officer: User
) -> None:
    tuesday = MONDAY + timedelta(days=1)
    Counter.objects.filter(pk=counter(office).pk).update(retired_on=tuesday)
    last = shift(officer, counter_id=counter(office).pk)
    late = shift(officer, tuesday, counter_id=counter(office).pk)
    assert save(office, supervisor, last) == 1
    with pytest.raises(InvalidInput) as refused:
        save(office, supervisor, last, late)
    assert "Loket 1 tidak dipakai lagi" in str(refused.value.fields[late.cell][0])
    assert "1" in week_of(office, MONDAY, now=NOW).counters
    following = MONDAY + timedelta(days=7)
    assert list(week_of(office, following, now=NOW).counters) == ["2", "3"]
    fill_week(office_id=office.pk, monday=following, like_last_week=True, by=supervisor, now=NOW)
    assert RosterShift.objects.get(day=following).counter is None
