"""From an hour to a ticket: who comes, check the answers, book once."""

import datetime as dt
import re
import uuid
from collections.abc import Sequence
from typing import Any, Final, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from booking import selectors, services
from booking.models import Applicant, Party, PassportApplication
from booking.selectors import Household
from booking.services.applications import fits
from booking.views.common import SignedInRequest, chosen_service
from booking.views.devices import device_key, remember_device
from booking.views.full import full_page
from booking.views.offices import nearest
from booking.views.people import masked
from booking.views.room_tickets import room_on_the_way, tokens_of
from core import clock
from core.errors import DomainError, NotFound
from core.templatetags.formats import date_long, hours, rupiah
from core.web import count_refusal, with_retry_after
from offices.models import ServiceType
from offices.selectors import fee_on
from quotas.models import Slot
from quotas.selectors import SlotView
from quotas.selectors.calendar import slot_view

MOST_PEOPLE: Final = 5
CODE: Final = re.compile(r"[-\w]{1,40}", re.ASCII)
GONE: Final = frozenset({"full", "window_closed", "not_yet_open", "booking_stopped"})


@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest, slot_id: int) -> HttpResponse:
    """Show what is about to be booked; book it on POST. A form sent twice makes one booking."""
    if not request.user.is_authenticated:
        return redirect_to_login(_as_chosen(request, slot_id))
    return _shown_or_booked(cast("SignedInRequest", request), slot_id)


def _shown_or_booked(request: SignedInRequest, slot_id: int) -> HttpResponse:
    now = clock.now()
    refusal: DomainError | None = None
    if request.method != "POST" and (room := _room(request, slot_id, now)):
        return HttpResponseRedirect(room)
    if request.method == "POST":
        try:
            return _to_ticket(request, _book(request, slot_id, now))
        except DomainError as error:
            refusal = error
            count_refusal(error)
            if error.code == "not_admitted":
                return HttpResponseRedirect(
                    _room(request, slot_id, now) or _as_chosen(request, slot_id)
                )
            chosen = _asked(request.POST.getlist("applicants"))
            short = full_page(request, slot_id, chosen, refusal, now)
            if short is not None:
                return short
    slot, view, offered = _hour(slot_id, now)
    home = selectors.household_of(request.user.pk)
    service = _service(request, offered, home)
    typed = request.GET.getlist("who") if refusal is None else request.POST.getlist("applicants")
    chosen = _asked(typed) or (_obvious(home, service) if refusal is None else [])
    page = _page(
        request, slot, view, service, offered, home, chosen=chosen, now=now, refusal=refusal
    )
    return remember_device(request, page)


def _as_chosen(request: HttpRequest, slot_id: int) -> str:
    """Return the address of this page as it stands; a session that ran out forgets nobody who was ticked."""
    if request.method != "POST":
        return request.get_full_path()
    chosen = [pk for pk in _asked(request.POST.getlist("applicants")) if pk][:MOST_PEOPLE]
    service = request.POST.get("service_type", "")
    return _address(slot_id, service if CODE.fullmatch(service) else "", chosen)


def _book(request: SignedInRequest, slot_id: int, now: dt.datetime) -> Party:
    return services.create_bookings(
        account_id=request.user.pk,
        slot_id=slot_id,
        applicant_ids=_asked(request.POST.getlist("applicants")),
        service_type=request.POST.get("service_type", ""),
        key=request.POST.get("key", ""),
        now=now,
        device_key=device_key(request),
        room_tickets=tokens_of(request),
    )


def _room(request: SignedInRequest, slot_id: int, now: dt.datetime) -> str:
    """Return the waiting room that stands before this hour for the reader now, or nothing."""
    onward = _as_chosen(request, slot_id)
    return room_on_the_way(
        request, slot_id=slot_id, account_id=request.user.pk, onward=onward, now=now
    )


def _hour(slot_id: int, now: dt.datetime) -> tuple[Slot, SlotView, list[ServiceType]]:
    """Return an hour that can be booked online, how it stands, and the services it is for.

    A forged number is not found, nor is a desk's lane.
    """
    hour = selectors.hour_of(slot_id)
    view = slot_view(slot_id, now=now) if hour and hour.slot.lane.booked_at == "online" else None
    offered = [row for row in hour.services if row.group_id == hour.slot.group_id] if hour else []
    if hour is None or view is None or not offered:
        raise NotFound(_("Jam ini tidak ada. Pilih jam dari kalender kantor."))
    return hour.slot, view, offered


def _service(request: SignedInRequest, offered: list[ServiceType], home: Household) -> ServiceType:
    """Return the service asked for, else the one that has been prepared, else the first."""
    code = request.POST.get("service_type") or request.GET.get("service_type", "")
    found = chosen_service(offered, str(code))
    if found is not None:
        return found
    by_id = {row.pk: row for row in offered}
    prepared = (by_id.get(row.service_type_id) for row in home.applications)
    return next((service for service in prepared if service is not None), offered[0])


def _asked(texts: Sequence[str]) -> list[int]:
    """Return the ids of a form; what is no number is nobody's, and the service says so."""
    return [
        int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0 for text in texts
    ]


def _obvious(home: Household, service: ServiceType) -> list[int]:
    """Return whom a tap can be spared for: the only person, or the only one who is prepared."""
    able = [row.pk for row in home.people if fits(row, service) and not _is_booked(row)]
    if len(able) <= 1:
        return able
    applications = home.prepared_for(service.pk)
    prepared = [pk for pk in able if pk in applications]
    return prepared if len(prepared) == 1 else []


def _is_booked(person: Applicant) -> bool:
    return bool(getattr(person, "has_live_booking", False))


def _page(
    request: SignedInRequest,
    slot: Slot,
    view: SlotView,
    service: ServiceType,
    offered: list[ServiceType],
    home: Household,
    *,
    chosen: list[int],
    now: dt.datetime,
    refusal: DomainError | None = None,
) -> HttpResponse:
    is_gone = view.status != "open" or (refusal is not None and refusal.code in GONE)
    used_up = refusal is not None and refusal.code == "key_reused"
    key = "" if used_up or refusal is None else request.POST.get("key", "")
    context = {
        "slot": slot,
        "office": slot.office,
        "view": view,
        "service": service,
        "services": [_service_choice(row, service) for row in offered],
        "people": _cards(home, service, chosen, now),
        "refusal": refusal,
        "field_errors": _field_errors(refusal),
        "is_gone": is_gone,
        "alternatives": _alternatives(slot, service, chosen, now) if is_gone else [],
        "key": key or uuid.uuid4().hex,
        "change_by": _change_by(slot),
        "is_change_over": slot.office.local_day(now) > _change_by(slot),
        "here": request.get_full_path()
        if request.method != "POST"
        else _address(slot.pk, service.code, chosen),
        "day_url": f"{reverse('booking:day', args=[slot.office.code, slot.day])}"
        f"?{urlencode({'service_type': service.code, 'who': chosen}, doseq=True)}",
        "schedule": _schedule_rows(slot, service, chosen),
    }
    status = refusal.http_status if refusal else 200
    answer = render(request, "booking/book.html", context, status=status)
    return with_retry_after(answer, refusal)


def _change_by(slot: Slot) -> dt.date:
    """Return the last day on which a booking of this slot may still be rescheduled."""
    return slot.day - dt.timedelta(days=1)


def _schedule_rows(slot: Slot, service: ServiceType, chosen: list[int]) -> list[dict[str, Any]]:
    office = slot.office
    query = urlencode({"service_type": service.code, "who": chosen}, doseq=True)
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


def _service_choice(row: ServiceType, service: ServiceType) -> dict[str, Any]:
    return {"code": row.code, "name": str(row), "is_chosen": row == service}


def _address(slot_id: int, service_code: str, chosen: list[int]) -> str:
    query = urlencode({"service_type": service_code, "who": chosen}, doseq=True)
    return f"{reverse('booking:book', args=[slot_id])}?{query}"


def _cards(
    home: Household, service: ServiceType, chosen: list[int], now: dt.datetime
) -> list[dict[str, Any]]:
    """Return each person with what stands against choosing them, or with what is prepared."""
    applications = home.prepared_for(service.pk)
    return [
        {
            "person": person,
            "identity": masked(person),
            "is_chosen": person.pk in chosen,
            "why_not": _why_not(person, service),
            "application": applications.get(person.pk),
            "fee": _fee(applications.get(person.pk), now),
            "application_url": reverse("booking:application_for", args=[person.pk, service.code]),
        }
        for person in home.people
    ]


def _why_not(person: Applicant, service: ServiceType) -> str:
    if _is_booked(person):
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


def _alternatives(
    slot: Slot, service: ServiceType, chosen: list[int], now: dt.datetime
) -> list[dict[str, Any]]:
    """Return the nearest hours; what was chosen goes along with each link."""
    rows = [
        row for row in nearest(slot.office, service, slot.starts_at, now) if row["id"] != slot.pk
    ]
    who = urlencode({"who": chosen}, doseq=True)
    return [{**row, "url": f"{row['url']}&{who}" if who else row["url"]} for row in rows]


def _field_errors(refusal: DomainError | None) -> list[str]:
    """Return every sentence of a refusal that belongs to a field."""
    if refusal is None:
        return []
    return [str(text) for texts in refusal.fields.values() for text in texts]


def _to_ticket(request: SignedInRequest, party: Party) -> HttpResponse:
    """Go to the ticket, or to the list when one request made several."""
    codes = selectors.codes_of(party)
    text = ngettext(
        "Tempat ini milik Anda. Konfirmasi dikirim ke e-mail Anda.",
        "%(count)d tempat milik Anda. Konfirmasi dikirim ke e-mail Anda.",
        len(codes),
    )
    messages.success(request, text % {"count": len(codes)} if len(codes) > 1 else text)
    if len(codes) == 1:
        return HttpResponseRedirect(reverse("booking:ticket", args=codes))
    return HttpResponseRedirect(reverse("booking:bookings"))
