"""The screen for people without a booking: one form, the lane by one key."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from booking.applications.products import accelerated_fee
from booking.bookings.selectors import hours_at_office
from booking.people.models import Applicant
from booking.people.selectors import FOREIGNERS
from booking.refusals.services import Channel, record_refusal
from core.errors import DomainError
from core.forms import add_errors, tell_removed
from core.web import count_refusal
from counters.gate.ages import proposed_reason
from counters.gate.selectors import next_opening, walk_ins_left
from counters.screening.selectors import screening_protocol
from counters.walk_in import services
from counters.walk_in.forms import WalkInForm, filled_from_nik
from counters.walk_in.selectors import (
    PRIORITY,
    DeskLane,
    desk_lanes,
    offered_services,
    offices_for_foreigners,
)
from offices.day_rules.models import DayRule
from offices.day_rules.selectors import day_rule_on
from offices.directory.models import ServiceType
from offices.hours.models import AdmissionRule
from offices.hours.selectors import admission_on
from offices.officer import REFUSED, OfficerContext, back, officer_view, show
from offices.permissions import Right
from offices.reasons.models import Reason
from offices.reasons.selectors import reasons_on
from quotas.places.errors import SlotFull

CARD = "counters:gate_card"
CHECK = "counters:screening_person"
HOURS_SHOWN = 4


@officer_view(writes=Right.SERVE_GATE)
def gate_walk_in(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Give a person without a booking a place and check them in, or send them to the check at the gate."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in Applicant.IdentityKind.values else Applicant.IdentityKind.NIK
    desk = _desk(officer, kind)
    if request.method != "POST":
        return _page(request, officer, _form(officer, kind, desk), kind, desk)
    data = filled_from_nik(request.POST, officer.day)
    form = _form(officer, kind, desk, data)
    tell_removed(request, form)
    if not form.is_valid():
        return _page(request, officer, form, kind, desk, status=400)
    if proposal := _proposal(form, officer):
        form = _form(officer, kind, desk, _as_proposed(data, proposal))
        return _page(request, officer, form, kind, desk, proposal=proposal)
    try:
        admitted = services.admit_at_desk(
            office_id=officer.office.pk,
            by=officer.user,
            now=officer.now,
            extra_reason=form.cleaned_data.get("extra_reason", ""),
            **form.values(),
        )
    except DomainError as error:
        return _refused(request, officer, form, kind, desk, error)
    return back(officer, CARD if admitted.visit else CHECK, booking_id=admitted.booking.pk)


@dataclass(frozen=True)
class Desk:
    """The lanes, services and rules of the desk for one group of people; `offered` is for all groups."""

    lanes: list[DeskLane]
    services: list[ServiceType]
    offered: list[ServiceType]
    admission: AdmissionRule | None
    rule: DayRule


def _desk(officer: OfficerContext, kind: str) -> Desk:
    office, is_foreigner = officer.office, kind == Applicant.IdentityKind.PASSPORT
    offered = offered_services(office)
    services = [row for row in offered if (row.group.code == FOREIGNERS) is is_foreigner]
    rule, admission = day_rule_on(office, officer.day), admission_on(office, officer.day)
    lanes = desk_lanes(office, services=services, admission=admission, rule=rule, now=officer.now)
    return Desk(lanes, services, offered, admission, rule)


def _form(
    officer: OfficerContext, kind: str, desk: Desk, data: QueryDict | None = None
) -> WalkInForm:
    may_add = officer.has_right(Right.ADD_PLACES)
    return WalkInForm(
        data,
        office=officer.office,
        kind=kind,
        today=officer.day,
        lanes=desk.lanes,
        services=desk.services,
        reasons=list(reasons_on(Reason.Use.PRIORITY, officer.day)),
        extra_reasons=list(reasons_on(Reason.Use.EXTRA_PLACE, officer.day)) if may_add else [],
    )


def _proposal(form: WalkInForm, officer: OfficerContext) -> str:
    """Return the priority reason to propose before another lane is used, or "" if that was done."""
    typed = form.cleaned_data
    code = proposed_reason(typed["birth_date"], officer.day)
    is_offered = code in dict(form.fields["reason"].choices)  # type: ignore[attr-defined]
    is_new = typed["lane"] != PRIORITY and typed["proposed"] != code
    return code if code and is_offered and is_new else ""


def _as_proposed(data: QueryDict, code: str) -> QueryDict:
    changed = data.copy()
    changed["lane"], changed["reason"], changed["proposed"] = PRIORITY, code, code
    return changed


def _refused(
    request: HttpRequest,
    officer: OfficerContext,
    form: WalkInForm,
    kind: str,
    desk: Desk,
    error: DomainError,
) -> HttpResponse:
    """Record the refusal and show the form with its reason, the next opening and the next hours."""
    office, now = officer.office, officer.now
    is_full = isinstance(error, SlotFull)
    # A supervisor can still add a place: nobody has been turned away yet.
    is_open = is_full and officer.has_right(Right.ADD_PLACES)
    reason = services.turned_away_reason(error)
    if reason and not is_open:
        services.record_turned_away(office=office, reason=reason, by=officer.user, now=now)
    record_refusal(
        error,
        channel=Channel.DESK,
        account_id=None,
        office=office,
        by=officer.user,
        now=now,
    )
    if error.http_status in REFUSED:
        raise error
    count_refusal(error)
    number = "nik" if kind == Applicant.IdentityKind.NIK else "identity_number"
    add_errors(form, error, aliases={"identity_number": number})
    return _page(
        request,
        officer,
        form,
        kind,
        desk,
        status=error.http_status,
        is_full=is_full,
        offers=_offers(officer, form) if reason else None,
    )


def _offers(officer: OfficerContext, form: WalkInForm) -> dict[str, Any]:
    """Return the next opening and the next hours for the service that was requested."""
    service = form.cleaned_data["service_type"]
    hours = hours_at_office(
        officer.office, group_id=service.group_id, service_id=service.pk, now=officer.now
    )
    opening = next_opening(officer.office, now=officer.now)
    return {"hours": hours[:HOURS_SHOWN], "opening": opening}


def _page(
    request: HttpRequest,
    officer: OfficerContext,
    form: WalkInForm,
    kind: str,
    desk: Desk,
    *,
    status: int = 200,
    proposal: str = "",
    is_full: bool = False,
    offers: dict[str, Any] | None = None,
) -> HttpResponse:
    is_foreigner = kind == Applicant.IdentityKind.PASSPORT
    has_services = bool(desk.services)
    context: dict[str, Any] = {
        "title": _("Tanpa jadwal"),
        "form": form,
        "kind": kind,
        "lanes": desk.lanes,
        "chosen_lane": form["lane"].value(),
        "chosen_reason": form["reason"].value(),
        "admission": desk.admission,
        "left": walk_ins_left(officer.office, now=officer.now, offered=desk.offered),
        "protocol": screening_protocol(officer.office, officer.day),
        "proposal": proposal,
        "is_full": is_full,
        "offers": offers,
        "may_add": officer.has_right(Right.ADD_PLACES),
        "day_rule": desk.rule,
        "fee": accelerated_fee(officer.day),
        "is_served": has_services,
        "served_at": offices_for_foreigners() if is_foreigner and not has_services else [],
    }
    return show(request, officer, "counters/walk_in/walk_in.html", context, status=status)
