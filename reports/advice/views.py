"""The supervisor's page of the advice for next week."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from core.formats import number
from offices.directory.models import Lane, ServiceGroup
from offices.officer import OfficerContext, officer_view, show
from offices.permissions import Right
from reports.advice.rule import Advice, short_lanes
from reports.advice.selectors import advice_for, next_week
from reports.simulation.days import ONLINE


@officer_view(reads=Right.READ_LOAD)
def advice_page(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show next week's demand beside what can be served, and the advised quota with its reason."""
    monday = next_week(officer.day)
    outcome = advice_for(officer.office, monday, now=officer.now)
    context: dict[str, Any] = {"title": _("Saran minggu depan"), "monday": monday, "advice": None}
    context["more"] = officer.query.replace("?", "&")
    if outcome is not None:
        group, advice = outcome
        names = {lane.pk: str(lane) for lane in Lane.objects.all()}
        context |= {
            "advice": advice,
            "sentences": sentences(advice),
            "lanes": [(names[row.lane], row) for row in advice.lanes],
            "short": {row.lane for row in short_lanes(advice.lanes)},
            "accept": _link(officer, advice, group, context["monday"])
            if advice.is_change and officer.has_right(Right.CHANGE_QUOTA)
            else "",
        }
    return show(request, officer, "reports/advice/advice.html", context)


def _link(officer: OfficerContext, advice: Advice, group: int, monday: Any) -> str:
    """Return the address of the quota's form, filled in."""
    code = ServiceGroup.objects.get(pk=group).code
    address = reverse("counters:rules_quota", kwargs={"lane": ONLINE, "group": code})
    values = {"base": advice.quota, "percent": 100, "valid_from": monday.isoformat()}
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
            ),
        ),
    }
    return [text % values for text in texts[advice.code]]
