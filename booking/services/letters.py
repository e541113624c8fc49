"""What people are told of their bookings: rows of the outbox, laid out without a template."""

import datetime as dt
from collections.abc import Sequence
from email.utils import parseaddr
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress

from booking.models import CODE_LENGTH, Booking, Displacement, Status
from booking.selectors import changes_left, move_token, when
from core.db import shared_read
from core.templatetags.formats import hour_zone
from notices.services import queue_message
from offices.models import localized

PRODUCT: Final = "-//Antrean Paspor//ID"
END: Final = "END:VCALENDAR"
# As long as what takes their place, so that the lines stay folded where they are.
ANY_ID: Final = str(UUID(int=0))
ANY_CODE: Final = "_" * CODE_LENGTH
ANY_MOMENT: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
STAMP: Final = "%Y%m%dT%H%M%SZ"


def tell_confirmed(bookings: Sequence[Booking], *, now: dt.datetime) -> None:
    """Tell an account of the bookings that one request made, in one letter."""
    first = bookings[0]
    _queue(
        bookings,
        kind="booking_confirmed",
        dedupe_key=f"booking_confirmed:{first.party_id}",
        now=now,
    )


def tell_changed(booking: Booking, *, now: dt.datetime) -> None:
    """Tell the new hour of a rescheduled booking."""
    tell_all_changed([booking], now=now)


def tell_all_changed(bookings: Sequence[Booking], *, now: dt.datetime) -> None:
    """Tell the new hour of those who were rescheduled together, in one letter."""
    first = bookings[0]
    key = f"booking_changed:{first.pk}:{first.changes_used}:{first.place_id}"
    _queue(bookings, kind="booking_changed", dedupe_key=key, now=now)


def tell_moved(
    bookings: Sequence[Booking], *, displacement: Displacement, was: str, now: dt.datetime
) -> None:
    """Tell which hour the office proposes instead of the one that a closure took, with one link to answer."""
    key = f"booking_moved:{displacement.pk}"
    _queue(bookings, kind="booking_moved", dedupe_key=key, now=now, move=(displacement, was))


def tell_displaced(
    bookings: Sequence[Booking], *, displacement: Displacement, was: str, now: dt.datetime
) -> None:
    """Tell that a closure took the hour and that they come first in the next ones."""
    key = f"booking_displaced:{displacement.pk}"
    _queue(bookings, kind="booking_displaced", dedupe_key=key, now=now, move=(displacement, was))


def tell_cancelled(booking: Booking, *, now: dt.datetime) -> None:
    """Tell that a booking is cancelled, and how to get another one."""
    _queue(
        [booking], kind="booking_cancelled", dedupe_key=f"booking_cancelled:{booking.pk}", now=now
    )


def tell_reminder(booking: Booking, *, now: dt.datetime) -> None:
    """Remind of tomorrow's hour: once for each hour that the booking was moved to."""
    key = f"booking_reminder:{booking.pk}:{booking.slot_id}"
    _queue([booking], kind="booking_reminder", dedupe_key=key, now=now)


def calendar_text(bookings: Sequence[Booking], *, now: dt.datetime) -> str:
    """Return an .ics file. It names the code and the office, never the person."""
    is_over = bookings[0].status in (Status.CANCELLED, Status.DISPLACED)
    frame = _calendar_frame("CANCEL" if is_over else "PUBLISH")
    events = "".join(_event(booking, is_over=is_over, now=now) for booking in bookings)
    return frame.replace(END, events + END)


def _event(booking: Booking, *, is_over: bool, now: dt.datetime) -> str:
    slot, office = booking.slot, booking.office
    drawn = _drawn_event(
        slot.starts_at,
        slot.ends_at,
        office.name,
        office.address,
        _version(booking),
        "CANCELLED" if is_over else "CONFIRMED",
    )
    stamp = f"{now.astimezone(dt.UTC):{STAMP}}"
    drawn = drawn.replace(ANY_ID, str(booking.pk)).replace(ANY_CODE, booking.code)
    return drawn.replace(f"{ANY_MOMENT:{STAMP}}", stamp)


@shared_read(times=10)
def _calendar_frame(method: str) -> str:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return str(calendar.to_ical().decode())


@shared_read(times=10)
def _drawn_event(
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    office_name: str,
    address: str,
    sequence: int,
    status: str,
) -> str:
    """Draw an hour's entry once for everyone who books it; who it is for is put in afterwards."""
    event = Event()
    event.add("uid", f"{ANY_ID}@antrean-paspor")
    event.add("dtstamp", ANY_MOMENT)
    event.add("sequence", sequence)
    event.add("dtstart", starts_at.astimezone(dt.UTC))
    event.add("dtend", ends_at.astimezone(dt.UTC))
    event.add("summary", _("Paspor: %(office)s") % {"office": office_name})
    event.add("location", f"{office_name}, {address}")
    event.add("description", _("Kode booking %(code)s") % {"code": ANY_CODE})
    event.add("status", status)
    # What a calendar asks for beside METHOD: who may change or cancel the entry.
    name, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    event.add("organizer", vCalAddress(f"mailto:{sender}"), parameters={"CN": name})
    return str(event.to_ical().decode())


def _version(booking: Booking) -> int:
    """A calendar takes the newer of two entries: each line of the history after the first is one."""
    if booking.status == Status.BOOKED and booking.via == Booking.Via.FIRST_COME:
        return 0
    return max(0, booking.history.count() - 1)


def _queue(
    bookings: Sequence[Booking],
    *,
    kind: str,
    dedupe_key: str,
    now: dt.datetime,
    move: tuple[Displacement, str] | None = None,
) -> None:
    first = bookings[0]
    account = first.applicant.account
    if account is None:
        return  # made at the desk: the officer tells it, and the ticket says it
    with translation.override(account.language):
        subject, said = _said(bookings, kind, move, now=now)
        queue_message(
            kind=kind,
            dedupe_key=dedupe_key,
            address=account.email,
            language=account.language,
            subject=subject,
            **said,
            about_type="booking",
            about_id=str(first.pk),
            office_code=first.office.code,
            now=now,
        )


def _said(
    bookings: Sequence[Booking],
    kind: str,
    move: tuple[Displacement, str] | None,
    *,
    now: dt.datetime,
) -> tuple[str, dict[str, Any]]:
    """Return a letter's subject and what it is laid out from, in the active language."""
    first = bookings[0]
    subject, paragraphs = _move_words(first, kind, *move) if move else _words(first, kind)
    over = kind in ("booking_cancelled", "booking_displaced")
    return subject, {
        "paragraphs": paragraphs,
        "rows": _rows(bookings, has_hour=kind != "booking_displaced"),
        "bring": () if over else _bring(first),
        "action": _answer(move[0], kind) if move else _action(first, len(bookings), over=over),
        "calendar": calendar_text(bookings, now=now),
    }


def _words(booking: Booking, kind: str) -> tuple[str, list[str]]:
    moment = when(booking.slot, booking.office)
    if kind == "booking_cancelled":
        return _("Jadwal paspor Anda dibatalkan"), [
            _("Jadwal Anda pada %(when)s sudah dibatalkan. Tidak ada sanksi.") % {"when": moment},
            _("Anda dapat membuat jadwal baru kapan saja selama masih ada tempat."),
        ]
    arrive = _(
        "Datanglah dalam jam ini. Antrean dipanggil menurut jam booking, bukan menurut siapa yang tiba paling pagi."
    )
    if kind == "booking_reminder":
        subject = _("Pengingat: jadwal paspor Anda pukul %(hour)s") % {
            "hour": hour_zone(booking.slot.starts_at, booking.office)
        }
        return subject, [
            _("Kami menantikan Anda pada %(when)s.") % {"when": moment},
            arrive,
            _(
                "Berhalangan? Batalkan lewat tautan di bawah, gratis, agar tempatnya dapat dipakai orang lain."
            ),
        ]
    if kind == "booking_changed":
        return _("Jadwal paspor Anda sudah dipindah"), [
            _("Jadwal baru Anda: %(when)s. Kode booking tetap sama.") % {"when": moment},
            arrive,
            _change_of_mind(booking),
        ]
    return _("Jadwal paspor Anda sudah tercatat"), [
        _("Tempat Anda: %(when)s.") % {"when": moment},
        arrive,
        _change_of_mind(booking),
    ]


def _move_words(
    booking: Booking, kind: str, displacement: Displacement, was: str
) -> tuple[str, list[str]]:
    closure = displacement.closure
    why = _("Jadwal Anda %(when)s tidak dapat dilayani: %(reason)s.") % {
        "when": was,
        "reason": localized(closure, "reason"),
    }
    free = _("Tidak ada sanksi, dan jatah perubahan jadwal Anda tetap utuh.")
    if kind == "booking_displaced":
        return _("Jadwal paspor Anda terkena penutupan kantor"), [
            why,
            _(
                "Belum ada tempat pengganti. Anda didahulukan: begitu ada tempat baru, kami memberikannya "
                "kepada Anda dan memberi tahu lewat e-mail. Tidak ingin menunggu? Pilih sendiri lewat tautan di bawah."
            ),
            free,
        ]
    return _("Kantor memindahkan jadwal paspor Anda"), [
        why,
        _("Jadwal pengganti Anda: %(when)s. Kode booking tetap sama.")
        % {"when": when(booking.slot, booking.office)},
        _(
            "Cocok? Cukup satu ketukan di tautan ini. Kurang cocok? Di sana Anda juga bisa memilih jam lain."
        ),
        free,
    ]


def _answer(displacement: Displacement, kind: str) -> tuple[str, str]:
    path = reverse("booking:move", kwargs={"token": move_token(displacement)})
    label = (
        _("Pilih jadwal baru") if kind == "booking_displaced" else _("Terima atau pilih jam lain")
    )
    return label, f"{settings.PUBLIC_URL}{path}"


def _change_of_mind(booking: Booking) -> str:
    if changes_left(booking):
        return _(
            "Jadwal dapat dipindah satu kali sampai sehari sebelumnya, dan dibatalkan tanpa sanksi."
        )
    return _("Jadwal ini tidak dapat dipindah lagi, tetapi dapat dibatalkan tanpa sanksi.")


def _rows(bookings: Sequence[Booking], *, has_hour: bool = True) -> list[tuple[str, str]]:
    first = bookings[0]
    rows = [
        (_("Kantor"), first.office.name),
        (_("Alamat"), first.office.address),
        *([(_("Waktu"), when(first.slot, first.office))] if has_hour else []),
        (_("Layanan"), localized(first.service_type)),
    ]
    if len(bookings) == 1:
        return [
            *rows,
            (_("Pemohon"), first.applicant.short_name),
            (_("Kode booking"), first.code),
        ]
    return [*rows, *((booking.applicant.short_name, booking.code) for booking in bookings)]


def _bring(booking: Booking) -> list[str]:
    english = translation.get_language() == "en"
    names = []
    for row in booking.service_type.documents:
        name = (english and row.get("name_en")) or row["name"]
        names.append(
            name if row.get("is_required", True) else _("%(name)s (bila ada)") % {"name": name}
        )
    return names


def _action(booking: Booking, count: int, *, over: bool) -> tuple[str, str]:
    if over:
        path = reverse("booking:office", kwargs={"code": booking.office.code})
        return _("Pilih jadwal baru"), f"{settings.PUBLIC_URL}{path}"
    if count > 1:
        return _("Buka tiket Anda"), f"{settings.PUBLIC_URL}{reverse('booking:bookings')}"
    path = reverse("booking:ticket", kwargs={"code": booking.code})
    return _("Buka tiket, ubah, atau batalkan"), f"{settings.PUBLIC_URL}{path}"
