"""The applicant's pages of the waiting list: join, see the position, answer an offer, stop."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import SignedInRequest, account_of
from booking.applications.views import preferred_code
from booking.bookings import selectors as bookings_selectors
from booking.bookings.checks import PARTY_LIMIT
from booking.bookings.models import Booking
from booking.people import selectors as people_selectors
from booking.people.labels import masked
from booking.people.selectors import fits
from booking.refusals.services import Channel
from booking.statuses import LIVE, Status
from booking.waiting_list import messages as waiting_list_messages
from booking.waiting_list import selectors, services
from booking.waiting_list.accepting import accept_offer, record_refused_offer
from booking.waiting_list.forms import WaitingForm
from booking.waiting_list.models import Offer, OfferStatus, WaitingListEntry
from booking.waiting_list.models import WaitingStatus as Waiting
from booking.waiting_list.offers import decline_offer, stop_waiting
from booking.waiting_list.selectors import OFFER_LINK, STOP_LINK
from core import clock
from core.dates import parse_day
from core.errors import DomainError
from core.formats import date_span
from core.forms import parsed_ids
from core.web import count_refusal, with_retry_after
from notices import links
from offices.directory.models import Office, ServiceType
from offices.directory.selectors import chosen_service, get_office, services_of
from quotas.calendar.selectors import nearest_open_slots
from quotas.policies.selectors import return_terms

USUAL_SPAN = dt.timedelta(days=14)
SHOWN = 50
LOOK = {
    Waiting.WAITING: "waiting",
    Waiting.PLACED: "done",
    Waiting.STOPPED: "past",
    Waiting.USED_UP: "past",
    Waiting.BOOKED: "past",
    Waiting.CHANGED: "past",
    Waiting.LAPSED: "past",
}


# --- Joining -----------------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: SignedInRequest, code: str) -> HttpResponse:
    """Ask for people and days; join on POST."""
    now = clock.now()
    office = get_office(code)
    offered = services_of(office)
    requested = request.POST.get("service_type") or request.GET.get("service_type", "")
    service = chosen_service(offered, requested) or chosen_service(offered, preferred_code(request))
    service = service or next(iter(offered), None)
    form = WaitingForm(
        request.POST if request.method == "POST" else None, initial=_days(request, office, now)
    )
    refusal: DomainError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            _join(request, office, form, now)
        except DomainError as error:
            refusal = error
            count_refusal(error)
            for name in set(error.fields) & set(form.fields):
                form.add_error(name, [str(text) for text in error.fields[name]])
        else:
            messages.success(
                request,
                _("Anda di daftar tunggu. Begitu ada tempat, kami mengirim tawaran ke surel Anda."),
            )
            return HttpResponseRedirect(reverse("booking:waiting"))
    cards = _cards(request, service, now)
    context = {
        "office": office,
        "service": service,
        "services": [
            {"code": row.code, "name": str(row), "is_chosen": row == service} for row in offered
        ],
        "people": cards,
        "chosen": [card["person"] for card in cards if card["is_chosen"]],
        "form": form,
        "refusal": refusal,
        "texts": _texts(refusal, form),
        "terms": return_terms(office, lane="online", day=office.local_day(now)),
        "here": request.get_full_path(),
    }
    status = refusal.http_status if refusal else 400 if form.errors else 200
    answer = render(request, "booking/waiting_list/waiting_join.html", context, status=status)
    return with_retry_after(answer, refusal)


def _days(request: HttpRequest, office: Office, now: dt.datetime) -> dict[str, dt.date]:
    """Return the initial range: from the full day to `until`, else the next two weeks."""
    today = office.local_day(now)
    day = parse_day(request.GET.get("day", ""))
    if day is not None and day > today:
        until = parse_day(request.GET.get("until", ""))
        return {"first_day": day, "last_day": max(day, until or day)}
    return {"first_day": today + dt.timedelta(days=1), "last_day": today + USUAL_SPAN}


def _join(request: SignedInRequest, office: Office, form: WaitingForm, now: dt.datetime) -> None:
    preferences = services.WaitingPreferences(
        office_code=office.code,
        service_type=request.POST.get("service_type", ""),
        first_day=form.cleaned_data["first_day"],
        last_day=form.cleaned_data["last_day"],
    )
    services.join_waiting_list(
        account_id=request.user.pk, applicant_ids=_ids(request), preferences=preferences, now=now
    )


def _ids(request: HttpRequest) -> list[int]:
    texts = request.POST.getlist("applicants") or request.GET.getlist("who")
    return parsed_ids(texts[: PARTY_LIMIT + 1])


def _texts(refusal: DomainError | None, form: WaitingForm) -> list[str]:
    """Return the messages that belong to neither day field: about the people, or the whole form."""
    if refusal is None:
        return []
    rest = {name: texts for name, texts in refusal.fields.items() if name not in form.fields}
    sentences = [str(text) for texts in rest.values() for text in texts]
    return sentences if refusal.fields else [str(refusal)]


def _cards(
    request: SignedInRequest, service: ServiceType | None, now: dt.datetime
) -> list[dict[str, Any]]:
    people = list(people_selectors.people_of(request.user.pk))
    rows = Booking.objects.filter(applicant__in=people, status__in=LIVE)
    booked = {row.applicant_id: row for row in rows.select_related("office", "slot__office")}
    chosen = set(_ids(request))
    cards = []
    for row in people:
        booking = booked.get(row.pk)
        why_not = _why_not(booking, now)
        if not why_not and service is not None and not fits(row, service):
            why_not = _("Layanan ini bukan untuk jenis identitas orang ini.")
        moves = (
            "" if booking is None else bookings_selectors.when(booking.slot, booking.slot.office)
        )
        cards.append(
            {
                "person": row,
                "identity": masked(row),
                "is_chosen": row.pk in chosen,
                "why_not": why_not,
                "moves": moves,
            }
        )
    able = [card for card in cards if not card["why_not"] and not card["moves"]]
    if len(able) == 1 and not chosen and request.method != "POST":
        able[0]["is_chosen"] = True
    return cards


def _why_not(booking: Booking | None, now: dt.datetime) -> str:
    if booking is None or booking.status == Status.DISPLACED:
        return ""
    if booking.status != Status.BOOKED:
        return _("Sudah punya jadwal yang masih berlaku; lihat Tiket saya.")
    if booking.office.local_day(now) >= booking.slot.day:
        return _("Jadwalnya hari ini dan tidak dapat diubah lagi.")
    return ""


# --- An account's entries ----------------------------------------------------------------------------
@login_required
@require_safe
def waiting(request: SignedInRequest) -> HttpResponse:
    """List the account's entries with their positions and offers, waiting ones first."""
    now = clock.now()
    lines = waiting_lines(request.user.pk, now)
    context = {
        "coming": [line for line in lines if line["is_waiting"]],
        "past": [line for line in lines if not line["is_waiting"]],
    }
    return render(request, "booking/waiting_list/waiting.html", context)


def waiting_lines(
    account_id: int, now: dt.datetime, *, with_past: bool = True
) -> list[dict[str, Any]]:
    """Return an account's entries ready for templates."""
    rows = selectors.waiting_of(account_id)
    if not with_past:
        rows = rows.filter(status=Waiting.WAITING)
    lines = [_line(row, now) for row in rows[:SHOWN]]
    lines.sort(key=lambda line: (not line["offer"], not line["is_waiting"]))
    return lines


def _line(entry: WaitingListEntry, now: dt.datetime) -> dict[str, Any]:
    is_waiting = entry.status == Waiting.WAITING
    offer = selectors.open_offer_of(entry)
    terms = return_terms(entry.office, lane=entry.lane_id, day=entry.first_day)
    return {
        "entry": entry,
        "office": entry.office,
        "days": date_span(entry.first_day, entry.last_day),
        "names": [member.applicant.full_name for member in entry.members.all()],
        "moves": any(member.booking_id for member in entry.members.all()),
        "is_waiting": is_waiting,
        "state": "called" if offer else LOOK[Waiting(entry.status)],
        "state_text": _("Ada tawaran") if offer else entry.get_status_display().capitalize(),
        "offer": offer and _offer_context(offer, now),
        "ahead": selectors.ahead_of(entry) if is_waiting else 0,
        "offers_left": max(0, terms.offers_at_most - entry.offers_made),
        "passed": entry.history.filter(reason="passed").count() if entry.size > 1 else 0,
        "why_ended": waiting_list_messages.why_ended(entry),
        "book_url": _url_of_free_day(entry, now) if is_waiting and not offer else "",
    }


def _offer_context(offer: Offer, now: dt.datetime) -> dict[str, Any]:
    return {
        "when": bookings_selectors.when(offer.slot, offer.slot.office),
        "answer_by": offer.answer_by,
        "left": max(dt.timedelta(0), offer.answer_by - now),
        "url": reverse("booking:offer", args=[offer.pk]),
    }


def _url_of_free_day(entry: WaitingListEntry, now: dt.datetime) -> str:
    """Return the URL of a day with enough free places, so that nobody waits without need, else ""."""
    rows = nearest_open_slots(
        entry.office,
        group=entry.service_type.group,
        after=entry.office.at(entry.first_day, dt.time()),
        now=now,
        limit=3,
        lane=entry.lane_id,
        service=entry.service_type_id,
    )
    slot = next(
        (
            row
            for row in rows
            if row.left >= entry.size and entry.first_day <= row.day <= entry.last_day
        ),
        None,
    )
    if slot is None:
        return ""
    code = entry.service_type.code
    return f"{reverse('booking:day', args=[entry.office.code, slot.day])}?service_type={code}"


@login_required
@require_POST
def leave(request: SignedInRequest, entry_id: int) -> HttpResponse:
    """Stop waiting."""
    stop_waiting(entry_id=entry_id, account_id=request.user.pk, now=clock.now())
    messages.success(request, _("Anda tidak lagi menunggu di sana. Tidak ada sanksi."))
    return HttpResponseRedirect(reverse("booking:waiting"))


# --- Pages behind links in messages ------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: HttpRequest, offer_id: UUID) -> HttpResponse:
    """Show an offer; on POST accept or decline it. For its account, or with the link: then without a name."""
    now = clock.now()
    row = selectors.get_offer(offer_id)
    account = account_of(request)
    is_mine = account is not None and account.pk == row.entry.account_id
    use = links.require(request, OFFER_LINK, row.pk, is_owner=is_mine, now=now)
    refusal: DomainError | None = None
    if request.method == "POST":
        try:
            if "accept" in request.POST:
                return _accepted(request, row, use, is_mine=is_mine, now=now)
            decline_offer(offer_id=row.pk, account_id=row.entry.account_id, use=use, now=now)
        except DomainError as error:
            refusal = error
            count_refusal(error)
            if "accept" in request.POST:
                record_refused_offer(error, row, channel=Channel.PAGE, now=now)
            row = selectors.get_offer(offer_id)
        else:
            messages.success(
                request, _("Tawaran ditolak, tanpa sanksi. Tempatnya untuk orang berikutnya.")
            )
            return HttpResponseRedirect(request.path)
    office = row.slot.office
    is_open = row.status == OfferStatus.OPEN and now < row.answer_by
    context = {
        "offer": row,
        "entry": row.entry,
        "office": office,
        "when": bookings_selectors.when(row.slot, office),
        "is_open": is_open,
        "is_over": not is_open and row.status in (OfferStatus.OPEN, OfferStatus.EXPIRED),
        "left": max(dt.timedelta(0), row.answer_by - now),
        "wants_no": "decline" in request.GET,
        "is_waiting": row.entry.status == Waiting.WAITING,
        "why_ended": waiting_list_messages.why_ended(row.entry),
        "is_mine": is_mine,
        "refusal": refusal,
    }
    answer = render(
        request,
        "booking/waiting_list/offer.html",
        context,
        status=refusal.http_status if refusal else 200,
    )
    return with_retry_after(answer, refusal)


def _accepted(
    request: HttpRequest, row: Offer, use: links.LinkUse | None, *, is_mine: bool, now: dt.datetime
) -> HttpResponse:
    accept_offer(offer_id=row.pk, account_id=row.entry.account_id, use=use, now=now)
    messages.success(request, _("Tempat ini milik Anda. Konfirmasi dikirim ke surel Anda."))
    if is_mine:
        return HttpResponseRedirect(reverse("booking:bookings"))
    return HttpResponseRedirect(request.path)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Ask for confirmation, then stop on POST. For the entry's account, or with the link."""
    now = clock.now()
    entry = selectors.get_entry(entry_id)
    is_mine = entry.account_id == getattr(account_of(request), "pk", 0)
    use = links.require(request, STOP_LINK, entry.pk, is_owner=is_mine, now=now)
    if request.method == "POST":
        stop_waiting(entry_id=entry.pk, account_id=entry.account_id, use=use, now=now)
        return HttpResponseRedirect(request.path)
    context = {
        "entry": entry,
        "office": entry.office,
        "days": date_span(entry.first_day, entry.last_day),
        "is_waiting": entry.status == Waiting.WAITING,
        "why_ended": waiting_list_messages.why_ended(entry),
    }
    return render(request, "booking/waiting_list/waiting_stop.html", context)
