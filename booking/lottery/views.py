"""The applicant's pages of a lottery: overview, entering, one's own entry, and the proof."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import SignedInRequest, account_of
from booking.applications.views import preferred_code
from booking.bookings import selectors as bookings_selectors
from booking.lottery import selectors, services
from booking.lottery.models import Draw, DrawEntry
from booking.lottery.results import claim_entry
from booking.lottery.services import CHOICES_LIMIT
from booking.people import selectors as people_selectors
from booking.people.labels import masked
from booking.people.selectors import fits
from core import clock
from core.errors import DomainError
from core.formats import date_span, local_time_long
from core.forms import parsed_ids
from core.public_pages import public_page
from offices.directory.models import ServiceType
from offices.directory.selectors import chosen_service, services_of
from quotas.places.models import Place, Slot

Outcome = DrawEntry.Outcome
WISHES = 3
LOOK = {
    Outcome.WAITING: "waiting",
    Outcome.WON: "open",
    Outcome.CLAIMED: "done",
    Outcome.LAPSED: "past",
    Outcome.LOST: "waiting",
    Outcome.VOID: "closed",
}


@require_safe
@public_page(seconds=10)
def how(request: HttpRequest) -> HttpResponse:
    """Explain the lottery in simple terms."""
    return render(request, "booking/lottery/draw_how.html")


@require_safe
@public_page()
def draw(request: HttpRequest, window_id: int) -> HttpResponse:
    """Show a lottery: its days and deadline, its seals, the result and how to check it."""
    now = clock.now()
    lottery = selectors.draw_of(window_id)
    account = account_of(request)
    mine: list[dict[str, Any]] = []
    if account is not None:
        rows = selectors.entries_of(account.pk).filter(draw=lottery)
        mine = [_line(row, now) for row in rows if row.withdrawn_at is None]
    context = {
        **_about(lottery, now),
        "mine": mine,
        "result": _result(lottery),
        "beacon": selectors.beacon_of(lottery),
        "proof_url": reverse("booking:draw_proof", args=[window_id]),
    }
    return render(request, "booking/lottery/draw.html", context)


@require_safe
@public_page()
def proof(request: HttpRequest, window_id: int) -> HttpResponse:
    """Return the proof as a file."""
    lottery = selectors.draw_of(window_id)
    answer = JsonResponse(selectors.proof_of(lottery), json_dumps_params={"indent": 1})
    name = f"{_('bukti-undian')}-{lottery.office.code}-{lottery.window.first_day}.json"
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: SignedInRequest, window_id: int) -> HttpResponse:
    """Ask for people and preferred slots; enter on POST."""
    now = clock.now()
    lottery = selectors.draw_of(window_id)
    offered = services_of(lottery.office)
    changes = _to_change(request, lottery)
    code = request.POST.get("service_type") or request.GET.get("service_type", "")
    code = code or (changes.service_type.code if changes else "")
    service = chosen_service(offered, code) or chosen_service(offered, preferred_code(request))
    refusal: DomainError | None = None
    if request.method == "POST":
        try:
            entry = _enter(request, window_id, now)
        except DomainError as error:
            refusal = error
        else:
            if changes is not None and changes.pk == entry.pk:
                messages.success(request, _("Pilihan Anda sudah diubah."))
            else:
                messages.success(
                    request, _("Anda ikut undian ini. Konfirmasi dikirim ke surel Anda.")
                )
            return HttpResponseRedirect(reverse("booking:draw_entry", args=[entry.code]))
    slots = selectors.slots_of_draw(lottery.window)
    groups = {slot.group_id for slot in slots}
    offered = [row for row in offered if row.group_id in groups]
    service = service if service in offered else next(iter(offered), None)
    cards = _cards(request, service, changes)
    context = {
        **_about(lottery, now),
        "services": [
            {"code": row.code, "name": str(row), "is_chosen": row == service} for row in offered
        ],
        "service": service,
        "people": cards,
        "chosen": [card["person"] for card in cards if card["is_chosen"]],
        "choices": _choice_rows(request, slots, service, lottery, changes),
        "takes_any": _takes_any(request, changes),
        "changes": changes,
        "refusal": refusal,
        "texts": _texts(refusal),
        "hour_texts": _hour_texts(refusal),
        "here": request.get_full_path(),
    }
    status = refusal.http_status if refusal else 200
    return render(request, "booking/lottery/draw_enter.html", context, status=status)


def _enter(request: SignedInRequest, window_id: int, now: dt.datetime) -> DrawEntry:
    slot_ids = parsed_ids(text for text in request.POST.getlist("choices") if text)
    return services.enter_draw(
        account_id=request.user.pk,
        window_id=window_id,
        applicant_ids=parsed_ids(request.POST.getlist("applicants")),
        service_type=request.POST.get("service_type", ""),
        choices=list(dict.fromkeys(slot_ids))[:CHOICES_LIMIT],
        takes_any="any" in request.POST,
        now=now,
    )


def _to_change(request: SignedInRequest, lottery: Draw) -> DrawEntry | None:
    """Return the entry to change, if it belongs to the account and this lottery."""
    rows = selectors.entries_of(request.user.pk).filter(draw=lottery, withdrawn_at__isnull=True)
    return rows.filter(code=request.GET.get("entry", "")).first()


def _takes_any(request: SignedInRequest, changes: DrawEntry | None) -> bool:
    if request.method == "POST":
        return "any" in request.POST
    return changes.takes_any if changes else True


def _texts(refusal: DomainError | None) -> list[str]:
    """Return the messages about the people, or about the whole form."""
    if refusal is None:
        return []
    rest = [texts for name, texts in refusal.fields.items() if name != "choices"]
    return [str(text) for texts in rest for text in texts] if refusal.fields else [str(refusal)]


def _hour_texts(refusal: DomainError | None) -> list[str]:
    return [str(text) for text in refusal.fields.get("choices", [])] if refusal else []


def _cards(
    request: SignedInRequest, service: ServiceType | None, changes: DrawEntry | None
) -> list[dict[str, Any]]:
    chosen = set(parsed_ids(request.POST.getlist("applicants")))
    if changes is not None and request.method != "POST":
        chosen = {member.applicant_id for member in changes.members.all()}
    people = list(people_selectors.people_of(request.user.pk))
    able = [row.pk for row in people if _may_enter(row, service)]
    if not chosen and request.method != "POST" and len(able) == 1:
        chosen = set(able)
    return [
        {
            "person": row,
            "identity": masked(row),
            "is_chosen": row.pk in chosen,
            "why_not": _why_not(row, service),
        }
        for row in people
    ]


def _may_enter(person: Any, service: ServiceType | None) -> bool:
    return not _why_not(person, service)


def _why_not(person: Any, service: ServiceType | None) -> str:
    if person.has_live_booking:
        return _(
            "Sudah punya jadwal yang masih berlaku; ubah atau batalkan lebih dulu di Tiket saya."
        )
    if service is not None and not fits(person, service):
        return _("Layanan ini bukan untuk jenis identitas orang ini.")
    return ""


def _choice_rows(
    request: SignedInRequest,
    slots: Sequence[Slot],
    service: ServiceType | None,
    lottery: Draw,
    changes: DrawEntry | None,
) -> list[dict[str, Any]]:
    """Return one slot list per possible choice, each with its current value."""
    typed = request.POST.getlist("choices")
    if changes is not None and request.method != "POST":
        typed = [str(pk) for pk in changes.choices]
    office = lottery.office
    hours_of = [
        {"id": str(slot.pk), "text": bookings_selectors.when(slot, office)}
        for slot in slots
        if service is not None and slot.group_id == service.group_id
    ]
    return [
        {
            "number": number + 1,
            "chosen": typed[number] if number < len(typed) else "",
            "hours": hours_of,
        }
        for number in range(max(WISHES, min(len(typed), CHOICES_LIMIT)))
    ]


@login_required
@require_safe
def entry(request: SignedInRequest, code: str) -> HttpResponse:
    """Show an entry of one's own: the line in the list, the rank, possible actions."""
    now = clock.now()
    row = selectors.entry_of(request.user.pk, code)
    is_open = row.draw.closed_at is None and now < row.draw.window.opens_at
    until = row.claim_until if row.outcome == Outcome.WON else None
    context = {
        **_about(row.draw, now),
        "entry": row,
        "line": _line(row, now),
        "rival": _why_lost(row),
        "members": [member.applicant for member in row.members.all()],
        "choices": _choice_labels(row),
        "is_withdrawn": row.withdrawn_at is not None,
        "may_claim": until is not None and until > now,
        "may_withdraw": row.withdrawn_at is None
        and row.outcome in (Outcome.WAITING, Outcome.LOST, Outcome.WON),
        "is_list_open": is_open,
        "result": _result(row.draw),
    }
    return render(request, "booking/lottery/draw_entry.html", context)


@login_required
@require_POST
def claim(request: SignedInRequest, code: str) -> HttpResponse:
    """Claim a win."""
    now = clock.now()
    row = selectors.entry_of(request.user.pk, code)
    try:
        claim_entry(account_id=request.user.pk, code=row.code, now=now)
    except DomainError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("booking:draw_entry", args=[row.code]))
    messages.success(request, _("Tempat ini milik Anda. Konfirmasi dikirim ke surel Anda."))
    return HttpResponseRedirect(reverse("booking:bookings"))


@login_required
@require_POST
def withdraw(request: SignedInRequest, code: str) -> HttpResponse:
    """Withdraw from the lottery, or give up a win."""
    row = selectors.entry_of(request.user.pk, code)
    services.withdraw_entry(account_id=request.user.pk, code=row.code, now=clock.now())
    messages.success(request, _("Anda tidak lagi ikut undian ini. Tidak ada sanksi."))
    return HttpResponseRedirect(reverse("booking:draw", args=[row.draw.window_id]))


def _about(lottery: Draw, now: dt.datetime) -> dict[str, Any]:
    window = lottery.window
    return {
        "draw": lottery,
        "window": window,
        "office": lottery.office,
        "days": date_span(window.first_day, window.last_day),
        "closes": local_time_long(window.opens_at, lottery.office),
        "is_open": lottery.closed_at is None and now < window.opens_at,
        "has_nobody": lottery.drawn_at is None and window.drawn_at is not None,
        "places": Place.objects.offered().filter(window=window).count(),
        "entries": selectors.listed_entries(lottery).count(),
    }


def draw_lines(account_id: int, now: dt.datetime) -> list[dict[str, Any]]:
    """Return an account's entries that may still get a place. Wins are listed as bookings."""
    return [_line(row, now) for row in selectors.hopeful_entries_of(account_id, now)]


def _line(row: DrawEntry, now: dt.datetime) -> dict[str, Any]:
    window = row.draw.window
    outcome = Outcome(row.outcome)
    if outcome == Outcome.WON and row.claim_until is not None and row.claim_until <= now:
        outcome = Outcome.LAPSED  # given up or expired; it passes on within seconds
    return {
        "entry": row,
        "url": reverse("booking:draw_entry", args=[row.code]),
        "state": LOOK[outcome],
        "state_text": _("Batal ikut") if row.withdrawn_at else str(outcome.label).capitalize(),
        "slot": bookings_selectors.when(row.slot, row.draw.office) if row.slot else "",
        "days": date_span(window.first_day, window.last_day),
    }


def _why_lost(row: DrawEntry) -> str:
    """Explain why an entry got nothing although a later rank did, or return ""."""
    result = _result(row.draw)
    if row.outcome != Outcome.LOST or result is None or (row.rank or 0) >= result["last_rank"]:
        return ""
    if row.size > 1:
        return _(
            "Saat giliran Anda tiba, tidak ada lagi jam yang cukup untuk semua anggota rombongan; peserta sesudah Anda datang sendiri atau meminta jam lain."
        )
    return _(
        "Jam yang Anda minta sudah terisi saat giliran Anda tiba; peserta sesudah Anda meminta jam lain."
    )


def _choice_labels(row: DrawEntry) -> list[str]:
    office = row.draw.office
    slots = Slot.objects.in_bulk(row.choices)
    texts = [bookings_selectors.when(slots[pk], office) for pk in row.choices if pk in slots]
    return [*texts, _("Jam mana saja")] if row.takes_any else texts


def _result(lottery: Draw) -> dict[str, Any] | None:
    """Return the figures of the first round, without names, or None before the lottery."""
    first = lottery.rounds.order_by("number").first() if lottery.drawn_at else None
    if first is None:
        return None
    winners = [row["entry"] for row in first.given]
    rows = DrawEntry.objects.filter(draw=lottery, code__in=winners)
    return {
        "places": sum(first.places.values()),
        "given": sum(rows.values_list("size", flat=True)),
        "winners": len(winners),
        "voids": len(first.voids),
        "last_rank": max((row.rank or 0 for row in rows), default=0),
        "passed_on": lottery.rounds.count() - 1,
    }
