"""Detects patterns of possible brokers and shows them to the supervisor. Nobody is sanctioned by it.

The thresholds are our own: each is well above what a family, a shared phone or a change of plans produces.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import pgtrigger
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.integrity.models import BrokerSignal, BrokerSignalNote
from core.crypto import keyed_hash
from core.db import busy_on_timeout, fetch_rows
from core.errors import InvalidInput, NotAllowed, NotFound
from offices.permissions import Right, check_right

Kind = BrokerSignal.Kind
LOOKED_BACK: Final = dt.timedelta(days=30)
HANDED_OVER_WITHIN: Final = dt.timedelta(hours=2)
MANY_HANDOVERS: Final = 2
MANY_ACCOUNTS: Final = 4
BURST_SPAN: Final = dt.timedelta(minutes=10)
MANY_IN_A_BURST: Final = 8
MANY_MISMATCHES: Final = 2
CHURN_SPAN: Final = dt.timedelta(days=1)
SHORT_LIFE: Final = dt.timedelta(hours=1)
MANY_CHURNED: Final = 6
# A group may have five people (ministry's rule); twice as many in a month are more than a family.
MANY_PEOPLE: Final = 10
MANY_ABSENT: Final = 5
FIRST_SECOND: Final = dt.timedelta(seconds=1)
EVIDENCE_KEPT: Final = 20
NOTE_LENGTH: Final = 300

# A place freed by one account and taken by another soon after, not through the office, a lottery or an offer.
HANDOVERS: Final = """
SELECT gone.office_id, gone.account_id, came.account_id, gone.at, came.at, gone.code, came.code, gone.booking, came.booking
  FROM (SELECT e.place_from_id AS place, e.at, b.account_id, b.code, b.id AS booking, s.office_id
          FROM booking_bookingevent e JOIN booking_booking b ON b.id = e.booking_id
          JOIN quotas_place p ON p.id = e.place_from_id JOIN quotas_slot s ON s.id = p.slot_id
         WHERE e.at > %(since)s AND (e.kind = 'rescheduled' OR e.new = 'cancelled')) gone
  JOIN (SELECT e.place_to_id AS place, e.at, b.account_id, b.code, b.id AS booking
          FROM booking_bookingevent e JOIN booking_booking b ON b.id = e.booking_id
         WHERE e.at > %(since)s AND e.kind IN ('made', 'rescheduled')
           AND b.via IN ('first_come', 'moved_by_applicant')) came
    ON came.place = gone.place AND came.at >= gone.at AND came.at < gone.at + %(within)s
 WHERE gone.account_id <> came.account_id
 ORDER BY gone.at
"""
BOOKED: Final = """
SELECT b.office_id, {subject}, b.account_id, party.created_at, b.code, b.id
  FROM booking_party party JOIN booking_booking b ON b.party_id = party.id
  JOIN booking_applicant person ON person.id = b.applicant_id
 WHERE party.created_at > %(since)s AND b.account_id IS NOT NULL AND {subject} <> {nobody}
 ORDER BY party.created_at
"""
BY_PHONE: Final = BOOKED.format(subject="person.phone", nobody="''")
BY_DEVICE: Final = BOOKED.format(subject="party.device_key", nobody="''")
BY_ACCOUNT: Final = BOOKED.format(subject="b.account_id", nobody="0")
REFUSED: Final = """
SELECT b.office_id, b.account_id, b.account_id, e.at, b.code, b.id
  FROM booking_bookingevent e JOIN booking_booking b ON b.id = e.booking_id
 WHERE e.at > %(since)s AND e.kind = 'refused' AND b.account_id IS NOT NULL
 ORDER BY e.at
"""
# One line for each person whom an account booked.
PEOPLE: Final = """
SELECT DISTINCT ON (b.office_id, b.account_id, b.person_key)
       b.office_id, b.account_id, b.account_id, party.created_at, b.code, b.id
  FROM booking_party party JOIN booking_booking b ON b.party_id = party.id
 WHERE party.created_at > %(since)s AND b.account_id IS NOT NULL
 ORDER BY b.office_id, b.account_id, b.person_key, party.created_at
"""
# Places taken in the first second of their window, by network.
AT_ONCE: Final = """
SELECT b.office_id, party.network_key, b.account_id, party.created_at, b.code, b.id
  FROM booking_party party JOIN booking_booking b ON b.party_id = party.id
  JOIN booking_bookingevent e ON e.booking_id = b.id AND e.kind = 'made'
  JOIN quotas_place p ON p.id = e.place_to_id JOIN quotas_releasewindow w ON w.id = p.window_id
 WHERE party.created_at > %(since)s AND party.network_key <> '' AND b.account_id IS NOT NULL
   AND b.via = 'first_come'
   AND party.created_at >= w.opens_at AND party.created_at < w.opens_at + %(second)s
 ORDER BY party.created_at
"""
ABSENT: Final = """
SELECT b.office_id, b.account_id, b.account_id, s.ends_at, b.code, b.id
  FROM booking_booking b JOIN quotas_slot s ON s.id = b.slot_id
 WHERE s.ends_at > %(since)s AND b.status = 'no_show' AND b.account_id IS NOT NULL
 ORDER BY s.ends_at
"""
# Bookings that their own account cancelled soon after making them.
CHURNED: Final = """
SELECT b.office_id, {subject}, b.account_id, b.own_cancelled_at, b.code, b.id
  FROM booking_booking b JOIN booking_party party ON party.id = b.party_id
 WHERE b.own_cancelled_at > %(since)s AND b.own_cancelled_at < party.created_at + %(short)s
   AND {subject} <> {nobody}
 ORDER BY b.own_cancelled_at
"""
CHURN_SUBJECTS: Final = (
    (Kind.CHURN, CHURNED.format(subject="b.account_id", nobody="0")),
    (Kind.CHURN_DEVICE, CHURNED.format(subject="party.device_key", nobody="''")),
    (Kind.CHURN_NETWORK, CHURNED.format(subject="party.network_key", nobody="''")),
)
Line = dict[str, Any]
Search = Callable[[dt.datetime], Iterable[BrokerSignal]]
# Searches of apps above this one, by name: find_broker_signals runs them with the start of the time searched.
SEARCHES: Final[dict[str, Search]] = {}


def find_broker_signals(*, now: dt.datetime) -> int:
    """Scan the last thirty days of every office; save new and grown signals; return how many.

    There is one row per pattern and subject, however often this runs.
    """
    since = now - LOOKED_BACK
    findings = [
        *_handovers(since),
        *_many_accounts(Kind.PHONE, BY_PHONE, since),
        *_many_accounts(Kind.DEVICE, BY_DEVICE, since),
        *_bursts(since),
        *_mismatches(since),
        *_many_lines(Kind.PEOPLE, PEOPLE, since, at_least=MANY_PEOPLE),
        *_many_accounts(Kind.FIRST_SECOND, AT_ONCE, since, second=FIRST_SECOND),
        *_many_lines(Kind.ABSENT, ABSENT, since, at_least=MANY_ABSENT, what="absent"),
        *(signal for search in SEARCHES.values() for signal in search(since)),
    ]
    return _save(findings, now)


def find_churn_signals(*, now: dt.datetime) -> int:
    """Save signals about places that are booked and cancelled again and again; return how many.

    Apart from the other patterns, because it reads only the cancellations of a day and so may run every half minute.
    """
    findings = [
        signal for kind, statement in CHURN_SUBJECTS for signal in _churned(kind, statement, now)
    ]
    return _save(findings, now)


def _save(findings: Sequence[BrokerSignal], now: dt.datetime) -> int:
    for signal in findings:
        signal.detected_at = now
    BrokerSignal.objects.bulk_create(
        findings,
        update_conflicts=True,
        unique_fields=["office", "kind", "subject"],
        update_fields=["label", "count", "first_at", "last_at", "evidence"],
    )
    return len(findings)


def note_signal(
    *, signal_id: int, outcome: str, text: str, by: User, now: dt.datetime
) -> BrokerSignal:
    """Record the outcome of a review, with its reason. The signal counts as new again when it grows.

    Nothing follows from an outcome by itself. Nobody reviews a signal about themselves. Raises NotFound, NotAllowed, InvalidInput, Busy.
    """
    note = " ".join(text.split())
    problems: dict[str, list[Any]] = {}
    if outcome not in BrokerSignalNote.Outcome.values:
        problems["outcome"] = [_("Pilih hasil pemeriksaannya.")]
    if not note or len(note) > NOTE_LENGTH:
        problems["text"] = [_("Tulis alasannya, paling panjang 300 karakter.")]
    if problems:
        raise InvalidInput(next(iter(problems.values()))[0], fields=problems)
    with busy_on_timeout(), transaction.atomic():
        rows = BrokerSignal.objects.select_for_update(no_key=True, of=("self",))
        signal = rows.select_related("office").filter(pk=signal_id).first()
        if signal is None:
            raise NotFound
        check_right(by, Right.REVIEW_BROKER_SIGNAL, office=signal.office, now=now)
        if signal.officer_id == by.pk:
            raise NotAllowed
        signal.reviewed_at = now
        signal.save(update_fields=["reviewed_at"])
        BrokerSignalNote.objects.create(signal=signal, outcome=outcome, text=note, by=by, at=now)
        return signal


def _handovers(since: dt.datetime) -> Iterable[BrokerSignal]:
    pairs: dict[tuple[int, int, int], list[list[Line]]] = defaultdict(list)
    for row in fetch_rows(HANDOVERS, since=since, within=HANDED_OVER_WITHIN):
        office, giver, taker, gone_at, came_at, gone, came, gave, took = row
        lines = [
            make_line(gone_at, "given_back", giver, gone, gave),
            make_line(came_at, "taken", taker, came, took),
        ]
        pairs[office, giver, taker].append(lines)
    for (office, giver, taker), handovers in pairs.items():
        if len(handovers) >= MANY_HANDOVERS:
            lines = [line for pair in handovers for line in pair]
            label = f"#{giver} > #{taker}"
            yield make_signal(
                office, Kind.HANDOVER, f"{giver}:{taker}", label, len(handovers), lines
            )


def _many_lines(
    kind: Kind, statement: str, since: dt.datetime, *, at_least: int, what: str = "booked"
) -> Iterable[BrokerSignal]:
    for (office, account), lines in _grouped(statement, since, what=what).items():
        if len(lines) >= at_least:
            lines.sort(key=lambda line: line["moment"])
            yield make_signal(office, kind, str(account), f"#{account}", len(lines), lines)


def _many_accounts(
    kind: Kind, statement: str, since: dt.datetime, **values: Any
) -> Iterable[BrokerSignal]:
    for (office, subject), lines in _grouped(statement, since, **values).items():
        accounts = {line["account"] for line in lines}
        if len(accounts) < MANY_ACCOUNTS:
            continue
        if kind == Kind.PHONE:
            yield make_signal(
                office,
                kind,
                keyed_hash("phone", subject),
                masked_phone(subject),
                len(accounts),
                lines,
            )
        else:
            yield make_signal(office, kind, subject, f"{subject[:6]}…", len(accounts), lines)


def _bursts(since: dt.datetime) -> Iterable[BrokerSignal]:
    for (office, account), lines in _grouped(BY_ACCOUNT, since).items():
        busiest: Sequence[Line] = []
        first = 0
        for last, line in enumerate(lines):
            while line["moment"] - lines[first]["moment"] > BURST_SPAN:
                first += 1
            if last - first + 1 > len(busiest):
                busiest = lines[first : last + 1]
        if len(busiest) >= MANY_IN_A_BURST:
            yield make_signal(
                office, Kind.BURST, str(account), f"#{account}", len(busiest), busiest
            )


def _mismatches(since: dt.datetime) -> Iterable[BrokerSignal]:
    for (office, account), lines in _grouped(REFUSED, since, what="refused").items():
        if len(lines) >= MANY_MISMATCHES:
            yield make_signal(office, Kind.MISMATCH, str(account), f"#{account}", len(lines), lines)


def _churned(kind: Kind, statement: str, now: dt.datetime) -> Iterable[BrokerSignal]:
    groups = _grouped(statement, now - CHURN_SPAN, what="given_back", short=SHORT_LIFE)
    for (office, subject), lines in groups.items():
        if len(lines) < MANY_CHURNED:
            continue
        label = f"#{subject}" if kind == Kind.CHURN else f"{subject[:6]}…"
        yield make_signal(office, kind, str(subject), label, len(lines), lines)


def _grouped(
    statement: str, since: dt.datetime, what: str = "booked", **values: Any
) -> dict[tuple[int, Any], list[Line]]:
    groups: dict[tuple[int, Any], list[Line]] = defaultdict(list)
    for office, subject, account, at, code, booking in fetch_rows(statement, since=since, **values):
        groups[office, subject].append(make_line(at, what, account, code, booking))
    return groups


def make_line(at: dt.datetime, what: str, account: int, code: str, booking: Any) -> Line:
    """Return one line of evidence: when, what, by or for which account, and which booking."""
    return {"moment": at, "what": what, "account": account, "code": code, "booking": str(booking)}


@transaction.atomic
def delete_signals(*, signal_ids: Iterable[int]) -> None:
    """Delete signals with their notes, at the end of their time."""
    with pgtrigger.ignore("booking.BrokerSignalNote:broker_signal_note_append_only"):
        BrokerSignalNote.objects.filter(signal__in=signal_ids).delete()
    BrokerSignal.objects.filter(pk__in=signal_ids).delete()


def make_signal(
    office: int, kind: Kind, subject: str, label: str, count: int, lines: Sequence[Line]
) -> BrokerSignal:
    """Return an unsaved signal with its newest lines as evidence; booking codes are shortened."""
    newest = [
        {
            "at": line["moment"].isoformat(),
            "what": line["what"],
            "account": line["account"],
            "code": f"{line['code'][:3]}…{line['code'][-2:]}",
            "booking": line["booking"],
        }
        for line in lines[-EVIDENCE_KEPT:]
    ]
    return BrokerSignal(
        office_id=office,
        kind=kind,
        subject=subject,
        label=label,
        count=count,
        evidence=newest,
        first_at=lines[0]["moment"],
        last_at=lines[-1]["moment"],
    )


def masked_phone(phone: str) -> str:
    """Return a telephone number with its middle hidden."""
    return f"{phone[:5]}•••••{phone[-3:]}"
