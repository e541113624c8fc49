"""The officers' screen of draws: one types the public value, another one confirms it."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from booking import services
from booking.models import Draw
from booking.services.draws import VALUE_KEEPERS
from core import clock
from core.errors import DomainError, NotAllowed, NotFound
from core.web import count_refusal
from offices.selectors import offices_for

SHOWN = 50


@login_required(login_url="admin:login")
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """List the draws of one's offices: what waits for a value first, then what is to come and what was."""
    user: Any = request.user
    now = clock.now()
    offices = offices_for(user, roles=VALUE_KEEPERS, now=now)
    if not offices.exists():
        raise NotAllowed
    draws = Draw.objects.filter(office__in=offices).select_related(
        "office", "window", "typed_by", "confirmed_by"
    )
    rows = [_row(draw, user) for draw in _in_order(draws)]
    context = {**admin.site.each_context(request), "title": _("Undian"), "rows": rows}
    answer = render(request, "booking/draw_desk.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


def _in_order(draws: QuerySet[Draw]) -> list[Draw]:
    """Return what waits for a value, then what closes next, then what was held last."""
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
        "state": _state(draw),
    }


def _has_nobody(draw: Draw) -> bool:
    """Say whether the list closed without entries, so that the places went to those who come first."""
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
    if draw.closed_at is not None:
        return "risk", _("Menunggu nilai publik")
    return "waiting", _("Pendaftaran berjalan")


@login_required(login_url="admin:login")
@require_POST
def value(request: HttpRequest, draw_id: int) -> HttpResponse:
    """Type or confirm a draw's public value; the draw itself follows at once."""
    user: Any = request.user
    now = clock.now()
    offices = offices_for(user, roles=VALUE_KEEPERS, now=now)
    if not Draw.objects.filter(pk=draw_id, office__in=offices).exists():
        raise NotFound
    try:
        draw = services.type_public_value(
            draw_id=draw_id, value=request.POST.get("value", ""), by=user, now=now
        )
        if draw.confirmed_at is None:
            messages.success(request, _("Nilai tercatat. Petugas lain memastikannya."))
        else:
            services.run_draw(window_id=draw.window_id, now=now)
            messages.success(request, _("Nilai dipastikan. Undian sudah dilakukan."))
    except DomainError as error:
        count_refusal(error)
        texts = [str(text) for group in error.fields.values() for text in group]
        messages.error(request, " ".join(texts) or str(error))
    return HttpResponseRedirect(reverse("draws:desk"))
