"""The officers' screens: contested numbers, restrictions with their appeals, the signals of brokers."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from booking import selectors, services
from booking.forms import DeskContestForm, NoteForm, ReasonForm, ReleaseForm, tell
from booking.models import BrokerSignal, Contest, ContestStatus, Restriction
from booking.services.contests import DECIDERS
from booking.services.restrictions import MAY_LIFT, is_standing
from booking.views.access import MAY_READ, Post, posted, show, supervised
from booking.views.people import masked
from core.errors import DomainError, NotFound
from offices.selectors import can

SHOWN = 50
WHAT = {
    "given_back": gettext_lazy("dikembalikan"),
    "taken": gettext_lazy("diambil"),
    "booked": gettext_lazy("dipesan"),
    "refused": gettext_lazy("ditolak di kantor"),
}
DESK = posted(acts=DECIDERS, reads=MAY_READ)


# --- Contested numbers --------------------------------------------------------------------------
@require_safe
@DESK
def contests(request: HttpRequest, post: Post) -> HttpResponse:
    """List who says that a stranger has booked with their number, and what was decided."""
    rows = selectors.contests_at(post.office)
    waiting = rows.filter(status=ContestStatus.OPEN).order_by("opened_at", "pk")
    over = rows.exclude(status=ContestStatus.OPEN).order_by("-decided_at", "-pk")
    context = {
        "open": [_named(row) for row in waiting[:SHOWN]],
        "over": [_named(row) for row in over[:SHOWN]],
        "may_act": can(post.user, office=post.office, roles=DECIDERS, now=post.now),
    }
    return show(request, "booking/desk_contests.html", _common(post, "contests") | context)


@require_http_methods(["GET", "HEAD", "POST"])
@DESK
def contest(request: HttpRequest, post: Post, contest_id: int) -> HttpResponse:
    """Compare the document with what was written down, then release or dismiss."""
    row = selectors.contests_at(post.office).filter(pk=contest_id).first()
    row = row or _elsewhere(Contest, contest_id, post)
    verb = "dismiss" if "dismiss" in request.POST else "release"
    sent = request.POST if request.method == "POST" else None
    release = ReleaseForm(sent if verb == "release" else None, prefix="release")
    dismiss = ReasonForm(sent if verb == "dismiss" else None, prefix="dismiss")
    form = dismiss if verb == "dismiss" else release
    if sent is not None and form.is_valid():
        decide: Callable[..., Contest] = (
            services.dismiss_contest if verb == "dismiss" else services.release_contested
        )
        try:
            done = decide(contest_id=row.pk, by=post.user, now=post.now, **form.cleaned_data)
        except DomainError as error:
            _told(form, error)
        else:
            messages.success(request, str(done.get_status_display()).capitalize() + ".")
            return _back(post, "brokers:contests")
    context = {
        "row": _named(row),
        "is_open": row.status == ContestStatus.OPEN,
        "release": release,
        "dismiss": dismiss,
        "form": form,
        "history": row.history.select_related("by"),
        "may_act": can(post.user, office=row.office, roles=DECIDERS, now=post.now),
    }
    status = 400 if form.errors else 200
    return show(
        request, "booking/desk_contest.html", _common(post, "contests") | context, status=status
    )


@require_http_methods(["GET", "HEAD", "POST"])
@DESK
def contest_at_desk(request: HttpRequest, post: Post) -> HttpResponse:
    """Release a stranger's booking for somebody who stands at the desk with their document."""
    if not can(post.user, office=post.office, roles=DECIDERS, now=post.now):
        raise NotFound
    form = DeskContestForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            services.release_at_desk(
                office_id=post.office.pk, by=post.user, now=post.now, **form.cleaned_data
            )
        except DomainError as error:
            _told(form, error)
        else:
            messages.success(
                request, _("Jadwal orang lain dilepas. Pemilik nomor dapat dilayani atau memesan.")
            )
            return _back(post, "brokers:contests")
    context = _common(post, "contests") | {"form": form}
    status = 400 if form.errors else 200
    return show(request, "booking/desk_contest_new.html", context, status=status)


def _named(row: Contest) -> dict[str, Any]:
    person = row.applicant
    return {
        "row": row,
        "name": person.full_name if person else _("di loket, tanpa akun"),
        "identity": masked(person) if person else "",
        "birth_date": person.birth_date if person else None,
        "state": {"open": "waiting", "released": "done"}.get(row.status, "past"),
    }


# --- Restrictions -------------------------------------------------------------------------------
@require_safe
@supervised
def restrictions(request: HttpRequest, post: Post) -> HttpResponse:
    """List what stands from hours missed here, unanswered appeals on top."""
    rows = list(selectors.restrictions_at(post.office, now=post.now)[: SHOWN * 4])
    rows.sort(key=lambda row: not _waits(row, post.now))
    context = {
        "rows": [{"row": row, "state": _state(row, post.now)} for row in rows],
        "may_act": can(post.user, office=post.office, roles=MAY_LIFT, now=post.now),
    }
    return show(request, "booking/desk_restrictions.html", _common(post, "restrictions") | context)


@require_http_methods(["GET", "HEAD", "POST"])
@supervised
def restriction(request: HttpRequest, post: Post, restriction_id: int) -> HttpResponse:
    """Read an appeal; lift the restriction or keep it."""
    found = selectors.restrictions_at(post.office, now=post.now).filter(pk=restriction_id).first()
    row = found or _elsewhere(Restriction, restriction_id, post)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        is_lifted = "lift" in request.POST
        decide = services.lift_restriction if is_lifted else services.keep_restriction
        try:
            decide(
                restriction_id=row.pk,
                reason=form.cleaned_data["reason"],
                by=post.user,
                now=post.now,
            )
        except DomainError as error:
            _told(form, error)
        else:
            messages.success(
                request, _("Pembatasan dicabut.") if is_lifted else _("Keberatan dijawab.")
            )
            return _back(post, "brokers:restrictions")
    context = {
        "row": row,
        "state": _state(row, post.now),
        "form": form,
        "is_standing": is_standing(row, now=post.now),
        "waits": _waits(row, post.now),
        "when": selectors.when(row.booking.slot, row.office),
        "history": row.history.select_related("by"),
        "may_act": can(post.user, office=row.office, roles=MAY_LIFT, now=post.now),
    }
    status = 400 if form.errors else 200
    return show(
        request,
        "booking/desk_restriction.html",
        _common(post, "restrictions") | context,
        status=status,
    )


def _waits(row: Restriction, now: datetime) -> bool:
    """Whether somebody waits for an answer."""
    return is_standing(row, now=now) and row.appealed_at is not None and row.kept_at is None


def _state(row: Restriction, now: datetime) -> tuple[str, str]:
    if row.lifted_at is not None:
        return "past", _("Dicabut")
    if _waits(row, now):
        return "waiting", _("Keberatan menunggu jawaban")
    return ("risk", _("Berlaku")) if is_standing(row, now=now) else ("past", _("Sudah berakhir"))


# --- Signals ------------------------------------------------------------------------------------
@require_safe
@supervised
def signals(request: HttpRequest, post: Post) -> HttpResponse:
    """List what may be the work of brokers, what nobody has looked at on top, with its evidence."""
    rows = sorted(selectors.signals_at(post.office)[:SHOWN], key=lambda row: not row.is_new)
    context = {
        "rows": [_signal(row) for row in rows],
        "form": NoteForm(auto_id=False),
        "may_act": can(post.user, office=post.office, roles=MAY_LIFT, now=post.now),
    }
    return show(request, "booking/desk_signals.html", _common(post, "signals") | context)


@require_POST
@supervised
def signal_seen(request: HttpRequest, post: Post, signal_id: int) -> HttpResponse:
    """Mark a signal as seen, with a note."""
    row = selectors.signals_at(post.office).filter(pk=signal_id).first()
    row = row or _elsewhere(BrokerSignal, signal_id, post)
    try:
        services.note_signal(
            signal_id=row.pk, text=request.POST.get("text", ""), by=post.user, now=post.now
        )
    except DomainError as error:
        if error.http_status in (403, 404):
            raise
        messages.error(request, str(error))
    else:
        messages.success(request, _("Ditandai sudah dilihat."))
    return _back(post, "brokers:signals")


def _signal(row: BrokerSignal) -> dict[str, Any]:
    lines = [
        {
            **line,
            "at": datetime.fromisoformat(line["at"]),
            "what": WHAT[line["what"]],
        }
        for line in row.evidence
    ]
    return {"row": row, "lines": lines, "notes": list(row.notes.all())}


# --- What they share ----------------------------------------------------------------------------
def _common(post: Post, here: str) -> dict[str, Any]:
    return {
        "post": post,
        "office": post.office,
        "others": [one for one in post.offices if one.pk != post.office.pk],
        "here": here,
        "is_supervisor": post.is_supervising,
    }


def _elsewhere(model: Any, pk: int, post: Post) -> Any:
    """Return a row of another office that the person may read. Raises NotFound."""
    row = model.objects.select_related("office").filter(pk=pk).first()
    if row is None:
        raise NotFound
    post.at(row.office_id)
    return row


def _told(form: Any, error: DomainError) -> None:
    if error.http_status in (403, 404):
        raise error
    tell(form, error)


def _back(post: Post, name: str) -> HttpResponse:
    return redirect(f"{reverse(name)}?office={post.office.code}")
