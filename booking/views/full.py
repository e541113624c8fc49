"""The answer to most of a release minute: this hour is full, these are the nearest others."""

import datetime as dt
from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from booking import selectors
from booking.views.common import chosen_service
from booking.views.offices import nearest
from core.errors import DomainError


def full_page(
    request: HttpRequest,
    slot_id: int,
    chosen: Sequence[int],
    refusal: DomainError,
    now: dt.datetime,
) -> HttpResponse | None:
    """Return the short answer for one person, or None when more than "full" has to be said."""
    hour = selectors.hour_of(slot_id)
    offered = list(hour.services) if hour else []
    service = chosen_service(offered, request.POST.get("service_type", ""))
    if refusal.code != "full" or len(chosen) != 1 or hour is None or service is None:
        return None
    slot, who = hour.slot, {"who": chosen[0]}
    query = urlencode({"service_type": service.code, **who})
    context = {
        "slot": slot,
        "office": slot.office,
        "service": service,
        "refusal": refusal,
        "day_url": f"{reverse('booking:day', args=[slot.office.code, slot.day])}?{query}",
        "office_url": f"{reverse('booking:office', args=[slot.office.code])}?{query}",
        "alternatives": [
            {**row, "url": f"{row['url']}&{urlencode(who)}"}
            for row in nearest(slot.office, service, slot.starts_at, now)
            if row["id"] != slot.pk
        ],
    }
    return render(request, "booking/full.html", context, status=refusal.http_status)
