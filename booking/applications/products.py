"""The passport products an office issues, and their fees."""

import datetime as dt
from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from booking.applications.errors import ProductNotMade
from booking.applications.models import PassportApplication
from booking.applications.requirements import Price, price_of
from core.formats import rupiah
from offices.directory.models import Fee, Office
from offices.directory.selectors import fees_on
from offices.limits.models import ProductRule
from offices.limits.selectors import products_on

PASSPORTS: Final = (
    Fee.Product.ELECTRONIC_10,
    Fee.Product.ELECTRONIC_5,
    Fee.Product.PLAIN_10,
    Fee.Product.PLAIN_5,
)


# A reason that adds a fine to the fee of the product.
FINES: Final[Mapping[str, str]] = {
    PassportApplication.Reason.LOST: Fee.Product.LOST,
    PassportApplication.Reason.DAMAGED: Fee.Product.DAMAGED,
}


def price_on(product: str, reason: str, day: dt.date, *, accelerated: bool = False) -> Price | None:
    """Return what a product costs by the schedule of the day, with the fine of the reason; None if not sold."""
    return price_of(
        fees_on(day),
        product,
        fine=FINES.get(reason, ""),
        surcharge=Fee.Product.ACCELERATED if accelerated else "",
    )


def fee_text(application: PassportApplication | None, day: dt.date) -> str:
    """Return the application's fee, with its fine, under the tariff in force on the day of the appointment."""
    price = price_on(application.product, application.reason, day) if application else None
    return "" if price is None else price_text(price)


def price_text(price: Price) -> str:
    """Return a fee in words: the product's amount, and what is paid in addition."""
    text = rupiah(price.product)
    if price.fine:
        text = _("%(fee)s, ditambah denda %(fine)s") % {"fee": text, "fine": rupiah(price.fine)}
    if price.surcharge:
        text = _("%(fee)s, ditambah layanan percepatan %(surcharge)s") % {
            "fee": text,
            "surcharge": rupiah(price.surcharge),
        }
    return text


def amount_due(
    application: PassportApplication, *, day: dt.date, is_accelerated: bool
) -> int | None:
    """Return the fee in rupiah with the fine and the surcharge, under the tariff of a day; None if it has no price."""
    fees = fees_on(day)
    amount = fees.get(application.product)
    if amount is None:
        return None
    fine = fees.get(FINES.get(application.reason, ""), 0)
    surcharge = fees.get(Fee.Product.ACCELERATED, 0) if is_accelerated else 0
    return amount + fine + surcharge


def accelerated_fee(day: dt.date) -> str:
    """Return the surcharge of the accelerated lane on a day, or "" if none is set."""
    amount = fees_on(day).get(Fee.Product.ACCELERATED)
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
