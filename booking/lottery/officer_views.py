"""The officers' screen of lotteries: typing and confirming the public value, or entering a round of the beacon."""

from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking.lottery import services
from booking.lottery.models import Draw
from booking.lottery.results import run_draw
from booking.lottery.selectors import beacon_of
from core import beacon
from core.errors import DomainError
from core.forms import posted_text
from core.web import count_refusal
from offices.officer import OfficerContext, officer_view, owned_by, show
from offices.permissions import Right

SHOWN = 50
PUBLIC_RELAY = "https://api.drand.sh"


@officer_view(reads=Right.READ_LOTTERIES)
def desk(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List the lotteries of the officer's offices: waiting for a value, upcoming, held."""
    draws = Draw.objects.filter(office__in=[officer.office, *officer.others]).select_related(
        "office", "window", "typed_by", "confirmed_by"
    )
    draws = draws.prefetch_related("typed_values__by")
    rows = [_row(draw, officer.user) for draw in _in_order(draws)]
    return show(
        request, officer, "booking/lottery/draw_desk.html", {"title": _("Undian"), "rows": rows}
    )


def _in_order(draws: QuerySet[Draw]) -> list[Draw]:
    """Order lotteries: those waiting for a value, then the next to close, then the last held."""
    is_open = Q(closed_at__isnull=True)
    is_over = Q(confirmed_at__isnull=False) | Q(window__drawn_at__isnull=False)
    waiting = draws.exclude(is_open | is_over).order_by("window__opens_at", "pk")
    coming = draws.filter(is_open).order_by("window__opens_at", "pk")
    held = draws.filter(is_over).order_by("-window__opens_at", "pk")
    return [*waiting[:SHOWN], *coming[:SHOWN], *held[:SHOWN]]


def _row(draw: Draw, user: Any) -> dict[str, Any]:
    is_waiting = draw.closed_at is not None and draw.confirmed_at is None and not _has_nobody(draw)
    return {
        "draw": draw,
        "office": draw.office,
        "window": draw.window,
        "entries": draw.entries.filter(withdrawn_at__isnull=True).count(),
        "is_waiting": is_waiting,
        "is_mine": draw.typed_by_id == user.pk,
        "beacon": _beacon(draw),
        # Only afterwards: the second officer reads the value at its source.
        "typed": list(draw.typed_values.all()) if draw.confirmed_at is not None else [],
        "state": _state(draw),
    }


def _beacon(draw: Draw) -> dict[str, Any] | None:
    """Describe the round of the beacon that the lottery named, or return None."""
    named = beacon_of(draw)
    return named and {
        **named,
        "address": f"{PUBLIC_RELAY}/{beacon.CHAIN_HASH}/public/{draw.beacon_round}",
        "most": beacon.LONGEST_ROUND_TEXT,
    }


def _has_nobody(draw: Draw) -> bool:
    """True if the list closed without entries, so that the places went to first come, first served."""
    return draw.drawn_at is None and draw.window.drawn_at is not None


def _state(draw: Draw) -> tuple[str, str]:
    if draw.drawn_at is not None:
        return "done", _("Sudah diundi")
    if _has_nobody(draw):
        return "done", _("Tanpa peserta, dibuka untuk semua")
    if draw.confirmed_at is not None:
        return "serving", _("Sedang diundi")
    if draw.typed_at is not None:
        return "risk", _("Menunggu dipastikan")
    if draw.closed_at is not None and draw.beacon_round is not None:
        return "risk", _("Menunggu putaran drand")
    if draw.closed_at is not None:
        return "risk", _("Menunggu nilai publik")
    return "waiting", _("Pendaftaran berjalan")


@require_POST
@officer_view(writes=Right.RECORD_PUBLIC_VALUE, owner=owned_by(Draw, "draw_id"))
def value(request: HttpRequest, officer: OfficerContext, draw_id: int) -> HttpResponse:
    """Type or confirm a lottery's public value. The lottery is held at once when it is confirmed."""
    try:
        draw = services.type_public_value(
            draw_id=draw_id,
            value=posted_text(request, "value"),
            by=officer.user,
            now=officer.now,
        )
        if draw.confirmed_at is None:
            messages.success(request, _("Nilai tercatat. Petugas lain akan memastikannya."))
        else:
            run_draw(window_id=draw.window_id, now=officer.now)
            messages.success(request, _("Nilai dipastikan. Undian sudah dilakukan."))
    except DomainError as error:
        _show_refusal(request, error)
    return HttpResponseRedirect(reverse("draws:desk"))


@require_POST
@officer_view(writes=Right.RECORD_PUBLIC_VALUE, owner=owned_by(Draw, "draw_id"))
def beacon_round(request: HttpRequest, officer: OfficerContext, draw_id: int) -> HttpResponse:
    """Record the round of the beacon that an officer pasted or uploaded, and hold the lottery."""
    try:
        draw = services.record_beacon_round(
            draw_id=draw_id, text=_round_text(request), by=officer.user, now=officer.now
        )
        run_draw(window_id=draw.window_id, now=officer.now)
        messages.success(request, _("Tanda tangan putaran sah. Undian sudah dilakukan."))
    except DomainError as error:
        _show_refusal(request, error)
    return HttpResponseRedirect(reverse("draws:desk"))


def _round_text(request: HttpRequest) -> str:
    """Return the pasted text, or the start of the uploaded file."""
    pasted = posted_text(request, "round", has_lines=True)
    upload = request.FILES.get("file")
    if pasted or upload is None:
        return pasted
    return upload.read(beacon.LONGEST_ROUND_TEXT + 1).decode("utf-8", errors="replace")


def _show_refusal(request: HttpRequest, error: DomainError) -> None:
    count_refusal(error)
    texts = [str(text) for group in error.fields.values() for text in group]
    messages.error(request, " ".join(texts) or str(error))
