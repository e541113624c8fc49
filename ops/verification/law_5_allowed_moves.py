"""Law 5: a status changes only by an allowed move that is recorded."""

from collections.abc import Iterable
from typing import Final

from django.db.models import Model

from core.status import StatusModel, history_key, status_models
from ops.verification.law import Law

# Law 5: only a document that an officer checked takes a booking from its holder.
RELEASED_WITHOUT_EVIDENCE: Final = """
SELECT 'contest ' || c.id FROM booking_contest c JOIN booking_booking b ON b.id = c.booking_id
 WHERE c.status = 'released' AND (b.status <> 'cancelled' OR btrim(c.evidence) = '')
"""


def _count(tables: Iterable[type[Model]]) -> str:
    counts = [f"(SELECT count(*) FROM {table._meta.db_table})" for table in tables]  # noqa: S608
    return f"SELECT {' + '.join(counts)}"


def _history(model: type[StatusModel]) -> tuple[str, ...]:
    """A history begins at an initial status, continues from its last one, moves as allowed, and ends at the status.

    A line with an unchanged status is a note.
    """
    key, table = history_key(model), model._meta.db_table
    owner, events = key.name, key.model._meta.db_table
    # Only names of our own tables and columns are inserted into the text.
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


LAW_5: Final = Law(
    5,
    "A status changes only by an allowed move, and each move is in the history",
    _count(status_models()),
    (
        *(statement for model in status_models() for statement in _history(model)),
        RELEASED_WITHOUT_EVIDENCE,
        """
            SELECT 'booking ' || b.id FROM booking_booking b
             WHERE b.place_id IS DISTINCT FROM (SELECT e.place_to_id FROM booking_bookingevent e
                                                 WHERE e.booking_id = b.id ORDER BY e.id DESC LIMIT 1)
            """,
    ),
)
