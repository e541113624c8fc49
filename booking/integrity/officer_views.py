"""The officers' screens: contested numbers, restrictions with their appeals, broker signals."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from booking.bookings import selectors as bookings_selectors
from booking.files.views import download
from booking.integrity import selectors
from booking.integrity.broker_signals import note_signal
from booking.integrity.contests import dismiss_contest, release_at_desk, release_contested
from booking.integrity.forms import DeskContestForm, ReasonForm, ReleaseForm
from booking.integrity.models import BrokerSignal, BrokerSignalNote, Contest, ContestStatus
from booking.people.labels import masked
from booking.restrictions import selectors as restrictions_selectors
from booking.restrictions import services
from booking.restrictions.models import Restriction
from booking.restrictions.selectors import is_in_force
from core.errors import DomainError
from core.forms import posted_text
from offices.officer import REFUSED, OfficerContext, officer_view, owned_by, show, show_refusal
from offices.permissions import Right

SHOWN = 50
WHAT = {
    "given_back": gettext_lazy("dikembalikan"),
    "taken": gettext_lazy("diambil"),
    "booked": gettext_lazy("dipesan"),
    "refused": gettext_lazy("ditolak di kantor"),
    "absent": gettext_lazy("tidak hadir"),
    "exception": gettext_lazy("pengecualian oleh petugas"),
    "admitted": gettext_lazy("diterima di loket"),
}


# --- Contested numbers --------------------------------------------------------------------------
@officer_view(reads=Right.READ_CONTESTS)
def contests(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List the contests of an office with their decisions."""
    rows = selectors.contests_at(officer.office)
    waiting = rows.filter(status=ContestStatus.OPEN).order_by("opened_at", "pk")
    over = rows.exclude(status=ContestStatus.OPEN).order_by("-decided_at", "-pk")
    context = {
        "open": [_named(row) for row in waiting[:SHOWN]],
        "over": [_named(row) for row in over[:SHOWN]],
        "may_act": officer.has_right(Right.DECIDE_CONTEST),
    }
    return show(
        request,
        officer,
        "booking/integrity/desk_contests.html",
        _common(officer, "contests") | context,
    )


@officer_view(
    reads=Right.READ_CONTESTS, writes=Right.DECIDE_CONTEST, owner=owned_by(Contest, "contest_id")
)
def contest(request: HttpRequest, officer: OfficerContext, contest_id: int) -> HttpResponse:
    """Compare the document with the recorded details, then release or dismiss."""
    row = get_object_or_404(selectors.contests_at(officer.office), pk=contest_id)
    verb = "dismiss" if "dismiss" in request.POST else "release"
    sent = request.POST if request.method == "POST" else None
    release = ReleaseForm(sent if verb == "release" else None, prefix="release")
    dismiss = ReasonForm(sent if verb == "dismiss" else None, prefix="dismiss")
    form = dismiss if verb == "dismiss" else release
    if sent is not None and form.is_valid():
        decide: Callable[..., Contest] = dismiss_contest if verb == "dismiss" else release_contested
        try:
            done = decide(contest_id=row.pk, by=officer.user, now=officer.now, **form.cleaned_data)
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, str(done.get_status_display()).capitalize() + ".")
            return _back(officer, "brokers:contests")
    context = {
        "row": _named(row),
        "is_open": row.status == ContestStatus.OPEN,
        "release": release,
        "dismiss": dismiss,
        "form": form,
        "history": row.history.select_related("by"),
        "may_act": officer.has_right(Right.DECIDE_CONTEST),
    }
    status = 400 if form.errors else 200
    return show(
        request,
        officer,
        "booking/integrity/desk_contest.html",
        _common(officer, "contests") | context,
        status=status,
    )


@officer_view(writes=Right.DECIDE_CONTEST)
def contest_at_desk(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Release a contested booking for a person at the desk who has shown their document."""
    form = DeskContestForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            release_at_desk(
                office_id=officer.office.pk, by=officer.user, now=officer.now, **form.cleaned_data
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(
                request,
                _("Jadwal orang lain dibatalkan. Pemilik nomor dapat dilayani atau memesan."),
            )
            return _back(officer, "brokers:contests")
    context = _common(officer, "contests") | {"form": form}
    status = 400 if form.errors else 200
    return show(request, officer, "booking/integrity/desk_contest_new.html", context, status=status)


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
@officer_view(reads=Right.READ_RESTRICTIONS)
def restrictions(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List restrictions from bookings missed at this office, unanswered appeals first."""
    rows = list(
        restrictions_selectors.restrictions_at(officer.office, now=officer.now)[: SHOWN * 4]
    )
    rows.sort(key=lambda row: not _waits(row, officer.now))
    context = {
        "rows": [{"row": row, "state": _state(row, officer.now)} for row in rows],
        "may_act": officer.has_right(Right.LIFT_RESTRICTION),
    }
    return show(
        request,
        officer,
        "booking/integrity/desk_restrictions.html",
        _common(officer, "restrictions") | context,
    )


@officer_view(
    reads=Right.READ_RESTRICTIONS,
    writes=Right.LIFT_RESTRICTION,
    owner=owned_by(Restriction, "restriction_id"),
)
def restriction(request: HttpRequest, officer: OfficerContext, restriction_id: int) -> HttpResponse:
    """Show an appeal; lift the restriction or keep it."""
    row = get_object_or_404(Restriction.objects.select_related("office"), pk=restriction_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        is_lifted = "lift" in request.POST
        decide = services.lift_restriction if is_lifted else services.keep_restriction
        try:
            decide(
                restriction_id=row.pk,
                reason=form.cleaned_data["reason"],
                by=officer.user,
                now=officer.now,
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(
                request, _("Pembatasan dicabut.") if is_lifted else _("Keberatan dijawab.")
            )
            return _back(officer, "brokers:restrictions")
    context = {
        "row": row,
        "state": _state(row, officer.now),
        "form": form,
        "is_in_force": is_in_force(row, now=officer.now),
        "waits": _waits(row, officer.now),
        "when": bookings_selectors.when(row.booking.slot, row.office),
        "history": row.history.select_related("by"),
        "may_act": officer.has_right(Right.LIFT_RESTRICTION),
    }
    status = 400 if form.errors else 200
    return show(
        request,
        officer,
        "booking/integrity/desk_restriction.html",
        _common(officer, "restrictions") | context,
        status=status,
    )


@officer_view(reads=Right.LIFT_RESTRICTION, owner=owned_by(Restriction, "restriction_id"))
def evidence(request: HttpRequest, officer: OfficerContext, restriction_id: int) -> HttpResponse:
    """Return the file of an appeal, to who may decide about it."""
    row = get_object_or_404(Restriction.objects.select_related("evidence"), pk=restriction_id)
    return download(row.evidence)


def _waits(row: Restriction, now: datetime) -> bool:
    """True if an appeal is waiting for an answer."""
    return is_in_force(row, now=now) and row.appealed_at is not None and row.kept_at is None


def _state(row: Restriction, now: datetime) -> tuple[str, str]:
    if row.lifted_at is not None:
        return "past", _("Dicabut")
    if _waits(row, now):
        return "waiting", _("Keberatan menunggu jawaban")
    return ("risk", _("Berlaku")) if is_in_force(row, now=now) else ("past", _("Sudah berakhir"))


# --- Signals ------------------------------------------------------------------------------------
@officer_view(reads=Right.READ_BROKER_SIGNALS)
def signals(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List broker signals with their evidence, new ones first."""
    rows = sorted(selectors.signals_at(officer.office)[:SHOWN], key=lambda row: not row.is_new)
    context = {
        "rows": [_signal(row) for row in rows],
        "outcomes": BrokerSignalNote.Outcome.choices,
        "may_act": officer.has_right(Right.REVIEW_BROKER_SIGNAL),
    }
    return show(
        request,
        officer,
        "booking/integrity/desk_signals.html",
        _common(officer, "signals") | context,
    )


@require_POST
@officer_view(writes=Right.REVIEW_BROKER_SIGNAL, owner=owned_by(BrokerSignal, "signal_id"))
def review_signal(request: HttpRequest, officer: OfficerContext, signal_id: int) -> HttpResponse:
    """Record the outcome of a review and its reason."""
    try:
        note_signal(
            signal_id=signal_id,
            outcome=posted_text(request, "outcome"),
            text=posted_text(request, "text"),
            by=officer.user,
            now=officer.now,
        )
    except DomainError as error:
        if error.http_status in REFUSED:
            raise
        messages.error(request, str(error))
    else:
        messages.success(request, _("Hasil pemeriksaan tercatat."))
    return _back(officer, "brokers:signals")


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


# --- Shared helpers -----------------------------------------------------------------------------
def _common(officer: OfficerContext, here: str) -> dict[str, Any]:
    return {
        "office": officer.office,
        "others": officer.others,
        "here": here,
        "reads_restrictions": officer.has_right(Right.READ_RESTRICTIONS),
    }


def _back(officer: OfficerContext, name: str) -> HttpResponse:
    return redirect(f"{reverse(name)}?office={officer.office.code}")
