"""/demo/bank/: the bank of the demo. It signs notices as a bank does. Not in production."""

import csv
import json
import time
import uuid
from collections.abc import Mapping
from datetime import datetime
from io import StringIO
from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from booking.bookings.models import Booking
from booking.payments.models import BankNotice, BillingCode
from booking.public.ticket_page import TicketPart
from booking.settlement.files import COLUMNS, TOTAL
from booking.settlement.notices import signature_of
from booking.settlement.selectors import payment_of
from booking.settlement.services import receive_notice
from core import clock
from core.errors import DomainError
from core.forms import posted_text
from core.web import error_body

MOST_LINES: Final = 1000
# What the bank sends for a code: a change of the notice, and of the signature.
WAYS: Final = {
    "exact": gettext_lazy("Bayar"),
    "short": gettext_lazy("Bayar Rp 1.000 kurang"),
    "over": gettext_lazy("Bayar Rp 1.000 lebih"),
    "currency": gettext_lazy("Kirim dalam dolar"),
    "forged": gettext_lazy("Kirim tanpa tanda tangan yang benar"),
    "old": gettext_lazy("Kirim pemberitahuan satu jam yang lalu"),
    "repeated": gettext_lazy("Kirim pemberitahuan terakhir sekali lagi"),
}
CHANGES: Final = {"short": -1000, "over": 1000}
HOUR: Final = 3600


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def bank(request: HttpRequest) -> HttpResponse:
    """Ask for a billing code and a way to pay; show the notice and the answer."""
    if not settings.DEMO:
        raise Http404
    now = clock.now()
    context: dict[str, Any] = {"ways": WAYS, "code": request.GET.get("code", "")[:20]}
    if request.method == "POST":
        code = "".join(posted_text(request, "code").split())[:20]
        notice = _notice(code, posted_text(request, "way"), now=now)
        answer = _send(notice, posted_text(request, "way"), now=now)
        context |= {"code": code, "notice": _shown(notice), "answer": _shown(answer)}
    return render(request, "devtools/bank.html", context)


def _notice(code: str, way: str, *, now: datetime) -> dict[str, Any]:
    last = BankNotice.objects.filter(code=code).order_by("-pk").first()
    known = BillingCode.objects.filter(code=code).first()
    amount = known.amount if known else 650_000
    is_repeated = way == "repeated" and last is not None
    return {
        "notice_id": last.notice_id if is_repeated and last else f"DEMO-{uuid.uuid4().hex[:12]}",
        "type": "payment",
        "billing_code": code,
        "amount": last.amount if is_repeated and last else amount + CHANGES.get(way, 0),
        "currency": "USD" if way == "currency" else "IDR",
        "paid_at": now.isoformat(timespec="seconds"),
    }


def _send(notice: Mapping[str, Any], way: str, *, now: datetime) -> dict[str, Any]:
    """Sign the notice as the bank does and hand it to the code behind /bank/notices/."""
    body = json.dumps(notice).encode()
    timestamp = str(int(now.timestamp()) - (HOUR if way == "old" else 0))
    signature = signature_of(body + b" " if way == "forged" else body, timestamp)
    try:
        message, outcome = receive_notice(body, timestamp=timestamp, signature=signature, now=now)
    except DomainError as error:
        return {"status": error.http_status, **error_body(error)}
    return {"notice_id": message.notice_id, "status": "recorded", "outcome": str(outcome)}


def _shown(data: Mapping[str, Any]) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False)


@require_safe
@never_cache
def settlement(request: HttpRequest) -> HttpResponse:
    """The bank's settlement file: every payment that no imported file has confirmed."""
    if not settings.DEMO:
        raise Http404
    rows = BankNotice.objects.filter(kind=BankNotice.Kind.PAYMENT, lines__isnull=True)
    rows = rows.order_by("pk")[:MOST_LINES]
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([row.notice_id, row.code, row.amount, "IDR", row.paid_at.isoformat()])
    writer.writerow([TOTAL, len(rows), sum(row.amount for row in rows), "IDR", ""])
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    name = f"settlement-{int(time.time())}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def bank_part(booking: Booking, now: datetime) -> TicketPart | None:
    """Return the ticket's section that leads to the demo's bank, while there is something to pay."""
    payment = payment_of(booking, now=now)
    if not settings.DEMO or payment is None or payment.code is None:
        return None
    return TicketPart(
        _("Bank demo"),
        _("Hanya di demo: bayar kode billing ini di bank buatan."),
        f"{reverse('demo_bank')}?code={payment.code.code}",
        _("Buka bank demo"),
    )
