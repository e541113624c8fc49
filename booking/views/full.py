"""The answer to most of a release minute: this hour is full, these are the nearest others.

Drawn once for everyone who reads the same language, anew when the ways on are others. Only whom they had chosen
differs from reader to reader.
"""

import datetime as dt
from collections.abc import Sequence
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from booking import selectors
from booking.views.common import chosen_service
from booking.views.drawn import Drawing, draw_page, hand_out, own, theme_of
from booking.views.offices import nearest
from core.db import shared_read
from core.errors import DomainError, NotFound
from offices.models import ServiceType
from quotas.models import Slot

WayOn = tuple[str, str, int]


def full_page(
    request: HttpRequest,
    slot_id: int,
    chosen: Sequence[int],
    refusal: DomainError,
    now: dt.datetime,
) -> HttpResponse | None:
    """Return the short answer for one person who came too late, or None when more has to be said."""
    if refusal.code != "full" or len(chosen) != 1:
        return None
    service = request.POST.get("service_type", "")
    ways_on = _ways_on(slot_id, service, now=now)
    drawing: Drawing = _drawn(slot_id, service, theme_of(request), str(refusal), ways_on)
    answer = hand_out(request, drawing, {"who": chosen[0]}, status=HTTPStatus.CONFLICT)
    answer.is_plain = "full"  # type: ignore[attr-defined]
    return answer


def _ways_on(slot_id: int, service_code: str, *, now: dt.datetime) -> tuple[WayOn, ...]:
    slot, service = _asked(slot_id, service_code)
    rows = nearest(slot.office, service, slot.starts_at, now)
    return tuple((row["url"], row["text"], row["left"]) for row in rows if row["id"] != slot.pk)


def _asked(slot_id: int, service_code: str) -> tuple[Slot, ServiceType]:
    hour = selectors.hour_of(slot_id)
    service = chosen_service(list(hour.services), service_code) if hour else None
    if hour is None or service is None:
        raise NotFound
    return hour.slot, service


@shared_read(times=60)
def _drawn(
    slot_id: int, service_code: str, theme: str, refusal: str, ways_on: tuple[WayOn, ...]
) -> Drawing:
    slot, service = _asked(slot_id, service_code)
    office, who = slot.office, f"who={own('who')}"
    query = f"?service_type={service.code}&{who}"
    context = {
        "slot": slot,
        "office": office,
        "refusal": refusal,
        "alternatives": [
            {"url": f"{url}&{who}", "text": text, "left": left} for url, text, left in ways_on
        ],
        "office_url": reverse("booking:office", args=[office.code]) + query,
        "day_url": reverse("booking:day", args=[office.code, slot.day]) + query,
    }
    path = reverse("booking:book", args=[slot.pk])
    return draw_page("booking/full.html", context, path=path, theme=theme)
