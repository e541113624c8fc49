"""The size of the party, chosen before the hours are shown, so that hours with too few places are marked."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from booking.bookings.checks import PARTY_LIMIT
from booking.bookings.hours import Need, nearest_with_room
from offices import labels
from offices.directory.models import Office, ServiceGroup, ServiceType

NAMES: Final = ("people", "others")


@dataclass(frozen=True)
class Company:
    """`people` come for the chosen service's group, `others` for the office's other group. 0: not said yet."""

    people: int = 0
    others: int = 0
    other_group: ServiceGroup | None = None

    @property
    def total(self) -> int:
        return max(self.people, 1) + self.others

    @property
    def query(self) -> dict[str, int]:
        """The parts of an address that keep the numbers."""
        numbers = {"people": self.people, "others": self.others}
        return {name: number for name, number in numbers.items() if number}

    def needs(self, service: ServiceType) -> list[Need]:
        """Return how many places of which group the people need."""
        needs = [Need(service.group, service.pk, max(self.people, 1))]
        if self.others and self.other_group is not None:
            needs.append(Need(self.other_group, None, self.others))
        return needs


def company_of(request: HttpRequest, services: list[ServiceType], chosen: ServiceType) -> Company:
    """Return the numbers of the request. What is not a number, or more than a party, counts as not said."""
    other = next((row.group for row in services if row.group_id != chosen.group_id), None)
    people = _number(request.GET.get("people", ""), PARTY_LIMIT)
    others = _number(request.GET.get("others", ""), PARTY_LIMIT - max(people, 1)) if other else 0
    return Company(people, others, other)


def _number(text: str, most: int) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 0
    return number if number <= most else 0


def links_of(
    company: Company, service: ServiceType, address: str, kept: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return one question for each group, with a link for each number. `kept` stays in the addresses."""

    def link(numbers: Company, number: int, *, is_chosen: bool) -> dict[str, Any]:
        query = urlencode({**kept, **numbers.query}, doseq=True)
        return {"number": number, "url": f"{address}?{query}", "is_chosen": is_chosen}

    mine = []
    for number in range(1, PARTY_LIMIT + 1):
        numbers = Company(number, min(company.others, PARTY_LIMIT - number))
        mine.append(link(numbers, number, is_chosen=number == company.people))
    if company.other_group is None:
        return [{"group": None, "links": mine}]
    people = max(company.people, 1)
    other = [
        link(Company(people, number), number, is_chosen=number == company.others)
        for number in range(PARTY_LIMIT - people + 1)
    ]
    return [
        {"group": service.group, "links": mine},
        {"group": company.other_group, "links": other},
    ]


def nearest_for(
    office: Office, service: ServiceType, company: Company, *, after: dt.datetime, now: dt.datetime
) -> list[dict[str, Any]]:
    """Return the nearest hours with room for everybody, as links to their booking pages."""
    views = nearest_with_room(office, company.needs(service), near=after, now=now)
    query = urlencode({"service_type": service.code, **company.query})
    return [
        {
            "id": view.id,
            "text": labels.slot_text(view.starts_at, view.ends_at, office),
            "left": view.left,
            "url": f"{reverse('booking:book', args=[view.id])}?{query}",
        }
        for view in views
    ]
