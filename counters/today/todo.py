"""The supervisor's to-do list, most urgent first."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.absences.services import absent_bookings
from booking.integrity.selectors import signals_to_review
from booking.lottery.selectors import draws_waiting_for_value
from booking.objections.selectors import undecided
from booking.restrictions.attendance import undecided_days
from booking.restrictions.selectors import unanswered_appeals
from core.formats import date_brief, date_span, duration, hour
from counters.capacity.selectors import Rest, bottleneck_text, rest_of_day
from counters.production.selectors import due_books, late_books
from counters.queue.selectors import QueueRow
from counters.today import selectors
from counters.uncollected.selectors import SOON, soon_cancelled
from counters.visits.models import AT_A_COUNTER, VisitEvent, VisitStatus
from offices.directory.models import Office
from offices.outages.models import Outage
from offices.outages.selectors import open_outages, since_text

AT_RISK_SHOWN = 4


def todo_of(office: Office, *, now: datetime, may_act: bool, query: str) -> list[dict[str, Any]]:
    """Return the entries of the list, with links to actions if `may_act`."""
    entries = _capacity(office, now=now, query=query)
    entries += _risks(office, now=now) + _left_over(office, now=now, may_act=may_act, query=query)
    entries += _exceptions(office, now=now)
    entries += _books(office, now=now, may_act=may_act, query=query)
    entries += _uncollected(office, now=now, may_act=may_act, query=query)
    decisions = _lotteries(office) + _absences(office, now=now) + _objections(office, now=now)
    return decisions + entries


def _capacity(office: Office, *, now: datetime, query: str) -> list[dict[str, Any]]:
    """Return entries for open outages and for people who cannot be served today."""
    rest = rest_of_day(office, now=now)
    outages = open_outages(office)
    entries = [_outage(row, rest, office, now=now) for row in outages]
    too_many = (rest.unserved + rest.over) if rest else 0
    if rest is not None and too_many:
        worst = max(rest.pools, key=lambda row: row.unserved + row.over)
        text = ngettext(
            "%(n)d orang tidak terlayani sampai tutup",
            "%(n)d orang tidak terlayani sampai tutup",
            too_many,
        )
        detail = _("Masih %(people)d orang, kapasitas loket %(capacity)d: %(why)s")
        entries.append(
            {
                "state": "late",
                "word": _("Kapasitas"),
                "text": text % {"n": too_many},
                "detail": detail
                % {
                    "people": rest.people,
                    "capacity": rest.capacity,
                    "why": bottleneck_text(worst.bottleneck),
                },
            }
        )
    for entry in entries:
        entry |= {
            "action_url": reverse("counters:capacity") + query,
            "action_text": _("Kapasitas"),
        }
    return entries


def _outage(row: Outage, rest: Rest | None, office: Office, *, now: datetime) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "state": "closed",
        "word": _("Rusak"),
        "text": _("%(thing)s sejak %(time)s, %(length)s")
        % {
            "thing": str(row),
            "time": since_text(row, office, now=now),
            "length": duration(now - row.started_at),
        },
        "detail": row.reason,
    }
    if rest is not None and rest.lost_percent:
        lost = _("kapasitas sisa hari ini −%(n)d %%") % {"n": rest.lost_percent}
        entry["detail"] = f"{row.reason} · {lost}"
    return entry


def _absences(office: Office, *, now: datetime) -> list[dict[str, Any]]:
    """Return an entry for each day on which absent people may not have been served."""
    return [
        {
            "state": "risk",
            "word": _("Belum pasti"),
            "text": ngettext(
                "%(n)d orang belum dipastikan pada %(day)s",
                "%(n)d orang belum dipastikan pada %(day)s",
                people := absent_bookings(office, review.day, now=now).count(),
            )
            % {"n": people, "day": date_brief(review.day)},
            "detail": _("Kantor tidak dapat melayani, atau pemohon memang tidak datang?"),
            "action_url": reverse("absences:absence", args=[review.pk]),
            "action_text": _("Putuskan"),
        }
        for review in undecided_days(office)
    ]


def _objections(office: Office, *, now: datetime) -> list[dict[str, Any]]:
    """Return entries for objections, appeals and signals that wait for an answer, late ones marked."""
    kinds: tuple[tuple[list[datetime], Callable[[int], str], str], ...] = (
        (
            [row.answer_by for row in undecided(office)],
            lambda n: ngettext("%(n)d keberatan", "%(n)d keberatan", n),
            reverse("objections:objections"),
        ),
        (
            [at for row in unanswered_appeals(office, now=now) if (at := row.answer_by)],
            lambda n: ngettext(
                "%(n)d keberatan atas pembatasan", "%(n)d keberatan atas pembatasan", n
            ),
            reverse("brokers:restrictions"),
        ),
        (
            [row.review_by for row in signals_to_review(office)],
            lambda n: ngettext("%(n)d indikasi calo", "%(n)d indikasi calo", n),
            reverse("brokers:signals"),
        ),
    )
    return [
        {
            "state": "late" if min(deadlines) < now else "risk",
            "word": _("Keputusan"),
            "text": text(len(deadlines)) % {"n": len(deadlines)},
            "detail": _("Paling lambat %(day)s pukul %(time)s.")
            % {
                "day": date_brief(office.local_day(min(deadlines))),
                "time": hour(min(deadlines), office),
            },
            "action_url": f"{url}?office={office.code}",
            "action_text": _("Putuskan"),
        }
        for deadlines, text, url in kinds
        if deadlines
    ]


def _lotteries(office: Office) -> list[dict[str, Any]]:
    """Return entries for lotteries that wait for the public value from two officers."""
    return [
        {
            "state": "risk",
            "word": _("Undian"),
            "text": _("Undian %(days)s menunggu nilai publik")
            % {"days": date_span(lottery.window.first_day, lottery.window.last_day)},
            "detail": _("Satu petugas sudah memasukkannya; petugas lain harus memastikannya.")
            if lottery.typed_at
            else _("Daftar peserta sudah disegel. Dua petugas harus memasukkan nilai publik."),
            "action_url": reverse("draws:desk"),
            "action_text": _("Isi nilai"),
        }
        for lottery in draws_waiting_for_value(office)
    ]


def _risks(office: Office, *, now: datetime) -> list[dict[str, Any]]:
    rows = selectors.at_risk(office, now=now)
    entries = [_risk(row) for row in rows[:AT_RISK_SHOWN]]
    if len(rows) > AT_RISK_SHOWN:
        more = _("%(n)d orang lagi mendekati atau melewati dua jam") % {
            "n": len(rows) - AT_RISK_SHOWN
        }
        entries.append({"state": "risk", "word": _("Berisiko"), "text": more})
    return entries


def _risk(row: QueueRow) -> dict[str, Any]:
    is_late = row.state == "late"
    text = _("%(number)s lewat %(time)s") if is_late else _("%(number)s sisa %(time)s")
    visit = row.visit
    where = (
        _("di %(counter)s") % {"counter": str(visit.session.counter)}
        if visit.status in AT_A_COUNTER and visit.session
        else _("masih menunggu")
    )
    return {
        "state": row.state,
        "word": _("Terlambat") if is_late else _("Berisiko"),
        "text": text % {"number": row.number, "time": duration(abs(row.left))},
        "detail": _("Tiba %(time)s, %(where)s")
        % {"time": hour(visit.arrived_at, visit.office), "where": where},
    }


def _left_over(office: Office, *, now: datetime, may_act: bool, query: str) -> list[dict[str, Any]]:
    entries = []
    for visit in selectors.left_over(office, now=now):
        entry: dict[str, Any] = {
            "state": "late",
            "word": _("Sisa kerja"),
            "text": _("%(number)s, %(day)s: belum diakhiri")
            % {"number": str(visit.ticket), "day": date_brief(visit.day)},
            "detail": str(visit.get_status_display()),
        }
        if may_act:
            was_served = visit.status == VisitStatus.SERVING
            entry |= {
                "action_url": reverse("counters:end_left_over", args=[visit.pk]) + query,
                "action_text": _("Akhiri") if was_served else _("Catat sudah pergi"),
                "post": not was_served,
            }
        entries.append(entry)
    return entries


def _exceptions(office: Office, *, now: datetime) -> list[dict[str, Any]]:
    events = selectors.out_of_order(office, now=now)
    return [_exception(event, len(events)) for event in events[:1]]


def _exception(event: VisitEvent, count: int) -> dict[str, Any]:
    counter = str(event.session.counter) if event.session else "-"
    return {
        "state": "called",
        "word": _("Di luar urutan"),
        "text": _("%(number)s dipanggil %(counter)s: %(reason)s")
        % {"number": str(event.visit.ticket), "counter": counter, "reason": event.reason_text},
        "detail": _("%(officer)s, %(time)s. Pengecualian hari ini: %(count)d")
        % {"officer": str(event.by), "time": hour(event.at, event.visit.office), "count": count},
        "action_url": reverse("admin:counters_visit_change", args=[event.visit_id]),
        "action_text": _("Tinjau"),
    }


def _books(office: Office, *, now: datetime, may_act: bool, query: str) -> list[dict[str, Any]]:
    today = office.local_day(now)
    late, due = late_books(office, today).count(), due_books(office, today).count()
    if not late and not due:
        return []
    entry: dict[str, Any] = {
        "state": "late" if late else "risk",
        "word": _("Sisa kerja") if late else _("Paspor"),
        "text": _("%(late)d paspor terlambat, %(due)d jatuh tempo hari ini")
        % {"late": late, "due": due},
    }
    if may_act:
        url = reverse("counters:production") + query
        entry |= {"action_url": url, "action_text": _("Daftar pengerjaan")}
    return [entry]


def _uncollected(
    office: Office, *, now: datetime, may_act: bool, query: str
) -> list[dict[str, Any]]:
    """Return an entry for ready passports that are cancelled within days."""
    count = len(soon_cancelled(office, now=now))
    if not count:
        return []
    text = ngettext(
        "%(n)d paspor dibatalkan dalam %(days)d hari bila tidak diambil",
        "%(n)d paspor dibatalkan dalam %(days)d hari bila tidak diambil",
        count,
    )
    entry: dict[str, Any] = {
        "state": "risk",
        "word": _("Paspor"),
        "text": text % {"n": count, "days": SOON.days},
    }
    if may_act:
        url = reverse("counters:uncollected") + query
        entry |= {"action_url": url, "action_text": _("Belum diambil")}
    return [entry]
