"""Reads of contests and of broker signals."""

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet

from booking.bookings.models import Booking
from booking.integrity.models import BrokerSignal, Contest, ContestStatus
from booking.statuses import LIVE
from core.errors import NotFound
from offices.directory.models import Office


def contested_booking(person_key: str, *, account_id: int | None) -> Booking | None:
    """Return the live booking under a number that was made by another account or at a desk."""
    rows = Booking.objects.filter(person_key=person_key, status__in=LIVE)
    if account_id is not None:
        rows = rows.filter(Q(account_id__isnull=True) | ~Q(account_id=account_id))
    return rows.select_related("account", "office", "slot").first()


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


def stale_contest_ids(*, opened_before: dt.datetime) -> list[int]:
    """Return the ids of open contests that are too old, or whose number has no live booking any more."""
    live = Booking.objects.filter(person_key=OuterRef("person_key"), status__in=LIVE)
    others = live.filter(Q(account_id__isnull=True) | ~Q(account_id=OuterRef("account_id")))
    rows = Contest.objects.filter(status=ContestStatus.OPEN)
    rows = rows.filter(Q(opened_at__lt=opened_before) | ~Exists(others))
    return list(rows.order_by("pk").values_list("pk", flat=True))


def signals_at(office: Office) -> QuerySet[BrokerSignal]:
    """Return an office's signals, latest first."""
    rows = BrokerSignal.objects.filter(office=office).prefetch_related("notes__by")
    return rows.order_by("-last_at", "-pk")
