"""The answer to most of a release minute: this hour is full, these are the nearest others.

Drawn once a second for everyone who reads the same language. Only whom they had chosen differs from reader to
reader, and that is put in when the page is handed out.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from booking import selectors
from booking.views.common import chosen_service
from booking.views.offices import nearest
from core.db import shared_read
from core.errors import DomainError, NotFound

NOBODY: Final = "who=0"  # stands in every link until a reader's choice takes its place
NOBODY_MORE: Final = f"&amp;{NOBODY}"


@dataclass(frozen=True)
class AnyReader:
    """What the page's frame asks of a request and of a user, without being anybody's."""

    path: str
    COOKIES: dict[str, str] = field(default_factory=dict)
    is_authenticated: bool = True

    def get_full_path(self) -> str:
        return self.path


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
    theme, service = request.COOKIES.get("theme", ""), request.POST.get("service_type", "")
    theme = theme if theme in ("light", "dark") else ""
    text: str = _drawn(slot_id, service, theme, str(refusal), now=now)
    text = text.replace(NOBODY_MORE, f"&amp;who={chosen[0]}")
    return HttpResponse(text, status=HTTPStatus.CONFLICT)


@shared_read()
def _drawn(slot_id: int, service_code: str, theme: str, refusal: str, *, now: dt.datetime) -> str:
    hour = selectors.hour_of(slot_id)
    service = chosen_service(list(hour.services), service_code) if hour else None
    if hour is None or service is None:
        raise NotFound
    slot, office = hour.slot, hour.slot.office
    query = f"?service_type={service.code}&{NOBODY}"
    reader = AnyReader(reverse("booking:book", args=[slot.pk]), {"theme": theme})
    rows = nearest(office, service, slot.starts_at, now)
    context: dict[str, Any] = {
        "request": reader,
        "user": reader,
        "slot": slot,
        "office": office,
        "refusal": refusal,
        "alternatives": [
            {**row, "url": f"{row['url']}&{NOBODY}"} for row in rows if row["id"] != slot.pk
        ],
        "office_url": reverse("booking:office", args=[office.code]) + query,
        "day_url": reverse("booking:day", args=[office.code, slot.day]) + query,
    }
    return render_to_string("booking/full.html", context)
