"""The address for the bank's notices, and an account's receipts and billing codes."""

import structlog
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import SignedInRequest
from booking.bookings import selectors as bookings
from booking.settlement import selectors, services
from booking.settlement.notices import SIGNATURE_HEADER, TIMESTAMP_HEADER
from booking.settlement.receipts import receipt_pdf
from core import clock
from core.errors import DomainError, NotFound
from core.web import count_refusal, error_json

log = structlog.get_logger(__name__)


@csrf_exempt  # signed by the bank (booking.settlement.notices)
@never_cache
@require_POST
def bank_notice(request: HttpRequest) -> HttpResponse:
    """Record a signed notice of the bank; the same notice again gets the same answer."""
    try:
        message, outcome = services.receive_notice(
            request.body,
            timestamp=request.headers.get(TIMESTAMP_HEADER, ""),
            signature=request.headers.get(SIGNATURE_HEADER, ""),
            now=clock.now(),
        )
    except DomainError as error:
        count_refusal(error)
        log.warning("bank_notice_refused", refusal=error.code)
        return error_json(error)
    is_new = outcome != services.Outcome.RECORDED_BEFORE
    body = {"notice_id": message.notice_id, "status": "recorded", "outcome": str(outcome)}
    return JsonResponse(body, status=201 if is_new else 200)


@login_required
@never_cache
@require_safe
def receipt(request: SignedInRequest, code: str) -> HttpResponse:
    """Show what was paid for a booking."""
    booking = bookings.booking_of(request.user.pk, code)
    context = selectors.receipt_context(booking, now=clock.now())
    if context is None:
        raise NotFound
    return render(request, "booking/payments/receipt.html", context)


@login_required
@never_cache
@require_safe
def receipt_file(request: SignedInRequest, code: str) -> HttpResponse:
    """Return the receipt as PDF."""
    now = clock.now()
    booking = bookings.booking_of(request.user.pk, code)
    context = selectors.receipt_context(booking, now=now)
    if context is None:
        raise NotFound
    answer = HttpResponse(receipt_pdf(context, now=now), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{booking.code}.pdf"'
    return answer


@login_required
@require_POST
def renew_code(request: SignedInRequest, code: str) -> HttpResponse:
    """Issue a new billing code when the last one has expired."""
    booking = bookings.booking_of(request.user.pk, code)
    try:
        services.renew_code(booking_id=booking.pk, account_id=request.user.pk, now=clock.now())
    except DomainError as error:
        if error.http_status in (403, 404):
            raise
        count_refusal(error)
        messages.error(request, str(error))
    else:
        messages.success(request, _("Kode billing Anda berlaku."))
    return HttpResponseRedirect(reverse("booking:ticket", args=[booking.code]))
