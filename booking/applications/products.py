"""Which passports an office makes, and what they cost."""

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
    """Return the fee of an application, by the tariff in force on the day of the appointment."""
    amount = fee_on(application.product, day) if application else None
    return rupiah(amount) if amount is not None else ""


def refused_product(office: Office, day: dt.date, product: str) -> ProductRule | None:
    """Return the rule by which an office does not make a passport on a day, or None when it does."""
    rule = products_on(office, day)
    if rule is None or product not in PASSPORTS or product in rule.products:
        return None
    return rule


def not_made(office: Office, rule: ProductRule) -> ProductNotMade:
    """Return the refusal that names what the office does make, and the instrument."""
    names = [str(Fee.Product(product).label) for product in rule.products]
    return ProductNotMade(office=office.name, products=", ".join(names), instrument=rule.instrument)
