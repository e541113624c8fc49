"""An office with many years behind it: bookings by the million, and what one more costs then.

Run as a program in the benchmark's database: what is to be done as JSON in, what came of it as JSON out. The first
thousand bookings are made by the services; the millions are copies of those, moved into the past by SQL.
"""

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from uuid import uuid4

import django

from passport_office.bench.meters import processor_seconds
from passport_office.bench.world import SERVICE, _office, _people, _rules

SPARE: Final = 400
MOST_COPIES: Final = 20_000
STRIDE: Final = 310_000_000_009
CHUNK: Final = 100  # copies of the first thousand in one statement
# What a copy changes, by table; every other column stays. `n` is the copy's number, `r` the row that is copied.
# Ids move by a fixed step, so that what refers to them moves along.
STEP: Final = 10_000_000
# A booking's id follows from the old one: an hour earlier each time, for it knows no moment before 1970.
BOOKING_ID: Final = (
    "(lpad(to_hex(('x' || left(replace({0}::text, '-', ''), 12))::bit(48)::bigint - n * 3600000::bigint), 12, '0')"
    " || substr(replace({0}::text, '-', ''), 13))::uuid"
)
COPIES: Final[Mapping[str, Mapping[str, str]]] = {
    "quotas_releasewindow": {
        "id": f"r.id + n::bigint * {STEP}", "first_day": "r.first_day - 7 * n", "last_day": "r.last_day - 7 * n",
        "opens_at": "r.opens_at - n * interval '7 days'", "closes_at": "r.closes_at - n * interval '7 days'",
    },
    "quotas_slot": {
        "id": f"r.id + n::bigint * {STEP}", "day": "r.day - 7 * n", "starts_at": "r.starts_at - n * interval '7 days'",
        "ends_at": "r.ends_at - n * interval '7 days'",
    },
    "quotas_place": {
        "id": f"r.id + n::bigint * {STEP}", "slot_id": f"r.slot_id + n::bigint * {STEP}", "made_in_slot_id": f"r.made_in_slot_id + n::bigint * {STEP}",
        "window_id": f"r.window_id + n::bigint * {STEP}", "holder": BOOKING_ID.format("r.holder"),
        "opens_at": "r.opens_at - n * interval '7 days'", "closes_at": "r.closes_at - n * interval '7 days'",
    },
    "booking_party": {
        "id": f"r.id + n::bigint * {STEP}", "key": "md5(r.key || '/' || n)", "created_at": "r.created_at - n * interval '7 days'",
    },
    "booking_booking": {
        "id": BOOKING_ID.format("r.id"),
        "person_key": "md5(r.person_key || '/' || n) || md5(n || '/' || r.person_key)", "party_id": f"r.party_id + n::bigint * {STEP}",
        "slot_id": f"r.slot_id + n::bigint * {STEP}", "place_id": f"r.place_id + n::bigint * {STEP}", "key": "md5(r.key || '/' || n)",
        "placed_at": "r.placed_at - n * interval '7 days'", "status": "'served'",
    },
    "booking_bookingevent": {
        "id": f"r.id + n::bigint * {STEP}", "booking_id": BOOKING_ID.format("r.booking_id"),
        "place_to_id": f"r.place_to_id + n::bigint * {STEP}", "at": "r.at - n * interval '7 days'",
    },
    "notices_message": {
        "id": f"r.id + n::bigint * {STEP}", "dedupe_key": f"'booking_confirmed:' || split_part(r.dedupe_key, ':', 2)::bigint + n::bigint * {STEP}", "body": "''", "context": "'{}'::jsonb",
        "about_id": BOOKING_ID.format("r.about_id") + "::text", "created_at": "r.created_at - n * interval '7 days'",
        "due_at": "r.due_at - n * interval '7 days'", "next_at": "r.next_at - n * interval '7 days'",
        "sent_at": "r.due_at - n * interval '7 days'",
    },
}  # fmt: skip


def build(*, past: int, more: int) -> dict[str, Any]:
    """Make an office with `past` bookings and places and people for `more`."""
    from core import clock
    from quotas.models import Slot

    now = clock.now()
    office = _office()
    _rules(office, past + more + SPARE, now)  # so that no hour runs out
    people = [person for person, _session in _people(past + more, now)]
    slots = list(Slot.objects.filter(office=office, lane_id="online").order_by("starts_at"))
    for turn, person in enumerate(people[:past]):
        _book(person, slots[turn % len(slots)].pk)
    return {
        "people": [person.pk for person in people[past:]],
        "slots": [slot.pk for slot in slots],
    }


def _book(person: Any, slot_id: int) -> None:
    from booking.services import create_bookings
    from core import clock

    create_bookings(
        account_id=person.account_id,
        slot_id=slot_id,
        applicant_ids=[person.pk],
        service_type=SERVICE,
        key=uuid4().hex,
        now=clock.now(),
    )


# --- Years ---------------------------------------------------------------------------------------
def grow(*, copies: int, since: int) -> dict[str, Any]:
    """Copy the bookings that there are so many times, each copy a week further back; return what it took."""
    began = time.monotonic()
    size = _size()
    with _without_indexes():
        for table, changes in _copies().items():
            for first in range(since, copies + 1, CHUNK):
                _copy(table, changes, first, min(first + CHUNK - 1, copies))
        for table in NUMBERED:
            _execute(GO_ON.format(table))
    _execute("VACUUM (ANALYZE)")
    return {
        "seconds": time.monotonic() - began,
        "bytes": _size() - size,
        "bookings": _ask("SELECT count(*) FROM booking_booking")[0][0],
    }


def _copies() -> Mapping[str, Mapping[str, str]]:
    return {**COPIES, "booking_booking": {**COPIES["booking_booking"], "code": _code()}}


def _code() -> str:
    """Return SQL for a copy's code: strewn over all that its signs can say, as chance does, but none twice."""
    from booking.models import CODE_ALPHABET, CODE_LENGTH

    number, base = f"(r.party_id * {MOST_COPIES + 1} + n) * {STRIDE}", len(CODE_ALPHABET)
    return " || ".join(
        f"substr('{CODE_ALPHABET}', ({number} / {base**place} % {base})::int + 1, 1)"
        for place in reversed(range(CODE_LENGTH))
    )


def _copy(table: str, changes: Mapping[str, str], first: int, last: int) -> None:
    columns = [row[0] for row in _ask(COLUMNS, table)]
    values = ", ".join(changes.get(name, f'r."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    _execute(
        f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE"  # noqa: S608 - names of our own
        f" SELECT {values} FROM {table} r, generate_series({first}, {last}) n WHERE {FIRST_ONES.get(table, 'true')}"
    )


COLUMNS: Final = """
SELECT column_name FROM information_schema.columns
 WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position
"""
# The rows that the services made, not copies of copies.
BEGINNING: Final = f"r.id < {STEP}"
FIRST_ONES: Final = {
    **dict.fromkeys(
        ("quotas_slot", "booking_party", "booking_bookingevent", "notices_message"), BEGINNING
    ),
    "quotas_releasewindow": BEGINNING,
    "quotas_place": f"{BEGINNING} AND r.holder IS NOT NULL",
    "booking_booking": f"r.slot_id < {STEP}",
}
# The next id is greater than those of the past, as if all had come in their turn.
NUMBERED: Final = tuple(table for table in COPIES if table != "booking_booking")
GO_ON: Final = "SELECT setval(pg_get_serial_sequence('{0}', 'id'), (SELECT max(id) FROM {0}))"
INDEXES: Final = """
SELECT pg_get_indexdef(i.indexrelid), format('DROP INDEX %%I', i.indexrelid::regclass::text)
  FROM pg_index i WHERE i.indrelid = %s::regclass
   AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""
UNIQUES: Final = """
SELECT format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid)),
       format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname)
  FROM pg_constraint c WHERE conrelid = %s::regclass AND contype = 'u'
   AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = c.conindid)
"""


@contextmanager
def _without_indexes() -> Iterator[None]:
    """Take off what makes loading slow, and put it on again: triggers, indexes, rules of uniqueness."""
    found = [row for table in COPIES for row in (*_ask(INDEXES, table), *_ask(UNIQUES, table))]
    _execute("SET session_replication_role = replica")
    _execute("SET statement_timeout = 0")
    _execute("SET synchronous_commit = off")
    _execute("SET maintenance_work_mem = '1GB'")
    for _definition, drop in found:
        _execute(drop)
    yield
    for definition, _drop in found:
        _execute(definition)
    _execute("SET session_replication_role = origin")


def _execute(statement: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)


def _ask(statement: str, *values: Any) -> list[Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _size() -> int:
    return int(_ask("SELECT pg_database_size(current_database())")[0][0])


# --- One more ------------------------------------------------------------------------------------
def serve(*, slots: list[int]) -> dict[str, Any]:
    """Book for those of each line, an hour for each, and write what a booking of that line took, in milliseconds.

    Two databases are measured by turns, a few bookings here and a few there, so that what else this machine does
    disturbs both alike.
    """
    from booking.models import Applicant

    backend = int(_ask("SELECT pg_backend_pid()")[0][0])
    _warm()
    for number, line in enumerate(sys.stdin):
        rows = list(Applicant.objects.filter(pk__in=json.loads(line)))
        began, used, served = time.perf_counter(), time.process_time(), processor_seconds(backend)
        for turn, person in enumerate(rows):
            _book(person, slots[(number * len(rows) + turn) % len(slots)])
        figures = {
            "wall_ms": (time.perf_counter() - began) / len(rows) * 1000,
            "web_cpu_ms": (time.process_time() - used) / len(rows) * 1000,
            "database_cpu_ms": (processor_seconds(backend) - served) / len(rows) * 1000,
        }
        sys.stdout.write(json.dumps(figures) + "\n")
        sys.stdout.flush()
    return {"megabytes": _size() / 1_000_000}


def _warm() -> None:
    """Read the index of the codes, which are written all over it: a server that has run for a day has it in memory."""
    _execute("SET enable_seqscan = off")
    _execute("SELECT count(code) FROM booking_booking")
    _execute("RESET enable_seqscan")


DEEDS: Final = {"build": build, "grow": grow, "serve": serve}


def main() -> None:
    # A load of minutes is no request: no bound on its statements.
    os.environ.setdefault("PGOPTIONS", "-c statement_timeout=0")
    django.setup()
    asked = json.loads(sys.stdin.readline())
    deed: Any = DEEDS[asked.pop("deed")]
    print(json.dumps(deed(**asked)))  # noqa: T201 - a pipe


if __name__ == "__main__":
    main()
