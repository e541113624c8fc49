"""What became of the bookings that were reminded, by the wording of the reminder."""

import datetime as dt
from dataclasses import dataclass
from math import sqrt
from typing import Final

from django.db.models import Count, Q

from booking.bookings.models import Booking
from booking.statuses import Status
from offices.directory.models import Office

CAME: Final = (Status.CHECKED_IN, Status.SERVED, Status.LEFT)
# Two-sided, 95 of 100.
Z: Final = 1.96


@dataclass(frozen=True)
class Outcome:
    """Reminded bookings of one wording whose hour is over: they came, cancelled, or missed it."""

    code: str
    came: int
    cancelled: int
    missed: int

    @property
    def reminded(self) -> int:
        return self.came + self.cancelled + self.missed

    @property
    def rate(self) -> float | None:
        """The share that missed the booking; None without any."""
        return self.missed / self.reminded if self.reminded else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The Wilson interval in which the true share lies with 95 % confidence."""
        count, share = self.reminded, self.rate
        if share is None:
            return None
        middle = share + Z * Z / (2 * count)
        half = Z * sqrt(share * (1 - share) / count + Z * Z / (4 * count * count))
        whole = 1 + Z * Z / count
        return max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole)


def outcomes(office: Office, first: dt.date, last: dt.date, *, now: dt.datetime) -> list[Outcome]:
    """Return the outcomes of an office's reminded bookings of some days, by wording.

    Those moved by the office, and those whose outcome nobody has recorded yet, do not count.
    """
    rows = Booking.objects.filter(
        office=office,
        reminded_at__isnull=False,
        slot__day__range=(first, last),
        slot__ends_at__lte=now,
        status__in=[*CAME, Status.CANCELLED, Status.NO_SHOW],
    )
    counts = rows.values("reminder_code").annotate(
        came=Count("pk", filter=Q(status__in=CAME)),
        cancelled=Count("pk", filter=Q(status=Status.CANCELLED)),
        missed=Count("pk", filter=Q(status=Status.NO_SHOW)),
    )
    return [
        Outcome(row["reminder_code"], row["came"], row["cancelled"], row["missed"])
        for row in counts.order_by("reminder_code")
    ]


def differ(results: list[Outcome]) -> bool:
    """True if the rates of two wordings differ by more than chance explains."""
    intervals = [row.interval for row in results if row.interval]
    return any(low > high for low, _top in intervals for _bottom, high in intervals)
