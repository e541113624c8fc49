"""Checks the laws on live data, in one snapshot, without writing. Other laws are checked by tests."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from booking.statuses import LIVE, WITH_PLACE
from core.status import status_models
from counters.pickup.models import Pickup
from counters.visits.models import AT_A_COUNTER
from ops.verification.law import EXAMPLES, Finding, Law, QueryLaw
from ops.verification.law_1_one_holder import LAW_1
from ops.verification.law_2_one_live_booking import LAW_2
from ops.verification.law_3_right_to_a_place import LAW_3
from ops.verification.law_4_one_release import LAW_4
from ops.verification.law_5_allowed_moves import LAW_5
from ops.verification.law_6_notice_of_loss import LAW_6
from ops.verification.law_7_one_visit_at_a_time import LAW_7
from ops.verification.law_8_one_hand_over import LAW_8
from ops.verification.law_9_messages_sent import LAW_9
from ops.verification.law_12_money import LAW_12
from ops.verification.law_13_retention import LAW_13

# A mail server may be unavailable for a while; a message counts as unsent an hour past due.
UNSENT_AFTER: Final = timedelta(hours=1)
LAWS: Final = (LAW_1, LAW_2, LAW_3, LAW_4, LAW_5, LAW_6, LAW_7, LAW_8, LAW_9, LAW_12, LAW_13)


def verify(*, now: datetime) -> list[Finding]:
    """Check every law on the current data.

    A message that its mailbox refused permanently does not count as unsent: its row records the
    refusal, and the list of messages shows it.
    """
    values = _values(now)
    with _one_moment():
        return [
            _query(law, now) if isinstance(law, QueryLaw) else _ask(law, values) for law in LAWS
        ]


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
    """Read one snapshot of the database, without a statement timeout."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if is_outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0")
        yield


def _query(law: QueryLaw, now: datetime) -> Finding:
    counts: list[int] = []
    examples: list[str] = []
    for about, rows in law.breaches(now).items():
        counts.append(rows.count())
        if counts[-1]:
            some = rows.order_by("pk").values_list("pk", flat=True)[:EXAMPLES]
            examples += [f"{about} {pk}" for pk in some]
    return Finding(law.number, law.name, len(counts), sum(counts), examples[:EXAMPLES])


def _ask(law: Law, values: Mapping[str, Any]) -> Finding:
    with connection.cursor() as cursor:
        cursor.execute(law.counted, values)
        checked = cursor.fetchone()[0]
        ids: set[str] = set()
        for statement in law.breaches:
            cursor.execute(statement, values)
            ids.update(row[0] or "?" for row in cursor.fetchall())
    return Finding(law.number, law.name, checked, len(ids), sorted(ids)[:EXAMPLES])
