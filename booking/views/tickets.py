"""An account's bookings: the list, the ticket, its calendar file, cancel and reschedule."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from booking import selectors, services
from booking.forms import CancelForm, tell
from booking.models import Booking, BookingEvent, DrawEntry, Status
from booking.views import words
from booking.views.choosing import choices_for, office_for, slot_id_of
from booking.views.common import SignedInRequest, parse_day
from booking.views.people import document_name
from booking.views.room_tickets import room_on_the_way, tokens_of
from booking.views.waiting import waiting_lines
from core import clock
from core.db import shared_read
from core.errors import DomainError
from core.templatetags.formats import hour, rupiah
from core.web import count_refusal, with_retry_after
from offices import selectors as offices
from offices.models import Hall, localized

LOOK: dict[str, str] = {
    Status.HELD: "not_yet_open",
    Status.BOOKED: "done",
    Status.DISPLACED: "risk",
    Status.CHECKED_IN: "serving",
    Status.SERVED: "done",
    Status.CANCELLED: "closed",
    Status.NO_SHOW: "past",
    Status.EXPIRED: "past",
}
EARLY = dt.timedelta(minutes=15)
VOID = (Status.CANCELLED, Status.EXPIRED, Status.NO_SHOW, Status.DISPLACED)


@login_required
@require_safe
def bookings(request: SignedInRequest) -> HttpResponse:
    """List what the account has booked: what is to come first, then what was."""
    now = clock.now()
    rows = list(selectors.bookings_of(request.user.pk)[:200])
    coming = [
        row
        for row in rows
        if row.status == Status.DISPLACED or (row.is_live and row.slot.ends_at > now)
    ]
    coming.sort(key=lambda row: (row.slot.starts_at, row.code))
    past = [row for row in rows if row not in coming]
    context = {
        "coming": [_line(row) for row in coming],
        "past": [_line(row) for row in past],
        "waiting": waiting_lines(request.user.pk, now, with_past=False),
    }
    return render(request, "booking/bookings.html", context)


def _line(booking: Booking) -> dict[str, Any]:
    return {
        "url": reverse("booking:ticket", args=[booking.code]),
        "starts_at": booking.slot.starts_at,
        "ends_at": booking.slot.ends_at,
        "zone": booking.office,
        "office_name": booking.office.name,
        "name": booking.applicant.full_name,
        "code": booking.code,
        "state": LOOK[booking.status],
        "state_text": status_word(booking.status),
        "note": _note(booking),
    }


def _note(booking: Booking) -> str:
    if booking.status == Status.DISPLACED:
        return _("Jam ini ditutup kantor; Anda didahulukan untuk tempat baru.")
    if booking.via == Booking.Via.MOVED_BY_OFFICE and booking.status == Status.BOOKED:
        return _("Dipindahkan oleh kantor; buka tiket untuk menerima atau memilih jam lain.")
    return ""


def status_word(status: str) -> str:
    """Return a booking's status as the applicant reads it."""
    names = {
        Status.HELD: pgettext("booking", "Ditahan untuk Anda"),
        Status.BOOKED: pgettext("booking", "Terjadwal"),
        Status.DISPLACED: pgettext("booking", "Dipindahkan kantor"),
        Status.CHECKED_IN: pgettext("booking", "Sudah hadir"),
        Status.SERVED: pgettext("booking", "Selesai dilayani"),
        Status.CANCELLED: pgettext("booking", "Dibatalkan"),
        Status.NO_SHOW: pgettext("booking", "Tidak hadir"),
        Status.EXPIRED: pgettext("booking", "Lewat batas waktu"),
    }
    return names[Status(status)]


@login_required
@require_safe
def ticket(request: SignedInRequest, code: str) -> HttpResponse:
    """Show one booking: the hour first, the code, what to bring, what may still be changed."""
    now = clock.now()
    booking = selectors.booking_of(request.user.pk, code)
    if code != booking.code:  # typed small or with dashes
        return HttpResponseRedirect(reverse("booking:ticket", args=[booking.code]))
    if booking.status == Status.HELD and booking.via == Booking.Via.DRAW:
        won = DrawEntry.objects.get(party_id=booking.party_id)
        return HttpResponseRedirect(reverse("booking:draw_entry", args=[won.code]))
    is_over = not booking.is_live
    context = {
        "booking": booking,
        "office": booking.office,
        "move": _open_move(booking),
        "ticket": _ticket(booking),
        "is_over": is_over,
        "state": LOOK[booking.status],
        "state_text": status_word(booking.status),
        "why_not_cancel": selectors.why_not_cancel(booking, now),
        "why_not_reschedule": selectors.why_not_reschedule(booking, now),
        "changes_left": selectors.changes_left(booking),
        "change_by": booking.slot.day - dt.timedelta(days=1),
        "bring": _bring(booking),
        "fee": _fee(booking),
        "history": [_event(row, booking) for row in selectors.history_of(booking)],
        "others": [_line(row) for row in selectors.company_of(booking)],
        "application_url": reverse(
            "booking:application_for", args=[booking.applicant_id, booking.service_type.code]
        ),
    }
    return render(request, "booking/ticket.html", context)


def _open_move(booking: Booking) -> dict[str, Any] | None:
    """Return what the office did to the hour, while the applicant has not answered."""
    member = selectors.free_move_of(booking)
    if member is None:
        return None
    displacement = member.displacement
    old = member.place_from.slot
    return {
        "url": reverse("booking:move", args=[selectors.move_token(displacement)]),
        "was": words.slot_words(old.starts_at, old.ends_at, old.office),
        "reason": localized(displacement.closure, "reason"),
        "is_waiting": booking.status == Status.DISPLACED,
    }


def _ticket(booking: Booking) -> dict[str, Any]:
    office, slot = booking.office, booking.slot
    is_void = booking.status in VOID
    return {
        "code": booking.code,
        "office_name": office.name,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "zone": office,
        "name": booking.applicant.full_name,
        "service": str(booking.service_type),
        "lane_letter": slot.lane.series,
        "lane_name": str(slot.lane),
        "arrive": _("antara %(first)s dan %(last)s")
        % {"first": hour(slot.starts_at - EARLY, office), "last": hour(slot.ends_at, office)},
        "place": _place(booking),
        "extra": [],
        "is_void": status_word(booking.status) if is_void else "",
    }


def _place(booking: Booking) -> str:
    """Return the hall of the booking's group and lane, and the address."""
    slot = booking.slot
    hall = _hall(booking.office_id, slot.group_id, slot.lane_id)
    if hall is None:
        return booking.office.address
    return _("%(hall)s, lantai %(floor)s. %(address)s") % {
        "hall": hall.label,
        "floor": hall.floor,
        "address": booking.office.address,
    }


@shared_read(times=10)
def _hall(office_id: int, group_id: int, lane_id: str) -> Hall | None:
    halls = Hall.objects.filter(office=office_id, groups=group_id, lanes=lane_id)
    return halls.order_by("floor", "name").first()


def _bring(booking: Booking) -> list[dict[str, Any]]:
    ready = booking.application.documents if booking.application else {}
    rows = [
        {
            "name": document_name(doc),
            "is_required": doc.get("is_required", True),
            "is_ready": bool(ready.get(doc["code"])),
            "why": "",
        }
        for doc in booking.service_type.documents
    ]
    if booking.applicant.nik_differs:
        why = _("karena data lahir berbeda dari NIK")
        rows.append(
            {"name": _("Akta kelahiran"), "is_required": True, "is_ready": False, "why": why}
        )
    return rows


def _fee(booking: Booking) -> str:
    if booking.application is None:
        return ""
    amount = offices.fee_on(booking.application.product, booking.slot.day)
    return rupiah(amount) if amount is not None else ""


def _event(event: BookingEvent, booking: Booking) -> dict[str, Any]:
    """Return a line of history in words; who did it is said, officers without their names."""
    if event.kind == BookingEvent.Kind.MADE:
        text = _("Tempat dipesan")
    elif event.kind == BookingEvent.Kind.RESCHEDULED:
        text = _rescheduled(event)
    else:
        text = status_word(event.new)
    if event.by_id is None:
        actor = _("oleh sistem")
    elif event.by_id == booking.account_id:
        actor = _("oleh Anda")
    else:
        actor = _("oleh petugas")
    return {"at": event.at, "text": text, "actor": actor}


def _rescheduled(event: BookingEvent) -> str:
    places = [place for place in (event.place_from, event.place_to) if place is not None]
    if len(places) < 2:
        return _("Dijadwal ulang")
    slots = [place.slot for place in places]
    first, last = (words.slot_words(row.starts_at, row.ends_at, row.office) for row in slots)
    return _("Dijadwal ulang dari %(old)s ke %(new)s") % {"old": first, "new": last}


@login_required
@require_safe
def ticket_calendar(request: SignedInRequest, code: str) -> HttpResponse:
    """Return the booking as a calendar file."""
    booking = selectors.booking_of(request.user.pk, code)
    text = services.calendar_text([booking], now=clock.now())
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{booking.code}.ics"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: SignedInRequest, code: str) -> HttpResponse:
    """Say what cancelling means, then do it on POST."""
    now = clock.now()
    booking = selectors.booking_of(request.user.pk, code)
    refusal = selectors.why_not_cancel(booking, now)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and refusal is None and form.is_valid():
        try:
            services.cancel_booking(
                booking_id=booking.pk, by=request.user, now=now, reason=form.cleaned_data["reason"]
            )
        except DomainError as error:
            tell(form, error)
            refusal = error if not error.fields else None
        else:
            messages.success(
                request, _("Jadwal dibatalkan, tanpa sanksi. Anda bisa memesan lagi kapan saja.")
            )
            return HttpResponseRedirect(reverse("booking:ticket", args=[booking.code]))
    status = 200
    if request.method == "POST":
        status = refusal.http_status if refusal else 400
    elif refusal:
        status = refusal.http_status
    context = {"booking": booking, "office": booking.office, "form": form, "refusal": refusal}
    answer = render(request, "booking/cancel.html", context, status=status)
    return with_retry_after(answer, refusal)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reschedule(request: SignedInRequest, code: str) -> HttpResponse:
    """Choose another hour for the same booking: office, day, hour; the old place is freed last."""
    now = clock.now()
    booking = selectors.booking_of(request.user.pk, code)
    refusal = selectors.why_not_reschedule(booking, now)
    if request.method == "POST":
        try:
            services.reschedule_booking(
                booking_id=booking.pk,
                slot_id=slot_id_of(request.POST.get("slot", "")),
                by=request.user,
                now=now,
                room_tickets=tokens_of(request),
            )
        except DomainError as error:
            count_refusal(error)
            if error.code == "not_admitted":
                return HttpResponseRedirect(_room(request, booking, now) or request.path)
            return _reschedule_page(request, booking, now, refusal=error)
        messages.success(request, _("Jadwal sudah dipindah. Kode booking Anda tetap sama."))
        return HttpResponseRedirect(reverse("booking:ticket", args=[booking.code]))
    return _reschedule_page(request, booking, now, refusal=refusal)


def _room(request: SignedInRequest, booking: Booking, now: dt.datetime) -> str:
    """Return the waiting room before the hour that was chosen, leading back to this page."""
    onward = reverse("booking:reschedule", args=[booking.code])
    slot_id = slot_id_of(request.POST.get("slot", ""))
    return room_on_the_way(
        request, slot_id=slot_id, account_id=request.user.pk, onward=onward, now=now
    )


def _reschedule_page(
    request: SignedInRequest, booking: Booking, now: dt.datetime, *, refusal: DomainError | None
) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    office = office_for(str(asked.get("office", "")), booking)
    day = parse_day(str(asked.get("day", "")))
    address = reverse("booking:reschedule", args=[booking.code])
    is_final = refusal is not None and refusal.code in (
        "no_change_left",
        "too_late",
        "move_not_allowed",
    )
    context = {
        "booking": booking,
        "office": office,
        "day": day,
        "refusal": refusal,
        "is_final": is_final,
        "field_errors": [str(t) for texts in refusal.fields.values() for t in texts]
        if refusal
        else [],
        "old_when": words.slot_words(booking.slot.starts_at, booking.slot.ends_at, booking.office),
        "address": address,
        **({} if is_final else choices_for(booking, office, day, address, now)),
    }
    status = refusal.http_status if refusal else 200
    answer = render(request, "booking/reschedule.html", context, status=status)
    return with_retry_after(answer, refusal)
