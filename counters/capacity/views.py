"""Capacity screens: the week, the rest of today, evening places."""

from datetime import date, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from core.dates import monday_of, parse_day
from core.errors import DomainError
from counters.capacity import services
from counters.capacity.forms import EveningForm
from counters.capacity.selectors import (
    PoolRest,
    Rest,
    bottleneck_text,
    clock_span,
    outages_of_day,
    rest_of_day,
)
from offices.directory.selectors import setup_of
from offices.hours.selectors import opening_hours_on
from offices.officer import OfficerContext, back, officer_view, show, show_refusal
from offices.outages.models import Outage
from offices.permissions import Right
from offices.rosters.selectors import shifts_of_day
from offices.staff.models import Role
from offices.staff.selectors import staff_of
from quotas.capacity.flow import hours_to_close
from quotas.capacity.office_days import OfficeDay, Pool, PoolDay
from quotas.capacity.selectors import office_day, office_days, stage_minutes
from quotas.places.models import Slot

HERE = "counters:capacity"
A_WEEK = timedelta(days=7)
PRIORITY = "priority"
EVENING_HOURS = 3


@officer_view(reads=Right.READ_LOAD)
def capacity(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show a week and one of its days: promised places, counter capacity and bottlenecks."""
    day = parse_day(request.GET.get("day", "")) or officer.day
    monday = monday_of(day)
    week = office_days(officer.office, first=monday, last=monday + A_WEEK - timedelta(days=1))
    chosen = week[(day - monday).days]
    is_today = day == officer.day
    rest = rest_of_day(chosen, now=officer.now) if is_today else None
    outages = outages_of_day(officer.office, chosen)
    context: dict[str, Any] = {
        "title": _("Kapasitas"),
        "day": day,
        "is_today": is_today,
        "before": monday - A_WEEK,
        "after": monday + A_WEEK,
        "week": [_week_row(row) for row in week],
        "chosen": chosen,
        "reason": _reason(chosen),
        "pools": [_pool(officer, chosen, row, outages) for row in chosen.by_pool],
        "rest": rest,
        "rest_rows": [_rest_row(officer, row, outages) for row in rest.pools] if rest else [],
        "shifts": shifts_of_day(officer.office, day),
        "assumed": len(staff_of(officer.office, role=Role.COUNTER, day=day)),
        "outages": outages,
        "times": stage_minutes(officer.office, day=day),
        "can_mark": day >= officer.day,
        "may_act": officer.has_right(Right.CHANGE_ROSTER),
    }
    return show(request, officer, "counters/capacity/capacity.html", context)


def _week_row(row: OfficeDay) -> dict[str, Any]:
    return {
        "day": row.day,
        "reason": _reason(row),
        "promised": row.promised,
        "capacity": row.capacity,
        "unserved": row.unserved,
        "why": bottleneck_text(row.bottleneck) if row.unserved else "",
        "officers": row.officers,
        "rostered": row.rostered,
        "is_assumed": row.is_assumed,
    }


def _reason(row: OfficeDay) -> str:
    if row.reason is None:
        return ""
    return row.reason.name or _("Kantor tidak buka pada hari itu.")


def _pool(
    officer: OfficerContext, chosen: OfficeDay, row: PoolDay, outages: list[Outage]
) -> dict[str, Any]:
    close = _close_of(chosen, row) if chosen.day > officer.day else None
    return {
        "close_from": close[0] if close else None,
        "close_url": _close_url(officer, chosen.day, row.pool, close, outages) if close else "",
        "pool": row.pool,
        "needed": row.needed,
        "capacity": row.capacity,
        "unserved": row.unserved,
        "slots": [
            {
                "from": _clock(one.span[0]),
                "until": _clock(one.span[1]),
                "staffed": one.staffed,
                "needed": one.needed,
                "capacity": one.capacity,
                "unserved": one.unserved,
                "why": bottleneck_text(one.bottleneck),
            }
            for one in row.slots
        ],
        "why": bottleneck_text(row.bottleneck),
    }


def _close_of(chosen: OfficeDay, row: PoolDay) -> tuple[time, time] | None:
    """Return the hours of a future day to close so that all other bookings can be served."""
    needed = [slot.needed for slot in row.slots]
    span = hours_to_close(chosen.flows[row.pool.id], chosen.cuts, needed, now=-1)
    return None if span is None else clock_span(span)


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02d}.{minute % 60:02d}"


def _rest_row(officer: OfficerContext, row: PoolRest, outages: list[Outage]) -> dict[str, Any]:
    close = _close_url(officer, officer.day, row.pool, row.close, outages) if row.close else ""
    return {
        "row": row,
        "why": bottleneck_text(row.bottleneck),
        "close_from": row.close[0] if row.close else None,
        "close_url": close,
    }


def _close_url(
    officer: OfficerContext,
    day: date,
    pool: Pool,
    close: tuple[time, time],
    outages: list[Outage],
) -> str:
    """Return the URL of the closure form, filled in for these hours; the priority lane stays open."""
    broken = [str(outage) for outage in outages if outage.ended_at is None]
    reason = (
        _("%(things)s rusak") % {"things": ", ".join(broken)}
        if broken
        else _("Loket tidak cukup untuk semua tempat")
    )
    values: list[tuple[str, str]] = [
        ("office", officer.office.code),
        ("first_day", f"{day:%Y-%m-%d}"),
        ("last_day", f"{day:%Y-%m-%d}"),
        ("from_time", f"{close[0]:%H:%M}"),
        ("until_time", f"{close[1]:%H:%M}"),
        ("reason", reason[:160]),
    ]
    if len(pool.halls) == 1 and len(setup_of(officer.office).halls_on(day)) > 1:
        values.append(("hall", str(pool.halls[0].pk)))
    if any(lane == PRIORITY for lane, _group in pool.pairs):
        values.append(("open_lanes", PRIORITY))
    return f"{reverse('closures:closure_new')}?{urlencode(values)}"


@officer_view(reads=Right.READ_LOAD, writes=Right.ADD_EVENING_PLACES)
def evening(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Add evening places, with the officers on overtime and the reason."""
    rest = rest_of_day(office_day(officer.office, officer.day), now=officer.now)
    officers = _officers(officer)
    form = EveningForm(
        request.POST or None,
        lanes=_lanes(officer),
        officers=officers,
        initial=_start(officer, rest, officers),
    )
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                services.open_evening(
                    office_id=officer.office.pk,
                    evening=_typed(form),
                    by=officer.user,
                    now=officer.now,
                )
            except DomainError as error:
                show_refusal(form, error)
                status = error.http_status
            else:
                messages.success(
                    request, _("Tempat malam ditambahkan; petugasnya sudah dijadwalkan.")
                )
                return back(officer, HERE)
    context = {
        "title": _("Tempat untuk malam ini"),
        "form": form,
        "rest": rest,
        "may_act": officer.has_right(Right.ADD_EVENING_PLACES),
    }
    return show(request, officer, "counters/capacity/evening.html", context, status=status)


def _typed(form: EveningForm) -> services.Evening:
    values = form.cleaned_data
    lane, _colon, group = values["lane"].partition(":")
    return services.Evening(
        lane=lane,
        group_id=int(group),
        starts=values["starts"],
        ends=values["ends"],
        count=values["count"],
        reason=values["reason"],
        officer_ids=values["officers"],
    )


def _lanes(officer: OfficerContext) -> list[tuple[str, str]]:
    """Return the lanes and groups that have places today."""
    slots = Slot.objects.filter(office=officer.office, day=officer.day)
    rows = slots.select_related("lane", "group").order_by("lane", "group").distinct("lane", "group")
    ordered = sorted(rows, key=lambda row: (row.lane.series, row.group_id))
    return [(f"{row.lane_id}:{row.group_id}", f"{row.lane}, {row.group}") for row in ordered]


def _officers(officer: OfficerContext) -> list[tuple[int, str]]:
    rostered = {
        row.officer_id: str(row.officer)
        for row in shifts_of_day(officer.office, officer.day)
        if row.absent_at is None
    }
    if rostered:
        return list(rostered.items())
    staff = staff_of(officer.office, role=Role.COUNTER, day=officer.day)
    return [(user.pk, str(user)) for user in staff]


def _start(
    officer: OfficerContext, rest: Rest | None, officers: list[tuple[int, str]]
) -> dict[str, Any]:
    """Initial values: from closing time, all officers on duty, one place for each unserved person."""
    hours = opening_hours_on(officer.office, officer.day)
    opens = hours.closes if hours else time(15)
    until = min(opens.hour + EVENING_HOURS, 23)
    return {
        "starts": opens,
        "ends": time(until, opens.minute),
        "count": max(1, rest.unserved) if rest else 1,
        "officers": [pk for pk, _name in officers],
    }
