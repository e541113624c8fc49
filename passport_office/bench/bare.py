"""What the database alone can do: the yardstick, measured by pgbench in the same run on the same cluster."""

import os
import re
import statistics
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg2

from passport_office.bench.stores import BenchError
from passport_office.stack import places

SLOTS = 40
PLACES_A_SLOT = 1_000
CLIENTS = 8
SECONDS = 4
SELLERS = 32
SALES = 5

# The same two tables as ours, with the columns and indexes that a booking cannot do without.
TABLES = f"""
CREATE SCHEMA bare;
CREATE TABLE bare.place (id bigserial PRIMARY KEY, slot int NOT NULL, holder uuid);
CREATE INDEX ON bare.place (slot, id) WHERE holder IS NULL;
CREATE TABLE bare.booking (id uuid PRIMARY KEY, place bigint NOT NULL UNIQUE, person text NOT NULL UNIQUE,
  placed_at timestamptz NOT NULL);
INSERT INTO bare.place (slot)
  SELECT slot FROM generate_series(1, {SLOTS}) slot, generate_series(1, {PLACES_A_SLOT});
CREATE TABLE bare.counter (id int PRIMARY KEY, taken int NOT NULL);
INSERT INTO bare.counter SELECT slot, 0 FROM generate_series(1, {SLOTS}) slot;
CREATE TABLE bare.sale (id uuid PRIMARY KEY, counter int NOT NULL, person text NOT NULL UNIQUE,
  placed_at timestamptz NOT NULL);
"""  # noqa: S608 - numbers of our own
ANALYZE = "ANALYZE bare.place, bare.counter"

BOOKING = rf"""\set slot random(1, {SLOTS})
WITH booking AS MATERIALIZED (SELECT gen_random_uuid() AS id), picked AS MATERIALIZED (
  SELECT place.id FROM bare.place WHERE slot = :slot AND holder IS NULL
  ORDER BY place.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED),
taken AS (UPDATE bare.place SET holder = booking.id FROM picked, booking WHERE place.id = picked.id
  RETURNING place.id, place.holder)
INSERT INTO bare.booking SELECT taken.holder, taken.id, taken.holder::text, now() FROM taken;
"""  # noqa: S608
COUNTER = rf"""\set counter random(1, {SLOTS})
WITH taken AS (UPDATE bare.counter SET taken = taken + 1 WHERE id = :counter RETURNING id)
INSERT INTO bare.sale SELECT gen_random_uuid(), taken.id, gen_random_uuid()::text, now() FROM taken;
"""  # noqa: S608
RATE = re.compile(r"tps = ([0-9.]+) \(without initial connection time\)")


def measure_booking_rate(database_url: str) -> float:
    """Return bookings a second of one statement by 8 clients over 40 slots of place rows."""
    return _pgbench(database_url, BOOKING, ["-c", str(CLIENTS), "-T", str(SECONDS)])


def measure_sale_seconds(database_url: str, *, places_to_sell: int) -> float:
    """Return how long the bare database needs to sell so many by 40 counter rows to 32 clients."""
    each = max(1, places_to_sell // SELLERS)
    rates = [
        _pgbench(database_url, COUNTER, ["-c", str(SELLERS), "-t", str(each)])
        for _turn in range(SALES)
    ]
    return places_to_sell / statistics.median(rates)


def prepare(database_url: str) -> None:
    """Make the tables of the yardstick, in a schema of their own."""
    with psycopg2.connect(database_url) as connection, connection.cursor() as cursor:
        cursor.execute(TABLES)
        cursor.execute(ANALYZE)
    connection.close()


def remove(database_url: str) -> None:
    """Drop the yardstick's tables, so that nothing of them is written out while we measure."""
    connection: Any = psycopg2.connect(database_url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA bare CASCADE")
    connection.close()


def _pgbench(database_url: str, script: str, load: list[str]) -> float:
    program = places.client_programs() / "pgbench"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "script.sql"
        file.write_text(script)
        command = [str(program), "-n", "-j", "2", "-f", str(file), *load]
        done = subprocess.run(  # noqa: S603 - a program of our own packages
            command,
            env=_environment(database_url),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    found = RATE.search(done.stdout)
    if done.returncode != 0 or found is None:
        words = (done.stderr or done.stdout).strip().splitlines() or ["no word"]
        raise BenchError(f"pgbench failed: {words[-1]}")
    return float(found[1])


def _environment(database_url: str) -> Mapping[str, str]:
    url = urlsplit(database_url)
    return {
        **os.environ,
        "PGHOST": url.hostname or "127.0.0.1",
        "PGPORT": str(url.port or 5432),
        "PGUSER": unquote(url.username or ""),
        "PGPASSWORD": unquote(url.password or ""),
        "PGDATABASE": url.path.lstrip("/"),
    }
