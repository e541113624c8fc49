"""Reads of refused bookings."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import Q, QuerySet

from accounts.models import User
from booking.bookings.models import Booking
from booking.codes import clean_code
from booking.refusals.models import Refusal
from offices.directory.models import Office


def refusals_of(account_id: int) -> QuerySet[Refusal]:
    """Return an account's refusals, latest first."""
    return Refusal.objects.filter(account_id=account_id).select_related("office")


def refusals_at(
    office: Office,
    *,
    day: dt.date | None = None,
    code: str = "",
    account_id: int | None = None,
) -> QuerySet[Refusal]:
    """Return an office's refusals, latest first: of one day, with one reason, of one account."""
    rows = Refusal.objects.filter(office=office).select_related("account", "by", "office")
    if day is not None:
        start, end = office.at(day, dt.time()), office.at(day + dt.timedelta(days=1), dt.time())
        rows = rows.filter(at__gte=start, at__lt=end)
    if code:
        rows = rows.filter(Q(reason=code) | Q(code=code))
    if account_id is not None:
        rows = rows.filter(account_id=account_id)
    return rows


def codes_at(office: Office) -> Sequence[str]:
    """Return the reasons that occur in an office's refusals."""
    rows = Refusal.objects.filter(office=office).order_by("reason")
    return list(rows.values_list("reason", flat=True).distinct())


def account_behind(office: Office, text: str) -> int | None:
    """Return the account with this e-mail address or booking code, if the office has refused it."""
    accounts = User.objects.filter(email=text.strip().lower())
    if "@" not in text:
        bookings = Booking.objects.filter(code=clean_code(text), account__isnull=False)
        accounts = User.objects.filter(pk__in=bookings.values("account_id"))
    rows = Refusal.objects.filter(office=office, account__in=accounts)
    return rows.values_list("account_id", flat=True).first()
