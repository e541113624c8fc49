"""The calendar of releases, its feeds, and the wish to be told of an opening."""

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from icalendar import Calendar, Event

from accounts.throttles import AddressThrottle
from booking.views import words
from core import clock
from core.errors import SlowDown
from core.languages import reader_language
from core.public_pages import public_page
from offices.selectors import get_office
from quotas import selectors, services
from quotas.services import watches

PRODUCT = "-//Antrean Paspor//Pembukaan//ID"


@require_safe
@public_page()
def releases(request: HttpRequest) -> HttpResponse:
    """Show what opens when at every office, and why a day has no places."""
    now = clock.now()
    rows = [_row(found, now) for found in selectors.releases(now=now)]
    return render(request, "booking/releases.html", {"rows": rows, "now": now})


def _row(found: selectors.OfficeReleases, now: datetime) -> dict[str, Any]:
    return {
        "office": found.office,
        "stopped": found.office.booking_stopped_reason,
        "open": [row for row in found.openings if row.is_open(now)],
        "coming": [row for row in found.openings if not row.is_open(now)],
        "closed": found.closed,
    }


@require_safe
@public_page()
def feed(request: HttpRequest, code: str = "") -> HttpResponse:
    """Give the openings to come as a calendar that a phone can follow."""
    now = clock.now()
    book = Calendar()
    book.add("prodid", PRODUCT)
    book.add("version", "2.0")
    book.add("x-wr-calname", _("Pembukaan kuota paspor"))
    for found in selectors.releases(code, now=now):
        for row in found.openings:
            if row.opens_at > now:
                book.add_component(_event(found, row))
    answer = HttpResponse(book.to_ical(), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="pembukaan.ics"'
    return answer


def _event(found: selectors.OfficeReleases, row: selectors.WindowView) -> Event:
    """Write an opening. It has no time of making, so that the feed changes only with its contents."""
    office = found.office
    event = Event()
    event.add("uid", f"opening-{row.id}@antrean-paspor")
    event.add("dtstamp", row.opens_at)
    event.add("dtstart", row.opens_at)
    sentence = (
        _("%(office)s: undian %(places)d tempat, daftar ditutup")
        if row.waits_for_draw
        else _("%(office)s membuka %(places)d tempat")
    )
    event.add("summary", sentence % {"office": office.name, "places": row.places})
    days = words.span_words(row.first_day, row.last_day)
    event.add("description", _("Untuk %(days)s.") % {"days": days})
    event.add("url", f"{settings.PUBLIC_URL}/offices/{office.code}/")
    return event


class WatchForm(forms.Form):
    """Where to tell."""

    address = forms.EmailField(
        label=gettext_lazy("Alamat e-mail"),
        max_length=254,
        help_text=gettext_lazy(
            "Kami kirim satu tautan untuk memastikan alamat ini milik Anda. Tidak perlu akun."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": gettext_lazy("Isi alamat e-mail Anda."),
            "invalid": gettext_lazy("Tulis alamat lengkap, misalnya nama@contoh.id."),
        },
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def watch(request: HttpRequest, code: str) -> HttpResponse:
    """Ask to be told whenever this office opens."""
    office = get_office(code)
    form = WatchForm(request.POST or None)
    is_sent = False
    if request.method == "POST" and form.is_valid():
        if not AddressThrottle().allow_request(request, None):
            raise SlowDown
        services.ask_to_be_told(
            office_id=office.pk,
            address=form.cleaned_data["address"],
            language=reader_language(),
            now=clock.now(),
        )
        is_sent = True
    context = {"office": office, "form": form, "is_sent": is_sent}
    return render(request, "booking/watch.html", context, status=400 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def watch_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm by a button: programs that follow the links of letters must not confirm for anyone."""
    found = watches.watch_of(token, watches.CONFIRM)
    if request.method == "POST":
        services.confirm_watch(watch_id=found.pk, now=clock.now())
        return redirect(request.path)
    is_live = found.confirmed_at is not None and found.stopped_at is None
    stop = watches.token_of(found.pk, watches.STOP)
    context = {"office": found.office, "is_live": is_live, "stop": stop}
    return render(request, "booking/watch_confirm.html", context)


@never_cache
@require_safe
def watch_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop with one click, for to open the link is the wish. A program that opens it costs a letter, no place."""
    found = watches.watch_of(token, watches.STOP)
    services.stop_watch(watch_id=found.pk, now=clock.now())
    return render(request, "booking/watch_stopped.html", {"office": found.office})
