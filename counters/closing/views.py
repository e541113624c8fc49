"""The supervisor's screen of closing the day."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from booking.bookings.models import Displacement
from booking.bookings.selectors import when
from core.forms import parsed_ids, posted_text
from counters.closing import selectors, services
from counters.closing.selectors import Action
from counters.closing.services import Decision
from counters.kiosks.selectors import registered_only
from counters.queue.selectors import MINUTE
from counters.screening.selectors import waiting_for_task_force
from counters.visits.models import VisitStatus
from offices.hours.selectors import closing_moment, with_hours
from offices.officer import OfficerContext, act, back, officer_view, owned_by, show
from offices.permissions import Right

HERE = "counters:closing"


@officer_view(reads=Right.READ_TODAY, writes=Right.CLOSE_DAY)
def closing(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List everything that is open, with what can be done; on POST do it."""
    if request.method == "POST":
        do = _finish if request.POST.get("do") == "finish" else _decide
        return act(request, officer, HERE, lambda: do(request, officer))
    office, now = with_hours(officer.office), officer.now
    visits = list(selectors.open_visits(office, now=now))
    left = list(selectors.left_visits(office, now=now))
    places = selectors.evening_places(office, [*visits, *left], now=now)
    context: dict[str, Any] = {
        "title": _("Tutup hari"),
        "begins_at": selectors.decisions_from(office, officer.day),
        "closes_at": closing_moment(office, officer.day),
        "rows": _rows(officer, visits, places),
        "left": _rows(officer, left, places),
        "sessions": selectors.open_sessions(office),
        "undecided": selectors.undecided(office, now=now),
        "registered": registered_only(office),
        "referred": waiting_for_task_force(office, officer.day),
        "to_inform": _to_inform(office),
        "open": selectors.open_day(office, now=now),
        "numbers": selectors.numbers_of(office, officer.day, now=now),
        "record": selectors.closing_of(office, officer.day),
        "may_act": officer.has_right(Right.CLOSE_DAY),
    }
    context["may_decide"] = any(row["actions"] for row in [*context["rows"], *context["left"]])
    context["has_closed"] = now >= context["closes_at"]
    return show(request, officer, "counters/closing/closing.html", context)


@require_POST
@officer_view(writes=Right.CLOSE_DAY, owner=owned_by(Displacement, "displacement_id"))
def informed(request: HttpRequest, officer: OfficerContext, displacement_id: int) -> HttpResponse:
    """Record that a person without an e-mail address was informed of the new time."""
    services.mark_informed(
        office=officer.office, displacement_id=displacement_id, by=officer.user, now=officer.now
    )
    messages.success(request, _("Dicatat: sudah diberi tahu."))
    return back(officer, HERE)


def _rows(
    officer: OfficerContext, visits: list[Any], places: dict[int, int]
) -> list[dict[str, Any]]:
    """Return visits with what can be done with them now."""
    office, now, may_act = officer.office, officer.now, officer.has_right(Right.CLOSE_DAY)
    rows = []
    for visit in visits:
        may_decide = may_act and now >= selectors.decisions_from(office, visit.day)
        actions = selectors.actions_for(visit, today=officer.day, is_completing=visit.is_completing)
        rows.append(
            {
                "visit": visit,
                "number": str(visit.ticket),
                "waited": ((visit.ended_at or now) - visit.arrived_at) // MINUTE,
                "is_earlier": visit.day < officer.day,
                "is_overtime": visit.is_in_overtime,
                "is_serving": visit.status == VisitStatus.SERVING,
                "evening": places[visit.pk],
                "actions": [
                    (action.value, action.label)
                    for action in actions
                    if may_decide and (action != Action.EVENING or places[visit.pk])
                ],
            }
        )
    return rows


def _to_inform(office: Any) -> list[dict[str, Any]]:
    return [
        {
            "displacement_id": row.displacement_id,
            "name": row.booking.applicant.short_name,
            "phone": row.booking.applicant.phone,
            "code": row.booking.code,
            "when": when(row.booking.slot, row.booking.office) if row.booking.place_id else "",
        }
        for row in selectors.to_inform(office)
    ]


def _decide(request: HttpRequest, officer: OfficerContext) -> None:
    """Carry out the chosen decisions; each row carries the status that was shown."""
    together = request.POST.get("together", "")
    decisions = []
    for visit_id in parsed_ids(request.POST.getlist("visit")):
        status = request.POST.get(f"status-{visit_id}", "")
        own = request.POST.get(f"action-{visit_id}", "")
        action = own or (together if status == VisitStatus.WAITING else "")
        if action:
            missing = posted_text(request, f"missing-{visit_id}")
            decisions.append(Decision(visit_id, action, status, missing))
    outcome = services.decide_all(
        office=officer.office, decisions=decisions, by=officer.user, now=officer.now
    )
    if not decisions:
        messages.info(request, _("Belum ada yang dipilih."))
    if outcome.done:
        text = ngettext("%(n)d keputusan dicatat.", "%(n)d keputusan dicatat.", outcome.done)
        messages.success(request, text % {"n": outcome.done})
    if outcome.changed:
        text = ngettext(
            "%(n)d kunjungan sudah berubah sejak layar dibuka, jadi tidak ikut diubah.",
            "%(n)d kunjungan sudah berubah sejak layar dibuka, jadi tidak ikut diubah.",
            outcome.changed,
        )
        messages.info(request, text % {"n": outcome.changed})
    for number, text in outcome.refused:
        messages.error(request, f"{number}: {text}")


def _finish(request: HttpRequest, officer: OfficerContext) -> None:
    """Finish the day, and say what was done and what is still open."""
    done = services.finish_day(office=officer.office, by=officer.user, now=officer.now)
    if done.closing is not None:
        messages.success(request, _("Hari ditutup. Tidak ada lagi yang terbuka."))
        return
    messages.warning(
        request,
        _("Belum semua selesai: %(list)s.") % {"list": ", ".join(_open_texts(done.left))},
    )


def _open_texts(left: selectors.OpenDay) -> list[str]:
    rows = (
        (left.visits, ngettext("%(n)d kunjungan", "%(n)d kunjungan", left.visits)),
        (
            left.expected,
            ngettext("%(n)d orang ditunggu", "%(n)d orang ditunggu", left.expected),
        ),
        (
            left.missed,
            ngettext("%(n)d orang tidak datang", "%(n)d orang tidak datang", left.missed),
        ),
        (
            left.moving,
            ngettext("%(n)d orang dipindahkan", "%(n)d orang dipindahkan", left.moving),
        ),
        (
            left.undecided,
            ngettext("%(n)d hari belum dipastikan", "%(n)d hari belum dipastikan", left.undecided),
        ),
        (
            left.referred,
            ngettext("%(n)d orang menunggu Satgas", "%(n)d orang menunggu Satgas", left.referred),
        ),
        (
            left.registered,
            ngettext(
                "%(n)d orang terdaftar di anjungan mandiri",
                "%(n)d orang terdaftar di anjungan mandiri",
                left.registered,
            ),
        ),
        (left.counters, ngettext("%(n)d loket", "%(n)d loket", left.counters)),
    )
    return [text % {"n": count} for count, text in rows if count]
