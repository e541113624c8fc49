"""What the simulation's page shows: sentences, a row for each quota, two charts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.formats import duration, number
from offices.promises import SHARE_IN_TIME
from reports.simulation.days import SimulationDay
from reports.simulation.runs import BIN, Simulation, largest_quota, run_days, summarize

# People simulated for one page: about a second of one processor.
PEOPLE_OF_DAY: Final = 3_000
# The rows and the search for the largest quota have the same days, so that they agree.
PEOPLE_OF_ROW: Final = 800
MOST_RUNS: Final = 100
LEAST_RUNS: Final = 6
STEP: Final = 0.2
LONGEST_SHOWN: Final = 240  # minutes; longer visits share the last bar


@dataclass(frozen=True)
class QuickResult:
    """The simulation of a page: the day, other quotas, and the largest one; None without a quota."""

    day: Simulation
    others: tuple[Simulation, ...]
    largest: int | None

    @property
    def rows(self) -> list[Simulation]:
        """All quotas, from the smallest on."""
        return sorted([self.day, *self.others], key=lambda one: one.quota)


def quick_result(day: SimulationDay) -> QuickResult:
    """Return a simulation that is small enough for a page."""
    result = summarize(day, run_days(day, _runs(day, PEOPLE_OF_DAY)))
    if not day.has_quota:
        return QuickResult(result, (), None)
    runs = _runs(day, PEOPLE_OF_ROW)
    largest = largest_quota(day, runs)
    quotas = {round(day.quota * (1 - STEP)), round(day.quota * (1 + STEP)), largest} - {day.quota}
    others = []
    for quota in sorted(quota for quota in quotas if quota):
        other = day.with_quota(quota)
        others.append(summarize(other, run_days(other, runs)))
    return QuickResult(result, tuple(others), largest)


def _runs(day: SimulationDay, people: int) -> int:
    return min(max(round(people / max(day.people, 1)), LEAST_RUNS), MOST_RUNS)


# --- Text -----------------------------------------------------------------------------------------
def sentences(result: QuickResult) -> list[str]:
    """Return the result as sentences: the promise, what it costs, the largest quota."""
    day = result.day
    if day.within_two_hours is None:
        return [_("Pada hari ini tidak ada orang yang diharapkan datang.")]
    parts = [
        _("Dari %(people)s orang yang datang, %(percent)s persen selesai dalam dua jam.")
        % {
            "people": number(day.arrived.value),
            "percent": number(day.within_two_hours.value * 100),
        }
    ]
    if day.overtime.value >= 1:
        parts.append(
            _("Semua loket bersama-sama bekerja %(time)s sesudah jam tutup.")
            % {"time": duration(day.overtime.value)}
        )
    if day.unserved.value >= 1:
        unserved = round(day.unserved.value)
        parts.append(
            ngettext("%(n)s orang tidak terlayani.", "%(n)s orang tidak terlayani.", unserved)
            % {"n": number(unserved)}
        )
    if result.largest is not None:
        parts.append(
            _("Kuota terbesar yang menepati janji dua jam bagi %(share)s persen orang: %(quota)s.")
            % {"share": number(SHARE_IN_TIME * 100), "quota": number(result.largest)}
        )
    return parts


# --- Charts ---------------------------------------------------------------------------------------
def visit_chart(day: Simulation) -> dict[str, Any]:
    """Return the bar chart of how long visits take, in percent of the people."""
    last = LONGEST_SHOWN // BIN
    bins = [*day.visit_bins[:last]]
    rest = sum(day.visit_bins[last:])
    if rest:
        bins.append(rest)
    bins += [0.0] * (12 - len(bins))
    return {
        # Every second label is shown: more would overlap.
        "labels": ["" if at % 2 else str(at * BIN) for at in range(len(bins))],
        "series": [{"name": "", "values": [round(share * 100, 1) for share in bins], "css": "c1"}],
        "show": -1,
        "mark": 120 / BIN,
        "label": _("Lama kunjungan dalam menit: persentase orang, garis pada dua jam"),
    }


def hour_chart(day: Simulation) -> dict[str, Any]:
    """Return the bar chart of the waits by hour of arrival: mean, and 95th percentile behind it."""
    hours = list(day.by_hour)
    return {
        "labels": [f"{hour:02d}" for hour in hours],
        "plan": [round(day.by_hour[hour][1]) for hour in hours],
        "series": [
            {
                "name": "",
                "values": [round(day.by_hour[hour][0]) for hour in hours],
                "css": "c3",
            }
        ],
        "label": _("Waktu tunggu menurut jam tiba, dalam menit"),
    }


def hour_rows(day: Simulation) -> Sequence[tuple[str, float, float]]:
    """Return the hour, the mean wait and the 95th percentile."""
    return [(f"{hour:02d}.00", mean, most) for hour, (mean, most) in day.by_hour.items()]


def visit_rows(day: Simulation) -> Sequence[tuple[str, float]]:
    """Return the share of visits in percent by half hours."""
    size = 30 // BIN
    shares = [sum(day.visit_bins[at : at + size]) for at in range(0, len(day.visit_bins), size)]
    return [
        (f"{at * 30}–{(at + 1) * 30}", share * 100) for at, share in enumerate(shares) if share > 0
    ]
