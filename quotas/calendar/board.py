"""The opening board, the office cards and the text of the rules of an office."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.formats import hour, number
from offices import labels as offices_labels
from offices.day_rules.models import DayRule
from offices.directory.models import ACCELERATED, Lane, Office, ServiceGroup
from offices.hours import selectors as hours_selectors
from quotas import labels as quotas_labels
from quotas.calendar import selectors
from quotas.plan.days import day_total, policy_for, release_for
from quotas.plan.decrees import QuotaDecree, ReleaseDecree
from quotas.plan.rows import OfficeRules
from quotas.policies import selectors as policies_selectors
from quotas.policies.models import ReleaseRule
from quotas.waiting_room.order import OPENS_BEFORE
from quotas.windows import selectors as windows_selectors

ONLINE: Final = "online"
PRIORITY: Final = "priority"


@dataclass(frozen=True)
class Openings:
    """What an office has open now, what it opens next, and the rules in force today."""

    office: Office
    now: dt.datetime
    rules: OfficeRules
    open: list[Any]
    coming: list[Any]

    @property
    def with_places(self) -> list[Any]:
        return [window for window in self.open if window.left]

    @property
    def left(self) -> int:
        return sum(window.left for window in self.open)

    @property
    def places(self) -> int:
        return sum(window.places for window in self.open)

    @property
    def next(self) -> Any:
        return self.coming[0] if self.coming else None

    @property
    def next_places(self) -> int:
        """The number of places that open at the next opening time."""
        return sum(w.places for w in self.coming if w.opens_at == self.next.opens_at)

    @property
    def state(self) -> str:
        if self.office.booking_stopped_reason:
            return "closed"
        if self.with_places:
            return "open"
        if self.next:
            return "not_yet_open"
        return "full" if self.open else "closed"


def openings(places: Sequence[Office], now: dt.datetime, prefer: str = "") -> list[Openings]:
    """Return the openings of several offices, counted for the reader's own service group.

    That is the group of the preferred service where an office offers it, else of the office's first
    service. The number of queries does not grow with the offices.
    """
    if not places:
        return []
    days = [office.local_day(now) for office in places]
    rules = policies_selectors.rules_of_offices(places, first=min(days), last=max(days))
    by_group: dict[int | None, list[Office]] = {}
    for office in places:
        by_group.setdefault(_group_of(office, prefer), []).append(office)
    windows: dict[int, list[Any]] = {}
    for group_id, offices in by_group.items():
        windows |= windows_selectors.windows_of_offices(offices, now=now, group_id=group_id)
    return [openings_of(row, now, windows[row.pk], rules[row.pk]) for row in places]


def _group_of(office: Office, prefer: str) -> int | None:
    services = sorted(office.service_types.all(), key=lambda row: (row.code != prefer, row.pk))
    return services[0].group_id if services else None


def openings_of(
    office: Office, now: dt.datetime, windows: Sequence[Any], rules: OfficeRules
) -> Openings:
    """Sort an office's online windows into open ones and coming ones."""
    rows = [row for row in windows if row.places]
    is_open = [row for row in rows if row.opens_at <= now < row.closes_at]
    coming = sorted((row for row in rows if row.opens_at > now), key=lambda row: row.opens_at)
    return Openings(office, now, rules, sorted(is_open, key=lambda row: row.first_day), coming)


def opening_board(
    openings: Sequence[Openings], *, prepare_url: str, prefer: str = ""
) -> list[dict[str, Any]]:
    """Return the rows of the home page's board: open offices first, then by opening time."""
    acting = [row for row in openings if row.state in ("open", "not_yet_open")]
    acting.sort(key=lambda row: (row.state != "open", row.next.opens_at if row.next else row.now))
    rows = [
        _open_row(row, prefer) if row.state == "open" else _soon_row(row, prepare_url)
        for row in acting
    ]
    if rows:
        rows[0]["main"] = True
    return rows


def _open_row(openings: Openings, prefer: str) -> dict[str, Any]:
    office, windows = openings.office, openings.with_places
    text = _("Untuk %(days)s.") % {
        "days": offices_labels.span_text(windows[0].first_day, max(row.last_day for row in windows))
    }
    if openings.next:
        text += " " + _("Pembukaan kuota berikutnya %(when)s.") % {
            "when": offices_labels.moment_text(openings.next.opens_at, office)
        }
    return {
        "kind": "open",
        "before": _("Sedang dibuka"),
        "figure": number(openings.left),
        "after": ngettext("tempat tersisa", "tempat tersisa", openings.left),
        "office_name": office.name,
        "office_url": office_url(office),
        "text": text,
        "total": openings.places,
        "taken": openings.places - openings.left,
        "note": _("%(left)s dari %(places)s tempat dapat dipesan")
        % {"left": number(openings.left), "places": number(openings.places)},
        "action_url": first_day_url(office, openings.now, prefer),
        "action_text": _("Pilih jam"),
    }


def _soon_row(openings: Openings, prepare_url: str) -> dict[str, Any]:
    window = openings.next
    count = openings.next_places
    row = _soon_first_come(openings, window, count, prepare_url)
    if window.mode == ReleaseRule.Mode.DRAW:
        return row | _lottery_row(window)
    return row | _room_row(window, openings.now) if window.has_waiting_room else row


def _lottery_row(window: Any) -> dict[str, Any]:
    """Return what differs for a lottery: applicants can enter now, and speed does not matter."""
    return {
        "text": _("Untuk %(days)s, lewat undian: daftar kapan saja sampai jam ini.")
        % {"days": offices_labels.span_text(window.first_day, window.last_day)},
        "action_url": reverse("booking:draw", args=[window.id]),
        "action_text": _("Ikut undian"),
    }


def _room_row(window: Any, now: dt.datetime) -> dict[str, Any]:
    """Return what differs with a waiting room: speed does not matter for those who come before the opening."""
    text = _(
        "Untuk %(days)s, melalui ruang tunggu: yang hadir sebelum jam ini diurutkan secara acak."
    )
    row = {"text": text % {"days": offices_labels.span_text(window.first_day, window.last_day)}}
    if now < window.opens_at - OPENS_BEFORE:
        return row
    address = reverse("booking:room", args=[window.id])
    return row | {"action_url": address, "action_text": _("Masuk ruang tunggu")}


def _soon_first_come(
    openings: Openings, window: Any, count: int, prepare_url: str
) -> dict[str, Any]:
    office = openings.office
    return {
        "kind": "soon",
        "before": offices_labels.day_text(window.opens_at, office, openings.now),
        "figure": hour(window.opens_at, office),
        "after": f"{office.zone_name} · {offices_labels.until_text(window.opens_at, openings.now)}",
        "office_name": office.name,
        "office_url": office_url(office),
        "text": _("Untuk %(days)s, siapa cepat, dia dapat.")
        % {"days": offices_labels.span_text(window.first_day, window.last_day)},
        "total": count,
        "taken": 0,
        "note": ngettext("%(places)s tempat akan dibuka", "%(places)s tempat akan dibuka", count)
        % {"places": number(count)},
        "action_url": prepare_url,
        "action_text": _("Siapkan permohonan"),
    }


def office_url(office: Office) -> str:
    return reverse("booking:office", args=[office.code])


def first_day_url(office: Office, now: dt.datetime, prefer: str = "") -> str:
    """Return the address of the slots of the first day with a free place."""
    services = office.service_types.all()
    for service in sorted(services, key=lambda row: (row.code != prefer, row.pk)):
        slots = selectors.nearest_open_slots(
            office, group=service.group, after=now, now=now, limit=1, service=service.pk
        )
        if slots:
            day = office.local_day(slots[0].starts_at)
            address = reverse("booking:day", args=[office.code, day])
            return f"{address}?service_type={service.code}"
    return office_url(office)


def office_card(openings: Openings) -> dict[str, Any]:
    """Return the contents of the card of an office."""
    office, today = openings.office, openings.office.local_day(openings.now)
    rule = online_rule(openings.rules, today)
    return {
        "name": office.name,
        "url": office_url(office),
        "latitude": office.latitude,
        "longitude": office.longitude,
        "state": openings.state,
        "state_text": state_text(openings),
        "next": _card_sentence(openings, rule),
        "facts": [
            {"icon": "pin", "text": office.address},
            *offices_labels.admission_facts(hours_selectors.admission_on(office, today)),
            *_priority_fact(openings.rules, today),
        ],
    }


def state_text(openings: Openings) -> str:
    """Return the text of an office's status chip: `31 tempat`, `Dibuka 14.00 WIB`."""
    if openings.state == "open":
        return ngettext("%(left)s tempat", "%(left)s tempat", openings.left) % {
            "left": number(openings.left)
        }
    if openings.state == "not_yet_open":
        day = offices_labels.day_text(openings.next.opens_at, openings.office, openings.now)
        if openings.next.mode == ReleaseRule.Mode.DRAW:
            return _("Diundi, daftar sampai %(day)s") % {"day": _inside(day)}
        if openings.office.local_day(openings.next.opens_at) != openings.office.local_day(
            openings.now
        ):
            return _("Dibuka %(day)s") % {"day": _inside(day)}
        at = f"{hour(openings.next.opens_at, openings.office)} {openings.office.zone_name}"
        return _("Dibuka %(time)s") % {"time": at}
    return _("Penuh") if openings.state == "full" else _("Tutup")


def _inside(day: str) -> str:
    """Return `besok` and `hari ini` in lower case for use inside a sentence; weekdays keep their capital."""
    return day[:1].lower() + day[1:] if day in (_("Besok"), _("Hari ini")) else day


def _card_sentence(openings: Openings, rule: ReleaseDecree | None) -> str:
    if openings.office.booking_stopped_reason:
        reason = openings.office.booking_stopped_reason
        return _("Sementara tidak menerima pemesanan: %(reason)s") % {"reason": reason}
    return (
        quotas_labels.release_text(rule, openings.office) if rule else _("Jadwal belum diumumkan.")
    )


def _priority_fact(rules: OfficeRules, day: dt.date) -> list[dict[str, str]]:
    places = sum(day_total(row) for row in quotas_in_force(rules, day) if row.lane == PRIORITY)
    if not places:
        return []
    text = _("Prioritas tanpa memesan, %(places)s per hari") % {"places": number(places)}
    return [{"icon": "heart", "text": text}]


# ------------------------------------------------------------------ the rules in force on a day


def quotas_in_force(rules: OfficeRules, day: dt.date) -> list[QuotaDecree]:
    """Return one quota for each lane and group: the office's own, or else its region's, or else the nation's."""
    keys = sorted({(row.lane, row.group) for row in rules.policies})
    policies = (policy_for(rules, day, lane, group) for lane, group in keys)
    return [row for row in policies if row is not None]


def online_rule(rules: OfficeRules, day: dt.date) -> ReleaseDecree | None:
    """Return the release rule of the online lane in force on a day."""
    groups = sorted({row.group for row in rules.policies if row.lane == ONLINE})
    releases = (release_for(rules, day, ONLINE, group) for group in groups)
    return next((row for row in releases if row is not None), None)


def lane_rows(
    rules: OfficeRules, day: dt.date, *, admits_walk_ins: bool, day_rule: DayRule
) -> list[dict[str, Any]]:
    """Return the rows of the table of lanes: places a day, how to get one, and the legal instrument."""
    rows = quotas_in_force(rules, day)
    lanes = Lane.objects.in_bulk({row.lane for row in rows})
    groups = ServiceGroup.objects.in_bulk({row.group for row in rows})
    lines = [
        {
            "letter": lanes[row.lane].series,
            "is_round": row.lane == PRIORITY,
            "name": str(lanes[row.lane]),
            "group": str(groups[row.group]) if len(groups) > 1 else "",
            "places": day_total(row),
            "how": _lane_text(row.lane, admits_walk_ins=admits_walk_ins, day_rule=day_rule),
            "formula": _formula(row),
            "instrument": row.instrument,
            "since": row.valid_from,
            "order": (row.lane != ONLINE, lanes[row.lane].series, row.group),
        }
        for row in rows
    ]
    return sorted(lines, key=lambda row: row["order"])


def _lane_text(lane: str, *, admits_walk_ins: bool, day_rule: DayRule) -> str:
    known = {
        ONLINE: _("Pesan jadwal di sini"),
        PRIORITY: _(
            "Datang langsung tanpa memesan: ibu hamil, balita, 60 tahun ke atas, difabel, atau sedang sakit"
        ),
        ACCELERATED: _("Pesan atau datang sebelum pukul %(until)s, selesai pada hari yang sama")
        % {"until": hour(day_rule.accelerated_until)},
        "walk_in": _("Datang langsung, selama tempat masih ada")
        if admits_walk_ins
        else _("Tidak dilayani; pesan jadwal lebih dulu"),
    }
    return known.get(lane, "")


def _formula(row: QuotaDecree) -> str:
    if row.percent == 100:
        return ""
    percent = number(row.percent, 0 if row.percent == int(row.percent) else 2)
    return _("%(percent)s %% dari %(base)s") % {"percent": percent, "base": number(row.base)}
