"""Query parameters of the calendar and of the slots, checked field by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from core.dates import parse_any_day
from core.errors import InvalidInput
from offices.directory.models import Office, ServiceGroup, ServiceType

LONGEST_SPAN = 92
USUAL_SPAN = 28
FARTHEST = timedelta(days=400)


@dataclass(frozen=True)
class CalendarQuery:
    first: date
    last: date
    service: ServiceType

    @property
    def group(self) -> ServiceGroup:
        return self.service.group


@dataclass(frozen=True)
class SlotsQuery:
    day: date
    service: ServiceType

    @property
    def group(self) -> ServiceGroup:
        return self.service.group


def calendar_query(office: Office, query: Mapping[str, str], *, today: date) -> CalendarQuery:
    """Parse from, to and service_type. Raises InvalidInput with a message for each wrong field."""
    fields: dict[str, list[str]] = {}
    first = _day(query, "from", today, fields, otherwise=today)
    usual = (first or today) + timedelta(days=USUAL_SPAN - 1)
    last = _day(query, "to", today, fields, otherwise=usual)
    service = _service(office, query, fields)
    if first and last and last < first:
        fields["to"] = [
            _("Tanggal ini sebelum tanggal awal (%(first)s). Pilih hari itu atau sesudahnya.")
            % {"first": first}
        ]
    elif first and last and (last - first).days >= LONGEST_SPAN:
        fields["to"] = [
            _("Paling banyak %(days)d hari sekaligus. Persempit rentangnya.")
            % {"days": LONGEST_SPAN}
        ]
    if fields or first is None or last is None or service is None:
        raise InvalidInput(fields=fields)
    return CalendarQuery(first, last, service)


def slots_query(office: Office, query: Mapping[str, str], *, today: date) -> SlotsQuery:
    """Parse date and service_type. Raises InvalidInput with a message for each wrong field."""
    fields: dict[str, list[str]] = {}
    day = _day(query, "date", today, fields, otherwise=None)
    service = _service(office, query, fields)
    if fields or day is None or service is None:
        raise InvalidInput(fields=fields)
    return SlotsQuery(day, service)


def _day(
    query: Mapping[str, str],
    name: str,
    today: date,
    fields: dict[str, list[str]],
    *,
    otherwise: date | None,
) -> date | None:
    raw = query.get(name, "").strip()
    if not raw and otherwise is not None:
        return otherwise
    day = parse_any_day(raw)
    if day is None:
        fields[name] = [
            _("Isi dengan tanggal yang ada di kalender, misalnya %(example)s.") % {"example": today}
        ]
    elif abs(day - today) > FARTHEST:
        fields[name] = [
            _("Pilih tanggal antara %(first)s dan %(last)s.")
            % {"first": today - FARTHEST, "last": today + FARTHEST}
        ]
        return None
    return day


def _service(
    office: Office, query: Mapping[str, str], fields: dict[str, list[str]]
) -> ServiceType | None:
    code = query.get("service_type", "").strip()
    offered: list[ServiceType] = list(office.service_types.select_related("group").order_by("pk"))
    match = next((row for row in offered if row.code == code), None)
    if match is None:
        known = ", ".join(row.code for row in offered)
        fields["service_type"] = [
            _("Pilih salah satu layanan kantor ini: %(known)s.") % {"known": known}
        ]
        return None
    return match
