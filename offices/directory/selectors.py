"""Offices and the services they offer."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet

from core.db import shared_read
from core.errors import NotFound
from core.languages import localized
from offices.directory.models import Fee, Hall, Office, ServiceType


def document_name(doc: dict[str, Any]) -> str:
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


def halls_by_pair(offices: Sequence[Office]) -> dict[tuple[int, str, int], int]:
    """Return the hall that serves each lane and group of each office, the first of several."""
    rows = Hall.objects.filter(office__in=offices, lanes__isnull=False, groups__isnull=False)
    pairs = rows.order_by("-pk").values_list("office", "lanes", "groups", "pk")
    return {(office, lane, group): hall for office, lane, group, hall in pairs}


def services_of(office: Office) -> list[ServiceType]:
    """Return the office's services in the order of creation."""
    return list(office.service_types.select_related("group").order_by("id"))


def chosen_service(services: list[ServiceType], code: str) -> ServiceType | None:
    """Return the service with this code, or None if the office does not offer it."""
    return next((service for service in services if service.code == code), None)
