"""The verdict on one person at the gate. Pure: no query, no clock.

The first line that applies is the verdict: another office, already inside, served, comes back,
no-show, no longer valid, another day, then the time of the day by the office's `DayRule`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _

from booking.bookings.models import Booking
from booking.statuses import Status
from core.formats import date_short, day_and_hours, duration, hour, hours
from counters.visits.models import UNFINISHED, Visit, VisitStatus
from offices.day_rules.models import DayRule
from offices.directory.models import Office
from quotas.places.models import Slot

MINUTE = timedelta(minutes=1)


class Timing(StrEnum):
    """An arrival compared with the booked hour."""

    EARLY = "early"  # before a check-in counts
    ON_TIME = "on_time"
    LATE = "late"  # within the tolerance
    OVER = "over"  # after the tolerance


class Kind(StrEnum):
    """What the gate says about a person."""

    RIGHT = "right"
    EARLY = "early"
    LATE = "late"
    OVER = "over"
    OTHER_DAY = "other_day"
    OTHER_OFFICE = "other_office"
    INSIDE = "inside"
    LEFT_OVER = "left_over"
    RETURN = "return"
    SERVED = "served"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


class Offer(StrEnum):
    """What can be done with the next hours: move this booking, or book another one."""

    NONE = ""
    MOVE = "move"
    BOOK = "book"


@dataclass(frozen=True)
class Verdict:
    """The headline of the card.

    `state` is a state of the design (colour, icon, edge). `is_right`: a scanned code needs no
    second look, so the scanner's Enter checks the person in.
    """

    kind: Kind
    state: str
    title: str
    text: str = ""
    may_check_in: bool = False
    is_right: bool = False
    offer: Offer = Offer.NONE


def timing(slot: Slot, *, rule: DayRule, arrived: datetime) -> Timing:
    """Compare an arrival with the booked hour, by the office's rule."""
    if arrived < rule.check_in_from(slot.starts_at):
        return Timing.EARLY
    if arrived <= slot.ends_at:
        return Timing.ON_TIME
    return Timing.LATE if arrived <= rule.tolerated_until(slot.ends_at) else Timing.OVER


def verdict(
    booking: Booking, visit: Visit | None, *, office: Office, rule: DayRule, now: datetime
) -> Verdict:
    """Return the verdict on a booking at an office's gate.

    `visit` is the booking's last visit (with ticket, session and counter), `rule` the day rule of
    today. The booking has its office and slot loaded.
    """
    if booking.office_id != office.pk:
        where = {"office": booking.office.name, "when": _when(booking)}
        text = _("Jadwal ini untuk %(office)s, %(when)s. Tunjukkan alamatnya pada tiket.") % where
        return Verdict(Kind.OTHER_OFFICE, "late", _("Kantor lain"), text)
    if visit is not None and visit.status in UNFINISHED:
        return _open_visit(visit, today=office.local_day(now))
    if booking.status == Status.SERVED:
        return _served(booking, visit)
    if booking.status == Status.CHECKED_IN and visit is not None:
        return _comes_back(visit)
    if booking.status in (Status.NO_SHOW, Status.LEFT):
        return _missed(booking, visit, office=office, now=now)
    if booking.status != Status.BOOKED:
        return _ended(booking)
    if booking.slot.day != office.local_day(now):
        return _other_day(booking, now=now)
    return _today(booking, office=office, rule=rule, now=now)


def _when(booking: Booking) -> str:
    return day_and_hours(booking.slot.starts_at, booking.slot.ends_at, booking.office)


def _open_visit(visit: Visit, *, today: object) -> Verdict:
    if visit.day != today:
        title = _("Kunjungan %(day)s belum diakhiri") % {"day": date_short(visit.day)}
        text = _(
            "Catat hadir lagi: kunjungan lama ditutup dan nomor baru diberikan. Jadwalnya tetap berlaku."
        )
        return Verdict(Kind.LEFT_OVER, "risk", title, text, may_check_in=True)
    title = _("Sudah masuk: %(ticket)s") % {"ticket": visit.ticket}
    state = "done" if visit.status == VisitStatus.WAITING else str(visit.status)
    return Verdict(Kind.INSIDE, state, title, _where(visit))


def _where(visit: Visit) -> str:
    """Return where a visit of today is, for the person who asks at the gate."""
    if visit.session is None:
        return _("Menunggu dipanggil. Minta pemohon duduk dan memperhatikan papan panggil.")
    values = {"counter": visit.session.counter}
    if visit.status == VisitStatus.CALLED:
        return _("Sedang dipanggil. Minta pemohon segera ke %(counter)s.") % values
    return _("Sedang dilayani di %(counter)s.") % values


def _served(booking: Booking, visit: Visit | None) -> Verdict:
    text = _("Kunjungan ini sudah selesai. Tidak ada nomor antrean baru.")
    if visit is not None and visit.ended_at is not None:
        text = _("Selesai %(day)s pukul %(time)s. Tidak ada nomor antrean baru.") % {
            "day": date_short(visit.ended_at, booking.office),
            "time": hour(visit.ended_at, booking.office),
        }
    return Verdict(Kind.SERVED, "past", _("Sudah dilayani"), text)


def _comes_back(visit: Visit) -> Verdict:
    text = _("Kunjungan terakhir: %(status)s. Pemohon tidak perlu memesan ulang.") % {
        "status": visit.get_status_display()
    }
    title = _("Datang kembali")
    return Verdict(Kind.RETURN, "done", title, text, may_check_in=True, is_right=True)


def _missed(booking: Booking, visit: Visit | None, *, office: Office, now: datetime) -> Verdict:
    """A no-show, or a person who left today before being served and is back."""
    is_today = booking.slot.day == office.local_day(now)
    if visit is not None and is_today and visit.status in (VisitStatus.LEFT, VisitStatus.REFUSED):
        text = _("%(ticket)s: %(status)s. Nomornya berlaku lagi.") % {
            "ticket": visit.ticket,
            "status": visit.get_status_display(),
        }
        return Verdict(Kind.RETURN, "risk", _("Datang kembali"), text, may_check_in=True)
    text = _(
        "Tercatat tidak hadir pada %(when)s. Pilihkan jam berikutnya, atau minta supervisor mencatat jam tiba yang sebenarnya."
    ) % {"when": _when(booking)}
    return Verdict(Kind.NO_SHOW, "late", _("Tidak hadir"), text, offer=Offer.BOOK)


def _ended(booking: Booking) -> Verdict:
    """Cancelled, expired, or without a place of its own yet."""
    words = {
        Status.CANCELLED: (_("Dibatalkan"), _("Jadwal ini sudah dibatalkan."), Offer.BOOK),
        Status.EXPIRED: (
            _("Lewat batas waktu"),
            _("Tempat yang dicadangkan tidak dikonfirmasi pada waktunya."),
            Offer.BOOK,
        ),
        Status.HELD: (
            _("Belum dikonfirmasi"),
            _("Tempatnya dicadangkan; pemohon mengonfirmasinya lewat tautan di pesan kami."),
            Offer.NONE,
        ),
        Status.DISPLACED: (
            _("Belum ada jadwal baru"),
            _("Kantor memindahkan jadwal ini; jadwal baru dikirim lewat pesan."),
            Offer.NONE,
        ),
    }
    title, text, offer = words[Status(booking.status)]
    return Verdict(Kind.CANCELLED, "closed", title, text, offer=offer)


def _other_day(booking: Booking, *, now: datetime) -> Verdict:
    values = {"when": _when(booking)}
    if booking.slot.starts_at > now:
        text = _("Jadwalnya %(when)s. Minta pemohon datang pada waktu itu.") % values
        return Verdict(Kind.OTHER_DAY, "closed", _("Bukan hari ini"), text)
    text = _("Jadwalnya %(when)s dan sudah lewat. Pilihkan jam berikutnya.") % values
    return Verdict(Kind.OTHER_DAY, "closed", _("Bukan hari ini"), text, offer=Offer.MOVE)


def _today(booking: Booking, *, office: Office, rule: DayRule, now: datetime) -> Verdict:
    slot = booking.slot
    how = timing(slot, rule=rule, arrived=now)
    span = hours(slot.starts_at, slot.ends_at, office)
    if booking.via == Booking.Via.DESK or how == Timing.ON_TIME:
        return Verdict(
            Kind.RIGHT,
            "open",
            _("Silakan masuk"),
            _on_time_text(booking, office=office, now=now),
            may_check_in=True,
            is_right=True,
        )
    if how == Timing.EARLY:
        values = {"hours": span, "time": hour(rule.check_in_from(slot.starts_at), office)}
        title = _("Terlalu awal, kembali pukul %(time)s") % values
        text = _("Jadwalnya %(hours)s. Daftar ulang dibuka pukul %(time)s.") % values
        return Verdict(Kind.EARLY, "not_yet_open", title, text)
    title = _("Terlambat %(time)s") % {"time": duration(max(now - slot.ends_at, MINUTE))}
    values = {"hours": span, "until": hour(rule.tolerated_until(slot.ends_at), office)}
    if how == Timing.LATE:
        text = _("Jadwalnya %(hours)s. Masih dalam toleransi (%(until)s): urutannya tetap.")
        return Verdict(Kind.LATE, "risk", title, text % values, may_check_in=True)
    if rule.after_grace == DayRule.AfterGrace.REBOOK:
        text = _("Jadwalnya %(hours)s; toleransi sampai %(until)s. Pilihkan jam berikutnya.")
        return Verdict(Kind.OVER, "late", title, text % values, offer=Offer.MOVE)
    text = _(
        "Jadwalnya %(hours)s; toleransi sampai %(until)s. Dilayani sesudah orang yang sudah hadir, atau pilihkan jam berikutnya."
    )
    return Verdict(Kind.OVER, "risk", title, text % values, may_check_in=True, offer=Offer.MOVE)


def _on_time_text(booking: Booking, *, office: Office, now: datetime) -> str:
    early = booking.slot.starts_at - now
    if booking.via == Booking.Via.DESK or early <= timedelta():
        return _("Hari, jam, dan kantor cocok.")
    return _(
        "Hari dan kantor cocok. Lebih awal %(time)s: dua jam pelayanan dihitung mulai %(start)s."
    ) % {
        "time": duration(max(early, MINUTE)),
        "start": hour(booking.slot.starts_at, office),
    }
