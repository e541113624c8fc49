"""The columns of the daily load. To add one, add a field here and a result column to the statement in selectors."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from offices.promises import SHARE_IN_TIME, VISIT_TIME

PROMISED_MINUTES: Final = VISIT_TIME // dt.timedelta(minutes=1)


class Kind(Enum):
    """The kind of a figure: decides rounding, format and description."""

    KEY = "key"
    COUNT = "count"
    MINUTES = "minutes"
    SHARE = "share"


DIGITS: Final = {Kind.COUNT: 0, Kind.MINUTES: 1, Kind.SHARE: 4}


class Since(Enum):
    """The moment from which a figure exists; before it the value is None."""

    ALWAYS = "always"
    BEGUN = "has_begun"
    CLOSED = "has_closed"


Total = Callable[[Sequence["DailyLoad"], str], Any]


@dataclass(frozen=True)
class Column:
    """One column: its label, its kind, its total, and whether API and CSV have it."""

    name: str
    label: Any
    kind: Kind
    unit: Any
    since: Since
    total: Total | None
    is_public: bool
    is_broken: Callable[[Any], bool] | None

    def value(self, raw: Any, row: Mapping[str, Any]) -> Any:
        """Return the rounded value, or None if it is not available yet."""
        if raw is None or (self.since is not Since.ALWAYS and not row[self.since.value]):
            return None
        rounded = round(raw, DIGITS[self.kind])
        return int(rounded) if self.kind is Kind.COUNT else float(rounded)

    def total_of(self, loads: Sequence["DailyLoad"]) -> Any:
        """Return the total over several days, or None."""
        return self.total(loads, self.name) if self.total else None

    def breaks_promise(self, value: Any) -> bool:
        """True if the value is worse than the service promise."""
        return value is not None and self.is_broken is not None and self.is_broken(value)


def _sum(loads: Sequence["DailyLoad"], name: str) -> Any:
    values = [value for load in loads if (value := getattr(load, name)) is not None]
    return sum(values) if values else None


def _last(loads: Sequence["DailyLoad"], name: str) -> Any:
    values = [value for load in loads if (value := getattr(load, name)) is not None]
    return values[-1] if values else None


def _share_of_served(loads: Sequence["DailyLoad"], name: str) -> Any:
    rows = [
        (share, load.served or 0) for load in loads if (share := getattr(load, name)) is not None
    ]
    served = sum(count for _share, count in rows)
    return sum(share * count for share, count in rows) / served if served else None


def _column(
    label: Any,
    kind: Kind = Kind.COUNT,
    *,
    unit: Any = "",
    since: Since = Since.ALWAYS,
    total: Total | None = None,
    is_public: bool = True,
    is_broken: Callable[[Any], bool] | None = None,
) -> Any:
    return field(
        metadata={
            "label": label,
            "kind": kind,
            "unit": unit,
            "since": since,
            "total": total,
            "is_public": is_public,
            "is_broken": is_broken,
        }
    )


@dataclass(frozen=True)
class DailyLoad:
    """One office's day. `within_two_hours` is a share from 0 to 1; None means not known yet.

    planned          places of the policy, in lanes that are booked online
    released         of those, released by the end of the day and not withdrawn
    booked           bookings of that day's places, without desk lanes
    arrived          of those, how many came
    served           visits finished, in every lane
    no_show          bookings without a visit
    spare            released places that were not used
    walk_in, priority  bookings made at the desk, by lane
    wait_*           from arrival to the first call
    visit_*          from arrival to leaving
    within_two_hours share of finished visits that took at most two hours
    overtime_minutes over all counters, from closing time to the last recorded act
    outage_minutes   over devices that were out of order, in opening hours without the breaks
    backlog          visits unfinished at closing time plus passports past due then
    official_guests  of the priority lane, official guests admitted or moved by a supervisor
    accelerated      first visits in the accelerated lane, booked online or at the desk
    screened         people checked at the gate by the protocol of the day
    referred         of those, over the temperature limit
    sent_home        of those, sent home by the task force; their bookings moved to a later day
    unserved_late    people who waited more than two hours and were not served
    """

    office: str = _column(_("Kantor"), Kind.KEY)
    date: dt.date = _column(_("Hari"), Kind.KEY)
    planned: int | None = _column(_("Rencana"), total=_sum)
    released: int | None = _column(pgettext_lazy("laporan", "Dibuka"), total=_sum)
    booked: int | None = _column(_("Dipesan"), total=_sum)
    arrived: int | None = _column(_("Tiba"), since=Since.BEGUN, total=_sum)
    served: int | None = _column(
        pgettext_lazy("laporan", "Dilayani"), since=Since.BEGUN, total=_sum
    )
    no_show: int | None = _column(_("Tidak hadir"), since=Since.BEGUN, total=_sum)
    spare: int | None = _column(_("Luang"), total=_sum, is_public=False)
    walk_in: int | None = _column(_("Langsung"), since=Since.BEGUN, total=_sum)
    priority: int | None = _column(_("Prioritas"), since=Since.BEGUN, total=_sum)
    wait_p50: float | None = _column(_("Tunggu"), Kind.MINUTES, unit="p50")
    wait_p95: float | None = _column(_("Tunggu"), Kind.MINUTES, unit="p95")
    visit_p50: float | None = _column(_("Kunjungan"), Kind.MINUTES, unit="p50")
    visit_p95: float | None = _column(
        _("Kunjungan"), Kind.MINUTES, unit="p95", is_broken=lambda value: value > PROMISED_MINUTES
    )
    within_two_hours: float | None = _column(
        _("Dalam 2 jam"),
        Kind.SHARE,
        unit="%",
        total=_share_of_served,
        is_broken=lambda value: value < SHARE_IN_TIME,
    )
    overtime_minutes: int | None = _column(
        _("Lembur"), unit=_("menit"), since=Since.CLOSED, total=_sum
    )
    outage_minutes: int | None = _column(
        pgettext_lazy("beban harian", "Rusak"), unit=_("menit"), since=Since.BEGUN, total=_sum
    )
    backlog: int | None = _column(_("Sisa"), since=Since.CLOSED, total=_last)
    official_guests: int | None = _column(_("Tamu dinas"), since=Since.BEGUN, total=_sum)
    accelerated: int | None = _column(_("Percepatan"), since=Since.BEGUN, total=_sum)
    screened: int | None = _column(_("Diperiksa"), since=Since.BEGUN, total=_sum)
    referred: int | None = _column(_("Dirujuk ke Satgas"), since=Since.BEGUN, total=_sum)
    sent_home: int | None = _column(_("Dipulangkan"), since=Since.BEGUN, total=_sum)
    unserved_late: int | None = _column(
        _("Lewat 2 jam, belum dilayani"),
        since=Since.BEGUN,
        total=_sum,
        is_broken=lambda value: value > 0,
    )

    @property
    def came(self) -> int | None:
        """All arrivals: with a booking, in the priority and accelerated lanes, and walk-ins."""
        if self.arrived is None:
            return None
        others = (self.walk_in, self.priority, self.accelerated)
        return self.arrived + sum(count or 0 for count in others)

    def as_dict(self) -> dict[str, Any]:
        """Return the public columns, in order."""
        return {name: getattr(self, name) for name in PUBLIC}


COLUMNS: Final = tuple(Column(name=item.name, **item.metadata) for item in fields(DailyLoad))
# The columns of API and CSV, a public contract.
PUBLIC: Final = tuple(column.name for column in COLUMNS if column.is_public)
# The columns on the page.
FIGURES: Final = tuple(column for column in COLUMNS if column.kind is not Kind.KEY)
