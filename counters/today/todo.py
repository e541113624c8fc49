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
from counters.closing.selectors import open_visits
from counters.estimates.selectors import Breach, Help, late_without_reason, outlook_of
from counters.production.selectors import due_books, late_books
from counters.queue.selectors import QueueRow
from counters.screening.selectors import waiting_for_task_force
from counters.today import selectors
from counters.uncollected.selectors import SOON, soon_cancelled
from counters.visits.models import IN_SERVICE, VisitEvent
from offices.directory.models import Office, Stage
from offices.hours.selectors import has_closed, working_hours
from offices.outages.models import Outage
from offices.outages.selectors import open_outages, since_text

AT_RISK_SHOWN = 4


def todo_of(office: Office, *, now: datetime, may_act: bool, query: str) -> list[dict[str, Any]]:
    """Return the entries of the list, with links to actions if `may_act`."""
    entries = _capacity(office, now=now, query=query)
    entries += _risks(office, now=now, query=query)
    entries += _closing(office, now=now, may_act=may_act, query=query)
    entries += _exceptions(office, now=now)
    entries += _books(office, now=now, may_act=may_act, query=query)
    entries += _uncollected(office, now=now, may_act=may_act, query=query)
    decisions = _lotteries(office) + _absences(office, now=now) + _objections(office, now=now)
    return _referred(office, now=now, query=query) + decisions + entries


def _capacity(office: Office, *, now: datetime, query: str) -> list[dict[str, Any]]:
    """Return entries for open outages and for people who cannot be served today."""
    rest = rest_of_day(office, now=now)
    outages = open_outages(office)
    entries = [_outage(row, rest, office, now=now, query=query) for row in outages]
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
    capacity = {"action_url": reverse("counters:capacity") + query, "action_text": _("Kapasitas")}
    return [capacity | entry for entry in entries]


def _outage(
    row: Outage, rest: Rest | None, office: Office, *, now: datetime, query: str
) -> dict[str, Any]:
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
    if row.needs_confirmation(office.local_day(now)):
        entry["detail"] += " · " + _("belum dipastikan hari ini")
        entry |= {
            "state": "risk",
            "action_url": reverse("counters:outage") + query,
            "action_text": _("Pastikan"),
        }
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


def _referred(office: Office, *, now: datetime, query: str) -> list[dict[str, Any]]:
    """Return an entry for the people who wait for the task force at the gate."""
    rows = list(waiting_for_task_force(office, office.local_day(now)))
    if not rows:
        return []
    text = ngettext(
        "%(n)d orang menunggu Satgas di gerbang",
        "%(n)d orang menunggu Satgas di gerbang",
        len(rows),
    )
    return [
        {
            "state": "risk",
            "word": _("Satgas"),
            "text": text % {"n": len(rows)},
            "detail": _("Paling lama sejak %(time)s") % {"time": hour(rows[0].at, office)},
            "action_url": reverse("counters:screening") + query,
            "action_text": _("Lihat daftar"),
        }
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


def _risks(office: Office, *, now: datetime, query: str) -> list[dict[str, Any]]:
    """Return entries for visits past or near their two hours, and those that will probably be late."""
    rows = selectors.at_risk(office, now=now)
    outlook = outlook_of(office, now=now)
    shown = {row.visit.pk for row in rows}
    likely = [row for row in outlook.breaches if row.visit.pk not in shown]
    entries = [_help(row, len(outlook.breaches)) for row in outlook.help]
    entries += [_risk(row) for row in rows[:AT_RISK_SHOWN]]
    entries += [_likely(row) for row in likely[: max(AT_RISK_SHOWN - len(rows), 1)]]
    hidden = len(rows) + len(likely) - sum("number" in entry for entry in entries)
    if hidden > 0:
        more = ngettext(
            "%(n)d orang lagi mendekati, melewati, atau diperkirakan melewati dua jam",
            "%(n)d orang lagi mendekati, melewati, atau diperkirakan melewati dua jam",
            hidden,
        ) % {"n": hidden}
        entries.append({"state": "risk", "word": _("Berisiko"), "text": more})
    late = late_without_reason(office, now=now).count()
    if late:
        text = ngettext(
            "%(n)d kunjungan lewat dua jam belum ada sebabnya",
            "%(n)d kunjungan lewat dua jam belum ada sebabnya",
            late,
        )
        entries.append(
            {
                "state": "late",
                "word": _("Terlambat"),
                "text": text % {"n": late},
                "action_url": reverse("counters:waits") + query,
                "action_text": _("Isi sebab"),
            }
        )
    return entries


def _likely(row: Breach) -> dict[str, Any]:
    """An entry for a visit that will probably end after its two hours."""
    return {
        "state": "risk",
        "word": _("Diperkirakan"),
        "number": str(row.visit.ticket),
        "text": _("%(number)s diperkirakan lewat %(time)s")
        % {"number": str(row.visit.ticket), "time": duration(max(row.minutes_over, 1))},
        "detail": _("Batas dua jam masih %(time)s lagi")
        % {"time": duration(max(row.minutes_left, 0))},
    }


def _help(row: Help, breaches: int) -> dict[str, Any]:
    """An entry for what a supervisor can do about the likely breaches."""
    texts = {
        "open": _(
            "Buka %(counter)s: yang diperkirakan lewat dua jam turun dari %(now)d ke %(left)d"
        ),
        "resume": _(
            "Lanjutkan %(counter)s: yang diperkirakan lewat dua jam turun dari %(now)d ke %(left)d"
        ),
        "stage": _(
            "Tahap %(stage)s juga di %(counter)s: yang diperkirakan lewat dua jam turun dari "
            "%(now)d ke %(left)d"
        ),
    }
    values = {
        "counter": str(row.counter),
        "now": breaches,
        "left": row.left,
        "stage": str(Stage(row.stage).label).lower() if row.stage else "",
    }
    return {"state": "open", "word": _("Saran"), "text": texts[row.code] % values}


def _risk(row: QueueRow) -> dict[str, Any]:
    is_late = row.state == "late"
    text = _("%(number)s lewat %(time)s") if is_late else _("%(number)s sisa %(time)s")
    visit = row.visit
    where = (
        _("di %(counter)s") % {"counter": str(visit.session.counter)}
        if visit.status in IN_SERVICE and visit.session
        else _("masih menunggu")
    )
    return {
        "state": row.state,
        "word": _("Terlambat") if is_late else _("Berisiko"),
        "number": row.number,
        "text": text % {"number": row.number, "time": duration(abs(row.left))},
        "detail": _("Tiba %(time)s, %(where)s")
        % {"time": hour(visit.arrived_at, visit.office), "where": where},
    }


def _closing(office: Office, *, now: datetime, may_act: bool, query: str) -> list[dict[str, Any]]:
    """Return entries for visits of earlier days, and after closing time for a day that is not closed."""
    link = {"action_url": reverse("counters:closing") + query, "action_text": _("Tutup hari")}
    action = link if may_act else {}
    entries: list[dict[str, Any]] = [
        {
            "state": "late",
            "word": _("Sisa kerja"),
            "text": _("%(number)s, %(day)s: belum diakhiri")
            % {"number": str(visit.ticket), "day": date_brief(visit.day)},
            "detail": str(visit.get_status_display()),
            **action,
        }
        for visit in selectors.left_over(office, now=now)
    ]
    today = office.local_day(now)
    if working_hours(office, today) and has_closed(office, today, now=now):
        entries += _unclosed(open_visits(office, now=now).filter(day=today).count(), action)
    return entries


def _unclosed(people: int, action: dict[str, Any]) -> list[dict[str, Any]]:
    if not people:
        return []
    text = ngettext(
        "%(n)d orang belum dilayani setelah tutup",
        "%(n)d orang belum dilayani setelah tutup",
        people,
    )
    return [
        {
            "state": "late",
            "word": _("Tutup hari"),
            "text": text % {"n": people},
            "detail": _("Putuskan: lembur, tempat malam, atau tempat pertama hari berikutnya."),
            **action,
        }
    ]


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
