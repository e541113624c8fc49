"""The supervisor's to-do list, most urgent first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.absences.services import absent_bookings
from booking.integrity.selectors import signals_to_review
from booking.lottery.selectors import draws_waiting_for_value
from booking.objections.selectors import undecided
from booking.payments.selectors import open_cases
from booking.restrictions.attendance import undecided_days
from booking.restrictions.selectors import unanswered_appeals
from core.formats import date_brief, date_span, duration, hour, local_time
from core.languages import localized
from counters.capacity.selectors import Rest, bottleneck_text
from counters.estimates.selectors import Breach, Help, late_without_reason
from counters.production.selectors import due_books, late_books
from counters.queue.selectors import QueueRow
from counters.screening.selectors import waiting_for_task_force
from counters.today import selectors
from counters.today.facts import DayFacts
from counters.uncollected.selectors import SOON
from counters.visits.models import IN_SERVICE, VisitEvent
from offices.closures.models import Closure
from offices.directory.models import Office, Stage
from offices.directory.selectors import Waiting, count_together
from offices.outages.models import Outage
from offices.outages.selectors import since_text
from offices.promises import ANSWER_OBJECTION, REVIEW_SIGNAL

AT_RISK_SHOWN = 4
Entry = dict[str, Any]


@dataclass(frozen=True)
class Todo:
    """What the list is made from: the day, the counts of other tables, and what the reader may do."""

    facts: DayFacts
    counts: Mapping[str, Waiting]
    may_act: bool
    query: str

    @property
    def office(self) -> Office:
        return self.facts.office

    @property
    def now(self) -> datetime:
        return self.facts.now


def todo_of(
    office: Office, *, now: datetime, may_act: bool, query: str, facts: DayFacts | None = None
) -> list[Entry]:
    """Return the entries of the list, with links to actions if `may_act`."""
    facts = facts or DayFacts(office, now=now)
    todo = Todo(facts, _counts(facts), may_act, query)
    return [
        *_referred(todo),
        *_lotteries(todo),
        *_absences(todo),
        *_objections(todo),
        *_payments(todo),
        *_staff(todo),
        *_closures(todo),
        *_capacity(todo),
        *_risks(todo),
        *_closing(todo),
        *_exceptions(todo),
        *_books(todo),
        *_uncollected(todo),
    ]


def _counts(facts: DayFacts) -> Mapping[str, Waiting]:
    """Count everything that waits outside the queue, in one query."""
    office, now, day = facts.office, facts.now, facts.day
    return count_together(
        office,
        referred=(waiting_for_task_force(office, day), "at"),
        lotteries=(draws_waiting_for_value(office), ""),
        absences=(undecided_days(office), ""),
        objections=(undecided(office), "answer_by"),
        payments=(open_cases(office), "opened_at"),
        appeals=(unanswered_appeals(office, now=now), "appealed_at"),
        signals=(signals_to_review(office), "last_at"),
        late_books=(late_books(office, day), ""),
        due_books=(due_books(office, day), ""),
        no_reason=(late_without_reason(office, now=now), ""),
        exceptions=(selectors.out_of_order(office, now=now), ""),
    )


def _staff(todo: Todo) -> list[Entry]:
    """Return entries for a working day without a roster, and counters that nobody has opened."""
    facts = todo.facts
    action = {
        "action_url": reverse("counters:roster") + todo.query,
        "action_text": _("Jadwal petugas"),
    }
    if selectors.is_nobody_rostered(facts):
        text = _("Belum ada petugas yang dijadwalkan hari ini")
        detail = _("Kapasitas hari ini tidak dapat dihitung tanpa jadwal petugas.")
        return [{"state": "late", "word": _("Petugas"), "text": text, "detail": detail, **action}]
    closed = selectors.unstaffed_counters(facts)
    if not closed:
        return []
    text = ngettext(
        "%(n)d loket terjadwal belum dibuka", "%(n)d loket terjadwal belum dibuka", len(closed)
    )
    return [
        {
            "state": "risk",
            "word": _("Loket"),
            "text": text % {"n": len(closed)},
            "detail": ", ".join(str(counter) for counter in closed),
            **action,
        }
    ]


def _closures(todo: Todo) -> list[Entry]:
    """Return an entry for each closure in force today."""
    return [
        {
            "state": "closed",
            "word": _("Tutup"),
            "text": localized(closure, "reason"),
            "detail": _closed_part(closure),
            "action_url": reverse("closures:closure", args=[closure.pk]) + todo.query,
            "action_text": _("Lihat penutupan"),
        }
        for closure in todo.facts.closures
    ]


def _closed_part(closure: Closure) -> str:
    parts = [str(part) for part in (closure.hall and closure.hall.label, closure.lane) if part]
    if closure.from_time and closure.until_time:
        parts.append(f"{hour(closure.from_time)}–{hour(closure.until_time)}")
    return ", ".join(parts) or _("Seluruh kantor")


def _capacity(todo: Todo) -> list[Entry]:
    """Return entries for open outages and for people who cannot be served today."""
    office, now, query = todo.office, todo.now, todo.query
    rest = todo.facts.prediction.rest
    entries = [_outage(row, rest, office, now=now, query=query) for row in todo.facts.outages]
    if rest is not None and (rest.unserved or rest.over):
        entries.append(_too_many(rest, todo.facts))
    capacity = {"action_url": reverse("counters:capacity") + query, "action_text": _("Kapasitas")}
    return [capacity | entry for entry in entries]


def _too_many(rest: Rest, facts: DayFacts) -> Entry:
    """An entry for those who come and cannot be served in two hours, and those inside until after closing.

    Without a roster all counters are counted, so that the capacity is not known, but at least these
    people are too many.
    """
    parts = []
    if rest.unserved:
        coming = ngettext(
            "%(n)d orang yang akan datang tidak terlayani dalam dua jam",
            "%(n)d orang yang akan datang tidak terlayani dalam dua jam",
            rest.unserved,
        )
        parts.append(coming % {"n": rest.unserved})
    if rest.over:
        inside = ngettext(
            "%(n)d orang di kantor baru selesai sesudah tutup",
            "%(n)d orang di kantor baru selesai sesudah tutup",
            rest.over,
        )
        parts.append(inside % {"n": rest.over})
    worst = max(rest.pools, key=lambda row: row.unserved + row.over)
    detail = bottleneck_text(worst.bottleneck)
    is_known = rest.counters_open > 0 or not selectors.is_nobody_rostered(facts)
    if is_known and rest.capacity < rest.people:
        text = _("Masih %(people)d orang, kapasitas loket %(capacity)d: %(why)s")
        values = {"people": rest.people, "capacity": rest.capacity, "why": detail}
        detail = text % values
    return {
        "state": "late",
        "word": _("Kapasitas"),
        "text": " · ".join(parts),
        "detail": capfirst(detail),
    }


def _outage(row: Outage, rest: Rest | None, office: Office, *, now: datetime, query: str) -> Entry:
    entry: Entry = {
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


def _absences(todo: Todo) -> list[Entry]:
    """Return an entry for each day on which absent people may not have been served."""
    if not todo.counts["absences"].n:
        return []
    office, now = todo.office, todo.now
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


def _objections(todo: Todo) -> list[Entry]:
    """Return entries for objections, appeals and signals that wait for an answer, late ones marked."""
    office, now, counts = todo.office, todo.now, todo.counts
    kinds: tuple[tuple[Waiting, timedelta, Callable[[int], str], str], ...] = (
        (
            counts["objections"],
            timedelta(),
            lambda n: ngettext("%(n)d keberatan", "%(n)d keberatan", n),
            reverse("objections:objections"),
        ),
        (
            counts["appeals"],
            ANSWER_OBJECTION,
            lambda n: ngettext(
                "%(n)d keberatan atas pembatasan", "%(n)d keberatan atas pembatasan", n
            ),
            reverse("brokers:restrictions"),
        ),
        (
            counts["signals"],
            REVIEW_SIGNAL,
            lambda n: ngettext("%(n)d indikasi calo", "%(n)d indikasi calo", n),
            reverse("brokers:signals"),
        ),
    )
    return [
        {
            "state": "late" if waiting.first + within < now else "risk",
            "word": _("Keputusan"),
            "text": text(waiting.n) % {"n": waiting.n},
            "detail": _("Paling lambat %(day)s pukul %(time)s.")
            % {
                "day": date_brief(office.local_day(waiting.first + within)),
                "time": hour(waiting.first + within, office),
            },
            "action_url": f"{url}?office={office.code}",
            "action_text": _("Putuskan"),
        }
        for waiting, within, text, url in kinds
        if waiting.n
    ]


def _payments(todo: Todo) -> list[Entry]:
    """Return an entry for the payments that wait for a decision."""
    waiting = todo.counts["payments"]
    if not waiting.n:
        return []
    text = ngettext("%(n)d pembayaran", "%(n)d pembayaran", waiting.n)
    return [
        {
            "state": "risk",
            "word": _("Keputusan"),
            "text": text % {"n": waiting.n},
            "detail": _("Paling lama sejak %(time)s")
            % {"time": local_time(waiting.first, todo.office)},
            "action_url": reverse("payments:payments") + todo.query,
            "action_text": _("Putuskan"),
        }
    ]


def _referred(todo: Todo) -> list[Entry]:
    """Return an entry for the people who wait for the task force at the gate."""
    waiting = todo.counts["referred"]
    if not waiting.n:
        return []
    text = ngettext(
        "%(n)d orang menunggu Satgas di gerbang",
        "%(n)d orang menunggu Satgas di gerbang",
        waiting.n,
    )
    return [
        {
            "state": "risk",
            "word": _("Satgas"),
            "text": text % {"n": waiting.n},
            "detail": _("Paling lama sejak %(time)s") % {"time": hour(waiting.first, todo.office)},
            "action_url": reverse("counters:screening") + todo.query,
            "action_text": _("Lihat daftar"),
        }
    ]


def _lotteries(todo: Todo) -> list[Entry]:
    """Return entries for lotteries that wait for the public value from two officers."""
    if not todo.counts["lotteries"].n:
        return []
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
        for lottery in draws_waiting_for_value(todo.office)
    ]


def _risks(todo: Todo) -> list[Entry]:
    """Return entries for visits past or near their two hours, and those that will probably be late."""
    rows = selectors.at_risk(todo.facts)
    outlook = todo.facts.prediction.outlook
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
    late = todo.counts["no_reason"].n
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
                "action_url": reverse("counters:waits") + todo.query,
                "action_text": _("Isi sebab"),
            }
        )
    return entries


def _likely(row: Breach) -> Entry:
    """An entry for a visit that will probably end after its two hours."""
    return {
        "state": "risk",
        "word": _("Diperkirakan"),
        "number": str(row.visit.ticket),
        "text": _("%(number)s diperkirakan lewat %(time)s")
        % {"number": str(row.visit.ticket), "time": duration(max(row.minutes_over, 1))},
        "detail": _("Batas dua jam tercapai %(time)s lagi")
        % {"time": duration(max(row.minutes_left, 0))},
    }


def _help(row: Help, breaches: int) -> Entry:
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


def _risk(row: QueueRow) -> Entry:
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


def _closing(todo: Todo) -> list[Entry]:
    """Return entries for visits of earlier days, and after closing time for a day that is not closed."""
    url = reverse("counters:closing") + todo.query
    action = {"action_url": url, "action_text": _("Tutup hari")} if todo.may_act else {}
    entries: list[Entry] = [
        {
            "state": "late",
            "word": _("Sisa kerja"),
            "text": _("%(number)s, %(day)s: belum diakhiri")
            % {"number": str(visit.ticket), "day": date_brief(visit.day)},
            "detail": str(visit.get_status_display()),
            **action,
        }
        for visit in todo.facts.left_over
    ]
    if todo.facts.plan.has_closed(todo.now):
        entries += _unclosed(len(todo.facts.open_today), action)
    return entries


def _unclosed(people: int, action: dict[str, Any]) -> list[Entry]:
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


def _exceptions(todo: Todo) -> list[Entry]:
    count = todo.counts["exceptions"].n
    event = selectors.latest_out_of_order(todo.office, now=todo.now) if count else None
    return [_exception(event, todo.office, count)] if event else []


def _exception(event: VisitEvent, office: Office, count: int) -> Entry:
    counter = str(event.session.counter) if event.session else "-"
    return {
        "state": "called",
        "word": _("Di luar urutan"),
        "text": _("%(number)s dipanggil %(counter)s: %(reason)s")
        % {"number": str(event.visit.ticket), "counter": counter, "reason": event.reason_text},
        "detail": _("%(officer)s, %(time)s. Pengecualian hari ini: %(count)d")
        % {"officer": str(event.by), "time": hour(event.at, office), "count": count},
        "action_url": reverse("admin:counters_visit_change", args=[event.visit_id]),
        "action_text": _("Tinjau"),
    }


def _books(todo: Todo) -> list[Entry]:
    late, due = todo.counts["late_books"].n, todo.counts["due_books"].n
    if not late and not due:
        return []
    entry: Entry = {
        "state": "late" if late else "risk",
        "word": _("Sisa kerja") if late else _("Paspor"),
        "text": _("%(late)d paspor terlambat, %(due)d jatuh tempo hari ini")
        % {"late": late, "due": due},
    }
    if todo.may_act:
        url = reverse("counters:production") + todo.query
        entry |= {"action_url": url, "action_text": _("Daftar pengerjaan")}
    return [entry]


def _uncollected(todo: Todo) -> list[Entry]:
    """Return an entry for ready passports that are cancelled within days."""
    count = todo.facts.prediction.soon_cancelled
    if not count:
        return []
    text = ngettext(
        "%(n)d paspor dibatalkan dalam %(days)d hari bila tidak diambil",
        "%(n)d paspor dibatalkan dalam %(days)d hari bila tidak diambil",
        count,
    )
    entry: Entry = {
        "state": "risk",
        "word": _("Paspor"),
        "text": text % {"n": count, "days": SOON.days},
    }
    if todo.may_act:
        url = reverse("counters:uncollected") + todo.query
        entry |= {"action_url": url, "action_text": _("Belum diambil")}
    return [entry]
