"""The paper list of a day as PDF."""

from django.http import HttpRequest, HttpResponse

from booking.bookings.selectors import day_list
from counters.paper.views import requested_day
from offices.officer import OfficerContext, officer_view
from offices.permissions import Right
from reports.paper_list.pdf import render_day_list


@officer_view(reads=Right.SERVE_GATE)
def paper_list(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Return a day's current list as PDF."""
    day = requested_day(request, officer)
    content = render_day_list(officer.office, day, day_list(officer.office, day), now=officer.now)
    answer = HttpResponse(content, content_type="application/pdf")
    name = f"daftar-{officer.office.code}-{day:%Y-%m-%d}.pdf"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer
