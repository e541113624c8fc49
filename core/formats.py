"""Formats of dates, times, money and names."""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.template.defaultfilters import stringfilter
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import dates

NBSP: Final = "\u00a0"
ZONE_NAMES: Final = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Jayapura": "WIT",
}
MINUTES_AN_HOUR: Final = 60
HOURS_A_DAY: Final = 24

Moment = dt.datetime
Place = Any  # an office (`.zone` or `.time_zone`), a zone, or a zone's name


def zone_of(place: Place) -> dt.tzinfo:
    """Return the zone of an office or of a zone's name; the current one when there is none."""
    if not place:
        return timezone.get_current_timezone()
    if isinstance(place, dt.tzinfo):
        return place
    if isinstance(place, str):
        return ZoneInfo(place)
    zone = getattr(place, "zone", None) or getattr(place, "time_zone", None)
    return zone_of(zone)


def _at(moment: Moment, place: Place) -> Moment:
    return timezone.localtime(moment, zone_of(place)) if timezone.is_aware(moment) else moment


def zone_name(place: Place) -> str:
    """Return WIB, WITA or WIT."""
    zone = zone_of(place)
    key = getattr(zone, "key", str(zone))
    return ZONE_NAMES.get(key, key)


def hour(moment: Moment | dt.time | None, place: Place = None) -> str:
    """Format a time of day: `14.00`."""
    if moment is None:
        return ""
    clock = _at(moment, place) if isinstance(moment, dt.datetime) else moment
    return f"{clock:%H.%M}"


def hour_zone(moment: Moment | None, place: Place = None) -> str:
    """Format a time of day with its zone: `14.00 WIB`."""
    return "" if moment is None else f"{hour(moment, place)}{NBSP}{zone_name(place)}"


def hours(starts_at: Moment, ends_at: Moment, place: Place = None) -> str:
    """Format a span of hours: `09.00–10.00 WIB`."""
    return f"{hour(starts_at, place)}–{hour(ends_at, place)}{NBSP}{zone_name(place)}"


def hours_bare(starts_at: Moment, ends_at: Moment, place: Place = None) -> str:
    """Format a span of hours without its zone, where the zone is shown above: `09.00 – 10.00`."""
    return f"{hour(starts_at, place)}{NBSP}–{NBSP}{hour(ends_at, place)}"


def _day(value: dt.date | Moment | None, place: Place = None) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return _at(value, place).date()
    return value


def _written(value: dt.date | Moment | None, place: Place, pattern: str) -> str:
    day = _day(value, place)
    return "" if day is None else _date_text(day, pattern, translation.get_language())


@lru_cache(maxsize=2_000)
def _date_text(day: dt.date, pattern: str, _language: str | None) -> str:
    """Format a day in the current language. Cached, because a calendar repeats the same days."""
    return formats.date_format(day, pattern).replace(" ", NBSP)


def day_month(value: dt.date | Moment | None, place: Place = None) -> str:
    """Format as `4 Des`."""
    return _written(value, place, "j M")


def day_month_long(value: dt.date | Moment | None, place: Place = None) -> str:
    """Format as `4 Desember`."""
    return _written(value, place, "j F")


def day_long(value: dt.date | Moment | None, place: Place = None) -> str:
    """Format as `4 Desember 2026`."""
    return _written(value, place, "j F Y")


def weekday(value: dt.date | Moment | None, place: Place = None) -> str:
    """Format as `Jumat`."""
    return _written(value, place, "l")


def weekday_short(value: dt.date | Moment | None, place: Place = None) -> str:
    """Format as `Jum`."""
    return _written(value, place, "D")


def date_short(value: dt.date | Moment | None, place: Place = None) -> str:
    """Format as `Jumat 4 Des`."""
    return "" if value is None else f"{weekday(value, place)} {day_month(value, place)}"


def date_brief(value: dt.date | Moment | None, place: Place = None) -> str:
    """Format as `Jum 4 Des`, for narrow cells."""
    return "" if value is None else f"{weekday_short(value, place)} {day_month(value, place)}"


def date_long(value: dt.date | Moment | None, place: Place = None) -> str:
    """Format as `Jumat, 4 Desember 2026`."""
    return "" if value is None else f"{weekday(value, place)}, {day_long(value, place)}"


def date_dated(value: dt.date | Moment | None, place: Place = None) -> str:
    """Format as `Jumat 4 Des`, with the year when it is not this one: `Jumat 1 Jan 2027`."""
    day = _day(value, place)
    text = date_short(value, place)
    return text if day is None or day.year == dates.today().year else f"{text} {day.year}"


def month_year(value: dt.date | None) -> str:
    """Format as `Desember 2026`."""
    return _written(value, None, "F Y")


def local_time(moment: Moment | None, place: Place = None) -> str:
    """Format a time for a sentence: `Jumat 4 Des, 14.00 WIB`."""
    return "" if moment is None else f"{date_short(moment, place)}, {hour_zone(moment, place)}"


def time_dated(moment: Moment | None, place: Place = None) -> str:
    """Format a time as `Jumat 4 Des, 14.00 WIB`, with the year when it is not this one."""
    return "" if moment is None else f"{date_dated(moment, place)}, {hour_zone(moment, place)}"


def local_time_long(moment: Moment | None, place: Place = None) -> str:
    """Format a time in full: `Jumat, 4 Desember 2026 pukul 14.00 WIB`."""
    if moment is None:
        return ""
    at = _("pukul")
    return f"{date_long(moment, place)} {at}{NBSP}{hour_zone(moment, place)}"


def day_and_hours(starts_at: Moment, ends_at: Moment, place: Place = None) -> str:
    """Format a slot's day and hours: `Jumat, 4 Desember 2026, 09.00–10.00 WIB`."""
    return f"{date_long(starts_at, place)}, {hours(starts_at, ends_at, place)}"


def iso(moment: Moment | dt.date | None, place: Place = None) -> str:
    """Format a time for a datetime attribute, in the office's zone."""
    if moment is None:
        return ""
    return _at(moment, place).isoformat() if isinstance(moment, dt.datetime) else moment.isoformat()


def date_span(first: dt.date, last: dt.date) -> str:
    """Format a span of days, with a shared month once: `23 – 29 November`, `30 Nov – 4 Des`."""
    if first == last:
        return day_month_long(first)
    start = (
        f"{first.day}"
        if (first.year, first.month) == (last.year, last.month)
        else day_month_long(first)
    )
    return f"{start}{NBSP}– {day_month_long(last)}"


def span_dated(first: dt.date, last: dt.date) -> str:
    """Format a span of days as `date_span` does, with the year of each end that is not this year."""
    year = dates.today().year
    if first.year == last.year:
        text = date_span(first, last)
        return text if last.year == year else f"{text} {last.year}"
    ends = (
        day_month_long(day) if day.year == year else f"{day_month_long(day)} {day.year}"
        for day in (first, last)
    )
    return f"{NBSP}– ".join(ends)


def number(value: float | Decimal | None, places: int = 0) -> str:
    """Format a number with the separators of the language; None is a dash."""
    if value is None:
        return "–"
    # Django would truncate: 14.9 minutes are fifteen, not fourteen.
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return formats.number_format(rounded, decimal_pos=places, use_l10n=True, force_grouping=True)


def percent(share: float | None) -> str:
    """Format a share from 0 to 1: `93,5 %`; None is a dash."""
    return "–" if share is None else f"{number(share * 100, 1)}{NBSP}%"


def temperature(tenths: int | None) -> str:
    """Format a temperature of so many tenths of a degree Celsius: `36,5 °C`."""
    return "" if tenths is None else f"{number(Decimal(tenths) / 10, 1)}{NBSP}°C"


def rupiah(amount: float | Decimal | None) -> str:
    """Format an amount: `Rp 950.000`, in English `Rp 950,000`; a negative one has its sign in front."""
    if amount is None:
        return ""
    sign = "\u2212" if amount < 0 else ""
    return f"{sign}Rp{NBSP}{number(-amount if amount < 0 else amount)}"


def duration(value: float | dt.timedelta | None) -> str:
    """Format minutes or a duration: `58 menit`, `1 jam 5 menit`, from a day on `45 hari 2 jam`."""
    if value is None:
        return "–"
    total = int(value.total_seconds() // 60) if isinstance(value, dt.timedelta) else int(value)
    whole_hours, rest = divmod(max(total, 0), MINUTES_AN_HOUR)
    whole_days, whole_hours = divmod(whole_hours, HOURS_A_DAY)
    parts = []
    if whole_days:
        parts.append(ngettext("%(n)d hari", "%(n)d hari", whole_days) % {"n": whole_days})
        rest = 0
    if whole_hours:
        parts.append(ngettext("%(n)d jam", "%(n)d jam", whole_hours) % {"n": whole_hours})
    if rest or not parts:
        parts.append(ngettext("%(n)d menit", "%(n)d menit", rest) % {"n": rest})
    return " ".join(part.replace(" ", NBSP) for part in parts)


@stringfilter
def short_name(full_name: str) -> str:
    """Shorten a name for display to others: `Siti R.`"""
    words = full_name.split()
    if len(words) < 2:
        return full_name
    initial = words[-1].lstrip("'`")[:1]
    return f"{words[0]}{NBSP}{initial}."


@stringfilter
def mask_email(address: str) -> str:
    """Mask an address but keep it recognisable: `s•••@contoh.id`."""
    name, _at_sign, host = address.partition("@")
    return f"{name[:1]}•••@{host}" if host else "•••"


def mask_phone(number: str) -> str:
    """Mask a phone number but keep it recognisable: `+62•••90`."""
    return f"{number[:3]}•••{number[-2:]}" if number else "•••"


@stringfilter
def device(user_agent: str) -> str:
    """Return the browser and its system: `Chrome, Android`."""
    browsers = (
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    )
    systems = (
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    )
    names = [
        next((name for mark, name in marks if mark in user_agent), "")
        for marks in (browsers, systems)
    ]
    return ", ".join(name for name in names if name) or user_agent[:40]


@stringfilter
def keep_together(text: str) -> str:
    """Join a number with its unit, a day with its month and `pukul` with its time by a no-break space."""
    words = text.split(" ")
    out = words[0]
    for before, word in pairwise(words):
        binds = before[-1:].isdigit() or before.casefold() in ("pukul", "rp", "at")
        out += (NBSP if binds and word[:1].isalnum() else " ") + word
    return out


def moment(name: str, label: Any, *office: str) -> Any:
    """Return an admin column that formats a time in the zone of the row's office."""

    @admin.display(description=label, ordering=name)
    def column(_admin: Any, row: Any) -> str:
        place = row
        for step in office or ("office",):
            place = getattr(place, step)
        return local_time(getattr(row, name), place)

    return column
