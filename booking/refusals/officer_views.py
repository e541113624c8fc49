"""The supervisor's screen: refused bookings of an office, with their precise reasons."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.refusals import selectors
from booking.refusals.forms import FilterForm, SearchForm
from booking.refusals.labels import reason_text
from booking.refusals.models import Refusal
from booking.refusals.services import KEPT_FOR
from core.formats import mask_email
from core.forms import parsed_ids
from offices.officer import OfficerContext, officer_view, show
from offices.permissions import Right

SHOWN = 50


@officer_view(reads=Right.READ_REFUSALS, writes=Right.READ_REFUSALS)
def refusals(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List an office's refusals by day and reason; POST searches an account without naming it in the URL."""
    search = SearchForm(request.POST if request.method == "POST" else None, prefix="search")
    if search.is_bound and search.is_valid():
        account_id = selectors.account_behind(officer.office, search.cleaned_data["text"])
        if account_id is not None:
            query = urlencode({"office": officer.office.code, "account": account_id})
            return HttpResponseRedirect(f"{reverse('refusals:refusals')}?{query}")
        search.add_error("text", _("Tidak ada penolakan di kantor ini untuk kode atau alamat itu."))
    reasons = [(code, reason_text(code)) for code in selectors.codes_at(officer.office)]
    chosen = FilterForm(request.GET or None, reasons=reasons, today=officer.day)
    wanted = chosen.cleaned_data if chosen.is_bound and chosen.is_valid() else {}
    account_id = next((pk for pk in parsed_ids(request.GET.getlist("account")) if pk), None)
    rows = selectors.refusals_at(
        officer.office,
        day=wanted.get("day"),
        code=wanted.get("reason", ""),
        account_id=account_id,
    )
    page = Paginator(rows, SHOWN).get_page(request.GET.get("page"))
    context = {
        "office": officer.office,
        "others": officer.others,
        "here": "refusals",
        "reads_restrictions": officer.has_right(Right.READ_RESTRICTIONS),
        "filter": chosen,
        "search": search,
        "account_id": account_id,
        "page": page,
        "rows": [_row(row) for row in page],
        "query": _query(officer, wanted, account_id),
        "days": KEPT_FOR.days,
    }
    status = 400 if search.errors or chosen.errors else 200
    return show(request, officer, "booking/refusals/desk_refusals.html", context, status=status)


def _row(row: Refusal) -> dict[str, Any]:
    return {
        "row": row,
        "who": mask_email(row.account.email) if row.account else "",
        "text": reason_text(row.reason),
        "shown": reason_text(row.code) if row.code == "not_bookable" else "",
    }


def _query(officer: OfficerContext, wanted: dict[str, Any], account_id: int | None) -> str:
    """Return the query string that keeps office and filters on the other pages."""
    values = {
        "office": officer.office.code,
        "day": wanted.get("day"),
        "reason": wanted.get("reason"),
        "account": account_id,
    }
    return urlencode({name: value for name, value in values.items() if value})
