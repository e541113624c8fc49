"""From an hour to a ticket: who comes, check the answers, book once."""

import datetime as dt
import re
from collections.abc import Sequence
from functools import cache
from typing import Final, cast

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from booking import selectors
from booking.bookings.requests import BookingRequest
from booking.bookings.rights import OpenWindow
from booking.bookings.services import create_bookings
from booking.models import CODE_LENGTH, Party
from booking.selectors import Household
from booking.selectors.services_for import fits
from booking.views.common import SignedInRequest, chosen_service
from booking.views.devices import device_key, remember_device
from booking.views.full import full_page
from booking.views.hour_page import GONE, HourPage, address_of, is_booked, show_hour
from booking.views.room_tickets import room_on_the_way, tokens_of
from core import clock
from core.errors import DomainError, NotFound
from core.web import count_refusal
from offices.models import ServiceType
from quotas.models import Slot
from quotas.selectors import SlotView
from quotas.selectors.calendar import slot_view

MOST_PEOPLE: Final = 5
ANY_CODE: Final = "X" * CODE_LENGTH
CODE: Final = re.compile(r"[-\w]{1,40}", re.ASCII)


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
            if error.code in GONE and slot_view(slot_id, now=now) is None:
                raise  # withdrawn meanwhile: the hour has no page any more, the reason is told by itself
            count_refusal(error)
            if error.code == "not_admitted":
                return HttpResponseRedirect(
                    _room(request, slot_id, now) or _as_chosen(request, slot_id)
                )
            chosen = asked_people(request)
            short = full_page(request, slot_id, chosen, refusal, now)
            if short is not None:
                return short
    slot, view, offered = _hour(slot_id, now)
    home = selectors.household_of(request.user.pk)
    service = _service(request, offered, home)
    typed = request.GET.getlist("who") if refusal is None else request.POST.getlist("applicants")
    chosen = _asked(typed) or (_obvious(home, service) if refusal is None else [])
    shown = HourPage(slot, view, service, offered, home, chosen, now, refusal)
    return remember_device(request, show_hour(request, shown))


def _as_chosen(request: HttpRequest, slot_id: int) -> str:
    """Return the address of this page as it stands; a session that ran out forgets nobody who was ticked."""
    if request.method != "POST":
        return request.get_full_path()
    chosen = [pk for pk in asked_people(request) if pk][:MOST_PEOPLE]
    service = request.POST.get("service_type", "")
    return address_of(slot_id, service if CODE.fullmatch(service) else "", chosen)


def _book(request: SignedInRequest, slot_id: int, now: dt.datetime) -> Party:
    wanted = BookingRequest(
        account_id=request.user.pk,
        slot_id=slot_id,
        applicant_ids=asked_people(request),
        service_type=request.POST.get("service_type", ""),
        key=request.POST.get("key", ""),
        device_key=device_key(request),
    )
    right = OpenWindow(room_tickets=tokens_of(request))
    [party] = create_bookings(requests=[wanted], right=right, by=request.user, now=now)
    return party


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
    offered = hour.offered if hour else []
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


def asked_people(request: HttpRequest) -> list[int]:
    """Return the ids of the people whom a form that was sent names."""
    return _asked(request.POST.getlist("applicants"))


def _asked(texts: Sequence[str]) -> list[int]:
    """Return the ids of a form; what is no number is nobody's, and the service says so."""
    return [
        int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0 for text in texts
    ]


def _obvious(home: Household, service: ServiceType) -> list[int]:
    """Return whom a tap can be spared for: the only person, or the only one who is prepared."""
    able = [row.pk for row in home.people if fits(row, service) and not is_booked(row)]
    if len(able) <= 1:
        return able
    applications = home.prepared_for(service.pk)
    prepared = [pk for pk in able if pk in applications]
    return prepared if len(prepared) == 1 else []


def _to_ticket(request: SignedInRequest, party: Party) -> HttpResponse:
    """Go to the ticket, or to the list when one request made several."""
    codes = selectors.codes_of(party)
    text = ngettext(
        "Tempat ini milik Anda. Konfirmasi dikirim ke e-mail Anda.",
        "%(count)d tempat milik Anda. Konfirmasi dikirim ke e-mail Anda.",
        len(codes),
    )
    messages.success(request, text % {"count": len(codes)} if len(codes) > 1 else text)
    if len(codes) > 1:
        return HttpResponseRedirect(reverse("booking:bookings"))
    return HttpResponseRedirect(address_of_ticket(*codes))


def address_of_ticket(code: str) -> str:
    """Return where a ticket is looked at."""
    return _address_of_any_ticket().replace(ANY_CODE, code)


@cache
def _address_of_any_ticket() -> str:
    return reverse("booking:ticket", args=[ANY_CODE])
