"""Every state machine, in Python and in the database: forbidden moves are refused, and history is immutable."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import InternalError, connection, models, transaction

from booking.bookings.models import Booking
from booking.integrity.models import Contest
from booking.waiting_list.models import Offer, WaitingListEntry
from core import status
from core.errors import MoveNotAllowed
from core.status import HistoryLine, StatusModel, history_key, status_models
from counters.drive_thru.models import DriveThruVisit
from counters.production.models import PassportBook
from counters.visits.models import Visit
from privacy.requests.models import DataRequest
from privacy.requests.services import ask_for_correction
from tests.booking.integrity.test_contests import Squatted
from tests.booking.waiting_list.waiting_world import make_full_slot, make_offer, wait
from tests.builders import NOW, make_booking, make_office, make_person
from tests.counters.drive_thru.world import make_drive_thru_visit
from tests.counters.world import make_world


def make_data_request() -> DataRequest:
    account, office = make_person().account, make_office()
    assert account
    return ask_for_correction(account=account, office_id=office.pk, text="Nama salah.", now=NOW)


BUILDERS: dict[type[StatusModel], Callable[[], StatusModel]] = {
    Booking: make_booking,
    Contest: lambda: Squatted().contest(),
    Offer: make_offer,
    WaitingListEntry: lambda: wait(make_full_slot()[0]),
    Visit: lambda: make_world().arrive(),
    DriveThruVisit: make_drive_thru_visit,
    PassportBook: lambda: make_world().ready_book(),
    DataRequest: make_data_request,
}
each_model = pytest.mark.parametrize("model", BUILDERS, ids=lambda model: model.__name__)
Model = type[StatusModel]


def run(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@contextmanager
def undone() -> Iterator[None]:
    """Roll back everything inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def refused(match: str) -> Iterator[None]:
    with pytest.raises(InternalError, match=match), transaction.atomic():
        yield


def set_status(row: StatusModel, old: str) -> None:
    """Force a row into a status, whatever its other columns contain. Only inside `undone`."""
    table = row._meta.db_table
    run("SET CONSTRAINTS ALL IMMEDIATE")
    for rule in row._meta.constraints:
        if isinstance(rule, models.CheckConstraint):
            run(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {rule.name}")
    run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    run(f"UPDATE {table} SET status = %s WHERE id = %s", old, row.pk)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    row.status = old
    write_line(row, old, old)  # the history must end at the row's status


def write_line(row: StatusModel, old: str, new: str) -> None:
    key = history_key(row)
    key.model._default_manager.create(**{key.name: row}, old=old, new=new, at=NOW)


def update(row: StatusModel, new: str) -> None:
    run(f"UPDATE {row._meta.db_table} SET status = %s WHERE id = %s", new, row.pk)


def test_every_state_machine_is_tested_here() -> None:
    assert set(BUILDERS) == set(status_models())


@each_model
def test_a_state_machine_knows_every_status(model: Model) -> None:
    known = {str(value) for value, _label in model._meta.get_field("status").choices or ()}
    assert {str(old) for old in model.machine.moves} == known
    assert {new for _old, new in model.machine.pairs} <= known
    assert set(model.machine.initial) <= known
    history = history_key(model).model
    assert issubclass(history, HistoryLine)
    assert "append_only" in {trigger.name for trigger in history._meta.triggers}  # type: ignore[attr-defined]


@pytest.mark.django_db
@each_model
def test_a_forbidden_move_is_refused_by_python_and_database(model: Model) -> None:
    row = BUILDERS[model]()
    statuses = [str(value) for value in model.machine.moves]
    for old in statuses:
        with undone():
            set_status(row, old)
            for new in set(statuses) - set(model.machine.moves[old]):
                with pytest.raises(model.machine.error):
                    status.move(row, to=new, by=None, now=NOW)
                if new != old:
                    with refused("may not change from"):
                        write_line(row, old, new)
                        update(row, new)


@pytest.mark.django_db
@each_model
def test_an_allowed_move_needs_its_history(model: Model) -> None:
    row = BUILDERS[model]()
    for old, new in model.machine.pairs:
        with undone():
            set_status(row, old)
            with refused("without its line of history"):
                update(row, new)
            write_line(row, old, new)
            update(row, new)
            row.refresh_from_db()
            assert row.status == new


@pytest.mark.django_db
@each_model
def test_a_row_begins_at_an_initial_status(model: Model) -> None:
    row, table = BUILDERS[model](), model._meta.db_table
    copy = f"""INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table},
               to_jsonb(row) || jsonb_build_object('status', %s::text))).* FROM {table} row WHERE row.id = %s"""
    before = model._default_manager.count()
    for other in set(model.machine.moves) - set(model.machine.initial):
        with refused("Cannot insert rows"):
            run(copy, other, row.pk)
    assert model._default_manager.count() == before


@pytest.mark.django_db
@each_model
def test_a_history_cannot_be_changed_or_deleted(model: Model) -> None:
    row = BUILDERS[model]()
    key = history_key(model)
    lines = key.model._default_manager.filter(**{key.name: row})
    assert lines.exists()
    with refused("Cannot update or delete rows"):
        lines.update(reason="lain")
    with refused("Cannot update or delete rows"):
        run(f"DELETE FROM {key.model._meta.db_table}")


@pytest.mark.django_db
def test_a_move_writes_the_status_fields_and_history() -> None:
    entry = wait(make_full_slot()[0])
    status.move(entry, to="stopped", by=entry.account, now=NOW, reason="cukup", ended_at=NOW)
    entry.refresh_from_db()
    assert (entry.status, entry.ended_at) == ("stopped", NOW)
    last = entry.history.last()
    assert last is not None
    assert (last.old, last.new, last.by, last.reason, last.at) == (
        "waiting",
        "stopped",
        entry.account,
        "cukup",
        NOW,
    )


@pytest.mark.django_db
def test_a_note_does_not_change_the_status() -> None:
    entry = wait(make_full_slot()[0])
    status.note(entry, by=None, now=NOW, reason="passed")
    last = entry.history.last()
    assert last is not None
    assert (last.old, last.new, last.reason) == ("waiting", "waiting", "passed")


@pytest.mark.django_db(transaction=True)
def test_a_status_is_written_only_inside_a_transaction() -> None:
    booking = make_booking()
    with pytest.raises(transaction.TransactionManagementError):
        status.move(booking, to="cancelled", by=None, now=NOW)
    assert booking.history.count() == 1


def test_each_move_error_is_a_move_not_allowed() -> None:
    assert all(issubclass(model.machine.error, MoveNotAllowed) for model in status_models())
