"""The booking page of a slot: choose people, check the details, book."""

import datetime as dt
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
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

from accounts.devices import device_key, network_key, remember_device
from accounts.requests import SignedInRequest
from booking.applications import selectors as applications_selectors
from booking.applications.models import PassportApplication
from booking.applications.products import accelerated_fee, fee_text
from booking.applications.selectors import AccountPeople
from booking.bookings import selectors
from booking.bookings.models import Party
from booking.bookings.requests import BookingRequest, OpenWindow
from booking.bookings.services import create_bookings
from booking.codes import CODE_LENGTH
from booking.people.labels import masked
from booking.people.models import Applicant
from booking.people.selectors import fits
from booking.refusals.services import Channel, record_refusal
from core import clock
from core.errors import DomainError, NotFound
from core.formats import date_long, hour, hours
from core.forms import parsed_ids
from core.web import count_refusal, with_retry_after
from offices import labels
from offices.day_rules.selectors import day_rule_on
from offices.directory.models import ACCELERATED, Lane, Office, ServiceType
from offices.directory.selectors import all_services, chosen_service, offices_with
from quotas.calendar.nearest import nearest, without_place
from quotas.calendar.selectors import OPEN, SlotView, slot_view
from quotas.places.models import Slot
from quotas.waiting_room.tickets import room_on_the_way, tokens_of

MOST_PEOPLE: Final = 5
ANY_CODE: Final = "X" * CODE_LENGTH
CODE: Final = re.compile(r"[-\w]{1,40}", re.ASCII)

# Errors after which the slot cannot be booked at present.
NOT_AVAILABLE: Final = frozenset({"full", "window_closed", "not_yet_open"})


@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest, slot_id: int) -> HttpResponse:
    """Show the booking page; book on POST. A form submitted twice makes one booking."""
    if not request.user.is_authenticated:
        return redirect_to_login(_as_chosen(request, slot_id))
    return _shown_or_booked(cast("SignedInRequest", request), slot_id)


def describe_slot(slot_id: int) -> str:
    """Return the sentence about a chosen slot for the sign-in pages, or "" for an unknown one."""
    bookable = selectors.bookable_slot(slot_id)
    if bookable is None:
        return ""
    slot = bookable.slot
    return _(
        "Anda memilih %(slot)s di %(office)s. Jam ini belum ditahan untuk Anda; tempatnya menjadi milik Anda setelah dipesan."
    ) % {
        "slot": labels.slot_text(slot.starts_at, slot.ends_at, slot.office),
        "office": slot.office.name,
    }


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
            _record(request, slot_id, error, now)
            if error.code in NOT_AVAILABLE and slot_view(slot_id, now=now) is None:
                raise  # the slot was withdrawn and has no page any more, so the error gets a page of its own
            count_refusal(error)
            if error.code == "not_admitted":
                return HttpResponseRedirect(
                    _room(request, slot_id, now) or _as_chosen(request, slot_id)
                )
            chosen = applicant_ids_of(request)
            short = _full_page(request, slot_id, chosen, refusal, now)
            if short is not None:
                return short
    slot, view, offered = _slot_and_services(slot_id, now)
    home = applications_selectors.account_people_of(request.user.pk)
    service = _service(request, offered, home)
    typed = request.GET.getlist("who") if refusal is None else request.POST.getlist("applicants")
    chosen = parsed_ids(typed) or (_preselected_ids(home, service) if refusal is None else [])
    shown = SlotPage(slot, view, service, offered, home, chosen, now, refusal)
    return remember_device(request, _show_slot(request, shown))


def _as_chosen(request: HttpRequest, slot_id: int) -> str:
    """Return the URL of this page with its choices, so that they survive signing in again."""
    if request.method != "POST":
        return request.get_full_path()
    chosen = [pk for pk in applicant_ids_of(request) if pk][:MOST_PEOPLE]
    service = request.POST.get("service_type", "")
    return address_of(slot_id, service if CODE.fullmatch(service) else "", chosen)


def _book(request: SignedInRequest, slot_id: int, now: dt.datetime) -> Party:
    wanted = BookingRequest(
        account_id=request.user.pk,
        slot_id=slot_id,
        applicant_ids=applicant_ids_of(request),
        service_type=request.POST.get("service_type", ""),
        key=request.POST.get("key", ""),
        device_key=device_key(request),
        network_key=network_key(request),
    )
    right = OpenWindow(room_tickets=tokens_of(request))
    [party] = create_bookings(requests=[wanted], right=right, by=request.user, now=now)
    return party


def _record(request: SignedInRequest, slot_id: int, error: DomainError, now: dt.datetime) -> None:
    """Record the refusal, so that the question why can be answered later."""
    hour = selectors.bookable_slot(slot_id)
    record_refusal(
        error,
        channel=Channel.PAGE,
        account_id=request.user.pk,
        slot_id=slot_id,
        slot=hour.slot if hour else None,
        size=len(request.POST.getlist("applicants")),
        now=now,
    )


def _room(request: SignedInRequest, slot_id: int, now: dt.datetime) -> str:
    """Return the URL of the slot's waiting room if the reader has to pass it now, else ""."""
    onward = _as_chosen(request, slot_id)
    return room_on_the_way(
        request, slot_id=slot_id, account_id=request.user.pk, onward=onward, now=now
    )


def _slot_and_services(slot_id: int, now: dt.datetime) -> tuple[Slot, SlotView, list[ServiceType]]:
    """Return a slot that can be booked online, its current state and its services.

    Raises NotFound for an unknown slot or a desk lane.
    """
    bookable = selectors.bookable_slot(slot_id)
    view = (
        slot_view(slot_id, now=now)
        if bookable and bookable.slot.lane.booked_at in Lane.IS_ONLINE
        else None
    )
    offered = bookable.offered if bookable else []
    if bookable is None or view is None or not offered:
        raise NotFound(_("Jam ini tidak ada. Pilih jam dari kalender kantor."))
    return bookable.slot, view, offered


def _service(
    request: SignedInRequest, offered: list[ServiceType], home: AccountPeople
) -> ServiceType:
    """Return the requested service, else the prepared one, else the first."""
    code = request.POST.get("service_type") or request.GET.get("service_type", "")
    requested = chosen_service(offered, str(code))
    if requested is not None:
        return requested
    by_id = {row.pk: row for row in offered}
    prepared = (by_id.get(row.service_type_id) for row in home.applications)
    return next((service for service in prepared if service is not None), offered[0])


def applicant_ids_of(request: HttpRequest) -> list[int]:
    """Return the applicant ids of a submitted form."""
    return parsed_ids(request.POST.getlist("applicants"))


def _preselected_ids(home: AccountPeople, service: ServiceType) -> list[int]:
    """Return who to preselect: the only eligible person, or the only one with an application."""
    able = [row.pk for row in home.people if fits(row, service) and not is_booked(row)]
    if len(able) <= 1:
        return able
    applications = home.prepared_for(service.pk)
    prepared = [pk for pk in able if pk in applications]
    return prepared if len(prepared) == 1 else []


def _to_ticket(request: SignedInRequest, party: Party) -> HttpResponse:
    """Redirect to the ticket, or to the list if the request made several bookings."""
    codes = selectors.codes_of(party)
    text = ngettext(
        "Tempat ini milik Anda. Konfirmasi dikirim ke surel Anda.",
        "%(count)d tempat milik Anda. Konfirmasi dikirim ke surel Anda.",
        len(codes),
    )
    messages.success(request, text % {"count": len(codes)} if len(codes) > 1 else text)
    if len(codes) > 1:
        return HttpResponseRedirect(reverse("booking:bookings"))
    return HttpResponseRedirect(address_of_ticket(*codes))


def address_of_ticket(code: str) -> str:
    """Return the URL of a ticket."""
    return _address_of_any_ticket().replace(ANY_CODE, code)


@cache
def _address_of_any_ticket() -> str:
    return reverse("booking:ticket", args=[ANY_CODE])


@dataclass(frozen=True)
class SlotPage:
    """The data of the booking page; `refusal` is the error of the submitted form."""

    slot: Slot
    view: SlotView
    service: ServiceType
    offered: list[ServiceType]
    home: AccountPeople
    chosen: list[int]
    now: dt.datetime
    refusal: DomainError | None = None

    @property
    def is_gone(self) -> bool:
        refused = self.refusal is not None and self.refusal.code in NOT_AVAILABLE
        return self.view.status != OPEN or refused


def _show_slot(request: SignedInRequest, page: SlotPage) -> HttpResponse:
    """Render the booking page."""
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
        "must_confirm": refusal is None
        and selectors.must_confirm_address(request.user.pk, office=slot.office, now=page.now),
        "alternatives": _alternatives(page) if page.is_gone else [],
        "own_tickets": _own_tickets(request, page),
        **(without_place(slot.office, page.service, page.now) if page.is_gone else {}),
        "now": page.now,
        "key": key or uuid.uuid4().hex,
        "here": address_of(slot.pk, page.service.code, page.chosen)
        if request.method == "POST"
        else here,
    }
    status = refusal.http_status if refusal else 200
    answer = render(request, "booking/bookings/book.html", context, status=status)
    return with_retry_after(answer, refusal)


def _own_tickets(request: SignedInRequest, page: SlotPage) -> list[dict[str, str]]:
    """Return the account's own tickets of the chosen people, if the refusal says that they are booked."""
    if page.refusal is None or page.refusal.code != "already_booked":
        return []
    rows = selectors.live_bookings_of(request.user.pk, page.chosen)
    return [{"name": row.applicant.short_name, "url": address_of_ticket(row.code)} for row in rows]


def _context(
    slot: Slot, service: ServiceType, offered: list[ServiceType], who: list[int], now: dt.datetime
) -> dict[str, Any]:
    """Return the slot, the services to choose from, and links back to day and office."""
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
        {"label": _("Jalur"), "value": _lane_text(slot)},
    ]


def _lane_text(slot: Slot) -> str:
    """Return the lane and, for the accelerated one, what it asks of the applicant."""
    if slot.lane_id != ACCELERATED:
        return str(slot.lane)
    rule = day_rule_on(slot.office, slot.day)
    return _(
        "%(lane)s: datang sebelum pukul %(until)s, paspor siap hari ini mulai pukul %(ready)s, "
        "dengan biaya tambahan %(fee)s"
    ) % {
        "fee": accelerated_fee(slot.day),
        "lane": str(slot.lane),
        "until": hour(rule.accelerated_until),
        "ready": hour(rule.accelerated_ready_from),
    }


def address_of(slot_id: int, service_code: str, chosen: list[int]) -> str:
    """Return the URL of the booking page with these choices filled in."""
    query = urlencode({"service_type": service_code, "who": chosen}, doseq=True)
    return f"{reverse('booking:book', args=[slot_id])}?{query}"


def _people(page: SlotPage) -> list[dict[str, Any]]:
    """Return a card for each person: their application, or why they cannot be chosen."""
    applications = page.home.prepared_for(page.service.pk)
    return [_card(person, applications.get(person.pk), page) for person in page.home.people]


def _card(
    person: Applicant, application: PassportApplication | None, page: SlotPage
) -> dict[str, Any]:
    return {
        "person": person,
        "identity": masked(person),
        "why_not": _why_not(person, page.service),
        "served_url": "" if fits(person, page.service) else _served_url(person, page.slot.office),
        "is_chosen": person.pk in page.chosen,
        "reason": application.get_reason_display() if application else "",
        "product": application.get_product_display() if application else "",
        "fee": fee_text(application, page.slot.day),
    }


def is_booked(person: Applicant) -> bool:
    """True if the person has a live booking."""
    return bool(getattr(person, "has_live_booking", False))


def _why_not(person: Applicant, service: ServiceType) -> str:
    if is_booked(person):
        return _(
            "Sudah punya jadwal yang masih berlaku; ubah atau batalkan lebih dulu di Tiket saya."
        )
    if not fits(person, service):
        if person.identity_kind == Applicant.IdentityKind.PASSPORT:
            return _("Layanan ini untuk pemegang NIK; orang ini terdaftar dengan paspor asing.")
        return _("Layanan ini untuk warga asing; orang ini terdaftar dengan NIK.")
    return ""


def _served_url(person: Applicant, office: Office) -> str:
    """Return where this person is served: the office's own calendar, else the nearest offices."""
    service = next((row for row in all_services() if fits(person, row)), None)
    if service is None:
        return reverse("booking:offices")
    query = {"service_type": service.code}
    if office in offices_with(service.pk):
        return f"{reverse('booking:office', args=[office.code])}?{urlencode(query)}"
    return f"{reverse('booking:offices')}?{urlencode({**query, 'near': office.code})}"


def _alternatives(page: SlotPage) -> list[dict[str, Any]]:
    """Return the nearest slots; each link keeps the current choices."""
    slot = page.slot
    slots = nearest(slot.office, page.service, slot.starts_at, page.now)
    who = urlencode({"who": page.chosen}, doseq=True)
    return [
        {**row, "url": f"{row['url']}&{who}" if who else row["url"]}
        for row in slots
        if row["id"] != slot.pk
    ]


def _field_errors(refusal: DomainError | None) -> list[str]:
    """Return every field message of an error."""
    if refusal is None:
        return []
    return [str(text) for texts in refusal.fields.values() for text in texts]


def _full_page(
    request: HttpRequest,
    slot_id: int,
    chosen: Sequence[int],
    refusal: DomainError,
    now: dt.datetime,
) -> HttpResponse | None:
    """Return the short "slot full" page for one person, or None if another error has to be shown."""
    bookable = selectors.bookable_slot(slot_id)
    offered = list(bookable.services) if bookable else []
    service = chosen_service(offered, request.POST.get("service_type", ""))
    if refusal.code != "full" or len(chosen) != 1 or bookable is None or service is None:
        return None
    slot, who = bookable.slot, {"who": chosen[0]}
    query = urlencode({"service_type": service.code, **who})
    context = {
        "slot": slot,
        "office": slot.office,
        "service": service,
        "refusal": refusal,
        "day_url": f"{reverse('booking:day', args=[slot.office.code, slot.day])}?{query}",
        "office_url": f"{reverse('booking:office', args=[slot.office.code])}?{query}",
        "alternatives": [
            {**row, "url": f"{row['url']}&{urlencode(who)}"}
            for row in nearest(slot.office, service, slot.starts_at, now)
            if row["id"] != slot.pk
        ],
        **without_place(slot.office, service, now),
    }
    return render(request, "booking/bookings/full.html", context, status=refusal.http_status)
