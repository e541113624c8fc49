"""The page of the link in a displacement message: accept the proposed slot, or choose another."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.requests import account_of
from booking.bookings import selectors as bookings_selectors
from booking.bookings.choosing import choices_for, office_for, slot_id_of
from booking.bookings.models import DisplacedBooking, Displacement
from booking.bookings.selectors import MOVE_LINK
from booking.closures import selectors
from booking.closures.moves import accept_move, choose_another
from booking.statuses import Status
from core import clock
from core.dates import parse_day
from core.errors import DomainError
from notices import links

CAN_MOVE = (Status.BOOKED, Status.DISPLACED)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, displacement_id: int) -> HttpResponse:
    """Show the office's proposal; on POST accept it, or take the chosen slot.

    For the party's account, or with the link of the message. The page has no name.
    """
    now = clock.now()
    displacement = selectors.get_displacement(displacement_id)
    is_mine = _is_mine(request, displacement)
    use = links.require(request, MOVE_LINK, displacement.pk, is_owner=is_mine, now=now)
    address = reverse("booking:move", args=[displacement.pk])
    refusal: DomainError | None = None
    if request.method == "POST":
        try:
            text = _answer(request, displacement, use, now)
        except DomainError as error:
            refusal = error
        else:
            messages.success(request, text)
            return HttpResponseRedirect(address)
    context = _page(request, displacement, address, now)
    return render(
        request,
        "booking/closures/move.html",
        {**context, "refusal": refusal},
        status=refusal.http_status if refusal else 200,
    )


def _is_mine(request: HttpRequest, displacement: Displacement) -> bool:
    account = account_of(request)
    return account is not None and displacement.party.account_id == account.pk


def _answer(
    request: HttpRequest, displacement: Displacement, use: links.LinkUse | None, now: dt.datetime
) -> str:
    if "accept" in request.POST:
        accept_move(displacement_id=displacement.pk, use=use, now=now)
        return _("Terima kasih. Jadwal baru Anda berlaku.")
    choose_another(
        displacement_id=displacement.pk,
        slot_id=slot_id_of(request.POST.get("slot", "")),
        use=use,
        now=now,
    )
    return _("Jadwal sudah diubah ke jam pilihan Anda. Kode booking tetap sama.")


def _page(
    request: HttpRequest, displacement: Displacement, address: str, now: dt.datetime
) -> dict[str, Any]:
    members = selectors.members_of(displacement)
    is_mine = _is_mine(request, displacement)
    first = members[0].booking
    old = members[0].place_from.slot
    can_choose = _can_choose(members, now)
    params = request.POST if request.method == "POST" else request.GET
    day = parse_day(str(params.get("day", "")))
    chooses = can_choose and ("choose" in params or day is not None or "office" in params)
    going = [row for row in (member.booking for member in members) if row.status in CAN_MOVE]
    office = office_for(str(params.get("office", "")), going) if chooses else first.office
    return {
        "displacement": displacement,
        "reason": displacement.reason_in(),
        "codes": [member.booking.code for member in members],
        "was": bookings_selectors.when(old, old.office),
        "becomes": ""
        if first.place_id is None
        else bookings_selectors.when(first.slot, first.office),
        "office_name": first.office.name,
        "office_address": first.office.address,
        "is_waiting": first.status == Status.DISPLACED,
        "is_over": not first.is_live or first.status == Status.CHECKED_IN,
        "is_answered": not any(member.answered_at is None for member in members),
        "can_choose": can_choose,
        "chooses": chooses,
        "people": len(members),
        "ticket_url": reverse("booking:ticket", args=[first.code]) if is_mine else "",
        "address": address,
        "office": office,
        "day": day,
        **(choices_for(going, office, day, address, now) if chooses else {}),
    }


def _can_choose(members: list[DisplacedBooking], now: dt.datetime) -> bool:
    """True while an unanswered member's slot can still be exchanged."""
    return any(
        member.answered_at is None
        and (
            member.booking.status == Status.DISPLACED
            or (
                member.booking.status == Status.BOOKED
                and selectors.can_choose_another(
                    member.booking, placed_at=member.displacement.placed_at, now=now
                )
            )
        )
        for member in members
    )
