"""The laws of the house, asked of live data: each as statements that return what breaks it.

Laws 10 and 11 are about who may see what; they cannot be read from rows and are tested elsewhere.
A check returns ids, never names. The whole run sees one moment of the database and writes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Model

from booking.models import LIVE, WITH_PLACE
from core.status import StatusModel, history_key, status_models
from counters.models import AT_A_COUNTER, Pickup
from passport_office import verification_brokers as brokers
from passport_office import verification_closures as closures
from passport_office import verification_waiting as waiting

EXAMPLES: Final = 5
# A message may wait for a mail server that is away for a while; an hour past due it counts as unsent.
UNSENT_AFTER: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Law:
    """What must hold; how many rows were looked at; the statements that find what breaks it."""

    number: int
    name: str
    counted: str
    breaches: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    law: int
    name: str
    checked: int
    breaches: int
    examples: list[str]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def _count(tables: Iterable[type[Model]]) -> str:
    counts = [f"(SELECT count(*) FROM {table._meta.db_table})" for table in tables]  # noqa: S608
    return f"SELECT {' + '.join(counts)}"


def _history(model: type[StatusModel]) -> tuple[str, ...]:
    """A row's history begins at its start, goes on where it stopped, moves as allowed, ends at the status.

    A line whose status stays is a note and moves nothing.
    """
    key, table = history_key(model), model._meta.db_table
    owner, events = key.name, key.model._meta.db_table
    # Only names of our own tables and columns are put into the text.
    return (
        f"""
        SELECT DISTINCT '{owner} ' || x.{owner}_id FROM (
          SELECT {owner}_id, old, new, lag(new) OVER (PARTITION BY {owner}_id ORDER BY id) AS before
            FROM {events}) x
         WHERE x.old <> coalesce(x.before, '')
            OR (x.before IS NULL AND x.new <> ALL(%({table}_initial)s))
            OR (x.before IS NOT NULL AND x.old <> x.new AND x.old || '>' || x.new <> ALL(%({table}_moves)s))
        """,  # noqa: S608
        f"""
        SELECT '{owner} ' || r.id FROM {table} r
         WHERE r.status IS DISTINCT FROM
               (SELECT e.new FROM {events} e WHERE e.{owner}_id = r.id ORDER BY e.id DESC LIMIT 1)
        """,  # noqa: S608
    )


LAW_1: Final = Law(
        1,
        "A place has one holder, and a booking the place its status claims",
        "SELECT (SELECT count(*) FROM booking_booking)"
        " + (SELECT count(*) FROM quotas_place WHERE holder IS NOT NULL)",
        (
            """
            SELECT 'booking ' || b.id FROM booking_booking b LEFT JOIN quotas_place p ON p.id = b.place_id
             WHERE CASE WHEN b.status = ANY(%(with_place)s) THEN p.holder IS DISTINCT FROM b.id
                        ELSE b.place_id IS NOT NULL END
            """,
            f"""
            SELECT 'place ' || p.id FROM quotas_place p
             WHERE p.holder IS NOT NULL AND NOT {waiting.HELD_BY_OFFER}
               AND NOT EXISTS (SELECT FROM booking_booking b WHERE b.id = p.holder AND b.place_id = p.id)
            """,  # noqa: S608
            waiting.HOLDS,
            """
            SELECT 'place ' || place_id FROM booking_booking
             WHERE place_id IS NOT NULL GROUP BY place_id HAVING count(*) > 1
            """,
            """
            SELECT 'booking ' || b.id FROM booking_booking b JOIN quotas_place p ON p.id = b.place_id
             WHERE p.slot_id <> b.slot_id
            """,
        ),
    )
LAW_2: Final = Law(
        2,
        "No person has two live bookings",
        "SELECT count(*) FROM booking_booking",
        (
            """
            SELECT 'booking ' || min(id::text) FROM booking_booking WHERE status = ANY(%(live)s)
             GROUP BY person_key HAVING count(*) > 1
            """,
            """
            SELECT 'booking ' || b.id FROM booking_booking b JOIN booking_applicant a ON a.id = b.applicant_id
             WHERE b.status = ANY(%(live)s) AND a.person_key <> b.person_key
            """,
            waiting.WAITS_TWICE,
        ),
    )
LAW_3: Final = Law(
        3,
        "Places are taken only while their window is open, and by who has a right to",
        "SELECT count(*) FROM booking_bookingevent WHERE kind IN ('made', 'rescheduled')",
        (
            f"""
            SELECT 'booking ' || b.id
              FROM booking_bookingevent e
              JOIN booking_booking b ON b.id = e.booking_id
              JOIN quotas_place p ON p.id = e.place_to_id
             WHERE e.kind IN ('made', 'rescheduled') AND b.via <> 'moved_by_office'
               AND (e.at < p.opens_at OR (e.at >= p.closes_at AND NOT {waiting.BY_OFFER}))
            """,  # noqa: S608
            waiting.WITHOUT_RIGHT,
            *closures.LAWS,
            """
            SELECT 'booking ' || b.id
              FROM booking_booking b
              JOIN quotas_slot s ON s.id = b.slot_id
              JOIN offices_lane l ON l.code = s.lane_id
             WHERE (b.via = 'desk') <> (l.booked_at = 'desk')
            """,
            """
            SELECT 'booking ' || b.id FROM booking_bookingevent e JOIN booking_booking b ON b.id = e.booking_id
             WHERE e.kind = 'made' AND e.by_id IS NULL
            """,
            brokers.BOOKED_WHILE_RESTRICTED,
        ),
    )
LAW_4: Final = Law(
        4,
        "A window is released once",
        "SELECT count(*) FROM quotas_releasewindow",
        (
            """
            SELECT 'window ' || min(id) FROM quotas_releasewindow
             GROUP BY rule_id, office_id, first_day, tranche HAVING count(*) > 1
            """,
            "SELECT 'window ' || id FROM quotas_releasewindow WHERE announced_at < opens_at",
            # A waiting room's door moves forward only, and never faster than its rate.
            """
            SELECT 'room ' || x.room_id FROM (
              SELECT mark.room_id, mark.watermark, lag(mark.watermark) OVER marks AS before,
                     lag(mark.rate) OVER marks AS rate, lag(mark.since) OVER marks AS since_before, mark.since
                FROM quotas_roommark mark WINDOW marks AS (PARTITION BY mark.room_id ORDER BY mark.since)) x
             WHERE x.watermark < x.before
                OR x.watermark > x.before + x.rate * extract(epoch FROM x.since - x.since_before) + 1
            """,
            """
            SELECT 'room ' || room.id FROM quotas_waitingroom room JOIN quotas_releasewindow win ON win.id = room.window_id
             WHERE room.prepared_at >= win.opens_at OR room.ended_at < win.opens_at
            """,
            """
            SELECT 'window ' || about_id FROM notices_message WHERE kind = 'window_opened'
             GROUP BY about_id, address HAVING count(*) > 1
            """,
            """
            SELECT 'place ' || min(id) FROM quotas_place
             GROUP BY made_in_slot_id, number HAVING count(*) > 1
            """,
            """
            SELECT 'slot ' || min(id) FROM quotas_slot
             GROUP BY office_id, lane_id, group_id, starts_at, ends_at, only_services HAVING count(*) > 1
            """,
        ),
    )
LAW_5: Final = Law(
        5,
        "A status changes only by an allowed move, and each move is in the history",
        _count(status_models()),
        (
            *(statement for model in status_models() for statement in _history(model)),
            brokers.RELEASED_WITHOUT_EVIDENCE,
            """
            SELECT 'booking ' || b.id FROM booking_booking b
             WHERE b.place_id IS DISTINCT FROM (SELECT e.place_to_id FROM booking_bookingevent e
                                                 WHERE e.booking_id = b.id ORDER BY e.id DESC LIMIT 1)
            """,
        ),
    )
LAW_6: Final = Law(
        6,
        "Nobody loses a place without a notice and a way on",
        "SELECT count(*) FROM booking_bookingevent WHERE new IN ('cancelled', 'displaced')",
        (
            """
            SELECT 'booking ' || b.id
              FROM booking_bookingevent e JOIN booking_booking b ON b.id = e.booking_id
             WHERE e.new = 'cancelled' AND e.old <> e.new
               AND b.account_id IS NOT NULL AND e.by_id IS DISTINCT FROM b.account_id
               AND NOT EXISTS (SELECT FROM notices_message m
                                WHERE m.about_type = 'booking' AND m.about_id = b.id::text
                                  AND m.kind IN ('booking_cancelled', 'booking_released') AND m.created_at >= e.at)
            """,
            # One message is for a whole party, so it may be about another of its bookings.
            """
            SELECT 'booking ' || b.id
              FROM booking_bookingevent e JOIN booking_booking b ON b.id = e.booking_id
             WHERE e.new = 'displaced' AND e.old <> e.new AND b.account_id IS NOT NULL
               AND NOT EXISTS (SELECT FROM notices_message m
                                 JOIN booking_booking told ON told.id::text = m.about_id
                                WHERE m.about_type = 'booking' AND told.party_id = b.party_id
                                  AND m.kind IN ('booking_moved', 'booking_displaced') AND m.created_at >= e.at)
            """,
            *waiting.UNTOLD,
            # The way on: a move of the office that can be answered, and that waits to be placed.
            """
            SELECT 'booking ' || b.id FROM booking_booking b
             WHERE (b.status = 'displaced' OR b.via = 'moved_by_office')
               AND NOT EXISTS (SELECT FROM booking_displacedbooking d WHERE d.booking_id = b.id)
            """,
            """
            SELECT 'booking ' || b.id FROM booking_booking b
             WHERE b.status = 'displaced'
               AND NOT EXISTS (SELECT FROM booking_displacedbooking d
                                 JOIN booking_displacement m ON m.id = d.displacement_id
                                WHERE d.booking_id = b.id AND d.answered_at IS NULL AND m.placed_at IS NULL)
            """,
            """
            SELECT 'closure ' || c.id FROM offices_closure c JOIN booking_booking b ON b.office_id = c.office_id
              JOIN quotas_place p ON p.id = b.place_id AND p.closure_id = c.id
             WHERE c.moved_at IS NOT NULL AND b.status = 'booked'
               AND NOT EXISTS (SELECT FROM offices_closure_open_services s
                                WHERE s.closure_id = c.id AND s.servicetype_id = b.service_type_id)
            """,
        ),
    )
LAW_7: Final = Law(
        7,
        "One officer serves one visit at a time, and a ticket is given once",
        "SELECT (SELECT count(*) FROM counters_visit) + (SELECT count(*) FROM counters_stagerun)",
        (
            """
            SELECT 'session ' || session_id FROM counters_visit
             WHERE status = ANY(%(at_a_counter)s) GROUP BY session_id HAVING count(*) > 1 OR session_id IS NULL
            """,
            """
            SELECT 'visit ' || v.id FROM counters_visit v JOIN counters_countersession c ON c.id = v.session_id
             WHERE v.status = ANY(%(at_a_counter)s) AND c.closed_at IS NOT NULL
            """,
            """
            SELECT 'session ' || min(id) FROM counters_countersession WHERE closed_at IS NULL
             GROUP BY officer_id HAVING count(*) > 1
            """,
            """
            SELECT 'session ' || min(id) FROM counters_countersession WHERE closed_at IS NULL
             GROUP BY counter_id HAVING count(*) > 1
            """,
            """
            SELECT 'stage run ' || x.id FROM (
              SELECT id, started_at,
                     max(coalesce(ended_at, 'infinity')) OVER (PARTITION BY session_id ORDER BY started_at, id
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS officer_busy_until,
                     max(coalesce(ended_at, 'infinity')) OVER (PARTITION BY visit_id ORDER BY started_at, id
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS visit_busy_until
                FROM counters_stagerun) x
             WHERE x.started_at < x.officer_busy_until OR x.started_at < x.visit_busy_until
            """,
            """
            SELECT 'ticket ' || min(id) FROM counters_ticket
             GROUP BY office_id, day, letter, number HAVING count(*) > 1
            """,
            """
            SELECT 'visit ' || v.id FROM counters_visit v
             WHERE (SELECT count(*) FROM counters_ticket t WHERE t.visit_id = v.id) <> 1
            """,
        ),
    )
LAW_8: Final = Law(
        8,
        "A passport is handed over once, to someone with a recorded right to it",
        "SELECT count(*) FROM counters_passportbook",
        (
            """
            SELECT 'book ' || b.id FROM counters_passportbook b
             WHERE (SELECT count(*) FROM counters_pickup p WHERE p.book_id = b.id)
                   <> CASE WHEN b.status = 'handed_over' THEN 1 ELSE 0 END
            """,
            """
            SELECT 'book ' || book_id FROM counters_bookevent WHERE new = 'handed_over'
             GROUP BY book_id HAVING count(*) > 1
            """,
            """
            SELECT 'book ' || book_id FROM counters_pickup
             WHERE btrim(collector_name) = '' OR btrim(evidence) = '' OR "right" <> ALL(%(rights)s)
            """,
        ),
    )
LAW_9: Final = Law(
        9,
        "No message stays unsent: none waits an hour past its time",
        "SELECT count(*) FROM notices_message",
        (
            """
            SELECT 'message ' || id FROM notices_message
             WHERE sent_at IS NULL AND given_up_at IS NULL AND due_at < %(unsent_before)s
            """,
            "SELECT 'message ' || min(id) FROM notices_message GROUP BY dedupe_key HAVING count(*) > 1",
            "SELECT 'message ' || id FROM notices_message WHERE sent_at < due_at",
        ),
    )
LAWS: Final = (LAW_1, LAW_2, LAW_3, LAW_4, LAW_5, LAW_6, LAW_7, LAW_8, LAW_9)


def verify(*, now: datetime) -> list[Finding]:
    """Ask every law of the data as they stand at this moment.

    A message that its mailbox refused for good does not count as unsent: the refusal stands in its
    row, and the office's list shows it.
    """
    values = _values(now)
    with _one_moment():
        return [_ask(law, values) for law in LAWS]


def _values(now: datetime) -> Mapping[str, Any]:
    return {
        "with_place": [str(status) for status in WITH_PLACE],
        "live": [str(status) for status in LIVE],
        "at_a_counter": [str(status) for status in AT_A_COUNTER],
        "rights": [str(right) for right in Pickup.Right.values],
        "unsent_before": now - UNSENT_AFTER,
        **{
            f"{model._meta.db_table}_initial": [str(status) for status in model.machine.initial]
            for model in status_models()
        },
        **{
            f"{model._meta.db_table}_moves": [f"{old}>{new}" for old, new in model.machine.pairs]
            for model in status_models()
        },
    }


@contextmanager
def _one_moment() -> Iterator[None]:
    """See the database as it was at one moment, without a bound on how long a statement takes."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if is_outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0")
        yield


def _ask(law: Law, values: Mapping[str, Any]) -> Finding:
    with connection.cursor() as cursor:
        cursor.execute(law.counted, values)
        checked = cursor.fetchone()[0]
        found: set[str] = set()
        for statement in law.breaches:
            cursor.execute(statement, values)
            found.update(row[0] or "?" for row in cursor.fetchall())
    return Finding(law.number, law.name, checked, len(found), sorted(found)[:EXAMPLES])
