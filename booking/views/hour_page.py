"""The page of an hour: what is about to be booked, who comes, one button."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.models import Applicant, PassportApplication
from booking.selectors import Household
from booking.selectors.services_for import fits
from booking.views.common import SignedInRequest
from booking.views.offices import nearest
from booking.views.people import masked
from booking.views.words import fee_text
from core.errors import DomainError
from core.templatetags.formats import date_long, hours
from core.web import with_retry_after
from offices.models import ServiceType
from quotas.models import Slot
from quotas.selectors import SlotView
from quotas.selectors.calendar import OPEN

GONE: Final = frozenset({"full", "window_closed", "not_yet_open", "booking_stopped"})


@dataclass(frozen=True)
class HourPage:
    """What the page is made of; `refusal` is why the form that was sent booked nothing."""

    slot: Slot
    view: SlotView
    service: ServiceType
    offered: list[ServiceType]
    home: Household
    chosen: list[int]
    now: dt.datetime
    refusal: DomainError | None = None

    @property
    def is_gone(self) -> bool:
        refused = self.refusal is not None and self.refusal.code in GONE
        return self.view.status != OPEN or refused


def show_hour(request: SignedInRequest, page: HourPage) -> HttpResponse:
    """Answer with the page of an hour."""
    refusal, slot = page.refusal, page.slot
    used_up = refusal is not None and refusal.code == "key_reused"
    key = "" if used_up or refusal is None else request.POST.get("key", "")
    here = request.get_full_path()
    context = {
        **_context(slot, page.service, page.offered, page.chosen, page.now),
        "view": page.view,
        "people": _people(page),
        "refusal": refusal,
        "chosen": [row for row in page.home.people if row.pk in page.chosen],
        "field_errors": _field_errors(refusal),
        "is_gone": page.is_gone,
        "alternatives": _alternatives(page) if page.is_gone else [],
        "key": key or uuid.uuid4().hex,
        "here": address_of(slot.pk, page.service.code, page.chosen)
        if request.method == "POST"
        else here,
    }
    status = refusal.http_status if refusal else 200
    answer = render(request, "booking/book.html", context, status=status)
    return with_retry_after(answer, refusal)


def _context(
    slot: Slot, service: ServiceType, offered: list[ServiceType], who: list[int], now: dt.datetime
) -> dict[str, Any]:
    """Return the hour itself, the services to choose from and the links back to day and office."""
    query = urlencode({"service_type": service.code, "who": who}, doseq=True)
    change_by = slot.day - dt.timedelta(days=1)  # the last day on which it may be rescheduled
    return {
        "slot": slot,
        "office": slot.office,
        "service": service,
        "services": [
            {"code": row.code, "name": str(row), "is_chosen": row == service} for row in offered
        ],
        "change_by": change_by,
        "is_change_over": slot.office.local_day(now) > change_by,
        "day_url": f"{reverse('booking:day', args=[slot.office.code, slot.day])}?{query}",
        "schedule": _schedule_rows(slot, query),
    }


def _schedule_rows(slot: Slot, query: str) -> list[dict[str, Any]]:
    office = slot.office
    day_url = f"{reverse('booking:day', args=[office.code, slot.day])}?{query}"
    office_url = f"{reverse('booking:office', args=[office.code])}?{query}"
    return [
        {
            "label": _("Kantor"),
            "value": office.name,
            "change_url": reverse("booking:offices"),
            "what": _("kantor"),
        },
        {
            "label": _("Hari"),
            "value": date_long(slot.day),
            "change_url": office_url,
            "what": _("hari"),
        },
        {
            "label": _("Jam"),
            "value": hours(slot.starts_at, slot.ends_at, office),
            "change_url": day_url,
            "what": _("jam"),
        },
        {"label": _("Jalur"), "value": str(slot.lane)},
    ]


def address_of(slot_id: int, service_code: str, chosen: list[int]) -> str:
    """Return the address of the page as somebody had filled it in."""
    query = urlencode({"service_type": service_code, "who": chosen}, doseq=True)
    return f"{reverse('booking:book', args=[slot_id])}?{query}"


def _people(page: HourPage) -> list[dict[str, Any]]:
    """Return a card for each person: why they cannot be chosen, or what is prepared for them."""
    applications = page.home.prepared_for(page.service.pk)
    return [_card(person, applications.get(person.pk), page) for person in page.home.people]


def _card(
    person: Applicant, application: PassportApplication | None, page: HourPage
) -> dict[str, Any]:
    return {
        "person": person,
        "identity": masked(person),
        "why_not": _why_not(person, page.service),
        "is_chosen": person.pk in page.chosen,
        "reason": application.get_reason_display() if application else "",
        "product": application.get_product_display() if application else "",
        "fee": fee_text(application, page.slot.day),
    }


def is_booked(person: Applicant) -> bool:
    """Tell whether one of the account's people has an hour already."""
    return bool(getattr(person, "has_live_booking", False))


def _why_not(person: Applicant, service: ServiceType) -> str:
    if is_booked(person):
        return _("Sudah punya jadwal yang masih berlaku; ubah atau batalkan dahulu di Tiket saya.")
    if not fits(person, service):
        if person.identity_kind == Applicant.IdentityKind.PASSPORT:
            return _("Layanan ini untuk pemegang NIK; orang ini terdaftar dengan paspor asing.")
        return _("Layanan ini untuk warga asing; orang ini terdaftar dengan NIK.")
    return ""


def _alternatives(page: HourPage) -> list[dict[str, Any]]:
    """Return the nearest hours; what was chosen goes along with each link."""
    slot = page.slot
    found = nearest(slot.office, page.service, slot.starts_at, page.now)
    who = urlencode({"who": page.chosen}, doseq=True)
    return [
        {**row, "url": f"{row['url']}&{who}" if who else row["url"]}
        for row in found
        if row["id"] != slot.pk
    ]


def _field_errors(refusal: DomainError | None) -> list[str]:
    """Return every sentence of a refusal that belongs to a field."""
    if refusal is None:
        return []
    return [str(text) for texts in refusal.fields.values() for text in texts]
