"""Screens of the check at the gate: one person, and the people who wait for the task force."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking.bookings.models import Booking
from booking.bookings.selectors import when, with_all
from booking.people.labels import masked
from core.errors import DomainError, InvalidInput
from core.forms import add_errors, posted_text, tell_removed
from core.web import count_refusal
from counters.screening import selectors, services
from counters.screening.errors import NoScreening
from counters.screening.forms import ScreeningForm
from counters.screening.models import Outcome, Screening
from offices.officer import REFUSED, OfficerContext, back, officer_view, owned_by, show
from offices.permissions import Right

LIST = "counters:screening"
PERSON = "counters:screening_person"
CARD = "counters:gate_card"


@officer_view(writes=Right.SCREEN_PEOPLE)
def screening(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show who waits for the task force, and what it decided today."""
    context: dict[str, Any] = {
        "title": _("Pemeriksaan di gerbang"),
        "protocol": selectors.screening_protocol(officer.office, officer.day),
        "waiting": selectors.waiting_for_task_force(officer.office, officer.day),
        "decided": selectors.decided_on(officer.office, officer.day),
    }
    return show(request, officer, "counters/screening/screening.html", context)


@officer_view(writes=Right.SCREEN_PEOPLE, owner=owned_by(Booking, "booking_id"))
def screening_person(
    request: HttpRequest, officer: OfficerContext, booking_id: UUID
) -> HttpResponse:
    """Check one person: temperature, ticks, Enter. A person who passes goes back to the gate's card."""
    booking = with_all().get(pk=booking_id)
    protocol = selectors.screening_protocol(officer.office, officer.day)
    if protocol is None:
        messages.error(request, str(NoScreening()))
        return back(officer, CARD, booking_id=booking_id)
    form = ScreeningForm(request.POST or None, protocol=protocol)
    status = 200
    tell_removed(request, form)
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                row = services.record_screening(
                    booking_id=booking_id, by=officer.user, now=officer.now, **form.values()
                )
            except InvalidInput as error:
                add_errors(form, error)
            except DomainError as error:
                return _refused(request, officer, error, booking_id)
            else:
                is_passed = row.outcome == Outcome.PASSED
                return back(officer, CARD if is_passed else PERSON, booking_id=booking_id)
    context: dict[str, Any] = {
        "title": _("Pemeriksaan di gerbang"),
        "booking": booking,
        "identity": masked(booking.applicant),
        "protocol": protocol,
        "latest": selectors.latest_of(booking, officer.day),
        "form": form,
    }
    return show(request, officer, "counters/screening/person.html", context, status=status)


@require_POST
@officer_view(writes=Right.SCREEN_PEOPLE, owner=owned_by(Screening, "screening_id"))
def screening_decide(
    request: HttpRequest, officer: OfficerContext, screening_id: int
) -> HttpResponse:
    """Record the task force's decision: cleared people go on to the gate's card."""
    try:
        row = services.record_decision(
            screening_id=screening_id,
            outcome=posted_text(request, "outcome"),
            by=officer.user,
            now=officer.now,
        )
    except DomainError as error:
        if error.http_status in REFUSED:
            raise
        count_refusal(error)
        messages.error(request, str(error))
        return back(officer, LIST)
    assert row.booking_id is not None
    if row.outcome == Outcome.CLEARED:
        messages.success(request, _("Satgas mengizinkan. Catat hadir sekarang."))
        return back(officer, CARD, booking_id=row.booking_id)
    messages.success(request, _sent_home_text(with_all().get(pk=row.booking_id)))
    return back(officer, LIST)


def _refused(
    request: HttpRequest, officer: OfficerContext, error: DomainError, booking_id: UUID
) -> HttpResponse:
    if error.http_status in REFUSED:
        raise error
    count_refusal(error)
    messages.error(request, str(error))
    return back(officer, PERSON, booking_id=booking_id)


def _sent_home_text(booking: Booking) -> str:
    """Return what to tell the person: the new slot, and whether a message is on its way."""
    if booking.place_id is None:
        text = _("Dipulangkan. Belum ada tempat lain; pemohon didahulukan bila ada tempat.")
    else:
        text = _("Dipulangkan. Jadwal baru: %(when)s, tanpa sanksi.") % {
            "when": when(booking.slot, booking.office)
        }
    if booking.account_id is None:
        return f"{text} {_('Pemohon tidak punya akun: catatkan jadwal dan kode bookingnya.')}"
    return f"{text} {_('Pesan dikirim ke surelnya; di sana ia dapat memilih jadwal lain.')}"
