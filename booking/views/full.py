"""The answer to most of a release minute: this hour is full, these are the nearest others.

Drawn once for all hours of an office and everyone who reads the same language. What differs from hour to hour, and the ways
on, which change every second, are put in once a second; what differs from reader to reader as it is handed out.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from booking import selectors
from booking.views.common import chosen_service
from booking.views.drawn import (
    Drawing,
    Page,
    draw_page,
    draw_part,
    hand_out_packed,
    own,
    page_of,
    theme_of,
)
from booking.views.offices import nearest
from core.db import shared_read
from core.errors import DomainError, NotFound
from core.templatetags.formats import date_short, day_month_long
from offices.models import Office, ServiceType
from quotas.errors import SlotFull
from quotas.models import Slot

WayOn = tuple[str, str, int]


@dataclass(frozen=True)
class _FullHour:
    """An hour, the service it was wanted for, and what the page says of it."""

    slot: Slot
    service: ServiceType
    words: dict[str, str]


def full_page(
    request: HttpRequest,
    slot_id: int,
    chosen: Sequence[int],
    refusal: DomainError,
    now: dt.datetime,
) -> Page | None:
    """Return the short answer for one person who came too late, or None when more has to be said."""
    if refusal.code != "full" or len(chosen) != 1:
        return None
    service = request.POST.get("service_type", "")
    drawing: Drawing = _drawn_for_hour(slot_id, service, theme_of(request), str(refusal), now=now)
    return page_of(request, drawing, {"who": chosen[0]})


def full_answer(request: HttpRequest, page: Page) -> HttpResponse:
    """Answer with the page of a full hour."""
    return hand_out_packed(request, page, status=HTTPStatus.CONFLICT)


def draw_ahead(office_id: int, service_code: str, theme: str) -> None:
    """Draw the page of an office before anyone is refused."""
    _drawn(office_id, service_code, theme, str(SlotFull()))


@shared_read()
def _drawn_for_hour(
    slot_id: int, service_code: str, theme: str, refusal: str, *, now: dt.datetime
) -> Drawing:
    """Put the hour's words and its ways on into the page, for everyone who wants the hour in this second."""
    hour: _FullHour = _hour(slot_id, service_code)
    office = hour.slot.office
    drawing: Drawing = _drawn(office.pk, service_code, theme, refusal)
    ways_on: Drawing = _drawn_ways(office.code, service_code, _ways_on(hour, now))
    return drawing.with_some({**hour.words, "ways_on": ways_on})


def _ways_on(hour: _FullHour, now: dt.datetime) -> tuple[WayOn, ...]:
    slot = hour.slot
    rows = nearest(slot.office, hour.service, slot.starts_at, now)
    return tuple((row["url"], row["text"], row["left"]) for row in rows if row["id"] != slot.pk)


@shared_read(times=10)
def _hour(slot_id: int, service_code: str) -> _FullHour:
    hour = selectors.hour_of(slot_id)
    service = chosen_service(list(hour.services), service_code) if hour else None
    if hour is None or service is None:
        raise NotFound
    slot = hour.slot
    day_url = reverse("booking:day", args=[slot.office.code, slot.day])
    words = {
        "day_text": day_month_long(slot.day),
        "day_iso": slot.day.isoformat(),
        "day_url": f"{day_url}?service_type={service.code}",
        "when": date_short(slot.starts_at, slot.office),
    }
    return _FullHour(slot, service, words)


@shared_read(times=60)
def _drawn(office_id: int, service_code: str, theme: str, refusal: str) -> Drawing:
    office = Office.objects.get(pk=office_id)
    named = ("day_text", "day_iso", "day_url", "when", "who", "ways_on")
    context = {
        **{name: own(name) for name in named},
        "office": office,
        "service": ServiceType.objects.get(code=service_code),
        "refusal": refusal,
        "office_url": _office_url(office.code, service_code),
    }
    # Any hour's address will do: the page does not say which one it was, but for its words.
    path = reverse("booking:book", args=[0])
    return draw_page("booking/full.html", context, path=path, theme=theme)


@shared_read(times=60)
def _drawn_ways(office_code: str, service_code: str, ways_on: tuple[WayOn, ...]) -> Drawing:
    who = f"who={own('who')}"
    context = {
        "office_url": _office_url(office_code, service_code),
        "alternatives": [
            {"url": f"{url}&{who}", "text": text, "left": left} for url, text, left in ways_on
        ],
    }
    return draw_part("booking/_ways_on.html", context)


def _office_url(code: str, service_code: str) -> str:
    query = f"service_type={service_code}&who={own('who')}"
    return f"{reverse('booking:office', args=[code])}?{query}"
