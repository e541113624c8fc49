"""The rate of a one-statement booking in the bare database, measured by pgbench in the same run."""

import re
import subprocess
from typing import Any

import psycopg2

from benchmarks.stores import BenchError
from devtools.stack import places

SLOTS, PLACES_PER_SLOT = 40, 1_000
CLIENTS, SECONDS = 8, 4
RATE = re.compile(r"tps = ([0-9.]+) \(without initial connection time\)")

# The columns and indexes of places and bookings that a booking needs.
TABLES = f"""
CREATE SCHEMA bare;
CREATE TABLE bare.place (id bigserial PRIMARY KEY, slot int NOT NULL, holder uuid);
CREATE INDEX ON bare.place (slot, id) WHERE holder IS NULL;
CREATE TABLE bare.booking (id uuid PRIMARY KEY, place bigint NOT NULL UNIQUE, person text NOT NULL UNIQUE,
  placed_at timestamptz NOT NULL);
INSERT INTO bare.place (slot)
  SELECT slot FROM generate_series(1, {SLOTS}) slot, generate_series(1, {PLACES_PER_SLOT});
"""

BOOKING = rf"""\set slot random(1, {SLOTS})
WITH booking AS MATERIALIZED (SELECT gen_random_uuid() AS id), picked AS MATERIALIZED (
  SELECT place.id FROM bare.place WHERE slot = :slot AND holder IS NULL
  ORDER BY place.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED),
taken AS (UPDATE bare.place SET holder = booking.id FROM picked, booking WHERE place.id = picked.id
  RETURNING place.id, place.holder)
INSERT INTO bare.booking SELECT taken.holder, taken.id, taken.holder::text, now() FROM taken;
"""


def booking_rate(database_url: str) -> float:
    """Bookings a second by 8 clients over 40 slots of place rows; the tables are dropped afterwards."""
    connection: Any = psycopg2.connect(database_url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        cursor.execute("ANALYZE bare.place")
        try:
            program = str(places.client_programs() / "pgbench")
            load = f"-n -j 2 -c {CLIENTS} -T {SECONDS} -f - {database_url}".split()
            texts: Any = {"input": BOOKING, "capture_output": True, "text": True}
            done = subprocess.run([program, *load], check=False, timeout=120, **texts)
        finally:
            cursor.execute("DROP SCHEMA bare CASCADE")
            connection.close()
    rate = RATE.search(done.stdout)
    if done.returncode != 0 or rate is None:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
        raise BenchError(f"pgbench failed: {lines[-1]}")
    return float(rate[1])
