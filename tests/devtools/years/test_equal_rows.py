"""A generated day has the same rows and lines of history, column by column, as the services write."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from operator import attrgetter
from typing import Any, Final

import pytest
from django.db import connection, models, transaction

from booking.applications.models import PassportApplication
from booking.bookings.models import Booking, BookingEvent, Party
from booking.people.models import Applicant
from booking.restrictions.models import Restriction, RestrictionEvent
from counters.pickup.models import Pickup
from counters.production.models import BookEvent, PassportBook
from counters.visits.models import (
    CounterSession,
    StageRun,
    Ticket,
    TicketSeries,
    Visit,
    VisitEvent,
)
from counters.walk_in.models import DeskAdmission
from devtools.years import services
from devtools.years.days import Day, Frame, plan_day
from devtools.years.people import make_accounts
from devtools.years.rows import OfficeWriter
from devtools.years.seasons import Wanted
from devtools.years.sheets import Writer
from offices.directory.models import Device, Hall, Office
from offices.limits.models import NoShowRule
from offices.outages.models import Outage
from offices.reasons.models import Reason
from offices.staff.models import Role
from ops.verification.services import verify
from quotas.places.models import Place, ReleaseWindow, Slot
from quotas.plan.days import plan_day as plan_places
from quotas.policies.selectors import rules_of
from quotas.windows.openings import open_due_windows
from quotas.windows.services import prepare_windows
from tests.builders import (
    NOW,
    make_daily_release,
    make_lane,
    make_office,
    make_officer,
    make_policy,
    make_reason,
    make_weekly_release,
)
from tests.devtools.years.replay import Replay

DAY: Final = dt.date(2026, 12, 2)  # a Wednesday without holidays around it
LATER: Final = dt.datetime(2027, 1, 20, tzinfo=dt.UTC)
# In the order in which rows refer to each other.
TABLES: Final = (
    ReleaseWindow, Slot, Place, Applicant, PassportApplication, Party, Booking, BookingEvent,
    DeskAdmission, Restriction, RestrictionEvent, CounterSession, Visit, VisitEvent, Ticket,
    TicketSeries, StageRun, PassportBook, BookEvent, Pickup, Outage,
)  # fmt: skip
# Random secrets, and when a worker happened to run.
BY_CHANCE: Final = {
    (Booking, "code"), (Booking, "key"), (Party, "key"), (Party, "body_hash"),
    (Place, "cooldown_until"), (ReleaseWindow, "prepared_at"), (ReleaseWindow, "announced_at"),
}  # fmt: skip


@pytest.fixture
def office(db: None) -> Office:
    office = make_office(counters=3)
    priority = Hall.objects.create(office=office, code="prioritas", name="Prioritas", floor="1")
    utama = office.halls.get(code="utama")
    priority.groups.set(utama.groups.all())
    priority.lanes.set([make_lane("priority")])
    utama.lanes.set([make_lane("online"), make_lane("walk_in")])
    utama.counters.filter(number=3).update(hall=priority)
    until = DAY + dt.timedelta(days=9)
    make_policy(office, places=20, valid_until=until)
    make_weekly_release(office)
    for lane in ("walk_in", "priority"):
        make_policy(office, places=12, lane=lane, valid_until=until)
        make_daily_release(office, days_ahead=0, lane=lane)
    for reason in ("ill", "aged_60"):
        make_reason(reason, Reason.Use.PRIORITY)
    for role, count in ((Role.GATE, 1), (Role.COUNTER, 3), (Role.PICKUP, 1), (Role.SUPERVISOR, 1)):
        for _officer in range(count):
            make_officer(office, role)
    Device.objects.create(office=office, kind=Device.Kind.PRINTER, name="Pencetak 1")
    make_accounts(office.code)
    NoShowRule.objects.create(
        no_shows=1, within_days=90, restricted_days=14,
        valid_from=dt.date(2020, 1, 1), instrument="Keputusan uji",
    )  # fmt: skip
    return office


def planned(office: Office) -> tuple[Any, ...]:
    rules = rules_of(office, first=DAY, last=DAY + dt.timedelta(days=60))
    lanes = plan_places(rules, DAY).lanes
    want = Wanted(online=16, walk_ins=5, priority=4)
    desks = services.desks_of(office)
    frame = services.frame_of(office, DAY, lanes, desks, want, {})
    frame = Frame(**{**vars(frame), "desks": tuple(desks)})
    day = plan_day(
        frame, online=16, walk_ins=5, priority=4, no_show=0.15, services=2, seed="uji 11"
    )
    return rules, lanes, frame, day


def generate(office: Office) -> None:
    rules, lanes, frame, day = planned(office)
    writer = Writer(now=LATER)
    with transaction.atomic():
        services._without_triggers()
        to = OfficeWriter(services.facts_of(office, rules), writer, first_number=1000)
        to.write_day(
            DAY,
            lanes,
            frame,
            day,
            due=services.due_after(rules, DAY),
            restriction=(14, "Keputusan uji"),
            added={},
            outage=services._outage(office, DAY, services.PRINTER_OUT_EVERY),
        )
        to.write_windows()
        writer.finish()


def replay(office: Office) -> Day:
    prepare_windows(office_id=office.pk, now=NOW)
    open_due_windows(now=office.at(DAY, dt.time(7)))
    rules, _lanes, frame, day = planned(office)
    Replay(
        office=office,
        facts=services.facts_of(office, rules),
        frame=frame,
        day=day,
        date=DAY,
        due=services.due_after(rules, DAY),
        first_number=1000,
        now=LATER,
        outage=services._outage(office, DAY, services.PRINTER_OUT_EVERY),
    ).run()
    return day


@contextmanager
def taken_back() -> Iterator[None]:
    """Undo what the block wrote."""
    point = transaction.savepoint()
    yield
    transaction.savepoint_rollback(point)


Dump = dict[str, list[dict[str, Any]]]


def rows_of(office: Office) -> Dump:
    """All rows of the day with their columns; ids as the place of the row in its table."""
    places: dict[tuple[type, Any], str] = {}
    result = {}
    for model in TABLES:
        rows = []
        for nth, row in enumerate(sorted(_of_the_day(model, office), key=_when)):
            places[model, row.pk] = f"{model.__name__} {nth}"
            rows.append({field.name: _value(field, row, places) for field in _fields(model)})
        result[model.__name__] = rows
    return result


def _of_the_day(model: type[models.Model], office: Office) -> list[Any]:
    rows: list[Any] = list(model._default_manager.all())
    if model is ReleaseWindow:
        return [row for row in rows if row.first_day <= DAY <= row.last_day]
    if model is Slot:
        return [row for row in rows if row.day == DAY]
    if model is Place:
        return [row for row in rows if row.slot.day == DAY]
    return rows


# An order that does not depend on ids: what a row is about, and when.
ORDER: Final = {
    ReleaseWindow: "lane_id first_day",
    Slot: "lane_id starts_at",
    Place: "slot.lane_id slot.starts_at number",
    Applicant: "person_key",
    PassportApplication: "applicant.person_key",
    Party: "created_at account_id",
    Booking: "person_key",
    BookingEvent: "booking.person_key id",
    DeskAdmission: "booking.person_key",
    Restriction: "person_key",
    RestrictionEvent: "restriction.person_key",
    CounterSession: "counter_id",
    Visit: "booking.person_key",
    VisitEvent: "visit.booking.person_key id",
    Ticket: "letter number",
    TicketSeries: "letter",
    StageRun: "visit.booking.person_key started_at",
    PassportBook: "applicant.person_key",
    BookEvent: "book.applicant.person_key id",
    Pickup: "book.applicant.person_key",
    Outage: "started_at",
}


def _when(row: Any) -> Any:
    return tuple(attrgetter(name)(row) for name in ORDER[type(row)].split())


def _fields(model: type[models.Model]) -> list[models.Field]:
    return [
        field
        for field in model._meta.concrete_fields
        if not field.primary_key and (model, field.name) not in BY_CHANCE
    ]


def _value(field: models.Field, row: Any, places: dict[tuple[type, Any], str]) -> Any:
    value = getattr(row, field.attname)
    if field.is_relation and value is not None:
        return places.get((field.related_model, value), value)
    if isinstance(row, Place) and field.name == "holder" and value is not None:
        return Booking.objects.get(pk=value).person_key
    return value


def test_a_generated_day_equals_what_the_services_write(office: Office) -> None:
    with taken_back():
        day = replay(office)
        expected = rows_of(office)
    generate(office)
    result = rows_of(office)

    fates = {row.fate for row in day.people} | {
        "moved" for row in day.people if row.moved_from is not None
    }
    assert fates == {"served", "absent", "cancelled", "moved"}
    assert {row.lane for row in day.people} == {"online", "walk_in", "priority"}
    assert [name for name, rows in expected.items() if not rows] == []
    assert {name: len(rows) for name, rows in result.items()} == {
        name: len(rows) for name, rows in expected.items()
    }
    assert list(differences(expected, result)) == []


def test_a_window_that_is_prepared_already_is_used(office: Office) -> None:
    """The years end yesterday, in a week of which today's window may be prepared."""
    prepare_windows(office_id=office.pk, now=office.at(DAY + dt.timedelta(days=1), dt.time(6)))
    windows = ReleaseWindow.objects.filter(
        office=office, lane="online", first_day__lte=DAY, last_day__gte=DAY
    )
    [before] = windows
    generate(office)
    assert list(windows) == [before]
    assert Place.objects.filter(slot__day=DAY, window=before).exists()


def differences(expected: Dump, result: Dump) -> Iterator[str]:
    """Name every column in which a row differs."""
    for name, rows in expected.items():
        for nth, (one, other) in enumerate(zip(rows, result[name], strict=True)):
            for column in one:
                if one[column] != other[column]:
                    yield f"{name} {nth} {column}: {one[column]!r} became {other[column]!r}"


def test_the_generated_rows_keep_the_laws_and_their_keys(office: Office) -> None:
    generate(office)
    assert [finding for finding in verify(now=LATER) if finding.breaches] == []
    assert orphans() == []


def orphans() -> list[str]:
    """Foreign keys that COPY did not check, with a row that refers to nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT conrelid::regclass::text, confrelid::regclass::text, conkey, confkey, conname
                 FROM pg_constraint WHERE contype = 'f'"""
        )
        keys = cursor.fetchall()
        broken = []
        for table, target, own, other, name in keys:
            pairs = list(
                zip(_names(cursor, table, own), _names(cursor, target, other), strict=True)
            )
            on = " AND ".join(f"a.{mine} = b.{theirs}" for mine, theirs in pairs)
            whole = " AND ".join(f"a.{mine} IS NOT NULL" for mine, _theirs in pairs)
            cursor.execute(
                f"SELECT count(*) FROM {table} a WHERE {whole}"
                f" AND NOT EXISTS (SELECT FROM {target} b WHERE {on})"
            )
            if cursor.fetchone()[0]:
                broken.append(name)
    return broken


def _names(cursor: Any, table: str, numbers: list[int]) -> list[str]:
    cursor.execute(
        "SELECT attnum, quote_ident(attname) FROM pg_attribute WHERE attrelid = %s::regclass",
        [table],
    )
    names = dict(cursor.fetchall())
    return [names[number] for number in numbers]
