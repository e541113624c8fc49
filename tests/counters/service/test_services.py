"""One officer takes a visit through all its stages."""

from datetime import date, timedelta

import pytest

from booking.statuses import Status
from core.errors import InvalidInput
from counters.production.models import BookStatus, PassportBook
from counters.queue.selectors import clock_of, promise_state
from counters.service import services as service_services
from counters.service import transfers as service_transfers
from counters.service.selectors import console_of
from counters.visits.errors import (
    DocumentsUnseen,
    StagesRemain,
    VisitChanged,
    VisitElsewhere,
    WrongStage,
)
from counters.visits.models import StageRun, VisitStatus
from counters.visits.selectors import remaining_stages, stages_of
from notices.models import Message
from offices.directory.models import Stage
from offices.hours.models import Holiday
from tests.counters.world import DAY, KTP, World, who
from tests.outbox import text_of


def test_starting_a_visit_begins_the_first_stage(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 5))
    assert (visit.status, visit.started_at) == (VisitStatus.SERVING, world.at(8, 5))
    assert [run.stage for run in visit.stage_runs.all()] == [Stage.DOCUMENTS]


def test_finishing_a_stage_continues_with_the_next(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 5))
    service_services.finish_stage(
        **who(visit, session), documents_checked=KTP, notes="Umrah", now=world.at(8, 12)
    )
    states = [(stage.stage, stage.state) for stage in stages_of(visit, now=world.at(8, 13))]
    assert states == [("documents", "done"), ("interview", "serving"), ("photo", "waiting")]
    visit.refresh_from_db()
    assert visit.notes == "Umrah"


def test_the_document_stage_needs_all_required_documents(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 5))
    with pytest.raises(DocumentsUnseen) as refused:
        service_services.finish_stage(
            **who(visit, session), documents_checked=[], now=world.at(8, 12)
        )
    assert "KTP" in str(refused.value)
    assert remaining_stages(visit)[0] == Stage.DOCUMENTS


def test_a_visit_ends_only_when_all_its_stages_are_done(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 5))
    with pytest.raises(StagesRemain):
        service_services.finish_visit(
            **who(visit, session), documents_checked=KTP, now=world.at(8, 12)
        )
    visit.refresh_from_db()
    assert visit.status == VisitStatus.SERVING


def test_finishing_serves_the_booking_and_orders_the_passport(world: World) -> None:
    book = world.book_of_someone()
    book.visit.booking.refresh_from_db()
    assert (book.visit.status, book.visit.booking.status) == (VisitStatus.FINISHED, Status.SERVED)
    assert book.status == BookStatus.ORDERED
    # Thursday + 4 working days: Friday, Monday, Tuesday, Wednesday
    assert book.due_on == date(2026, 12, 2)


def test_holidays_are_not_working_days(world: World) -> None:
    Holiday.objects.create(day=date(2026, 11, 30), name="Libur uji", kind=Holiday.Kind.NATIONAL)
    assert world.book_of_someone().due_on == date(2026, 12, 3)


def test_stages_cannot_start_out_of_order(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 5))
    with pytest.raises(WrongStage):
        service_services.start_stage(**who(visit, session), stage=Stage.PHOTO, now=world.at(8, 6))


def test_a_repeated_stage_is_marked_as_rework(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 5))
    service_services.finish_stage(**who(visit, session), documents_checked=KTP, now=world.at(8, 12))
    service_services.start_stage(**who(visit, session), stage=Stage.DOCUMENTS, now=world.at(8, 13))
    run = visit.stage_runs.get(ended_at=None)
    assert (run.stage, run.is_rework) == (Stage.DOCUMENTS, True)
    service_services.finish_stage(**who(visit, session), now=world.at(8, 15))
    assert visit.stage_runs.get(ended_at=None).stage == Stage.INTERVIEW


def test_incomplete_ends_the_visit_and_keeps_the_booking(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 5))
    service_services.mark_incomplete(
        **who(visit, session), missing="Akta kelahiran", now=world.at(8, 10)
    )
    visit.refresh_from_db()
    visit.booking.refresh_from_db()
    assert (visit.status, visit.missing) == (VisitStatus.INCOMPLETE, "Akta kelahiran")
    assert visit.booking.status == Status.CHECKED_IN
    assert visit.stage_runs.get().result == StageRun.Result.INCOMPLETE
    message = Message.objects.get(about_type="visit")
    assert "Akta kelahiran" in text_of(message)


def test_an_incomplete_visit_lists_what_is_missing(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 5))
    with pytest.raises(InvalidInput) as refused:
        service_services.mark_incomplete(**who(visit, session), missing=" ", now=world.at(8, 10))
    assert "missing" in refused.value.fields


def test_a_return_continues_where_the_first_visit_ended(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 5))
    service_services.finish_stage(**who(visit, session), documents_checked=KTP, now=world.at(8, 12))
    service_services.mark_incomplete(
        **who(visit, session), missing="Surat nikah", now=world.at(8, 20)
    )
    back = world.check_in(visit.booking, world.at(10))
    assert world.call(session, world.at(10, 5)) == back
    service_services.start_service(**who(back, session), now=world.at(10, 6))
    assert back.stage_runs.get().stage == Stage.INTERVIEW
    service_services.finish_stage(**who(back, session), now=world.at(10, 16))
    service_services.finish_visit(**who(back, session), now=world.at(10, 22))
    assert PassportBook.objects.get(visit=back).due_on == date(2026, 12, 2)


def test_passing_on_keeps_queue_position_and_finished_stages(world: World) -> None:
    one, two = world.sit(1), world.sit(2, world.colleague())
    world.arrive(8)
    visit = world.start(one, world.at(8, 5))
    service_services.finish_stage(**who(visit, one), documents_checked=KTP, now=world.at(8, 12))
    service_transfers.transfer(
        **who(visit, one), counter_id=None, reason="kamera rusak", now=world.at(8, 14)
    )
    world.arrive(8, 14)
    assert world.call(two, world.at(8, 15)) == visit
    service_services.start_service(**who(visit, two), now=world.at(8, 16))
    assert visit.stage_runs.get(ended_at=None).stage == Stage.INTERVIEW
    with pytest.raises(VisitElsewhere):
        service_services.finish_stage(**who(visit, one), now=world.at(8, 17))


def test_a_finished_visit_cannot_move(world: World) -> None:
    book = world.book_of_someone()
    with pytest.raises(VisitChanged):
        service_services.finish_visit(**who(book.visit, book.visit.session), now=world.at(9))
    assert PassportBook.objects.count() == 1


def test_every_move_of_a_visit_is_in_its_history(world: World) -> None:
    history = world.book_of_someone().visit.history
    assert list(history.values_list("old", "new")) == [
        ("", "waiting"),
        ("waiting", "called"),
        ("called", "serving"),
        ("serving", "finished"),
    ]
    assert not history.filter(by=None).exists()


@pytest.mark.parametrize(
    ("minutes", "state"), [(0, ""), (89, ""), (90, "risk"), (119, "risk"), (120, "late")]
)
def test_the_promise_is_at_risk_before_it_is_broken(minutes: int, state: str) -> None:
    assert promise_state(timedelta(minutes=minutes)) == state


def test_waiting_time_runs_from_arrival_to_the_end(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 41))
    clock = clock_of(visit, now=world.at(8, 58))
    assert (clock["running"], clock["waited"], clock["served"]) == (58, 41, 17)
    assert clock["due_at"] == world.at(10)
    visit.ended_at = world.at(9)
    assert clock_of(visit, now=world.at(15))["running"] == 60


def test_the_console_proposes_the_next_action(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 5))
    console = console_of(visit, counter=session.counter, now=world.at(8, 6))
    assert console.now_stage is not None
    assert console.next_stage is not None
    assert (console.now_stage.stage, console.next_stage.stage) == ("documents", "interview")
    assert [(row.code, row.is_checked) for row in console.documents] == [("ktp", False)]
    assert visit.day == DAY
