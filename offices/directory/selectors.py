"""Offices and the services they offer."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import (
    Count,
    DateField,
    DateTimeField,
    F,
    Func,
    Min,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast

from core.db import shared_read
from core.errors import NotFound
from core.languages import localized
from offices.directory.models import Counter, Device, Fee, Hall, Lane, Office, ServiceType


def document_name(doc: Mapping[str, Any]) -> str:
    """Return a document's name in the reader's language."""
    return localized(doc)


def get_office(code: str) -> Office:
    """Return the office with this code. Raises NotFound."""
    office = Office.objects.select_related("region").filter(code=code).first()
    if office is None:
        raise NotFound
    return office


def list_offices() -> list[Office]:
    """Return every office by name."""
    return list(Office.objects.select_related("region").order_by("name"))


def list_offices_for_cards() -> list[Office]:
    """Return every office by name, with services prefetched."""
    rows = Office.objects.select_related("region").order_by("name")
    return list(rows.prefetch_related("service_types__group"))


@shared_read(times=10, has_text=False)
def all_services() -> list[ServiceType]:
    """Return the services that some office offers, in the order of creation."""
    rows = ServiceType.objects.filter(offices__isnull=False).select_related("group")
    return list(rows.distinct().order_by("id"))


@shared_read(times=10, has_text=False)
def offices_with(service_id: int) -> list[Office]:
    """Return the offices that offer a service, by name."""
    return list(Office.objects.filter(service_types=service_id).order_by("name"))


def list_offices_in_full() -> list[Office]:
    """Return every office by name, with all public data prefetched."""
    return list(_in_full().order_by("name"))


def _in_full() -> QuerySet[Office]:
    return Office.objects.select_related("region").prefetch_related(
        "opening_hours", "service_types__group", "halls__lanes"
    )


@shared_read(times=10, has_text=False)
def fees_on(day: date) -> dict[str, int]:
    """Return the price of each product sold on a day, in rupiah."""
    return dict(Fee.objects.in_force(day).values_list("product", "amount"))


def fee_on(product: str, day: date) -> int | None:
    """Return the price of a product on a day, in rupiah; None if it is not sold."""
    return fees_on(day).get(product)


class OfficeSetup:
    """What an office consists of, each part read when it is first used. Shared: nothing may change it."""

    def __init__(self, office: Office) -> None:
        self.office = office

    def halls_on(self, day: date) -> tuple[Hall, ...]:
        """The halls in use on a day, by floor and name, with lanes and groups."""
        return tuple(hall for hall in self._halls if hall.is_in_use_on(day))

    def counters_on(self, day: date) -> tuple[Counter, ...]:
        """The counters in use on a day, by number, with their hall."""
        return tuple(counter for counter in self._counters if counter.is_in_use_on(day))

    @cached_property
    def _halls(self) -> tuple[Hall, ...]:
        rows = self.office.halls.prefetch_related("lanes", "groups")
        return tuple(rows.order_by("floor", "name", "pk"))

    @cached_property
    def _counters(self) -> tuple[Counter, ...]:
        rows = Counter.objects.filter(hall__office=self.office).select_related("hall")
        return tuple(rows.order_by("number", "pk"))

    @cached_property
    def devices(self) -> tuple[Device, ...]:
        return tuple(self.office.devices.order_by("pk"))

    @cached_property
    def services(self) -> tuple[ServiceType, ...]:
        """The services with group and stages."""
        rows = self.office.service_types.select_related("group").prefetch_related("stages")
        return tuple(rows.order_by("pk"))


@shared_read(times=10, has_text=False)
def setup_of(office: Office) -> OfficeSetup:
    """Return halls, counters, devices and services of an office, at most ten seconds old."""
    return OfficeSetup(office)


@shared_read(times=10, has_text=False)
def lanes_by_code() -> dict[str, Lane]:
    """Return all lanes, at most ten seconds old. Shared: nothing may change them."""
    return Lane.objects.in_bulk()


def halls_for(office: Office, *, group_id: int, lane_id: str, day: date) -> list[Hall]:
    """Return the halls that call a lane for a group on a day, by floor."""
    rows = office.halls.in_use_on(day).filter(groups=group_id, lanes=lane_id)
    return list(rows.order_by("floor", "name", "pk").distinct())


Pair = tuple[int, str, int]  # office, lane, group


class PairHalls:
    """The hall that serves each lane and group of some offices on a day, the first of several."""

    def __init__(self, offices: Sequence[Office]) -> None:
        rows = Hall.objects.filter(office__in=offices, lanes__isnull=False, groups__isnull=False)
        self._rows: dict[Pair, list[tuple[int, date | None]]] = defaultdict(list)
        for office, lane, group, hall, retired_on in rows.order_by("pk").values_list(
            "office", "lanes", "groups", "pk", "retired_on"
        ):
            self._rows[office, lane, group].append((hall, retired_on))

    def on(self, office: int, lane: str, group: int, day: date) -> int | None:
        """Return the hall of a lane and group on a day, or None."""
        for hall, retired_on in self._rows.get((office, lane, group), ()):
            if retired_on is None or day < retired_on:
                return hall
        return None

    def spans_of(self, wanted: int) -> Iterator[tuple[Pair, date, date]]:
        """Yield what a hall serves: lane and group, the first day, and the day after the last."""
        for pair, halls in self._rows.items():
            first = date.min
            for hall, retired_on in halls:
                until = retired_on or date.max
                if hall == wanted and first < until:
                    yield pair, first, until
                first = max(first, until)


def services_of(office: Office) -> list[ServiceType]:
    """Return the office's services in the order of creation."""
    return list(office.service_types.select_related("group").order_by("id"))


def chosen_service(services: list[ServiceType], code: str) -> ServiceType | None:
    """Return the service with this code, or None if the office does not offer it."""
    return next((service for service in services if service.code == code), None)


def local_date(field: str, office: str = "office") -> Cast:
    """Return the day of a moment of a row by the calendar of its office, as an expression."""
    zone = F(f"{office}__time_zone")
    local = Func(zone, F(field), function="timezone", output_field=DateTimeField())
    return Cast(local, DateField())


# --- Counts of several tables ---------------------------------------------------------------------
@dataclass(frozen=True)
class Waiting:
    """How many rows of a table wait for somebody, and the first of their times."""

    n: int
    first: Any = None


def count_together(office: Office, **tables: tuple[QuerySet[Any], str]) -> dict[str, Waiting]:
    """Count several tables in one query; each is a queryset and the column of its times, or nothing.

    The parts of the statement are the querysets of the lists, so a count is what its list shows.
    """
    parts: dict[str, Subquery] = {}
    for name, (rows, column) in tables.items():
        parts[f"{name}_n"] = _scalar(rows, Count("pk"))
        if column:
            parts[f"{name}_first"] = _scalar(rows, Min(column))
    values = Office.objects.filter(pk=office.pk).annotate(**parts).values(*parts).get()
    return {name: Waiting(values[f"{name}_n"] or 0, values.get(f"{name}_first")) for name in tables}


def _scalar(rows: QuerySet[Any], aggregate: Any) -> Subquery:
    together = rows.order_by().annotate(together=Value(1)).values("together")
    return Subquery(together.annotate(value=aggregate).values("value"))
