"""Which services are for whom, and which products an office makes."""

import datetime as dt
from typing import Final

from booking.errors import ProductNotMade
from booking.models import Applicant
from offices.models import Fee, Office, ProductRule, ServiceType
from offices.selectors import products_on

PASSPORTS: Final = (
    Fee.Product.ELECTRONIC_10,
    Fee.Product.ELECTRONIC_5,
    Fee.Product.PLAIN_10,
    Fee.Product.PLAIN_5,
)
FOREIGNERS: Final = "foreigners"


def fits(person: Applicant, service: ServiceType) -> bool:
    """Tell whether a service is for this person: a foreigner comes with a passport, a citizen with a NIK."""
    is_foreigner = person.identity_kind == Applicant.IdentityKind.PASSPORT
    return is_foreigner == (service.group.code == FOREIGNERS)


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
