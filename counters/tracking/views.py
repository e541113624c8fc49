"""The pages of a passport after the visit: opened by code and birth date, or from one's own ticket."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import SignedInRequest, account_of
from booking.bookings.selectors import booking_of
from core import clock
from core.errors import DomainError, NotFound
from core.forms import add_errors, form_page, submitted
from core.qr import qr
from core.web import count_refusal
from counters.authority import services as authority_services
from counters.authority.forms import LetterForm
from counters.drive_thru.hour_page import HourPage, show_hours
from counters.survey.messages import ANSWER_LINK
from counters.survey.services import open_invitation
from counters.tracking import access
from counters.tracking.errors import NotFollowed
from counters.tracking.forms import FollowForm
from counters.tracking.selectors import Progress, progress_of
from notices import links

SEE_OTHER = 303


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """Ask for code and birth date; keep the booking in the session and go to its status."""
    form = FollowForm(submitted(request))
    if request.method == "POST" and form.is_valid():
        try:
            access.follow(request, *form.data_of(), now=clock.now())
        except DomainError as error:
            count_refusal(error)
            add_errors(form, error)
        else:
            return _go("passport:status")
    return form_page(request, "counters/tracking/follow.html", form, {})


@login_required
@require_safe
def open_own(request: SignedInRequest, code: str) -> HttpResponse:
    """Open the status of one's own booking, without its code in the next address. Raises NotFound."""
    access.hold(request, booking_of(request.user.pk, code), now=clock.now())
    return _go("passport:status")


@never_cache
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Show where the passport is and what can be done."""
    now = clock.now()
    try:
        booking = access.followed(request, now=now)
    except NotFollowed as error:
        messages.info(request, str(error))
        return _go("passport:follow")
    context = {"progress": progress_of(booking, now=now), "office": booking.office}
    return render(request, "counters/tracking/status.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def hour(request: HttpRequest) -> HttpResponse:
    """Book, change or cancel the hour of collecting the followed passport. Raises NotFollowed."""
    now = clock.now()
    booking = access.followed(request, now=now)
    page = HourPage(
        booking,
        url=reverse("passport:hour"),
        parent_url=reverse("passport:status"),
        parent=_("Paspor Anda"),
        follows=booking.pk,
    )
    return show_hours(request, page, now=now)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest) -> HttpResponse:
    """Make the letter of authority of the followed passport, or withdraw it. Raises NotFollowed, NotFound."""
    now = clock.now()
    progress = _with_book(request, now)
    form = LetterForm(submitted(request) if "withdraw" not in request.POST else None)
    actor: dict[str, Any] = {
        "book_id": progress.book.pk if progress.book else 0,
        "by": account_of(request),
        "follows": progress.booking.pk,
        "now": now,
    }
    try:
        if request.method == "POST" and "withdraw" in request.POST:
            authority_services.withdraw_letter(**actor)
            messages.success(request, _("Surat kuasa dicabut."))
            return _go("passport:letter")
        if request.method == "POST" and form.is_valid():
            authority_services.make_letter(**form.cleaned_data, **actor)
            return _go("passport:letter_print")
    except DomainError as error:
        count_refusal(error)
        if not form.is_bound:
            messages.error(request, str(error))
            return _go("passport:letter")
        add_errors(form, error)
    return form_page(request, "counters/tracking/letter.html", form, {"progress": progress})


@never_cache
@require_safe
def letter_print(request: HttpRequest) -> HttpResponse:
    """Show the letter in force, for printing on A4. Raises NotFollowed, NotFound."""
    now = clock.now()
    progress = _with_book(request, now)
    if progress.letter is None:
        raise NotFound
    code = qr(progress.letter.number, _("Kode QR surat kuasa, isinya sama dengan nomornya"))
    context = {"progress": progress, "letter": progress.letter, "qr": code, "now": now}
    return render(request, "counters/tracking/letter_print.html", context)


@never_cache
@require_POST
def survey(request: HttpRequest) -> HttpResponse:
    """Open the survey of the followed visit in this browser. Raises NotFollowed, NotFound."""
    now = clock.now()
    progress = _with_book(request, now)
    assert progress.book is not None
    invitation = open_invitation(visit_id=progress.book.visit_id, now=now)
    if invitation is None:
        messages.info(request, _("Survei tentang kunjungan ini sudah diisi. Terima kasih."))
        return _go("passport:status")
    links.hold(request, links.Link(ANSWER_LINK.name, str(invitation.pk)), now=now)
    return _go("feedback:survey", invitation.pk)


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Forget the followed passport, for a shared computer."""
    access.leave(request)
    return _go("passport:follow")


def _with_book(request: HttpRequest, now: dt.datetime) -> Progress:
    """Return the progress of the followed booking. Raises NotFollowed, NotFound without a passport."""
    progress = progress_of(access.followed(request, now=now), now=now)
    if progress.book is None:
        raise NotFound
    return progress


def _go(name: str, *args: Any) -> HttpResponse:
    return HttpResponseRedirect(reverse(name, args=args), status=SEE_OTHER)
