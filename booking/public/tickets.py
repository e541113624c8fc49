"""An account's bookings: list, ticket, calendar file, cancel and reschedule."""

import datetime as dt

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import SignedInRequest
from booking.bookings import messages as bookings_messages
from booking.bookings import selectors
from booking.bookings.changes import cancel_booking, reschedule_booking
from booking.bookings.checks import after_cancelling
from booking.bookings.choosing import choices_for, office_for, slot_id_of
from booking.bookings.models import Booking
from booking.lottery.models import DrawEntry
from booking.lottery.views import draw_lines
from booking.public.forms import CancelForm
from booking.public.party import lines_of, names_of, staying_with
from booking.public.ticket_page import line_of, show_ticket
from booking.refusals.services import Action, Channel, record_refusal
from booking.statuses import Status
from booking.waiting_list.views import waiting_lines
from core import clock
from core.dates import parse_day
from core.errors import DomainError
from core.forms import add_errors, parsed_ids
from core.web import count_refusal, with_retry_after
from offices import labels
from quotas.waiting_room.tickets import room_on_the_way, tokens_of


@login_required
@require_safe
def bookings(request: SignedInRequest) -> HttpResponse:
    """List the account's bookings: upcoming first, then past."""
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
        "coming": lines_of(coming),
        "past": [line_of(row) for row in past],
        "waiting": waiting_lines(request.user.pk, now, with_past=False),
        "draws": draw_lines(request.user.pk, now),
        "must_confirm": selectors.must_confirm_address(request.user.pk, now=now),
        "is_unreached": selectors.is_unreached(request.user.pk, now=now),
    }
    return render(request, "booking/public/bookings.html", context)


@login_required
@require_safe
def ticket(request: SignedInRequest, code: str) -> HttpResponse:
    """Show one booking: time, code, what to bring, and what can still be changed."""
    now = clock.now()
    booking = selectors.booking_of(request.user.pk, code)
    if code != booking.code:  # typed in lower case or with dashes
        return HttpResponseRedirect(reverse("booking:ticket", args=[booking.code]))
    if booking.status == Status.HELD and booking.via == Booking.Via.DRAW:
        won = DrawEntry.objects.get(party_id=booking.party_id)
        return HttpResponseRedirect(reverse("booking:draw_entry", args=[won.code]))
    return _kept_offline(show_ticket(request, booking, now))


def _kept_offline(answer: HttpResponse) -> HttpResponse:
    """Let the service worker (`static/js/sw.js`) keep this page for offline use until sign-out."""
    answer["X-Keep-Offline"] = "1"
    return answer


@login_required
@require_safe
def ticket_calendar(request: SignedInRequest, code: str) -> HttpResponse:
    """Return the booking as a calendar file."""
    booking = selectors.booking_of(request.user.pk, code)
    text = bookings_messages.calendar_text([booking], now=clock.now())
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{booking.code}.ics"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: SignedInRequest, code: str) -> HttpResponse:
    """Explain the consequences of cancelling, then cancel on POST."""
    now = clock.now()
    booking = selectors.booking_of(request.user.pk, code)
    refusal = selectors.why_not_cancel(booking, now)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and refusal is None and form.is_valid():
        try:
            cancel_booking(
                booking_id=booking.pk, by=request.user, now=now, reason=form.cleaned_data["reason"]
            )
        except DomainError as error:
            add_errors(form, error)
            refusal = error if not error.fields else None
        else:
            messages.success(request, _("Jadwal dibatalkan, tanpa sanksi."))
            return HttpResponseRedirect(reverse("booking:ticket", args=[booking.code]))
    status = 200
    if request.method == "POST":
        status = refusal.http_status if refusal else 400
    elif refusal:
        status = refusal.http_status
    context = {
        "booking": booking,
        "office": booking.office,
        "form": form,
        "refusal": refusal,
        "others": names_of(staying_with([booking])),
        "after": None if refusal else after_cancelling(booking, now=now),
    }
    answer = render(request, "booking/public/cancel.html", context, status=status)
    return with_retry_after(answer, refusal)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reschedule(request: SignedInRequest, code: str) -> HttpResponse:
    """Choose another slot for the same booking. The old place is freed last."""
    now = clock.now()
    booking = selectors.booking_of(request.user.pk, code)
    refusal = selectors.why_not_reschedule(booking, now)
    if request.method == "POST":
        try:
            reschedule_booking(
                booking_id=booking.pk,
                slot_id=slot_id_of(request.POST.get("slot", "")),
                by=request.user,
                now=now,
                room_tickets=tokens_of(request),
            )
        except DomainError as error:
            count_refusal(error)
            _record(request, error, now)
            if error.code == "not_admitted":
                return HttpResponseRedirect(_room(request, booking, now) or request.path)
            return _reschedule_page(request, booking, now, refusal=error)
        messages.success(request, _("Jadwal sudah diubah. Kode booking Anda tetap sama."))
        return HttpResponseRedirect(reverse("booking:ticket", args=[booking.code]))
    return _reschedule_page(request, booking, now, refusal=refusal)


def _record(request: SignedInRequest, error: DomainError, now: dt.datetime) -> None:
    [slot_id] = parsed_ids([request.POST.get("slot", "")])
    hour = selectors.bookable_slot(slot_id) if slot_id else None
    record_refusal(
        error,
        channel=Channel.PAGE,
        action=Action.RESCHEDULE,
        account_id=request.user.pk,
        slot_id=slot_id,
        slot=hour.slot if hour else None,
        now=now,
    )


def _room(request: SignedInRequest, booking: Booking, now: dt.datetime) -> str:
    """Return the URL of the waiting room for the chosen slot, which leads back to this page."""
    onward = reverse("booking:reschedule", args=[booking.code])
    slot_id = slot_id_of(request.POST.get("slot", ""))
    return room_on_the_way(
        request, slot_id=slot_id, account_id=request.user.pk, onward=onward, now=now
    )


def _reschedule_page(
    request: SignedInRequest, booking: Booking, now: dt.datetime, *, refusal: DomainError | None
) -> HttpResponse:
    params = request.POST if request.method == "POST" else request.GET
    office = office_for(str(params.get("office", "")), [booking])
    day = parse_day(str(params.get("day", "")))
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
        "others": names_of(staying_with([booking])),
        "old_when": labels.slot_text(booking.slot.starts_at, booking.slot.ends_at, booking.office),
        "address": address,
        **({} if is_final else choices_for([booking], office, day, address, now)),
    }
    status = refusal.http_status if refusal else 200
    answer = render(request, "booking/public/reschedule.html", context, status=status)
    return with_retry_after(answer, refusal)
