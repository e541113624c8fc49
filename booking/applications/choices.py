"""The answers that an office offers for an application, with their labels."""

import datetime as dt

from django.utils.text import capfirst

from booking.applications.models import PassportApplication
from booking.applications.products import PASSPORTS
from booking.applications.requirements import products_for
from booking.applications.services import products_of, purposes_of, reasons_of
from offices.directory.models import Fee, Office, ServiceType
from offices.limits.selectors import products_on


def answer_choices(
    service: ServiceType, office: Office, day: dt.date, *, age: str
) -> dict[str, list[tuple[str, str]]]:
    """Return the codes and labels for reason, product and purpose.

    Only products that the office issues and that people of this age get.
    """
    rule = products_on(office, day)
    products = [
        code
        for code in products_for(products_of(service, day), age)
        if rule is None or code not in PASSPORTS or code in rule.products
    ]
    return {
        "reason": [
            (code, str(capfirst(PassportApplication.Reason(code).label)))
            for code in reasons_of(service)
        ],
        "product": [(code, str(capfirst(Fee.Product(code).label))) for code in products],
        "purpose": [
            (code, str(capfirst(PassportApplication.Purpose(code).label)))
            for code in purposes_of(service)
        ],
    }
