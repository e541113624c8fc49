"""Reports over four years: `python -m benchmarks.reports [--days 1043]`. 10 offices with 192 visits a working day.

Bookings, visits, events and passports of so many working days are written by SQL, without triggers: their number is the
point here, not how they came about. The report's rows are computed from them; where they are fewer than four years,
the rows of earlier years are copies. Then pages, files and rollups are measured through Django.
"""

import argparse
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from benchmarks.release import own_project
from benchmarks.world import make_office, make_people, model

OFFICES, AN_HOUR, HOURS, COUNTERS, ROUNDS = 10, 32, 6, 6, 7
FOUR_YEARS = 1_461
WORKING_DAYS = """SELECT d::date AS day FROM generate_series(current_date - interval '4 years', current_date + 30, '1 day') d
 WHERE extract(isodow FROM d) < 6 ORDER BY d DESC LIMIT %d"""
EMPTY = {"boolean": "false", "jsonb": "'[]'", "ARRAY": "'{}'"}


class Fill:
    """Writes rows; NOT NULL columns that are not given get an empty value."""

    def __init__(self) -> None:
        from django.db import connection

        self.cursor = connection.cursor()
        self.cursor.execute("SET session_replication_role = replica; SET statement_timeout = 0")

    def insert(self, table: str, source: str, **columns: str) -> None:
        self.cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s"
            " AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'",
            [table],
        )
        for name, kind in self.cursor.fetchall():
            is_number = "int" in kind or "double" in kind
            columns.setdefault(name, EMPTY.get(kind, "0" if is_number else "''"))
        names = ", ".join(f'"{name}"' for name in columns)
        self.cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {', '.join(columns.values())} FROM {source}"
        )
        print(f"  {table}: {self.cursor.rowcount:,} rows", flush=True)


def fill(days: int, now: datetime) -> None:
    """Write the offices, and their slots, bookings, visits, events and passports of so many working days."""
    offices = [make_office(f"bench-{n}", 192, now, has_waiting_room=False) for n in range(OFFICES)]
    people = list(make_people(1_000, now))
    assert people
    lanes, groups = model("offices.Lane").objects.all(), model("offices.ServiceGroup").objects.all()
    for office in offices:
        hall = model("offices.Hall").objects.create(office=office, code="h", name="Aula", floor="1")
        hall.lanes.set(lanes)
        hall.groups.set(groups)
        for number in range(1, COUNTERS + 1):
            model("offices.Counter").objects.create(hall=hall, number=number, stages=[])
    rows = Fill()
    group, service = (
        groups.get(code="citizens").pk,
        model("offices.ServiceType").objects.get(code="new").pk,
    )
    codes = "o.code LIKE 'bench-%%'".replace("%%", "%")
    rows.insert("quotas_slot", f"({WORKING_DAYS % days}) d CROSS JOIN offices_office o CROSS JOIN generate_series(0, {HOURS - 1}) h WHERE {codes}",
                office_id="o.id", group_id=str(group), lane_id="'online'", day="d.day", only_services="'{}'",
                starts_at="(d.day + make_interval(hours => 8 + h)) AT TIME ZONE 'Asia/Jakarta'",
                ends_at="(d.day + make_interval(hours => 9 + h)) AT TIME ZONE 'Asia/Jakarta'")  # fmt: skip
    rows.cursor.execute(f"""CREATE UNLOGGED TABLE bench_visit AS
      SELECT row_number() OVER (ORDER BY s.starts_at, s.id, n) + 10000000 AS id, s.id AS slot, s.office_id AS office, s.day, n,
             s.starts_at AS starts_at, gen_random_uuid() AS booking,
             s.starts_at + make_interval(mins => n) AS arrived, s.starts_at + make_interval(mins => n + 10 + (n * 7 % 60)) AS called,
             s.starts_at + make_interval(mins => n + 30 + (n * 11 % 100)) AS ended, s.starts_at < now() AS past
        FROM quotas_slot s JOIN offices_office o ON o.id = s.office_id AND {codes} CROSS JOIN generate_series(1, {AN_HOUR}) n""")
    rows.cursor.execute("SELECT min(id) FROM booking_applicant")
    person = f"{rows.cursor.fetchone()[0]} + v.id % 1000"
    counter = f"(SELECT array_agg(c.id ORDER BY c.id) FROM offices_counter c JOIN offices_hall h ON h.id = c.hall_id WHERE h.office_id = v.office)[1 + v.n % {COUNTERS}]"
    rows.insert("counters_countersession", f"(SELECT office, day, n, min(starts_at) AS opened, max(ended) AS closed FROM bench_visit WHERE past AND n <= {COUNTERS} GROUP BY 1, 2, 3) v",
                officer_id="(SELECT min(id) FROM accounts_user)", counter_id=counter, office_id="v.office", opened_at="v.opened", closed_at="v.closed")  # fmt: skip
    rows.cursor.execute("ANALYZE")
    rows.insert("quotas_place", "bench_visit v", id="v.id", slot_id="v.slot", made_in_slot_id="v.slot", number="v.n", window_id="0",
                opens_at="v.starts_at - interval '7 days'", closes_at="v.starts_at", holder="CASE WHEN v.n <= 30 THEN v.booking END")  # fmt: skip
    rows.insert("booking_booking", "bench_visit v", id="v.booking", code="'B' || v.id", applicant_id=person, person_key="v.id::text", slot_id="v.slot",
                service_type_id=str(service), office_id="v.office", place_id="CASE WHEN v.n <= 30 THEN v.id END",
                status="CASE WHEN v.n > 30 THEN 'cancelled' WHEN NOT v.past THEN 'booked' WHEN v.n > 29 THEN 'no_show' ELSE 'served' END",
                via="'first_come'", placed_at="v.starts_at - interval '6 days'", key="v.id::text", application_id="(SELECT min(id) FROM booking_passportapplication)")  # fmt: skip
    sat = f"JOIN counters_countersession c ON c.office_id = v.office AND c.opened_at::date = v.starts_at::date AND c.counter_id = {counter}"
    came = f"(SELECT v.*, c.id AS session FROM bench_visit v {sat} WHERE v.past) v"
    rows.insert("counters_visit", came, id="v.id", booking_id="v.booking", office_id="v.office", group_id=str(group), lane_id="'online'", kind="'first'",
                day="v.day", status="'finished'", arrived_at="v.arrived", queue_at="v.arrived", clock_from="v.arrived", first_called_at="v.called",
                called_at="v.called", started_at="v.called", ended_at="v.ended", session_id="v.session")  # fmt: skip
    rows.insert("counters_ticket", "bench_visit v WHERE v.past", visit_id="v.id", office_id="v.office", day="v.day", letter="'A'", number="v.id")  # fmt: skip
    for kind, at in (("called", "v.called"), ("finished", "v.ended")):
        rows.insert("counters_visitevent", came, visit_id="v.id", kind=f"'{kind}'", new="'finished'", session_id="v.session", at=at)  # fmt: skip
    rows.insert("counters_passportbook", "bench_visit v WHERE v.past", visit_id="v.id", applicant_id=person, service_type_id=str(service), office_id="v.office",
                status="'collected'", ordered_at="v.ended", due_on="v.day + 6", ready_at="v.ended + interval '3 days'")  # fmt: skip
    rows.cursor.execute("SET session_replication_role = origin")
    rows.cursor.execute("ANALYZE")


def measured(name: str, call: Callable[[], Any], rounds: int = ROUNDS) -> None:
    """Print the median and slowest time of a call, and its queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    times, queries = [], 0
    for _round in range(rounds):
        with CaptureQueriesContext(connection) as captured:
            began = time.perf_counter()
            call()
            times.append((time.perf_counter() - began) * 1_000)
        queries = len(captured)
    print(
        f"{name:<44} {median(times):>8,.0f} ms  slowest {max(times):>8,.0f}  {queries:>4} queries",
        flush=True,
    )


def copy_rows(days: int) -> None:
    """Repeat the rows of these days, and of their whole months, until they cover four years."""
    from django.db import connection

    fields = model("reports.LoadRow")._meta.fields
    names = ", ".join(f.column for f in fields if f.column not in ("id", "starts_on"))
    with connection.cursor() as cursor:
        for span, step, unit in (("day", days // 7, "weeks"), ("month", days // 31, "months")):
            for turn in range(1, FOUR_YEARS // days + 1):
                cursor.execute(
                    f"INSERT INTO reports_loadrow ({names}, starts_on)"
                    f" SELECT {names}, (starts_on - interval '{turn * max(step, 1)} {unit}')::date FROM reports_loadrow"
                    f" WHERE span = '{span}' AND starts_on > current_date - {days} ON CONFLICT DO NOTHING"
                )
        cursor.execute("ANALYZE reports_loadrow")
        cursor.execute("SELECT count(*) FROM reports_loadrow")
        print(f"report rows: {cursor.fetchone()[0]:,}", flush=True)


def measure(now: datetime) -> None:
    """Measure the pages and tasks on the filled database."""
    from django.test import Client

    from offices.directory.models import Office
    from reports.load import services
    from reports.load.report import BY

    offices, today = list(Office.objects.filter(code__startswith="bench-")), now.date()
    first = min(today, model("counters.Visit").objects.earliest("day").day)
    began = time.perf_counter()
    rows = services.rebuild(offices=offices, first=first, last=today + timedelta(days=20), now=now)
    days = (today - first).days
    print(
        f"rebuild of {days} days: {time.perf_counter() - began:,.0f} s, {rows:,} rows", flush=True
    )
    copy_rows(days)
    day = today - timedelta(days=today.weekday() + 3)
    measured(
        "rollup of a day, ten offices",
        lambda: services.rebuild(offices=offices, first=day, last=day, now=now),
        3,
    )
    measured(
        "rollup of a day, one office",
        lambda: services.rebuild(offices=offices[:1], first=day, last=day, now=now),
        3,
    )
    client = Client(HTTP_HOST="127.0.0.1")
    user = model("accounts.User").objects.create(
        email="bench@localhost", is_staff=True, is_superuser=True
    )
    client.force_login(user)
    last = today.replace(day=1) - timedelta(days=1)
    spans = {"day": last - timedelta(days=30), "week": last - timedelta(days=360)}

    def get(path: str, **query: Any) -> Callable[[], None]:
        def call() -> None:
            answer = client.get(
                path,
                {
                    "office": "bench-1",
                    "offices": [row.code for row in offices],
                    "last": last,
                    **query,
                },
            )
            assert answer.status_code == 200, answer.content[:500]
            sum(len(part) for part in answer)

        return call

    page = "/admin/reports/daily-load/"
    for by in BY:
        since = spans.get(by, last - timedelta(days=1_090))
        measured(f"report by {by}, {(last - since).days + 1} days", get(page, by=by, first=since))
    month = last.replace(day=1)
    for style in ("xlsx", "pdf", "csv_id"):
        measured(f"month by day as {style}", get(page, first=month, by="day", format=style), 3)
    people = f"{page}people/"
    measured(
        "people behind a month's served, page", get(people, first=month, by="day", figure="served")
    )
    measured(
        "people behind a month's served, XLSX",
        get(people, first=month, by="day", figure="served", format="xlsx"),
        2,
    )
    measured("page of the day", get("/admin/today/"))
    measured("ranking of the offices", get("/admin/today/offices/"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=1_043, help="working days of each office")
    options = parser.parse_args()
    with own_project(DEMO_CLOCK_OFFSET="0"):
        from core import clock

        fill(options.days, clock.now())
        measure(clock.now())
