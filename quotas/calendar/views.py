"""The public calendar of releases, and its feeds."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from core import clock
from core.public_pages import public_page
from offices import labels
from quotas.calendar import releases as calendar_releases
from quotas.calendar.releases import OfficeReleases
from quotas.windows import selectors

PRODUCT = "-//Antrean Paspor//Pembukaan//ID"


@require_safe
@public_page()
def releases(request: HttpRequest) -> HttpResponse:
    """Show the openings of every office, and why a day has no places."""
    now = clock.now()
    rows = [_row(entry, now) for entry in calendar_releases.releases(now=now)]
    return render(request, "quotas/calendar/releases.html", {"rows": rows, "now": now})


def _row(entry: OfficeReleases, now: datetime) -> dict[str, Any]:
    return {
        "office": entry.office,
        "stopped": entry.office.booking_stopped_reason,
        "open": [row for row in entry.openings if row.is_open(now)],
        "coming": [row for row in entry.openings if not row.is_open(now)],
        "closed": entry.closed,
    }


@require_safe
@public_page()
def feed(request: HttpRequest, code: str = "") -> HttpResponse:
    """Return the coming openings as an iCalendar feed."""
    now = clock.now()
    book = Calendar()
    book.add("prodid", PRODUCT)
    book.add("version", "2.0")
    book.add("x-wr-calname", _("Pembukaan kuota paspor"))
    for entry in calendar_releases.releases(code, now=now):
        for row in entry.openings:
            if row.opens_at > now:
                book.add_component(_event(entry, row))
    answer = HttpResponse(book.to_ical(), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="pembukaan.ics"'
    return answer


def _event(entry: OfficeReleases, row: selectors.WindowView) -> Event:
    """Return one opening as an event. It has no creation time, so the feed changes only with its contents."""
    office = entry.office
    event = Event()
    event.add("uid", f"opening-{row.id}@antrean-paspor")
    event.add("dtstamp", row.opens_at)
    event.add("dtstart", row.opens_at)
    sentence = (
        _("%(office)s: undian %(places)d tempat, pendaftaran ditutup")
        if row.waits_for_draw
        else _("%(office)s membuka %(places)d tempat")
    )
    event.add("summary", sentence % {"office": office.name, "places": row.places})
    days = labels.span_text(row.first_day, row.last_day)
    event.add("description", _("Untuk %(days)s.") % {"days": days})
    event.add("url", f"{settings.PUBLIC_URL}/offices/{office.code}/")
    return event
