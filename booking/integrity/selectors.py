"""Reads of contests and of broker signals."""

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from booking.bookings.models import Booking
from booking.integrity.models import BrokerSignal, BrokerSignalNote, Contest, ContestStatus
from booking.lottery.models import Draw, DrawMember
from booking.restrictions.models import Restriction
from booking.statuses import LIVE
from booking.waiting_list.models import WaitingMember
from core.errors import NotFound
from offices.directory.models import Office


def contested_booking(person_key: str, *, account_id: int | None) -> Booking | None:
    """Return the live booking under a number that was made by another account or at a desk."""
    rows = Booking.objects.filter(person_key=person_key, status__in=LIVE)
    if account_id is not None:
        rows = rows.filter(Q(account_id__isnull=True) | ~Q(account_id=account_id))
    return rows.select_related("account", "office", "slot").first()


def is_blocked_by_others(person_key: str, *, account_id: int, now: dt.datetime) -> bool:
    """True if something that another account or a desk did blocks a number.

    This is all that opening a contest may reveal: a refused booking reveals the same.
    """
    return any(rows.exists() for rows in _obstacles(person_key, account_id, now))


def _obstacles(person_key: Any, account_id: Any, now: dt.datetime) -> list[QuerySet[Any]]:
    """Return what blocks a number for an account. The values may refer to an outer query."""

    def of_others(rows: QuerySet[Any], path: str) -> QuerySet[Any]:
        rows = rows.filter(person_key=person_key)
        return rows.filter(Q(**{f"{path}__isnull": True}) | ~Q(**{path: account_id}))

    in_force = Restriction.objects.filter(lifted_at__isnull=True, until_at__gt=now)
    waiting = WaitingMember.objects.filter(left_at__isnull=True)
    to_be_held = Draw.objects.filter(drawn_at__isnull=True)
    entered = DrawMember.objects.filter(left_at__isnull=True, draw__in=to_be_held)
    return [
        of_others(Booking.objects.filter(status__in=LIVE), "account_id"),
        of_others(in_force, "booking__account_id"),
        of_others(waiting, "entry__account_id"),
        of_others(entered, "entry__account_id"),
    ]


def contests_by(account_id: int) -> QuerySet[Contest]:
    """Return the contests of an account, latest first."""
    rows = Contest.objects.filter(account_id=account_id).select_related("office", "applicant")
    return rows.order_by("-opened_at", "-pk")


def contest_of(account_id: int, contest_id: int) -> Contest:
    """Return one of the account's contests. Raises NotFound."""
    contest = contests_by(account_id).filter(pk=contest_id).first()
    if contest is None:
        raise NotFound
    return contest


def contests_at(office: Office) -> QuerySet[Contest]:
    """Return the contests that an office decides."""
    rows = Contest.objects.filter(office=office)
    return rows.select_related("office", "applicant", "account", "decided_by")


def stale_contest_ids(*, opened_before: dt.datetime, now: dt.datetime) -> list[int]:
    """Return the ids of open contests that are too old, or whose number nothing blocks any more."""
    obstacles = _obstacles(OuterRef("person_key"), OuterRef("account_id"), now)
    is_free = Q(*(~Exists(obstacle) for obstacle in obstacles))
    rows = Contest.objects.filter(status=ContestStatus.OPEN)
    rows = rows.filter(Q(opened_at__lt=opened_before) | is_free)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def signals_at(office: Office) -> QuerySet[BrokerSignal]:
    """Return an office's signals, latest first."""
    rows = BrokerSignal.objects.filter(office=office).prefetch_related("notes__by")
    return rows.order_by("-last_at", "-pk")


@dataclass(frozen=True)
class SignalOutcomes:
    """The signals of one pattern, by the outcome of their last review; `open` were not reviewed."""

    name: str
    count: int
    confirmed: int
    groundless: int
    watched: int
    open: int


def signal_outcomes(office: Office, first: dt.date, last: dt.date) -> list[SignalOutcomes]:
    """Return an office's signals by pattern, with the outcomes, for signals with an event in the span."""
    begins = office.at(first, dt.time.min)
    ends = office.at(last, dt.time.max)
    notes = BrokerSignalNote.objects.filter(signal=OuterRef("pk")).order_by("-at", "-pk")
    rows = BrokerSignal.objects.filter(office=office, last_at__gte=begins, first_at__lte=ends)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, outcome in rows.annotate(outcome=Subquery(notes.values("outcome")[:1])).values_list(
        "kind", "outcome"
    ):
        counts[kind][outcome or ""] += 1
    outcomes = BrokerSignalNote.Outcome
    return [
        SignalOutcomes(
            name=str(kind.label).capitalize(),
            count=sum(counts[kind].values()),
            confirmed=counts[kind][outcomes.CONFIRMED],
            groundless=counts[kind][outcomes.GROUNDLESS],
            watched=counts[kind][outcomes.WATCHED],
            open=counts[kind][""],
        )
        for kind in BrokerSignal.Kind
        if kind in counts
    ]


def signals_to_review(office: Office) -> QuerySet[BrokerSignal]:
    """Return an office's signals in which something happened since the last review, oldest first."""
    is_new = Q(reviewed_at__isnull=True) | Q(reviewed_at__lt=F("last_at"))
    return BrokerSignal.objects.filter(is_new, office=office).order_by("last_at", "pk")
