"""The ticket of a family: one code for everybody, and moving or cancelling all or some of them."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import SignedInRequest
from booking.applications.selectors import applications_for
from booking.bookings import messages as bookings_messages
from booking.bookings import selectors
from booking.bookings.changes import cancel_bookings, reschedule_bookings, slot_for
from booking.bookings.choosing import choices_for, office_for, slot_id_of
from booking.bookings.models import Booking, Party
from booking.codes import clean_code
from booking.public.forms import CancelForm
from booking.public.ticket_page import (
    LOOK,
    bring_of,
    line_of,
    place_of,
    status_word,
    time_texts_of,
)
from booking.refusals.services import Action, Channel, record_refusal
from booking.statuses import LIVE, Status
from core import clock
from core.dates import parse_day
from core.errors import DomainError, InvalidInput, NotFound
from core.qr import mrz, qr
from core.web import count_refusal, with_retry_after
from offices import labels
from quotas.places.models import Slot
from quotas.waiting_room.tickets import room_on_the_way, tokens_of

MOST_NAMES: Final = 3
# Errors after which no other hour helps.
FINAL: Final = frozenset({"no_change_left", "too_late", "move_not_allowed"})


@login_required
@require_safe
def party(request: SignedInRequest, code: str) -> HttpResponse:
    """Show the ticket of a family: one QR code, everybody's name, service and own code."""
    now = clock.now()
    family = selectors.party_of(request.user.pk, code)
    if code != family.code:  # typed in lower case or with dashes
        return HttpResponseRedirect(_ticket_url(family))
    bookings = _people_in(family)
    coming = [booking for booking in bookings if booking.is_live]
    _read_latest_answers(coming)
    context = {
        "family": family,
        "now": now,
        "qr": qr(family.code, _("Kode QR rombongan, isinya sama dengan kode rombongan")),
        "mrz": mrz(family.code),
        "hours": _by_hour(coming),
        "over": [_member(booking) for booking in bookings if not booking.is_live],
        "bring": [
            {"name": booking.applicant.short_name, "rows": bring_of(booking)} for booking in coming
        ],
        "may_cancel": any(selectors.why_not_cancel(row, now) is None for row in coming),
        "may_move": any(selectors.why_not_reschedule(row, now) is None for row in coming),
    }
    answer = render(request, "booking/public/party.html", context)
    answer["X-Keep-Offline"] = "1"  # as for the ticket of one person
    return answer


@login_required
@require_safe
def party_calendar(request: SignedInRequest, code: str) -> HttpResponse:
    """Return the bookings of one hour as a calendar file; `with` is the code of one of them."""
    family = selectors.party_of(request.user.pk, code)
    coming = [booking for booking in _people_in(family) if booking.is_live]
    wanted = clean_code(request.GET.get("with", ""))
    one = next((booking for booking in coming if booking.code == wanted), None)
    if one is None:
        raise NotFound
    together = [row for row in coming if row.slot.starts_at == one.slot.starts_at]
    text = bookings_messages.calendar_text(together, now=clock.now())
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{family.code}.ics"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def party_cancel(request: SignedInRequest, code: str) -> HttpResponse:
    """Choose who cancels, read what happens to the others, then cancel on POST."""
    now = clock.now()
    family = selectors.party_of(request.user.pk, code)
    bookings = _people_in(family)
    params = request.POST if request.method == "POST" else request.GET
    going = _chosen(bookings, params)
    if not going:
        return _choose(request, family, bookings, now, is_cancelling=True)
    refusal = next((one for row in going if (one := selectors.why_not_cancel(row, now))), None)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and refusal is None and form.is_valid():
        try:
            cancel_bookings(
                booking_ids=[booking.pk for booking in going],
                by=request.user,
                now=now,
                reason=form.cleaned_data["reason"],
            )
        except DomainError as error:
            count_refusal(error)
            refusal = error
        else:
            messages.success(request, _cancelled_text(len(going)))
            return HttpResponseRedirect(_ticket_url(family))
    status = refusal.http_status if refusal else 400 if form.errors else 200
    context = {
        **_confirmation(family, bookings, going),
        "form": form,
        "refusal": refusal,
    }
    answer = render(request, "booking/public/party_cancel.html", context, status=status)
    return with_retry_after(answer, refusal)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def party_move(request: SignedInRequest, code: str) -> HttpResponse:
    """Choose who moves and to which hour, read what happens to the others, then move on POST."""
    now = clock.now()
    family = selectors.party_of(request.user.pk, code)
    bookings = _people_in(family)
    params = request.POST if request.method == "POST" else request.GET
    going = _chosen(bookings, params)
    if not going:
        return _choose(request, family, bookings, now, is_cancelling=False)
    refusal = next((one for row in going if (one := selectors.why_not_reschedule(row, now))), None)
    slot: Slot | None = None
    if refusal is None and ("slot" in params or request.method == "POST"):
        try:
            slot = _slot_of(going, str(params.get("slot", "")))
            if request.method == "POST":
                return _moved(request, family, going, slot, now)
        except DomainError as error:
            count_refusal(error)
            _record(request, slot, error, size=len(going), now=now)
            if error.code == "not_admitted" and slot is not None:
                return HttpResponseRedirect(_room(request, family, going, slot, now))
            slot, refusal = None, error
    return _move_page(request, family, bookings, going, slot, refusal, now)


def _moved(
    request: SignedInRequest, family: Party, going: Sequence[Booking], slot: Slot, now: dt.datetime
) -> HttpResponse:
    reschedule_bookings(
        booking_ids=[booking.pk for booking in going],
        slot_id=slot.pk,
        by=request.user,
        now=now,
        room_tickets=tokens_of(request),
    )
    text = ngettext(
        "Jadwal %(count)d orang sudah dipindahkan. Kode rombongan tetap sama.",
        "Jadwal %(count)d orang sudah dipindahkan. Kode rombongan tetap sama.",
        len(going),
    )
    messages.success(request, text % {"count": len(going)})
    return HttpResponseRedirect(_ticket_url(family))


def _move_page(
    request: SignedInRequest,
    family: Party,
    bookings: Sequence[Booking],
    going: Sequence[Booking],
    slot: Slot | None,
    refusal: DomainError | None,
    now: dt.datetime,
) -> HttpResponse:
    params = request.POST if request.method == "POST" else request.GET
    office = office_for(str(params.get("office", "")), going)
    day = parse_day(str(params.get("day", "")))
    address = reverse("booking:party_move", args=[family.code])
    is_final = refusal is not None and refusal.code in FINAL
    who = [booking.code for booking in going]
    context = {
        **_confirmation(family, bookings, going),
        "slot": slot,
        "becomes": ""
        if slot is None
        else labels.slot_text(slot.starts_at, slot.ends_at, slot.office),
        "office": office,
        "day": day,
        "address": address,
        "who": who,
        "refusal": refusal,
        "is_final": is_final,
        "field_errors": [str(t) for texts in refusal.fields.values() for t in texts]
        if refusal
        else [],
        **(
            {}
            if is_final or slot is not None
            else choices_for(going, office, day, address, now, who=who)
        ),
    }
    status = refusal.http_status if refusal else 200
    answer = render(request, "booking/public/party_move.html", context, status=status)
    return with_retry_after(answer, refusal)


def _slot_of(going: Sequence[Booking], text: str) -> Slot:
    """Return the chosen slot if everybody's service is available at that hour. Raises InvalidInput and others."""
    bookable = selectors.bookable_slot(slot_id_of(text))
    if bookable is None:
        raise InvalidInput(fields={"slot": [_("Pilih salah satu jam yang masih ada tempatnya.")]})
    for booking in going:
        slot_for(booking, bookable.slot)
    return bookable.slot


def _record(
    request: SignedInRequest, slot: Slot | None, error: DomainError, *, size: int, now: dt.datetime
) -> None:
    record_refusal(
        error,
        channel=Channel.PAGE,
        action=Action.RESCHEDULE,
        account_id=request.user.pk,
        slot_id=slot.pk if slot else 0,
        slot=slot,
        size=size,
        now=now,
    )


def _room(
    request: SignedInRequest,
    family: Party,
    going: Sequence[Booking],
    slot: Slot,
    now: dt.datetime,
) -> str:
    """Return the URL of the waiting room for the chosen hour, which leads back to this page."""
    query = QueryDict(mutable=True)
    query.setlist("who", [booking.code for booking in going])
    onward = f"{reverse('booking:party_move', args=[family.code])}?{query.urlencode()}"
    room = room_on_the_way(
        request, slot_id=slot.pk, account_id=request.user.pk, onward=onward, now=now
    )
    return room or onward


def _choose(
    request: SignedInRequest,
    family: Party,
    bookings: Sequence[Booking],
    now: dt.datetime,
    *,
    is_cancelling: bool,
) -> HttpResponse:
    """Ask who of the family; those who cannot are listed with the reason."""
    why_not = selectors.why_not_cancel if is_cancelling else selectors.why_not_reschedule
    rows = [
        {**_member(booking), "when": _when(booking), "why_not": why_not(booking, now) or ""}
        for booking in bookings
        if booking.is_live
    ]
    able = [row["code"] for row in rows if not row["why_not"]]
    query = QueryDict(mutable=True)
    query.setlist("who", able)
    is_missing = "choose" in request.GET or request.method == "POST"
    context = {
        "family": family,
        "rows": rows,
        "is_cancelling": is_cancelling,
        "all_url": f"{request.path}?{query.urlencode()}" if len(able) > 1 else "",
        "able": len(able),
        "error": _("Pilih setidaknya satu orang.") if is_missing else "",
    }
    status = 400 if is_missing else 200
    return render(request, "booking/public/party_choose.html", context, status=status)


def _chosen(bookings: Sequence[Booking], params: QueryDict) -> list[Booking]:
    """Return the live bookings of the family whose codes were chosen; other codes are ignored."""
    codes = {clean_code(text) for text in params.getlist("who")}
    return [booking for booking in bookings if booking.code in codes and booking.is_live]


def _confirmation(
    family: Party, bookings: Sequence[Booking], going: Sequence[Booking]
) -> dict[str, Any]:
    """Return who goes and who stays, each with the hour."""
    staying = [row for row in bookings if row.is_live and row not in going]
    return {
        "family": family,
        "going": [{**_member(row), "when": _when(row)} for row in going],
        "going_names": names_of(going),
        "staying": [{**_member(row), "when": _when(row)} for row in staying],
        "staying_names": names_of(staying),
    }


def _cancelled_text(count: int) -> str:
    text = ngettext(
        "Jadwal %(count)d orang dibatalkan, tanpa sanksi.",
        "Jadwal %(count)d orang dibatalkan, tanpa sanksi.",
        count,
    )
    return text % {"count": count}


def _when(booking: Booking) -> str:
    if booking.status == Status.DISPLACED:
        return _("menunggu tempat baru")
    slot = booking.slot
    return labels.slot_text(slot.starts_at, slot.ends_at, booking.office)


def _by_hour(bookings: Iterable[Booking]) -> list[dict[str, Any]]:
    """Return the hours of the family, usually one, each with its people."""
    hours: dict[tuple[int, dt.datetime], dict[str, Any]] = {}
    for booking in sorted(bookings, key=lambda row: row.slot.starts_at):
        key = (booking.office_id, booking.slot.starts_at)
        if key not in hours:
            hours[key] = {
                **time_texts_of(booking.slot, booking.office),
                "office": booking.office,
                "members": [],
            }
        hours[key]["members"].append({**_member(booking), "place": place_of(booking)})
    for row in hours.values():
        places = list(dict.fromkeys(member["place"] for member in row["members"]))
        row["place"] = places[0] if len(places) == 1 else ""
    return list(hours.values())


def _member(booking: Booking) -> dict[str, Any]:
    return {
        "name": booking.applicant.short_name,
        "service": str(booking.service_type),
        "code": booking.code,
        "url": reverse("booking:ticket", args=[booking.code]),
        "status": booking.status,
        "state": LOOK[booking.status],
        "state_text": status_word(booking.status),
    }


def _read_latest_answers(bookings: Sequence[Booking]) -> None:
    """Give the bookings the applications as they are now: some may have been completed after the booking."""
    applications = applications_for({row.applicant_id: row.service_type_id for row in bookings})
    for booking in bookings:
        booking.application = applications.get(booking.applicant_id)


def _people_in(family: Party) -> list[Booking]:
    """Return everybody's bookings, the oldest person first."""
    return by_age(selectors.bookings_in(family))


def by_age(bookings: Iterable[Booking]) -> list[Booking]:
    """Return bookings in the order of the people's ages, the oldest first."""
    return sorted(bookings, key=lambda row: (row.applicant.birth_date, row.applicant_id))


def _ticket_url(family: Party) -> str:
    return reverse("booking:party", args=[family.code])


def staying_with(bookings: Sequence[Booking]) -> list[Booking]:
    """Return the rest of the family, who still have bookings."""
    company = selectors.company_of(bookings[0])
    return by_age(row for row in company if row not in bookings and row.status in LIVE)


def names_of(bookings: Iterable[Booking]) -> list[str]:
    """Return the short names of people."""
    return [booking.applicant.short_name for booking in bookings]


def lines_of(bookings: Sequence[Booking]) -> list[dict[str, Any]]:
    """Return what the bookings list shows: one line for each hour of a family, one for each other booking."""
    together: dict[Any, list[Booking]] = {}
    for booking in bookings:
        is_family = booking.party.code and booking.status != Status.DISPLACED
        key = (booking.party_id, booking.slot.starts_at) if is_family else booking.pk
        together.setdefault(key, []).append(booking)
    return [_family_line(rows) if len(rows) > 1 else line_of(rows[0]) for rows in together.values()]


def _family_line(bookings: Sequence[Booking]) -> dict[str, Any]:
    bookings = by_age(bookings)
    first = bookings[0]
    texts = list(dict.fromkeys(status_word(booking.status) for booking in bookings))
    return {
        **line_of(first),
        "url": _ticket_url(first.party),
        "names": ", ".join(names_of(bookings)),
        "code": first.party.code,
        "state_text": ", ".join(texts),
    }
