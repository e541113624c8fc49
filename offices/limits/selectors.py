"""Booking limits, products and protocols in force."""

from datetime import date

from core.db import shared_read
from offices.directory.models import Office
from offices.limits.models import (
    BookingLimit,
    NoShowRule,
    PaymentRule,
    ProductRule,
    Protocol,
    RebookingRule,
)
from offices.ordered import from_far_to_near


@shared_read(times=10, has_text=False)
def limits_on(office: Office, day: date) -> list[BookingLimit]:
    """Return the booking limits in force: for each subject and period the most specific one."""
    nearest: dict[tuple[str, int | None], BookingLimit] = {}
    for row in from_far_to_near(BookingLimit, office, day):
        nearest[row.subject, row.within_days] = row
    return list(nearest.values())


@shared_read(times=10, has_text=False)
def rebooking_rule_on(office: Office, day: date) -> RebookingRule:
    """Return the rebooking rule of the day; without a row one with the default values."""
    rows = from_far_to_near(RebookingRule, office, day)
    return rows[-1] if rows else RebookingRule()


def no_show_rule_on(office: Office, day: date) -> NoShowRule | None:
    """Return the no-show rule of the day, or None."""
    return next(reversed(from_far_to_near(NoShowRule, office, day)), None)


@shared_read(times=10, has_text=False)
def products_on(office: Office, day: date) -> ProductRule | None:
    """Return the product rule of the day, or None if the office makes all products."""
    return next(reversed(from_far_to_near(ProductRule, office, day)), None)


@shared_read(times=10)
def protocol_on(office: Office, day: date) -> Protocol | None:
    """Return the protocol in force on a day, or None."""
    return next(reversed(from_far_to_near(Protocol, office, day)), None)


@shared_read(times=10, has_text=False)
def payment_rule_on(office: Office, day: date) -> PaymentRule:
    """Return the payment rule of the day; without a row one that asks for no payment."""
    rows = from_far_to_near(PaymentRule, office, day)
    return rows[-1] if rows else PaymentRule(timing=PaymentRule.Timing.NONE)
