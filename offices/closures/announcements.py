"""Public announcements of closures."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from core.formats import date_short
from core.languages import localized
from offices import labels
from offices.closures.models import Closure
from offices.directory.models import Office


def closures_between(place: Office, first: dt.date, last: dt.date) -> list[dict[str, Any]]:
    """Return the closures that overlap the days, earliest first, as values for the banner."""
    rows = place.closures.not_lifted().touching(first, last).select_related("hall", "lane")
    rows = rows.prefetch_related("open_lanes", "open_services").order_by("first_day", "pk")
    return [{"title": _title(row), "text": _text(row)} for row in rows]


def _title(row: Closure) -> str:
    days = (
        _("sejak %(day)s") % {"day": date_short(row.first_day)}
        if row.last_day is None
        else labels.span_text(row.first_day, row.last_day)
    )
    if row.from_time is not None and row.until_time is not None:
        days = f"{days}, {row.from_time:%H.%M}–{row.until_time:%H.%M}"
    what = row.hall.label if row.hall is not None else str(row.lane) if row.lane is not None else ""
    if what:
        return _("%(what)s tutup %(days)s") % {"what": what, "days": days}
    return _("Kantor tutup %(days)s") % {"days": days}


def what_goes_on(row: Closure) -> list[str]:
    """Return the names of the services and lanes that stay open in a closure."""
    return [str(one) for one in (*row.open_services.all(), *row.open_lanes.all())]


def _text(row: Closure) -> str:
    goes_on = what_goes_on(row)
    reason = localized(row, "reason").rstrip(".")
    if not goes_on:
        return f"{reason}."
    return _("%(reason)s. Yang tetap berjalan: %(what)s.") % {
        "reason": reason,
        "what": ", ".join(goes_on),
    }
