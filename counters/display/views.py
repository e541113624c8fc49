"""The boards of the halls: public pages, the same for everyone."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from core import clock
from core.public_pages import public_page
from counters.display.selectors import REFRESH_SECONDS, board_of
from offices.officer import short_name

PAST_SHOWN = 5
NEXT_SHOWN = 3


@require_safe
@public_page("hall", seconds=REFRESH_SECONDS)
def board(request: HttpRequest, code: str, hall: str = "") -> HttpResponse:
    """Show the board of an office, or of one hall."""
    now = clock.now()
    hall = hall or request.GET.get("hall", "")
    document = board_of(code, hall, now=now)
    poll = reverse("office_board", args=[code])
    context: dict[str, Any] = {
        "board": document,
        "short_name": short_name(document["name"]),
        "place": next((row for row in document["halls"] if row["code"] == hall), None),
        "latest": document["calls"][0] if document["calls"] else None,
        "past": document["calls"][1 : PAST_SHOWN + 1],
        "coming": document["waiting"][:NEXT_SHOWN],
        "has_halls": not hall and len(document["halls"]) > 1,
        "now": now,
        "poll_url": f"{poll}?hall={hall}" if hall else poll,
    }
    return render(request, "counters/display/board.html", context)
