"""What may be changed about a day before it is simulated. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import InvalidInput
from counters.queue.order import PRIORITY_LANE, Terms
from quotas.capacity import rates
from quotas.plan.spans import Span, overlaps
from reports.simulation.days import Arrivals, SimulationDay

WALK_IN: Final = "walk_in"
COUNTER: Final = "counter"
KIND_LABELS: Final = {
    "camera": _("kamera"),
    "fingerprint": _("pemindai sidik jari"),
    "scanner": _("pemindai berkas"),
    COUNTER: _("loket"),
}
KINDS: Final = tuple(KIND_LABELS)
TIMES: Final = re.compile(r"([0-2]?\d)[:.]([0-5]\d)-([0-2]?\d)[:.]([0-5]\d)", re.ASCII)
FULL: Final = Decimal(100)
# The least and greatest value of each number that can be set.
BOUNDS: Final = {
    "quota": (0, 1000),
    "filled": (0, 100),
    "counters": (0, 100),
    "absent": (0, 90),
    "walk_in": (0, 500),
    "priority": (0, 500),
    "length": (25, 400),
    "overtime": (0, 480),
    "priority_after": (0, 20),
}


@dataclass(frozen=True)
class Fault:
    """A device or counter (`counter`) that does not work for a span of the day."""

    kind: str
    span: Span


@dataclass(frozen=True)
class Changes:
    """Values that replace those of the day; None keeps the day's.

    quota: online places · filled: percent of them that are booked · counters: officers at counters
    all day · absent: percent of booked people · walk_in, priority: mean people a day · length:
    percent of the usual minutes of a visit · overtime: most minutes after closing · priority_after:
    others called before one of the priority lane · breaks: times without calls, of the opening hours
    · outages: devices or counters that fail.
    """

    quota: int | None = None
    filled: int | None = None
    counters: int | None = None
    absent: int | None = None
    walk_in: int | None = None
    priority: int | None = None
    length: int | None = None
    overtime: int | None = None
    priority_after: int | None = None
    breaks: tuple[Span, ...] | None = None
    outages: tuple[Fault, ...] = ()


NAMES: Final = tuple(field.name for field in fields(Changes))


def parse_changes(settings: Iterable[str]) -> Changes:
    """Return the changes of texts like `quota=90`, `breaks=12:00-13:00`, `outage=camera:09:00-12:00`.

    `outage` may stand several times. Raises InvalidInput.
    """
    values: dict[str, Any] = {}
    outages: list[Fault] = []
    for setting in settings:
        name, sign, text = setting.partition("=")
        if sign and name == "outage":
            outages.append(parse_fault(text))
        elif sign and name == "breaks":
            values[name] = parse_spans(text)
        elif sign and name in BOUNDS:
            values[name] = _number(name, text)
        else:
            known = ", ".join([*BOUNDS, "breaks", "outage"])
            raise InvalidInput(
                _("%(setting)s: tulis nama=nilai dengan salah satu nama ini: %(known)s.")
                % {"setting": setting[:60], "known": known}
            )
    return Changes(**values, outages=tuple(outages))


def _number(name: str, text: str) -> int:
    least, most = BOUNDS[name]
    if re.fullmatch(r"\d{1,6}", text, re.ASCII) and least <= int(text) <= most:
        return int(text)
    raise InvalidInput(
        _("%(name)s: isi bilangan bulat dari %(least)s sampai %(most)s.")
        % {"name": name, "least": least, "most": most}
    )


def parse_fault(text: str) -> Fault:
    """Return an outage of a text like `camera:09:00-12:00`. Raises InvalidInput."""
    kind, _colon, times = text.partition(":")
    if kind not in KINDS:
        raise InvalidInput(
            _("%(text)s: tulis alat dan jamnya, misalnya camera:09:00-12:00. Alatnya: %(kinds)s.")
            % {"text": text[:60], "kinds": ", ".join(KINDS)}
        )
    return Fault(kind, parse_span(times))


def parse_spans(text: str) -> tuple[Span, ...]:
    """Return times separated by commas; an empty text has none. Raises InvalidInput."""
    return tuple(parse_span(part.strip()) for part in text.split(",") if part.strip())


def parse_span(text: str) -> Span:
    """Return the minutes of a text like `12:00-13:00`. Raises InvalidInput."""
    match = TIMES.fullmatch(text)
    if match:
        hours = [int(part) for part in match.groups()]
        start, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
        if start < end <= 24 * 60:
            return start, end
    raise InvalidInput(
        _("%(text)s: tulis jam mulai dan selesai, misalnya 12:00-13:00.") % {"text": text[:60]}
    )


# --- Applying -------------------------------------------------------------------------------------
def apply_changes(day: SimulationDay, changes: Changes) -> SimulationDay:
    """Return the changed day. Raises InvalidInput for what the office does not have."""
    day = replace(
        day,
        resources=_resources(day, changes),
        arrivals=tuple(
            _desk(day.arrivals, {WALK_IN: changes.walk_in, PRIORITY_LANE: changes.priority})
        ),
        absent=day.absent if changes.absent is None else changes.absent / 100,
        overtime=day.overtime if changes.overtime is None else float(changes.overtime),
        filled=day.filled if changes.filled is None else changes.filled / 100,
    )
    if changes.priority_after is not None:
        day = replace(day, terms=Terms(changes.priority_after, day.terms.calls_before_again))
    if changes.length is not None:
        day = _longer(day, changes.length / 100)
    if changes.quota is None and changes.filled is None:
        return day
    if not day.has_quota:
        raise InvalidInput(
            _("Hari ini tidak punya tempat daring, jadi kuotanya tidak dapat diubah.")
        )
    return day.with_quota(day.quota if changes.quota is None else changes.quota)


def _resources(day: SimulationDay, changes: Changes) -> rates.DayResources:
    resources = day.resources
    if changes.breaks is not None:
        opening = (resources.spans[0][0], day.closes)
        evening = [span for span in resources.spans if span[0] >= day.closes]
        spans = _without(opening, changes.breaks)
        if not spans:
            raise InvalidInput(_("Istirahat ini menutup seluruh jam buka."))
        resources = replace(resources, spans=(*spans, *evening))
    if changes.counters is not None:
        resources = _staffed(day, resources, changes.counters)
    outages = _outages(resources, changes.outages)
    return replace(resources, outages=(*resources.outages, *outages))


def _without(opening: Span, breaks: Sequence[Span]) -> list[Span]:
    edges = [opening[0]]
    for start, end in sorted(overlaps([opening], breaks)):
        edges += [start, end]
    edges.append(opening[1])
    return [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]


def _staffed(
    day: SimulationDay, resources: rates.DayResources, officers: int
) -> rates.DayResources:
    """Return the resources with so many officers through the opening hours, at any counter."""
    there = len(resources.counters)
    if officers > there:
        raise InvalidInput(
            _("Kantor ini hanya punya %(there)s loket, jadi petugasnya paling banyak %(there)s.")
            % {"there": there}
        )
    shift = rates.Shift((resources.spans[0][0], day.closes))
    later = tuple(row for row in resources.shifts if row.span[0] >= day.closes)
    return replace(resources, shifts=(shift,) * officers + later, percent=FULL)


def _outages(resources: rates.DayResources, faults: Sequence[Fault]) -> list[rates.Outage]:
    """Return the outages. The second fault of a kind at one time is of the next device."""
    rows, used = [], set()
    for fault in faults:
        if fault.kind == COUNTER:
            ids = [row.id for row in resources.counters]
        else:
            ids = [row.id for row in resources.devices if row.kind == fault.kind]
        free = next((one for one in ids if (fault.kind, one) not in used), None)
        if free is None:
            raise InvalidInput(
                _("Kantor ini tidak punya %(thing)s sebanyak itu.")
                % {"thing": KIND_LABELS[fault.kind]}
            )
        used.add((fault.kind, free))
        rows.append(
            rates.Outage(fault.span, counter=free)
            if fault.kind == COUNTER
            else rates.Outage(fault.span, device=free)
        )
    return rows


def _desk(rows: Sequence[Arrivals], wanted: dict[str, int | None]) -> Iterable[Arrivals]:
    """Yield the arrivals with another mean number of people in a lane, spread as before."""
    for row in rows:
        people = wanted.get(row.lane)
        if people is None or row.is_booked:
            yield row
            continue
        mine = [one for one in rows if one.lane == row.lane and not one.is_booked]
        whole = sum(one.people for one in mine)
        share = row.people / whole if whole else 1 / len(mine)
        yield replace(row, people=people * share)


def _longer(day: SimulationDay, factor: float) -> SimulationDay:
    services = {
        pk: replace(row, mean=row.mean * factor, gap=row.gap * factor)
        for pk, row in day.services.items()
    }
    minutes = {
        pool: {stage: value * factor for stage, value in stages.items()}
        for pool, stages in day.resources.minutes.items()
    }
    return replace(day, services=services, resources=replace(day.resources, minutes=minutes))
