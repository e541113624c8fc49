"""The facts below the calendar of an office: rules, opening hours with breaks, halls."""

import datetime as dt
from typing import Any

from django.db.models import Count

from core.languages import localized
from offices import labels as offices_labels
from offices.day_rules.selectors import day_rule_on
from offices.directory.models import Office, in_use_on
from offices.exceptions import exceptions_of
from offices.hours import selectors as hours_selectors
from offices.limits import selectors as limits_selectors
from quotas import labels as quotas_labels
from quotas.calendar import board
from quotas.plan.rows import OfficeRules


def office_facts(place: Office, rules: OfficeRules, now: dt.datetime) -> dict[str, Any]:
    """Return the facts below the calendar: rules, opening hours with breaks, halls."""
    today = place.local_day(now)
    rule = board.online_rule(rules, today)
    hours = list(place.opening_hours.in_force(today).order_by("weekday"))
    admission = hours_selectors.admission_on(place, today)
    admits_walk_ins = admission is not None and admission.admits_walk_ins
    lanes = board.lane_rows(
        rules, today, admits_walk_ins=admits_walk_ins, day_rule=day_rule_on(place, today)
    )
    halls = place.halls.in_use_on(today).prefetch_related("groups", "lanes")
    return {
        "today": today,
        "lanes": lanes,
        "instruments": sorted({(row["instrument"], row["since"]) for row in lanes}, key=str),
        "release_text": quotas_labels.release_text(rule, place) if rule else "",
        "closing_text": quotas_labels.closing_text(rule, place) if rule else "",
        "release_instrument": rule.instrument if rule else "",
        "hours": offices_labels.hours_table(hours),
        "facts": [
            *offices_labels.admission_facts(admission),
            *offices_labels.product_facts(limits_selectors.products_on(place, today)),
            *offices_labels.protocol_facts(limits_selectors.protocol_on(place, today)),
        ],
        "exceptions": exceptions_of(place, today),
        "attendance": hours_selectors.attendance_on(place, today),
        "halls": halls.order_by("floor", "name").annotate(
            counter_count=Count("counters", filter=in_use_on(today, "counters"))
        ),
        "today_hours": next((row for row in hours if row.weekday == today.isoweekday()), None),
        "holiday": localized(rules.holidays[today]) if today in rules.holidays else "",
        "breaks": offices_labels.breaks_table(hours),
    }
