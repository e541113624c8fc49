"""The passport products an office issues, and their fees."""

import datetime as dt
from typing import Final

from booking.applications.errors import ProductNotMade
from booking.applications.models import PassportApplication
from core.formats import rupiah
from offices.directory.models import Fee, Office
from offices.directory.selectors import fee_on
from offices.limits.models import ProductRule
from offices.limits.selectors import products_on

PASSPORTS: Final = (
    Fee.Product.ELECTRONIC_10,
    Fee.Product.ELECTRONIC_5,
    Fee.Product.PLAIN_10,
    Fee.Product.PLAIN_5,
)


def fee_text(application: PassportApplication | None, day: dt.date) -> str:
    """Return the application's fee under the tariff in force on the day of the appointment."""
    amount = fee_on(application.product, day) if application else None
    return rupiah(amount) if amount is not None else ""


def accelerated_fee(day: dt.date) -> str:
    """Return the surcharge of the accelerated lane on a day, or "" if none is set."""
    amount = fee_on(Fee.Product.ACCELERATED, day)
    return rupiah(amount) if amount is not None else ""


def refused_product(office: Office, day: dt.date, product: str) -> ProductRule | None:
    """Return the rule that excludes a product at an office on a day, or None if it is issued."""
    rule = products_on(office, day)
    if rule is None or product not in PASSPORTS or product in rule.products:
        return None
    return rule


def not_made(office: Office, rule: ProductRule) -> ProductNotMade:
    """Return the error that names the products the office does issue, and the legal instrument."""
    names = [str(Fee.Product(product).label) for product in rule.products]
    return ProductNotMade(office=office.name, products=", ".join(names), instrument=rule.instrument)
