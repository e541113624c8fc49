"""The page of an hour of collecting the passport, for the owner and for people who follow the passport."""

import datetime as dt
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.models import User
from booking.bookings.models import Booking
from core.errors import DomainError
from core.formats import date_long, hours, hours_bare
from core.forms import add_errors
from core.web import count_refusal
from counters.drive_thru import selectors, services
from counters.drive_thru.forms import HourForm, key_of
from counters.drive_thru.models import DriveThruStatus, PickupPlace
from counters.drive_thru.selectors import OfferedHour
from counters.production.models import BookStatus, PassportBook
from counters.production.selectors import collect_until, collection_rule_on
from offices.directory.models import Office


@dataclass(frozen=True)
class HourPage:
    """Whose page it is: the booking, who reads it, its own address and the page above it.

    `follows` is the booking that a reader without an account follows (`counters.tracking`).
    """

    booking: Booking
    url: str
    parent_url: str
    parent: str
    by: User | None = None
    follows: UUID | None = None


def show_hours(request: HttpRequest, page: HourPage, *, now: dt.datetime) -> HttpResponse:
    """Answer a request about the hours of a booking's passport."""
    rows = PassportBook.objects.filter(visit__booking=page.booking).select_related("office")
    book = rows.order_by("-pk").first()
    if request.method == "POST" and book is not None:
        return _answer(request, page, book, now)
    return _page(request, page, book, now, form=None)


def _answer(
    request: HttpRequest, page: HourPage, book: PassportBook, now: dt.datetime
) -> HttpResponse:
    to: dict[str, Any] = {"book_id": book.pk, "by": page.by, "follows": page.follows, "now": now}
    form = HourForm(
        request.POST, offered=selectors.offered_hours(book, now=now), office=book.office
    )
    is_cancel = request.POST.get("go") == "cancel"
    if not is_cancel and not form.is_valid():
        return _page(request, page, book, now, form=form, status=400)
    try:
        if is_cancel:
            services.cancel_hour(**to)
        else:
            chosen: OfferedHour = form.cleaned_data["hour"]
            services.book_hour(
                starts_at=chosen.starts_at,
                where=chosen.where,
                plate=form.cleaned_data["plate"],
                **to,
            )
    except DomainError as error:
        count_refusal(error)
        if is_cancel:
            messages.error(request, str(error))
            return HttpResponseRedirect(page.url)
        add_errors(form, error)
        return _page(request, page, book, now, form=form, status=error.http_status)
    text = _("Jam pengambilan dibatalkan.") if is_cancel else _("Jam pengambilan sudah dipesan.")
    messages.success(request, text)
    return HttpResponseRedirect(page.url, status=303)


def _page(
    request: HttpRequest,
    page: HourPage,
    book: PassportBook | None,
    now: dt.datetime,
    *,
    form: HourForm | None,
    status: int = 200,
) -> HttpResponse:
    office = page.booking.office if book is None else book.office
    offered = selectors.offered_hours(book, now=now) if book else []
    visit = selectors.live_visit(book) if book else None
    if form is None:
        form = HourForm(offered=offered, office=office, initial=_initial(visit))
    is_ready = book is not None and book.status == BookStatus.READY
    last = (
        collect_until(book, collection_rule_on(office, office.local_day(now)))
        if book and is_ready
        else None
    )
    context: dict[str, Any] = {
        "page": page,
        "booking": page.booking,
        "book": book,
        "office": office,
        "is_ready": is_ready,
        "collect_until_on": last,
        "visit": visit,
        "may_change": visit is None or visit.status == DriveThruStatus.BOOKED,
        "booked_text": _hour_text(visit.hour, office) if visit else "",
        "places": _places(offered, office, form),
        "has_lane": any(row.where == PickupPlace.DRIVE_THRU for row in offered),
        "form": form,
    }
    answer = render(request, "counters/drive_thru/hour.html", context, status=status)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _initial(visit: Any) -> dict[str, str]:
    if visit is None:
        return {}
    return {"plate": visit.plate, "hour": key_of(visit.hour.starts_at, visit.hour.where)}


def _hour_text(row: Any, office: Office) -> str:
    when = hours(row.starts_at, row.ends_at, office)
    return f"{date_long(row.starts_at, office)}, {when}"


def _places(
    offered: list[OfferedHour], office: Office, form: HourForm
) -> list[tuple[str, list[tuple[dt.date, bool, list[dict[str, Any]]]]]]:
    """Return (place, days) for the radios."""
    return [
        (str(PickupPlace(where).label), _days(list(rows), office, form))
        for where, rows in groupby(offered, key=lambda row: row.where)
    ]


def _days(
    offered: list[OfferedHour], office: Office, form: HourForm
) -> list[tuple[dt.date, bool, list[dict[str, Any]]]]:
    """Return (day, is open, hours) for the radios: the first day and the one of the choice are open."""
    chosen = str(form["hour"].value() or "")
    days: list[tuple[dt.date, bool, list[dict[str, Any]]]] = []
    for day, rows in groupby(offered, key=lambda row: office.local_day(row.starts_at)):
        hours_of_day = [
            {
                "value": key_of(row.starts_at, row.where),
                "text": hours_bare(row.starts_at, row.ends_at, office),
                "left": row.left,
                "is_chosen": key_of(row.starts_at, row.where) == chosen,
            }
            for row in rows
        ]
        is_open = not days or any(row["is_chosen"] for row in hours_of_day)
        days.append((day, is_open, hours_of_day))
    return days
