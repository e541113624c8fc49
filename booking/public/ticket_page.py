"""The ticket page: time, code, what to bring, and what can still be changed."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.requests import SignedInRequest
from booking.applications.documents import document_text, documents_of, number_proof_of
from booking.applications.models import PassportApplication
from booking.applications.products import fee_text
from booking.applications.readiness import Missing, missing_for
from booking.applications.selectors import application_of
from booking.bookings import selectors
from booking.bookings.models import Booking, BookingEvent
from booking.public.turns import turn_of
from booking.settlement.selectors import is_prepaid_at, payment_of
from booking.statuses import Status
from core.db import shared_read
from core.formats import date_long, date_short, day_month_long, hour, local_time
from core.qr import mrz, qr
from offices import labels
from offices.directory.models import Hall, Office
from offices.directory.selectors import halls_for
from offices.promises import EARLY_ARRIVAL
from quotas.places.models import Slot


@dataclass(frozen=True)
class TicketPart:
    """A section that an app above this one adds to the ticket; `url` leads to what can be done.

    `links` are further pages, each with its text.
    """

    title: str
    text: str
    url: str = ""
    action: str = ""
    links: tuple[tuple[str, str], ...] = ()


# Functions that return the section for a booking at a time, or None. Apps above register theirs.
PARTS: list[Callable[[Booking, dt.datetime], TicketPart | None]] = []

LOOK: dict[str, str] = {
    Status.HELD: "not_yet_open",
    Status.BOOKED: "done",
    Status.DISPLACED: "risk",
    Status.CHECKED_IN: "serving",
    Status.SERVED: "done",
    Status.CANCELLED: "closed",
    Status.NO_SHOW: "past",
    Status.LEFT: "past",
    Status.EXPIRED: "past",
}
VOID = (Status.CANCELLED, Status.EXPIRED, Status.NO_SHOW, Status.LEFT, Status.DISPLACED)


def show_ticket(request: SignedInRequest, booking: Booking, now: dt.datetime) -> HttpResponse:
    """Render the page of a booking in any status."""
    slot, company = booking.slot, selectors.company_of(booking)
    # The latest answers: the application may have been completed after the booking.
    booking.application = application_of(booking.applicant_id, booking.service_type_id)
    application = booking.application
    context = {
        **_context(booking, time_texts_of(slot, booking.office), fee_text(application, slot.day)),
        "application": _application_text(application) if application else "",
        "bring": bring_of(booking),
        "why_not_cancel": selectors.why_not_cancel(booking, now),
        "why_not_reschedule": selectors.why_not_reschedule(booking, now),
        "move": _open_move(booking),
        "parts": [part for make in PARTS if (part := make(booking, now)) is not None],
        "payment": payment_of(booking, now=now),
        "is_prepaid": is_prepaid_at(booking),
        "turn": turn_of(booking, now),
        "now": now,
        "must_confirm": booking.status == Status.CANCELLED
        and selectors.must_confirm_address(request.user.pk, office=booking.office, now=now),
        "history": [_event(row, booking) for row in selectors.history_of(booking)],
        "others": [line_of(row) for row in company],
        "party": company[0].party if company else None,
        "missing": _missing(booking, now),
        "application_url": reverse(
            "booking:application_for", args=[booking.applicant_id, booking.service_type.code]
        ),
    }
    return render(request, "booking/public/ticket.html", context)


def _context(booking: Booking, time_texts: dict[str, str], fee: str) -> dict[str, Any]:
    """Return the template context without further queries for the booking."""
    return {
        "booking": booking,
        "office": booking.office,
        "hour": time_texts,
        "ticket": ticket_of(booking),
        "is_over": not booking.is_live,
        "state": LOOK[booking.status],
        "state_text": status_word(booking.status),
        "changes_left": selectors.changes_left(booking),
        "fee": fee,
    }


@shared_read(times=10)
def time_texts_of(slot: Slot, office: Office) -> dict[str, str]:
    """Return the texts that describe the time of a slot."""
    first, last = hour(slot.starts_at - EARLY_ARRIVAL, office), hour(slot.ends_at, office)
    return {
        "date": date_long(slot.starts_at, office),
        "begins": hour(slot.starts_at, office),
        "ends": hour(slot.ends_at, office),
        "arrive": _("antara %(first)s dan %(last)s") % {"first": first, "last": last},
        "short_date": date_short(slot.starts_at, office),
        "day": day_month_long(slot.day),
        "change_by": date_short(slot.day - dt.timedelta(days=1)),
    }


def _missing(booking: Booking, now: dt.datetime) -> list[Missing]:
    """Return what the person still has to do before the visit; nothing for one that is over or has begun."""
    if booking.status not in (Status.BOOKED, Status.HELD):
        return []
    return missing_for(
        booking.applicant,
        booking.service_type,
        booking.application,
        day=booking.slot.day,
        now=now,
    )


def _qr(code: str) -> SafeString:
    return qr(code, _("Kode QR tiket, isinya sama dengan kode booking"))


def _open_move(booking: Booking) -> dict[str, Any] | None:
    """Return the office's move of this booking that the applicant has not answered yet."""
    member = selectors.free_move_of(booking)
    if member is None:
        return None
    displacement = member.displacement
    old = member.place_from.slot
    return {
        "url": reverse("booking:move", args=[displacement.pk]),
        "was": labels.slot_text(old.starts_at, old.ends_at, old.office),
        "reason": displacement.reason_in(),
        "is_waiting": booking.status == Status.DISPLACED,
    }


def ticket_of(booking: Booking) -> dict[str, Any]:
    """Return what the ticket component shows of a booking."""
    office, lane = booking.office, booking.slot.lane
    time_texts = time_texts_of(booking.slot, office)
    return {
        "code": booking.code,
        "qr": _qr(booking.code),
        "mrz": mrz(booking.code),
        "office_name": office.name,
        **{name: time_texts[name] for name in ("date", "begins", "ends", "arrive")},
        "zone": office,
        "name": booking.applicant.full_name,
        "service": str(booking.service_type),
        "lane_letter": lane.series,
        "lane_name": str(lane),
        "place": place_of(booking),
        "extra": [],
        "is_void": status_word(booking.status) if booking.status in VOID else "",
    }


def place_of(booking: Booking) -> str:
    """Return the address and the hall of the booking's group and lane."""
    slot = booking.slot
    hall = _hall(booking.office, slot.group_id, slot.lane_id, slot.day)
    if hall is None:
        return booking.office.address
    return _("%(hall)s, lantai %(floor)s. %(address)s") % {
        "hall": hall.label,
        "floor": hall.floor,
        "address": booking.office.address,
    }


@shared_read(times=10)
def _hall(office: Office, group_id: int, lane_id: str, day: dt.date) -> Hall | None:
    halls = halls_for(office, group_id=group_id, lane_id=lane_id, day=day)
    return halls[0] if halls else None


def _application_text(application: PassportApplication) -> str:
    names = (application.get_reason_display(), application.get_product_display())
    return ", ".join(str(name) for name in names)


def bring_of(booking: Booking) -> list[dict[str, Any]]:
    """Return what to bring for a booking, and what the application calls ready."""
    ready = booking.application.documents if booking.application else {}
    rows = [
        {
            "name": document_text(document),
            "is_required": document.is_required,
            "is_ready": bool(ready.get(document.code)),
            "why": "",
        }
        for document in documents_of(
            booking.applicant, booking.service_type, booking.application, booking.slot.day
        )
    ]
    if proof := number_proof_of(booking.applicant):
        name, why = proof
        rows.append({"name": name, "is_required": True, "is_ready": False, "why": why})
    return rows


def _event(event: BookingEvent, booking: Booking) -> dict[str, Any]:
    """Return a history line as text. Officers are not named."""
    if event.kind == BookingEvent.Kind.MADE:
        text = _("Tempat dipesan")
    elif event.kind == BookingEvent.Kind.RESCHEDULED:
        text = _rescheduled(event)
    elif event.kind == BookingEvent.Kind.CONVERTED:
        text = _("Layanan diganti di kantor")
    else:
        text = status_word(event.new)
    if event.by_id is None:
        actor = _("oleh sistem")
    elif event.by_id == booking.account_id:
        actor = _("oleh Anda")
    else:
        actor = _("oleh petugas")
    return {"when": local_time(event.at, booking.office), "text": text, "actor": actor}


def _rescheduled(event: BookingEvent) -> str:
    places = [place for place in (event.place_from, event.place_to) if place is not None]
    if len(places) < 2:
        return _("Dijadwalkan ulang")
    slots = [place.slot for place in places]
    first, last = (labels.slot_text(row.starts_at, row.ends_at, row.office) for row in slots)
    return _("Dijadwalkan ulang dari %(old)s ke %(new)s") % {"old": first, "new": last}


def line_of(booking: Booking) -> dict[str, Any]:
    """Return what the bookings list shows of one booking."""
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
        "note": note_of(booking),
    }


def note_of(booking: Booking) -> str:
    if booking.status == Status.DISPLACED:
        return _("Kantor tutup pada jam ini; Anda didahulukan untuk tempat baru.")
    if booking.via == Booking.Via.MOVED_BY_OFFICE and booking.status == Status.BOOKED:
        return _("Dipindahkan oleh kantor; buka tiket untuk menerima atau memilih jadwal lain.")
    return ""


def status_word(status: str) -> str:
    """Return a booking's status as shown to the applicant."""
    names = {
        Status.HELD: pgettext("booking", "Dicadangkan untuk Anda"),
        Status.BOOKED: pgettext("booking", "Terjadwal"),
        Status.DISPLACED: pgettext("booking", "Dipindahkan oleh kantor"),
        Status.CHECKED_IN: pgettext("booking", "Sudah hadir"),
        Status.SERVED: pgettext("booking", "Selesai dilayani"),
        Status.CANCELLED: pgettext("booking", "Dibatalkan"),
        Status.NO_SHOW: pgettext("booking", "Tidak hadir"),
        Status.LEFT: pgettext("booking", "Datang, tidak dilanjutkan"),
        Status.EXPIRED: pgettext("booking", "Lewat batas waktu"),
    }
    return names[Status(status)]
