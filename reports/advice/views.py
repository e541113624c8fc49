"""The supervisor's page of the advice for next week."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from core.formats import number
from offices.directory.selectors import setup_of
from offices.officer import OfficerContext, back, officer_view, show
from offices.permissions import Right
from reports.advice import services
from reports.advice.errors import NothingToAccept
from reports.advice.models import AcceptedAdvice
from reports.advice.rule import Advice, short_lanes
from reports.advice.selectors import accepted_weeks, next_week, read_week
from reports.simulation.days import ONLINE


@officer_view(reads=Right.READ_LOAD, writes=Right.CHANGE_QUOTA)
def advice_page(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show next week's advice with its reason and what became of earlier ones; on POST accept it."""
    if request.method == "POST":
        return _accept(request, officer)
    monday = next_week(officer.day)
    week = read_week(officer.office, monday, now=officer.now)
    context: dict[str, Any] = {
        "title": _("Saran minggu depan"),
        "monday": monday,
        "advice": None,
        "more": officer.and_query,
        "accepted": accepted_weeks(officer.office, now=officer.now),
    }
    if week is not None:
        advice = week.advice
        halls = setup_of(officer.office).halls_on(monday)
        names = {lane.pk: str(lane) for hall in halls for lane in hall.lanes.all()}
        context |= {
            "advice": advice,
            "sentences": sentences(advice),
            "lanes": [(names.get(row.lane, row.lane), row) for row in advice.lanes],
            "short": {row.lane for row in short_lanes(advice.lanes)},
            "may_accept": advice.is_change and officer.has_right(Right.CHANGE_QUOTA),
        }
    return show(request, officer, "reports/advice/advice.html", context)


def _accept(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Store the advice and open the quota's form, filled in; its preview comes before it is saved."""
    try:
        accepted = services.accept_advice(
            office_id=officer.office.pk, by=officer.user, now=officer.now
        )
    except NothingToAccept as error:
        messages.error(request, str(error))
        return back(officer, "reports:advice")
    return redirect(_form_address(officer, accepted))


def _form_address(officer: OfficerContext, accepted: AcceptedAdvice) -> str:
    """Return the address of the quota's form, filled in."""
    key = {"lane": ONLINE, "group": accepted.group.code}
    address = reverse("counters:rules_quota", kwargs=key)
    values: dict[str, Any] = {
        "base": accepted.quota,
        "percent": 100,
        "valid_from": accepted.monday.isoformat(),
    }
    if officer.others:
        values["office"] = officer.office.code
    return f"{address}?{urlencode(values)}"


def sentences(advice: Advice) -> list[str]:
    """Return the advice in two sentences: what to do, and why."""
    values = {
        "quota": number(advice.quota),
        "now": number(advice.now),
        "most": number(advice.most),
        "demand": number(advice.demand),
        "officers": number(advice.officers),
        "staffed": number(advice.staffed),
    }
    texts = {
        "lower": (
            _("Turunkan kuota daring dari %(now)s menjadi %(quota)s."),
            _(
                "Dengan petugas yang dijadwalkan, janji dua jam tidak dapat ditepati bila lebih dari %(most)s orang."
            ),
        ),
        "raise": (
            _("Naikkan kuota daring dari %(now)s menjadi %(quota)s."),
            _(
                "Permintaan diperkirakan sebanyak itu, dan loket dapat menepati janji dua jam sampai %(most)s orang."
            ),
        ),
        "short": (
            _("Tetapkan kuota daring %(quota)s; permintaan diperkirakan %(demand)s orang."),
            _(
                "Untuk melayani semuanya dalam dua jam perlu %(officers)s petugas, bukan %(staffed)s."
            )
            if advice.officers is not None
            else _("Semua loket bersama-sama pun tidak dapat melayani sebanyak itu dalam dua jam."),
        ),
        "keep": (
            _("Pertahankan kuota daring %(quota)s."),
            _(
                "Permintaan diperkirakan paling banyak %(demand)s orang, dan loket dapat menepati janji dua jam sampai %(most)s orang."
            )
            if advice.has_forecast
            else _(
                "Belum ada prakiraan permintaan untuk minggu itu. Loket dapat menepati janji dua jam sampai %(most)s orang."
            ),
        ),
    }
    return [text % values for text in texts[advice.code]]
