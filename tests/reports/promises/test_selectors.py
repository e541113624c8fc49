"""The two promises: what keeps them, what breaks them, and what does not count."""

from datetime import date, datetime, timedelta

import pytest

from accounts.models import User
from counters.estimates.services import give_late_reason
from counters.service import services
from counters.visits.models import CounterSession, Visit
from counters.visits.services import lock_visit, move_visit
from offices.promises import Outcome
from offices.reasons.models import Reason
from offices.staff.models import Role
from reports.promises.figures import Kept, Part, Spread, Work, costliest
from reports.promises.selectors import (
    kept_by_month,
    officers_work,
    two_hours,
    working_days_kept,
)
from tests.builders import make_application, make_officer, make_reason, produce
from tests.counters.world import KTP, World, make_world, who
from tests.reports.load.stories import DAY, Day, make_day

MINUTE = timedelta(minutes=1)


# --- Figures --------------------------------------------------------------------------------------
def test_the_unserved_lower_the_rate() -> None:
    assert Kept(kept=8, late=1, unserved=1, left=5, open=3).rate == 0.8
    assert Kept(left=5, open=3).rate is None
    assert (Kept(kept=1) + Kept(kept=2, late=1)).total == 4


def test_every_outcome_has_a_count() -> None:
    assert Kept.of({str(one): 1 for one in Outcome}) == Kept(*[1] * len(Outcome))


def test_the_costliest_part_is_what_late_visits_have_more_of() -> None:
    parts = [
        Part("waiting", all=30, kept=10, late=90),
        Part("photo", all=40, kept=40, late=45),
    ]
    assert costliest(parts) == parts[0]
    assert costliest([Part("waiting", all=30, kept=30, late=None)]) is None


def test_the_last_step_holds_everything_beyond_it() -> None:
    spread = Spread.of({(0, True): 2, (-1, True): 1, (99, False): 4}, 3)
    assert spread == Spread((3, 0, 0), (0, 0, 4))


@pytest.mark.parametrize(
    ("actual", "stages", "verdict"),
    [(110.0, 40, "as_expected"), (130.0, 40, "longer"), (70.0, 40, "shorter"), (300.0, 29, "few")],
)
def test_a_difference_within_the_margin_is_no_finding(
    actual: float, stages: int, verdict: str
) -> None:
    work = Work("A", stages, 1, {}, actual=actual, expected=100.0, margin=20.0)
    assert work.verdict == verdict
    assert (work.ratio is None) == (verdict == "few")


# --- Two hours ------------------------------------------------------------------------------------
@pytest.fixture
def day() -> Day:
    return make_day()


def leave(visit: Visit, moment: datetime, by: User) -> None:
    visit = lock_visit(visit.pk)
    move_visit(visit, to="left", kind="left", by=by, now=moment, ended_at=moment)


def a_mixed_day(day: Day) -> dict[str, Visit]:
    """One visit in time, two late (one with a reason), one gone after and one before two hours, one waiting."""
    bookings = [day.book() for _person in range(6)]
    day.open_counter()
    names = ("quick", "slow", "slower", "gone", "left", "waiting")
    visits = {
        name: day.arrive(booking, day.at(8)) for name, booking in zip(names, bookings, strict=True)
    }
    day.serve(visits["quick"], called=day.at(8, 10), left=day.at(8, 40))
    leave(visits["left"], day.at(9), day.gate)
    day.serve(visits["slow"], called=day.at(9), left=day.at(10, 0, DAY) + 10 * MINUTE)
    day.serve(visits["slower"], called=day.at(10, 20), left=day.at(11))
    leave(visits["gone"], day.at(10, 30), day.gate)
    return visits


@pytest.mark.django_db
def test_everyone_who_waited_two_hours_counts(day: Day) -> None:
    a_mixed_day(day)
    total = two_hours(day.office, DAY, DAY, now=day.at(12)).total
    assert total == Kept(kept=1, late=2, unserved=2, left=1)
    early = two_hours(day.office, DAY, DAY, now=day.at(9, 59)).total
    assert early.open == 1
    assert early.unserved == 1  # whose leaving is on record


@pytest.mark.django_db
def test_a_visit_of_exactly_two_hours_keeps_the_promise(day: Day) -> None:
    visit = day.arrive(day.book(), day.at(8))
    day.open_counter()
    day.serve(visit, called=day.at(8, 10), left=day.at(10))
    promise = two_hours(day.office, DAY, DAY, now=day.at(12))
    assert promise.total == Kept(kept=1)
    assert promise.spread.in_time[7] == 1


@pytest.mark.django_db
def test_the_parts_add_up_to_the_length_of_the_visits(day: Day) -> None:
    a_mixed_day(day)
    promise = two_hours(day.office, DAY, DAY, now=day.at(12))
    late = {part.code: part.late for part in promise.parts}
    assert sum(late.values()) == pytest.approx((130 + 180) / 2)
    assert late["waiting"] == pytest.approx((60 + 140) / 2)
    kept = {part.code: part.kept for part in promise.parts}
    assert sum(kept.values()) == pytest.approx(40)
    assert costliest(promise.parts).code == "waiting"
    assert {part.code: part.standard for part in promise.parts}["interview"] == 10


@pytest.mark.django_db
def test_causes_are_the_recorded_reasons(day: Day) -> None:
    visits = a_mixed_day(day)
    make_reason("device", Reason.Use.LATE_VISIT, name="alat rusak", name_en="broken device")
    give_late_reason(
        visit_id=visits["slow"].pk, reason="device", note="", by=day.officer, now=day.at(12)
    )
    causes = two_hours(day.office, DAY, DAY, now=day.at(12)).causes
    assert {(row.code, row.reason, row.count) for row in causes} == {
        ("", "alat rusak", 1),
        ("no_reason", "", 1),
        ("left", "", 1),
        ("still_here", "", 1),
    }


@pytest.mark.django_db
def test_another_office_and_another_day_are_left_out(day: Day) -> None:
    a_mixed_day(day)
    other = make_day().office
    assert two_hours(other, DAY, DAY, now=day.at(12)).total == Kept()
    after = DAY + timedelta(days=1)
    assert two_hours(day.office, after, after, now=day.at(12)).total == Kept()


# --- Working days ---------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_passport_counts_on_the_day_it_is_promised(day: Day) -> None:
    books = []
    day.open_counter()
    for hour in (8, 9, 10):
        visit = day.arrive(day.book(), day.at(8))
        books.append(day.serve(visit, called=day.at(hour), left=day.at(hour, 30)))
    due_on = books[0].due_on
    assert due_on == date(2026, 12, 2)  # four working days after a Thursday
    printer = make_officer(day.office, Role.PICKUP)
    produce(books[0], by=printer, now=day.at(15, day=date(2026, 12, 1)))
    produce(books[1], by=printer, now=day.at(9, day=date(2026, 12, 4)))
    at_noon = day.at(12, day=due_on)
    before = working_days_kept(day.office, due_on, due_on, now=at_noon).total
    assert (before.kept, before.open) == (1, 1)
    promise = working_days_kept(day.office, due_on, due_on, now=day.at(12, day=date(2026, 12, 7)))
    assert promise.total == Kept(kept=1, late=1, unserved=1)
    assert promise.spread.in_time[3] == 1  # Friday, Monday, Tuesday
    assert promise.spread.broken[6] == 1
    assert [(row.code, row.count) for row in promise.causes] == [("no_reason", 2)]
    assert working_days_kept(day.office, DAY, DAY, now=at_noon).total == Kept()


@pytest.mark.django_db
def test_months_have_both_promises(day: Day) -> None:
    visits = a_mixed_day(day)
    now = day.at(12, day=date(2026, 12, 20))
    november, december = kept_by_month([day.office], DAY, date(2026, 12, 20), now=now)[
        day.office.pk
    ]
    assert (november.month, december.month) == (date(2026, 11, 1), date(2026, 12, 1))
    assert november.two_hours == two_hours(day.office, DAY, DAY, now=now).total
    assert december.two_hours == Kept()
    assert december.working_days == Kept(unserved=3)
    assert len(visits) == 6


# --- Officers -------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_officers_are_compared_with_the_others_on_the_same_mix() -> None:
    office = make_world(counters=2, places=200)
    slow = make_officer(office.office)
    User.objects.filter(pk=slow.pk).update(full_name="Zainal")
    pace = {office.officer.pk: 8, slow.pk: 12}
    sessions = [office.sit(1, office.officer), office.sit(2, slow)]
    now = office.at(8)
    # Ten visits each: thirty stages, the fewest that are compared.
    for _turn in range(10):
        for session in sessions:
            visit = office.check_in(office.book(8), now)
            called = office.call(session, now)
            assert called == visit
            now += _serve(office, visit, session, now, pace[session.officer_id])
    quick, other = officers_work(office.office, DAY, DAY)
    assert (quick.officer, other.officer) == (str(office.officer), "Zainal")
    assert quick.stages == other.stages == 30
    # Each one's expected time is what the other needed.
    assert quick.actual == pytest.approx(other.expected)
    assert other.actual == pytest.approx(quick.expected)
    assert (quick.verdict, other.verdict) == ("shorter", "longer")


def _serve(
    office: World, visit: Visit, session: CounterSession, now: datetime, minutes: int
) -> timedelta:
    """Take a visit through its stages, each of so many minutes; return how long it took."""
    make_application(visit.booking)
    services.start_service(**who(visit, session), now=now)
    for stage in range(1, 3):
        services.finish_stage(
            **who(visit, session), documents_checked=KTP, now=now + stage * minutes * MINUTE
        )
    services.finish_visit(**who(visit, session), now=now + 3 * minutes * MINUTE)
    return 3 * minutes * MINUTE
