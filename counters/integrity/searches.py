"""Signals about officers: unusually many exceptions, and people who are favoured again and again.

Evidence for a supervisor; nothing follows from it. The thresholds are our own.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from booking.integrity.broker_signals import SEARCHES, Line, make_line, make_signal, masked_phone
from booking.integrity.models import BrokerSignal
from core.crypto import keyed_hash
from core.db import fetch_rows

Kind = BrokerSignal.Kind
MANY_EXCEPTIONS: Final = 8
# An officer's exceptions against the mean of the others at the office.
TIMES_THE_OTHERS: Final = 3
MANY_FAVOURED: Final = 4
FAVOURED_DAYS: Final = 2

# Calls out of order, people moved to the priority lane, official guests and places added at the desk.
# Priority by the rule (age, pregnancy) at the desk is no exception. `officers`: everyone who worked.
EXCEPTIONS: Final = """
WITH lines AS (
  SELECT v.office_id, e.by_id, e.at, b.code, b.id
    FROM counters_visitevent e JOIN counters_visit v ON v.id = e.visit_id
    JOIN booking_booking b ON b.id = v.booking_id
   WHERE e.at > %(since)s AND e.kind IN ('called_out_of_order', 'moved_lane') AND e.by_id IS NOT NULL
  UNION ALL
  SELECT b.office_id, a.by_id, a.at, b.code, b.id
    FROM counters_deskadmission a JOIN booking_booking b ON b.id = a.booking_id
    LEFT JOIN offices_reason r ON r.id = a.reason_id
   WHERE a.at > %(since)s AND (a.extra_reason_id IS NOT NULL OR r.code = 'official_guest')
), officers AS (
  SELECT office_id, officer_id AS by_id FROM counters_countersession WHERE opened_at > %(since)s
  UNION SELECT office_id, by_id FROM lines
)
SELECT l.office_id, l.by_id, l.at, l.code, l.id,
       (SELECT count(*) FROM officers o WHERE o.office_id = l.office_id AND o.by_id <> l.by_id),
       (SELECT count(*) FROM lines x WHERE x.office_id = l.office_id AND x.by_id <> l.by_id)
  FROM lines l ORDER BY l.at
"""
# One line for each person whom an officer admitted at the desk under one telephone number.
FAVOURED: Final = """
SELECT DISTINCT ON (b.office_id, a.by_id, p.phone, b.person_key)
       b.office_id, a.by_id, p.phone, a.at, b.code, b.id
  FROM counters_deskadmission a JOIN booking_booking b ON b.id = a.booking_id
  JOIN booking_applicant p ON p.id = b.applicant_id
 WHERE a.at > %(since)s AND p.phone <> ''
 ORDER BY b.office_id, a.by_id, p.phone, b.person_key, a.at
"""


def officers_exceptions(since: dt.datetime) -> Iterable[BrokerSignal]:
    """Yield officers with many exceptions, and several times as many as the others at their office."""
    groups: dict[tuple[int, int], list[Line]] = defaultdict(list)
    means: dict[tuple[int, int], float] = {}
    for office, officer, at, code, booking, others, by_others in fetch_rows(
        EXCEPTIONS, since=since
    ):
        groups[office, officer].append(make_line(at, "exception", officer, code, booking))
        means[office, officer] = by_others / others if others else 0.0
    for (office, officer), lines in groups.items():
        mean = means[office, officer]
        if len(lines) >= MANY_EXCEPTIONS and len(lines) >= TIMES_THE_OTHERS * mean:
            yield make_signal(
                office, Kind.EXCEPTIONS, str(officer), f"#{officer}", len(lines), lines
            )


def favoured_people(since: dt.datetime) -> Iterable[BrokerSignal]:
    """Yield officers who admitted many people under one telephone number, on several days."""
    groups: dict[tuple[int, int, str], list[Line]] = defaultdict(list)
    for office, officer, phone, at, code, booking in fetch_rows(FAVOURED, since=since):
        groups[office, officer, phone].append(make_line(at, "admitted", officer, code, booking))
    for (office, officer, phone), lines in groups.items():
        lines.sort(key=lambda line: line["moment"])
        if len(lines) >= MANY_FAVOURED and _days(lines) >= FAVOURED_DAYS:
            subject = f"{officer}:{keyed_hash('phone', phone)[:60]}"
            label = f"#{officer} > {masked_phone(phone)}"
            yield make_signal(office, Kind.FAVOURED, subject, label, len(lines), lines)


def _days(lines: Sequence[dict[str, Any]]) -> int:
    return len({line["moment"].date() for line in lines})


SEARCHES["officers_exceptions"] = officers_exceptions
SEARCHES["favoured_people"] = favoured_people
