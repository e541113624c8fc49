"""The page of an hour: what is about to be booked, who comes, one button.

Everyone in a release minute looks at one. While nothing stands against booking, it is drawn once for all who look
at the same hour, and who comes is put in as it is handed out (`booking.views.drawn`).
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from booking import selectors, services
from booking.models import Applicant, PassportApplication
from booking.selectors import Household
from booking.services.applications import fits
from booking.views.common import SignedInRequest
from booking.views.drawn import Drawing, draw_page, draw_part, hand_out, own, page_of, theme_of
from booking.views.full import draw_ahead
from booking.views.offices import nearest
from booking.views.people import masked
from core.db import shared_read
from core.errors import DomainError
from core.templatetags.formats import date_long, hours, rupiah
from core.web import with_retry_after
from offices.models import ServiceType
from offices.selectors import fee_on
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

    @property
    def is_plain(self) -> bool:
        """Tell whether everyone sees the same but for who comes."""
        return self.refusal is None and not self.is_gone and bool(self.home.people)


def show_hour(request: SignedInRequest, page: HourPage) -> HttpResponse:
    """Answer with the page of an hour."""
    if page.is_plain and request.method == "GET" and not len(get_messages(request)):
        return _show_drawn(request, page)
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


def _show_drawn(request: HttpRequest, page: HourPage) -> HttpResponse:
    services.rehearse()
    drawing: Drawing = _drawn(
        page.slot.pk, page.service.code, theme_of(request), bool(page.chosen), now=page.now
    )
    values = {
        "key": uuid.uuid4().hex,
        "people": _people(page),
        "here": quote(request.get_full_path()),
        "who": mark_safe("&amp;who=".join(map(str, page.chosen))),  # noqa: S308 - numbers
    }
    return hand_out(page_of(request, drawing, values))


@shared_read(times=10)
def _drawn(
    slot_id: int, service_code: str, theme: str, is_chosen: bool, *, now: dt.datetime
) -> Drawing:
    """Draw the page of an open hour; whether it is open was looked at just before."""
    hour = selectors.hour_of(slot_id)
    assert hour is not None  # whoever asks has just looked
    slot = hour.slot
    offered = hour.offered
    service = next(row for row in offered if row.code == service_code)
    # Nobody who presses the button should wait for it.
    draw_ahead(slot.office_id, service.code, theme)
    context = {
        **_context(slot, service, offered, [own("who")] if is_chosen else [], now),
        "people": own("people"),
        "is_gone": False,
        "key": own("key"),
        "here": own("here"),
    }
    path = reverse("booking:book", args=[slot.pk])
    return draw_page("booking/book.html", context, path=path, theme=theme)


def _context(
    slot: Slot, service: ServiceType, offered: list[ServiceType], who: list[Any], now: dt.datetime
) -> dict[str, Any]:
    """Return what is the same for everyone who looks at the hour, but for whom they chose."""
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


def _people(page: HourPage) -> SafeString:
    """Draw each person with what stands against choosing them, or with what is prepared."""
    applications = page.home.prepared_for(page.service.pk)
    cards = ((_card(row, applications.get(row.pk), page),) for row in page.home.people)
    return format_html_join("", "{}", cards)


def _card(person: Applicant, application: PassportApplication | None, page: HourPage) -> SafeString:
    drawing: Drawing = _drawn_card(
        _why_not(person, page.service),
        person.pk in page.chosen,
        person.nik_differs,
        application.reason if application else "",
        application.product if application else "",
        _fee(application, page.now),
    )
    values = {
        "pk": person.pk,
        "name": person.full_name,
        "short_name": person.short_name,
        "identity": masked(person),
    }
    return mark_safe(drawing.with_own(values))  # noqa: S308 - each value is escaped as it is put in


@shared_read(times=10)
def _drawn_card(
    why_not: str, is_chosen: bool, nik_differs: bool, reason: str, product: str, fee: str
) -> Drawing:
    """Draw a card for whoever is in the same position."""
    prepared = PassportApplication(reason=reason, product=product)
    context = {
        "why_not": why_not,
        "is_chosen": is_chosen,
        "nik_differs": nik_differs,
        "reason": prepared.get_reason_display(),
        "product": prepared.get_product_display(),
        "fee": fee,
        **{name: own(name) for name in ("pk", "name", "short_name", "identity")},
    }
    return draw_part("booking/_who.html", context)


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


def _fee(application: PassportApplication | None, now: dt.datetime) -> str:
    if application is None:
        return ""
    amount = fee_on(application.product, now.date())
    return rupiah(amount) if amount is not None else ""


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
