"""Texts about times and rules of an office, in the reader's language."""

import datetime as dt
from collections.abc import Iterable
from typing import Final

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.formats import date_short, day_long, duration, hour, hour_zone, number, temperature
from offices.directory.distances import UNKNOWN
from offices.directory.models import Fee, Hall, Office, Retirable
from offices.hours.models import AdmissionRule, OpeningHours
from offices.limits.models import ProductRule, Protocol

NBSP: Final = "\u00a0"
ONE_DAY: Final = dt.timedelta(days=1)


def retired_text(place: Retirable) -> str:
    """Return the sentence that a hall or a counter is out of use."""
    name = place.label if isinstance(place, Hall) else str(place)
    return _("%(place)s tidak dipakai lagi sejak %(day)s.") % {
        "place": name,
        "day": day_long(place.retired_on),
    }


def weekday_name(number: int) -> str:
    """Return the name of a weekday, 1 Monday … 7 Sunday."""
    return str(WEEKDAYS[number - 1])


def time_zoned(office: Office, time: dt.time) -> str:
    """Return a local time of the office with its zone: `14.00 WIB`."""
    return f"{time:%H.%M}{NBSP}{office.zone_name}"


def day_text(moment: dt.datetime, office: Office, now: dt.datetime) -> str:
    """Return the day of a moment: `Hari ini`, `Besok`, `Jumat 4 Des`."""
    day, today = office.local_day(moment), office.local_day(now)
    if day == today:
        return _("Hari ini")
    if day == today + ONE_DAY:
        return _("Besok")
    return date_short(day)


def moment_text(moment: dt.datetime, office: Office) -> str:
    """Return a moment for use in a sentence: `Jumat 4 Des pukul 14.00 WIB`."""
    return _("%(day)s pukul %(time)s") % {
        "day": date_short(moment, office),
        "time": hour_zone(moment, office),
    }


def until_text(moment: dt.datetime, now: dt.datetime) -> str:
    """Return the time until a moment: `40 menit lagi`, `6 hari lagi`."""
    left = moment - now
    if left >= ONE_DAY:
        return ngettext("%(days)d hari lagi", "%(days)d hari lagi", left.days) % {"days": left.days}
    return _("%(time)s lagi") % {"time": duration(max(left, dt.timedelta(minutes=1)))}


def span_text(first: dt.date, last: dt.date) -> str:
    """Return a range of days: `Senin 30 Nov – Jumat 4 Des`."""
    return date_short(first) if first == last else f"{date_short(first)} – {date_short(last)}"


def slot_text(starts_at: dt.datetime, ends_at: dt.datetime, office: Office) -> str:
    """Return a slot with its day: `Rabu 2 Des, 09.00–10.00 WIB`."""
    day = date_short(starts_at, office)
    return f"{day}, {hour(starts_at, office)}–{hour_zone(ends_at, office)}"


def distance_text(kilometres: float) -> str:
    """Return a distance in whole kilometres, or "" if it is not known."""
    if kilometres == UNKNOWN:
        return ""
    if kilometres < 1:
        return _("kurang dari 1 km")
    return f"{number(kilometres)}{NBSP}km"


def hours_table(rows: Iterable[OpeningHours]) -> list[tuple[str, str]]:
    """Return a week's opening hours, grouped: (`Senin–Kamis`, `08.00–12.00, 13.00–15.00`)."""
    lines: list[tuple[list[int], str]] = []
    for row in sorted(rows, key=lambda row: row.weekday):
        text = ", ".join(f"{start:%H.%M}–{end:%H.%M}" for start, end in row.spans())
        if lines and lines[-1][1] == text and lines[-1][0][-1] == row.weekday - 1:
            lines[-1][0].append(row.weekday)
        else:
            lines.append(([row.weekday], text))
    return [(_weekday_span(days), text) for days, text in lines]


def breaks_table(rows: Iterable[OpeningHours]) -> list[tuple[str, str]]:
    """Return a week's named breaks with their hours, grouped: (`Senin–Kamis`, `Istirahat 12.00–13.00`)."""
    lines: list[tuple[list[int], str]] = []
    for row in sorted(rows, key=lambda row: row.weekday):
        for first, last, name in row.break_names():
            hours = f"{first}–{last}".replace(":", ".")
            text = f"{name or _('Istirahat')} {hours}"
            line = next((days for days, known in lines if known == text), None)
            if line is not None and line[-1] == row.weekday - 1:
                line.append(row.weekday)
            else:
                lines.append(([row.weekday], text))
    return [(_weekday_span(days), text) for days, text in lines]


def _weekday_span(days: list[int]) -> str:
    first, last = weekday_name(days[0]), weekday_name(days[-1])
    return first if first == last else f"{first}–{last}"


def admission_facts(rule: AdmissionRule | None) -> list[dict[str, str]]:
    """Return texts about admission and passport collection."""
    if rule is None:
        return []
    walk_ins = (
        _("Datang langsung: dilayani selama tempat di kantor masih ada")
        if rule.admits_walk_ins
        else _("Datang langsung: tidak dilayani, pesan jadwal lebih dulu")
    )
    companions = (
        _("Satu pendamping boleh masuk")
        if rule.admits_companions
        else _("Pendamping menunggu di luar ruang layanan")
    )
    facts = [{"icon": "door", "text": walk_ins}, {"icon": "people", "text": companions}]
    if rule.has_drive_thru:
        facts.append(
            {"icon": "car", "text": _("Paspor yang sudah jadi bisa diambil lewat drive-thru")}
        )
    return facts


def product_facts(rule: ProductRule | None) -> list[dict[str, str]]:
    """Return texts about the passports an office makes; empty if it makes all."""
    if rule is None:
        return []
    names = ", ".join(str(Fee.Product(name).label) for name in rule.products)
    text = _("Hanya melayani %(products)s (%(instrument)s)") % {
        "products": names,
        "instrument": rule.instrument,
    }
    return [{"icon": "passport", "text": text}]


def protocol_facts(rule: Protocol | None) -> list[dict[str, str]]:
    """Return texts about the checks at the gate."""
    if rule is None:
        return []
    names = [name.lower() for name in rule.item_names()]
    if rule.temperature_limit is not None:
        limit = {"limit": temperature(rule.temperature_limit)}
        names.insert(0, _("suhu badan paling tinggi %(limit)s") % limit)
    return [{"icon": "scan", "text": f"{rule}: {', '.join(names)}"}] if names else []
