"""What the finder answers: service, products, documents, fees, times and offices."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.text import capfirst

from booking.applications.documents import document_text
from booking.applications.models import PassportApplication
from booking.applications.products import FINES, price_on, price_text, refused_product
from booking.applications.requirements import (
    Circumstances,
    abolished_documents,
    documents_for,
    products_for,
    years_of,
)
from booking.applications.services import products_of
from booking.finder.questions import (
    PRIORITY_AGES,
    YES,
    Answers,
    age_of,
    service_code,
)
from core.clock import local_day
from core.formats import rupiah
from offices.day_rules.selectors import day_rule_on
from offices.directory.models import ACCELERATED, Fee, Office, ServiceType
from offices.directory.selectors import list_offices_for_cards
from offices.hours.selectors import with_rules
from offices.limits.models import ProductRule
from quotas.calendar.board import quotas_in_force
from quotas.plan.days import day_total
from quotas.policies.selectors import rules_of_offices

PRIORITY = "priority"
# A lost or damaged passport is examined first: no number of days is promised.
EXAMINED = tuple(FINES)


@dataclass(frozen=True)
class ProductLine:
    """A product that the person may have, its validity, its fee and the address that begins with it."""

    code: str
    name: str
    years: int | None
    fee: str
    total: str
    start_url: str


@dataclass(frozen=True)
class OfficeLine:
    """An office that serves this, and its lanes for people without a booking or in a hurry."""

    office: Office
    url: str
    products: list[str]
    priority_places: int
    accelerated_until: dt.time | None
    ready_from: dt.time | None


@dataclass(frozen=True)
class Result:
    """The answer to complete answers."""

    service: ServiceType
    documents: list[str]
    abolished: list[str]
    products: list[ProductLine]
    instruments: list[tuple[str, dt.date]]
    due_working_days: int | None
    is_examined: bool
    is_priority: bool
    is_hurried: bool
    surcharge: str
    offices: list[OfficeLine]
    start_url: str

    @property
    def accelerated_offices(self) -> list[OfficeLine]:
        return [row for row in self.offices if row.accelerated_until is not None]

    @property
    def priority_offices(self) -> list[OfficeLine]:
        return [row for row in self.offices if row.priority_places]


def circumstances_of(answers: Answers, day: dt.date) -> Circumstances:
    """Return what complete answers say about documents and products."""
    is_passport = service_code(answers) != "stay_permit"
    return Circumstances(
        day=day,
        age=age_of(answers),
        reason=answers["reason"] if is_passport else str(PassportApplication.Reason.STAY),
        issued=answers.get("issued", ""),
        parents=answers.get("parents", ""),
        purpose=answers.get("purpose", ""),
        permit=answers.get("permit", ""),
    )


def result_of(answers: Answers, now: dt.datetime) -> Result | None:
    """Return the result of complete answers, or None while no office offers the service."""
    service = ServiceType.objects.select_related("group").filter(code=service_code(answers)).first()
    if service is None:
        return None
    today = local_day(now, settings.TIME_ZONE)
    facts = circumstances_of(answers, today)
    wanted = products_for(products_of(service, today), facts.age)
    is_examined = facts.reason in EXAMINED
    is_hurried = answers.get("hurry") == YES
    is_accelerated = is_hurried and not is_examined
    surcharge = Fee.objects.in_force(today).filter(product=Fee.Product.ACCELERATED).first()
    return Result(
        service=service,
        documents=[document_text(row) for row in documents_for(service.documents, facts)],
        abolished=[document_text(row) for row in abolished_documents(service.documents, facts)],
        products=[_product(code, answers, facts, is_accelerated=is_accelerated) for code in wanted],
        instruments=_instruments(wanted, facts),
        due_working_days=service.due_working_days,
        is_examined=is_examined,
        is_priority=answers.get("age") in PRIORITY_AGES,
        is_hurried=is_hurried,
        surcharge=rupiah(surcharge.amount) if surcharge else "",
        offices=_offices(service, wanted, now, is_accelerated=is_accelerated),
        start_url=start_url(answers),
    )


def start_url(answers: Mapping[str, str], product: str = "") -> str:
    """Return the address that begins the application with these answers."""
    query = {**answers} | ({"product": product} if product else {})
    return f"{reverse('booking:finder_start')}?{urlencode(query)}"


def _product(
    code: str, answers: Answers, facts: Circumstances, *, is_accelerated: bool
) -> ProductLine:
    price = price_on(code, facts.reason, facts.day, accelerated=is_accelerated)
    is_sum = price is not None and price.total != price.product
    return ProductLine(
        code=code,
        name=str(capfirst(Fee.Product(code).label)),
        years=years_of(code),
        fee=price_text(price) if price else "",
        total=rupiah(price.total) if price is not None and is_sum else "",
        start_url=start_url(answers, code),
    )


def _instruments(products: tuple[str, ...], facts: Circumstances) -> list[tuple[str, dt.date]]:
    names = [*products, FINES.get(facts.reason, "")]
    rows = Fee.objects.in_force(facts.day).filter(product__in=names)
    return sorted(set(rows.values_list("instrument", "valid_from")))


def _offices(
    service: ServiceType, products: tuple[str, ...], now: dt.datetime, *, is_accelerated: bool
) -> list[OfficeLine]:
    """Return the offices that offer the service and at least one of the products."""
    places = [
        office
        for office in with_rules(list_offices_for_cards(), ProductRule)
        if service in office.service_types.all()
    ]
    if not places:
        return []
    first = min(office.local_day(now) for office in places)
    last = max(office.local_day(now) for office in places)
    rules = rules_of_offices(places, first=first, last=last)
    lines = []
    for office in places:
        day = office.local_day(now)
        issued = [code for code in products if refused_product(office, day, code) is None]
        if not issued:
            continue
        quotas = [
            row for row in quotas_in_force(rules[office.pk], day) if row.group == service.group_id
        ]
        lanes = {row.lane for row in quotas}
        rule = day_rule_on(office, day) if is_accelerated and ACCELERATED in lanes else None
        lines.append(
            OfficeLine(
                office=office,
                url=f"{reverse('booking:office', args=[office.code])}?service_type={service.code}",
                products=_narrowed(issued, products),
                priority_places=sum(day_total(row) for row in quotas if row.lane == PRIORITY),
                accelerated_until=rule.accelerated_until if rule else None,
                ready_from=rule.accelerated_ready_from if rule else None,
            )
        )
    return lines


def _narrowed(issued: list[str], products: tuple[str, ...]) -> list[str]:
    """Return the names of the products that the office issues if it does not issue all of them."""
    if len(issued) == len(products):
        return []
    return [str(Fee.Product(code).label) for code in issued]
