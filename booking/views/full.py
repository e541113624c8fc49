"""The answer to most of a release minute: this hour is full, these are the nearest others.

Drawn once a second for everyone who reads the same language. Only whom they had chosen differs from reader to
reader.
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
    drawing: Drawing = _drawn(slot_id, service, theme_of(request), str(refusal), now=now)
    return hand_out(request, drawing, {"who": chosen[0]}, status=HTTPStatus.CONFLICT)


@shared_read()
def _drawn(
    slot_id: int, service_code: str, theme: str, refusal: str, *, now: dt.datetime
) -> Drawing:
    hour = selectors.hour_of(slot_id)
    service = chosen_service(list(hour.services), service_code) if hour else None
    if hour is None or service is None:
        raise NotFound
    slot, office = hour.slot, hour.slot.office
    who = f"who={own('who')}"
    query = f"?service_type={service.code}&{who}"
    rows = nearest(office, service, slot.starts_at, now)
    context = {
        "slot": slot,
        "office": office,
        "refusal": refusal,
        "service_code": service.code,
        "alternatives": [
            {**row, "url": f"{row['url']}&{who}"} for row in rows if row["id"] != slot.pk
        ],
        "office_url": reverse("booking:office", args=[office.code]) + query,
        "day_url": reverse("booking:day", args=[office.code, slot.day]) + query,
    }
    path = reverse("booking:book", args=[slot.pk])
    return draw_page("booking/full.html", context, path=path, theme=theme)
