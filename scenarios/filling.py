"""Presets: rules of a decree without an office. They are completed and then read like other rows."""

from datetime import date

import yaml
from django.db.models import Q

from offices.directory.models import Office
from quotas.policies.models import QuotaPolicy
from scenarios.mistakes import ScenarioMistake
from scenarios.nodes import Section

DATED_SECTIONS = (
    "policies",
    "release_rules",
    "returns",
    "admission",
    "attendance",
    "limits",
    "rebooking",
    "no_shows",
    "products",
    "protocols",
)
STAFFING_SECTIONS = ("roster", "outages")
TEXT = "tag:yaml.org,2002:str"


def fill_preset(
    top: Section, office: Office | None, start: date | None, mistakes: list[ScenarioMistake]
) -> None:
    """Add to each row of a preset its first day and, where it has no base, the office's own.

    `preset.since` is the day of the decree; the caller can choose another.
    """
    about = top.section("preset")
    if about is None:
        if office is not None:
            top.mistake("preset", "is missing; only a preset can be loaded for an office")
        return
    about.text("name", longest=80)
    decreed = about.day("since")
    # The daily demand, for the capacity tables.
    about.integer("demand_from", 0, 100_000, required=False)
    about.integer("demand_to", 0, 100_000, required=False)
    since = start or decreed
    about.finish()
    if office is None:
        top.mistake("preset", "belongs to no office; name one with --office CODE")
    elif since is not None:
        for section in DATED_SECTIONS:
            for row in top.sections(section):
                _fill_row(row, section, office, since)
        for section in STAFFING_SECTIONS:
            for row in top.sections(section):
                _add(row, "first_day", since.isoformat())


def _fill_row(row: Section, section: str, office: Office, since: date) -> None:
    for name in ("valid_from", "valid_until"):
        if name in row.values:
            row.mistake(name, "is not for a preset; its rows begin when it is loaded")
    _add(row, "valid_from", since.isoformat())
    if section == "policies" and "base" not in row.values:
        base = _own_base(row, office, since)
        if base is None:
            row.mistake("base", f"is missing, and {office.code} has none of its own to go by")
        else:
            _add(row, "base", str(base))


def _add(row: Section, name: str, value: str) -> None:
    if name not in row.values:
        mark = (row.node.start_mark, row.node.end_mark)
        node = yaml.ScalarNode(TEXT, value, *mark)
        row.node.value.append((yaml.ScalarNode(TEXT, name, *mark), node))


def _own_base(row: Section, office: Office, since: date) -> int | None:
    """Return the base in force on that day, or else that of the previous row."""
    names = {name: getattr(row.values.get(name), "value", "") for name in ("lane", "group")}
    rows = QuotaPolicy.objects.filter(
        Q(office=office), lane_id=names["lane"], group__code=names["group"], valid_from__lte=since
    )
    return rows.order_by("-valid_from").values_list("base", flat=True).first()
