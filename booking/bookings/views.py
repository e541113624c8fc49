"""The booking page of a slot: choose people, check the details, book."""

import datetime as dt
import re
import uuid
from collections.abc import Mapping, Sequence
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
from booking.applications.products import accelerated_fee, fee_text
from booking.applications.selectors import AccountPeople
from booking.bookings import selectors
from booking.bookings.hours import slot_for_service, slots_at_same_hour
from booking.bookings.models import Party
from booking.bookings.requests import Choice, OpenWindow, Part, parts_of, request_of
from booking.bookings.services import create_bookings
from booking.codes import CODE_LENGTH
from booking.people.labels import masked
from booking.people.models import Applicant
from booking.people.selectors import fits
from booking.refusals.services import Channel, record_refusal
from core import clock
from core.errors import DomainError, NotFound
from core.formats import date_long, hour, hours, local_time_long
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
    size = party_size_of(request)
    chosen = parsed_ids(typed) or (
        _preselected_ids(home, service, slot_id, size, now) if refusal is None else []
    )
    shown = SlotPage(slot, view, service, offered, home, chosen, now, refusal)
    return remember_device(request, _show_slot(request, shown))


def _as_chosen(request: HttpRequest, slot_id: int) -> str:
    """Return the URL of this page with its choices, so that they survive signing in again."""
    if request.method != "POST":
        return request.get_full_path()
    chosen = [pk for pk in applicant_ids_of(request) if pk][:MOST_PEOPLE]
    service = request.POST.get("service_type", "")
    own = {service_field(pk): request.POST.get(service_field(pk), "") for pk in chosen}
    kept = {name: code for name, code in own.items() if CODE.fullmatch(code)}
    return address_of(slot_id, service if CODE.fullmatch(service) else "", chosen, kept)


def _book(request: SignedInRequest, slot_id: int, now: dt.datetime) -> Party:
    choices = [
        _choice_of(request, pk, slot_id) for pk in applicant_ids_of(request)[: MOST_PEOPLE + 1]
    ]
    nobody = Part(
        slot_id=slot_id, service_type=request.POST.get("service_type", ""), applicant_ids=()
    )
    wanted = request_of(
        parts_of(choices) or [nobody],
        account_id=request.user.pk,
        key=request.POST.get("key", ""),
        device_key=device_key(request),
        network_key=network_key(request),
    )
    right = OpenWindow(room_tickets=tokens_of(request))
    [party] = create_bookings(requests=[wanted], right=right, by=request.user, now=now)
    return party


def _choice_of(request: SignedInRequest, applicant_id: int, slot_id: int) -> Choice:
    """Return the person's own service, else the one for everybody, and the slot for it at this hour."""
    of_everybody = request.POST.get("service_type", "")
    code = request.POST.get(service_field(applicant_id)) or of_everybody
    slot = slot_id if code == of_everybody else slot_for_service(slot_id, code)
    return Choice(applicant_id, slot, code)


def service_field(applicant_id: int) -> str:
    """Return the name of the form's field with a person's service."""
    return f"service_type_{applicant_id}"


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


def party_size_of(request: HttpRequest) -> int:
    """Return how many people were said to come before the hour was chosen; 0 if nothing was said."""
    numbers = [request.GET.get(name, "") for name in ("people", "others")]
    return sum(int(text) for text in numbers if text in {"1", "2", "3", "4", "5"})


def _preselected_ids(
    home: AccountPeople, service: ServiceType, slot_id: int, size: int, now: dt.datetime
) -> list[int]:
    """Return who to preselect: everybody if exactly so many come, the only eligible person, or the
    only one with an application.
    """
    free = [row for row in home.people if not is_booked(row) and not restricted_until(row, now)]
    everybody = [row.pk for row in free if services_for(row, slot_id)]
    if size > 1 and len(everybody) == size:
        return everybody
    able = [row.pk for row in free if fits(row, service)]
    if len(able) <= 1:
        return able
    applications = home.prepared_for(service.pk)
    prepared = [pk for pk in able if pk in applications]
    return prepared if len(prepared) == 1 else []


def _to_ticket(request: SignedInRequest, party: Party) -> HttpResponse:
    """Redirect to the ticket, or to the ticket of the family."""
    codes = selectors.codes_of(party)
    text = ngettext(
        "Tempat ini milik Anda. Konfirmasi dikirim ke surel Anda.",
        "%(count)d tempat milik Anda. Konfirmasi dikirim ke surel Anda.",
        len(codes),
    )
    messages.success(request, text % {"count": len(codes)} if len(codes) > 1 else text)
    if len(codes) > 1:
        return HttpResponseRedirect(reverse("booking:party", args=[party.code]))
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

    @property
    def asks_each(self) -> bool:
        """True if each person has a service of their own: not for one person of this slot's group."""
        people = self.home.people
        return len(people) > 1 or any(not fits(row, self.service) for row in people)


def _show_slot(request: SignedInRequest, page: SlotPage) -> HttpResponse:
    """Render the booking page."""
    refusal, slot = page.refusal, page.slot
    used_up = refusal is not None and refusal.code == "key_reused"
    key = "" if used_up or refusal is None else request.POST.get("key", "")
    here = request.get_full_path()
    context = {
        **_context(slot, page.service, page.offered, page.chosen, page.now),
        "view": page.view,
        "asks_each": page.asks_each,
        "people": _people(page, request),
        "refusal": refusal,
        "chosen": [row for row in page.home.people if row.pk in page.chosen],
        "field_errors": _field_errors(refusal),
        "is_gone": page.is_gone,
        "must_confirm": refusal is None
        and selectors.must_confirm_address(request.user.pk, office=slot.office, now=page.now),
        "alternatives": _alternatives(page) if page.is_gone else [],
        "own_tickets": _own_tickets(request, page),
        **(_without_place(page) if page.is_gone else {}),
        "now": page.now,
        "key": key or uuid.uuid4().hex,
        "here": _as_chosen(request, slot.pk) if request.method == "POST" else here,
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


def address_of(
    slot_id: int, service_code: str, chosen: list[int], services: Mapping[str, str] | None = None
) -> str:
    """Return the URL of the booking page with these choices filled in; `services` are people's own, by field."""
    query = urlencode({"service_type": service_code, "who": chosen, **(services or {})}, doseq=True)
    return f"{reverse('booking:book', args=[slot_id])}?{query}"


def _people(page: SlotPage, request: HttpRequest) -> list[dict[str, Any]]:
    """Return a card for each person: service and application, or why they cannot be chosen."""
    return [_card(person, page, request) for person in page.home.people]


def _card(person: Applicant, page: SlotPage, request: HttpRequest) -> dict[str, Any]:
    options = services_for(person, page.slot.pk)
    service = _service_of(person, options, page, request)
    application = None if service is None else page.home.prepared_for(service.pk).get(person.pk)
    return {
        "person": person,
        "identity": masked(person),
        "why_not": _why_not(person, options, page),
        "served_url": "" if options else _served_url(person, page.slot.office),
        "is_chosen": person.pk in page.chosen,
        "field": service_field(person.pk),
        "service": service,
        "services": options,
        "reason": application.get_reason_display() if application else "",
        "product": application.get_product_display() if application else "",
        "fee": fee_text(application, page.slot.day),
    }


def services_for(person: Applicant, slot_id: int) -> list[ServiceType]:
    """Return the services that the office has for this kind of identity at the slot's hour."""
    return [row for one in slots_at_same_hour(slot_id) for row in one.offered if fits(person, row)]


def _service_of(
    person: Applicant, options: Sequence[ServiceType], page: SlotPage, request: HttpRequest
) -> ServiceType | None:
    """Return the service to propose: the submitted, else the prepared one, else the page's, else the first."""
    field = service_field(person.pk)
    submitted = request.POST.get(field) or request.GET.get(field, "")
    by_code = {row.code: row for row in options}
    if submitted in by_code or not options:
        return by_code.get(submitted)
    prepared = [
        row.service_type_id for row in page.home.applications if row.applicant_id == person.pk
    ]
    if page.service in options and (page.service.pk in prepared or not page.asks_each):
        return page.service
    by_id = {row.pk: row for row in options}
    own = next((by_id[pk] for pk in prepared if pk in by_id), None)
    return own or (page.service if page.service in options else options[0])


def is_booked(person: Applicant) -> bool:
    """True if the person has a live booking."""
    return bool(getattr(person, "has_live_booking", False))


def restricted_until(person: Applicant, now: dt.datetime) -> dt.datetime | None:
    """Return when the person's restriction after a missed booking ends; None without one in force."""
    until: dt.datetime | None = getattr(person, "restricted_until", None)
    return until if until is not None and until > now else None


def _why_not(person: Applicant, options: Sequence[ServiceType], page: SlotPage) -> str:
    if is_booked(person):
        return _(
            "Sudah punya jadwal yang masih berlaku; ubah atau batalkan lebih dulu di Tiket saya."
        )
    if until := restricted_until(person, page.now):
        text = _(
            "Tidak dapat memesan daring sampai %(until)s. Punya alasan? Lihat halaman Pembatasan."
        )
        return text % {"until": local_time_long(until, page.slot.office)}
    if options:
        return ""
    if person.identity_kind == Applicant.IdentityKind.PASSPORT:
        return _(
            "Pada jam ini kantor tidak melayani warga asing; orang ini terdaftar dengan paspor."
        )
    return _("Pada jam ini kantor tidak melayani WNI; orang ini terdaftar dengan NIK.")


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


def _without_place(page: SlotPage) -> dict[str, Any]:
    """Return what else is offered to everybody who was chosen."""
    people = max(len(page.chosen), 1)
    return without_place(page.slot.office, page.service, page.now, people=people)


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
