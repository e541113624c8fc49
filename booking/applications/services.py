"""Writes of passport applications, and the reasons and products a service allows."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.applications.models import PassportApplication
from booking.applications.products import PASSPORTS, not_made, refused_product
from booking.people.models import Applicant
from booking.people.selectors import FOREIGNERS, fits
from booking.statuses import LIVE, Status
from core.clock import local_day
from core.errors import InvalidInput, NotFound
from offices.directory.models import Fee, Office, ServiceType
from offices.directory.selectors import fees_on
from offices.limits.selectors import products_on
from offices.permissions import Right, check_right, is_officer

Reason = PassportApplication.Reason
# Bookings whose office may complete the application: a person marked as missing may still arrive.
OPEN_TO_OFFICERS = (*LIVE, Status.NO_SHOW, Status.LEFT)


class Follow(Protocol):
    """What happens after an application was saved."""

    def __call__(self, *, application: PassportApplication, now: dt.datetime) -> None: ...


# Called after an application was saved, in its transaction. Features above register theirs.
APPLICATION_CHANGED: list[Follow] = []


@dataclass(frozen=True)
class ApplicationData:
    """An application as entered. `documents` maps a document code to whether it is available."""

    service_type: str
    reason: str
    purpose: str
    product: str
    documents: Mapping[str, bool] = field(default_factory=dict)


def save_application(
    *, applicant_id: int, by: User, data: ApplicationData, now: dt.datetime
) -> PassportApplication:
    """Create a person's application for a service, or update the existing one.

    Allowed for the person's account, and for officers of the office of their newest open booking
    of the service. Raises NotFound, NotAllowed, and InvalidInput with its fields.
    """
    service = ServiceType.objects.select_related("group").filter(code=data.service_type).first()
    if service is None:
        raise InvalidInput(
            fields={"service_type": [_("Layanan ini tidak ada. Pilih dari daftar.")]}
        )
    with transaction.atomic():
        person = (
            Applicant.objects.select_for_update(no_key=True)
            .filter(pk=applicant_id, removed_at__isnull=True)
            .first()
        )
        if person is None:
            raise NotFound
        _check_right(person, service, by=by, now=now)
        _check(data, service=service, person=person, today=local_day(now, settings.TIME_ZONE))
        _check_office(person, service, data.product)
        documents = {
            row["code"]: bool(data.documents.get(row["code"])) for row in service.documents
        }
        values = {
            "reason": data.reason,
            "purpose": data.purpose,
            "product": data.product,
            "documents": documents,
            "changed_at": now,
        }
        application, _is_new = PassportApplication.objects.update_or_create(
            applicant=person,
            service_type=service,
            defaults=values,
            create_defaults={**values, "created_at": now},
        )
        for follow in APPLICATION_CHANGED:
            follow(application=application, now=now)
        return application


def reasons_of(service: ServiceType) -> tuple[str, ...]:
    """Return the reasons allowed for a service."""
    if not service.makes_passport:
        return (Reason.STAY,)
    if service.code == "new":
        return (Reason.FIRST,)
    return (Reason.EXPIRED, Reason.FULL, Reason.LOST, Reason.DAMAGED)


def purposes_of(service: ServiceType) -> tuple[str, ...]:
    """Return the purposes of travel that people are asked about: foreigners are never asked about umrah."""
    purposes = PassportApplication.Purpose
    hidden = {purposes.UMRAH} if service.group.code == FOREIGNERS else set()
    return tuple(str(purpose) for purpose in purposes if purpose not in hidden)


def products_of(service: ServiceType, day: dt.date) -> tuple[str, ...]:
    """Return the products of a service: those with a fee on that day, or all if no fee is known."""
    wanted = PASSPORTS if service.makes_passport else (Fee.Product.STAY_PERMIT,)
    fees = fees_on(day)
    priced = tuple(str(product) for product in wanted if product in fees)
    return priced or tuple(str(product) for product in wanted)


def check_products(*, office: Office, day: dt.date, application_ids: Sequence[int]) -> None:
    """Raise ProductNotMade if the office does not issue the product of one of the applications on that day."""
    if not application_ids or products_on(office, day) is None:
        return
    rows = PassportApplication.objects.filter(pk__in=application_ids)
    for product in rows.order_by("pk").values_list("product", flat=True):
        rule = refused_product(office, day, product)
        if rule is not None:
            raise not_made(office, rule)


def _check_right(person: Applicant, service: ServiceType, *, by: User, now: dt.datetime) -> None:
    if person.account_id == by.pk:
        return
    rows = person.bookings.filter(service_type=service, status__in=OPEN_TO_OFFICERS)
    booking = rows.select_related("office").order_by("-slot__starts_at").first()
    if booking is None or not is_officer(by):
        raise NotFound
    check_right(by, Right.BOOK_AT_DESK, office=booking.office, now=now)


def erase_applications(*, application_ids: Iterable[int]) -> None:
    """Erase purpose and documents. Service and product stay: the ledger of places and fees needs them."""
    PassportApplication.objects.filter(pk__in=application_ids).update(purpose="", documents={})


def _check_office(person: Applicant, service: ServiceType, product: str) -> None:
    """A person with a live booking can only choose a product that its office issues on that day."""
    rows = person.bookings.filter(service_type=service, status__in=LIVE)
    booking = rows.select_related("office", "slot").first()
    if booking is None:
        return
    rule = refused_product(booking.office, booking.slot.day, product)
    if rule is not None:
        refusal = not_made(booking.office, rule)
        raise InvalidInput(fields={"product": [str(refusal)]})


def _check(
    data: ApplicationData, *, service: ServiceType, person: Applicant, today: dt.date
) -> None:
    mistakes: dict[str, list[Any]] = {}
    if not fits(person, service):
        mistakes["service_type"] = [
            _("Layanan ini bukan untuk jenis identitas orang ini. Pilih layanan lain.")
        ]
    if data.reason not in reasons_of(service):
        mistakes["reason"] = [_("Alasan ini tidak berlaku untuk layanan ini. Pilih dari daftar.")]
    if data.purpose not in purposes_of(service):
        mistakes["purpose"] = [_("Pilih tujuan perjalanan dari daftar.")]
    if data.product not in products_of(service, today):
        mistakes["product"] = [
            _("Jenis paspor ini tidak tersedia untuk layanan ini. Pilih dari daftar.")
        ]
    if set(data.documents) - {row["code"] for row in service.documents}:
        mistakes["documents"] = [
            _("Ada berkas yang tidak diperlukan untuk layanan ini. Pilih dari daftar.")
        ]
    if mistakes:
        raise InvalidInput(fields=mistakes)
