"""The status of a passport after the visit, for its owner and for people with code and birth date."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from booking.bookings.models import Booking
from booking.statuses import Status
from core.formats import date_long, day_and_hours, local_time
from core.scans import readings
from counters.authority.models import AuthorityLetter
from counters.authority.selectors import letter_in_force
from counters.drive_thru.models import DriveThruVisit
from counters.drive_thru.selectors import live_visit, places_on
from counters.production.models import BookStatus, PassportBook
from counters.production.selectors import IN_PRODUCTION, collect_until, collection_rule_on
from counters.tracking.errors import NotMatched

# The passport's steps after the interview, in their order.
STEPS: Final = (BookStatus.ORDERED, BookStatus.CHECKED, BookStatus.READY, BookStatus.HANDED_OVER)
STEP_OF: Final = {BookStatus.PRINTED: BookStatus.ORDERED}


@dataclass(frozen=True)
class Progress:
    """Where a passport is: a sentence, the steps (text, is done), and what can be done about it."""

    booking: Booking
    text: str
    book: PassportBook | None = None
    steps: tuple[tuple[str, bool], ...] = ()
    collect_until_on: dt.date | None = None
    visit: DriveThruVisit | None = None
    visit_text: str = ""
    letter: AuthorityLetter | None = None
    has_hours: bool = False

    @property
    def is_ready(self) -> bool:
        return self.book is not None and self.book.status == BookStatus.READY

    @property
    def may_authorise(self) -> bool:
        """Whether a letter of authority can be of use."""
        return self.book is not None and self.book.status in (*IN_PRODUCTION, BookStatus.READY)


def booking_with(code: str, birth_date: dt.date) -> Booking:
    """Return the booking with this code if its applicant was born on this day. Raises NotMatched."""
    rows = Booking.objects.select_related("applicant", "office", "service_type")
    booking = rows.filter(code__in=readings(code)).first()
    born = booking.applicant.birth_date if booking else None
    is_same = constant_time_compare(str(born), str(birth_date))
    if booking is None or not is_same:
        raise NotMatched
    return booking


def progress_of(booking: Booking, *, now: dt.datetime) -> Progress:
    """Return the way of a booking's passport at this time."""
    rows = PassportBook.objects.filter(visit__booking=booking).select_related("office", "visit")
    book = rows.order_by("-pk").first()
    if book is None:
        return Progress(booking, _text_without_book(booking))
    more: dict[str, Any] = {"book": book, "steps": _steps(book), "letter": letter_in_force(book)}
    if book.status == BookStatus.CANCELLED:
        text = _("Dibatalkan karena tidak diambil sampai batas waktu.")
    elif book.status == BookStatus.HANDED_OVER:
        text = _("Sudah diambil.")
    elif book.status == BookStatus.READY:
        office, today = book.office, book.office.local_day(now)
        visit = live_visit(book)
        more["collect_until_on"] = collect_until(book, collection_rule_on(office, today))
        more["has_hours"] = bool(places_on(office, today))
        more["visit"] = visit
        more["visit_text"] = _when_of(visit, book) if visit else ""
        text = _("Siap diambil sejak %(since)s.") % {"since": local_time(book.ready_at, office)}
    else:
        text = _text_in_production(book, book.office.local_day(now))
    return Progress(booking, text, **more)


def _text_in_production(book: PassportBook, today: dt.date) -> str:
    if book.due_on is None:
        return _("Sedang dikerjakan.")
    if book.due_on < today:
        late = _("Sedang dikerjakan, terlambat: dijanjikan %(day)s, tetapi belum selesai.")
        return late % {"day": date_long(book.due_on)}
    return _("Sedang dikerjakan, dijanjikan %(day)s.") % {"day": date_long(book.due_on)}


def _text_without_book(booking: Booking) -> str:
    if booking.status == Status.SERVED:
        return _("Kunjungan sudah selesai. Layanan ini tidak menghasilkan buku paspor.")
    if booking.status == Status.CHECKED_IN:
        return _("Kunjungan belum selesai. Paspor dikerjakan setelah wawancara dan foto.")
    if booking.is_live:
        return _("Kunjungan belum dimulai. Paspor dikerjakan setelah wawancara dan foto.")
    return _("Kunjungan ini tidak berlangsung, sehingga tidak ada paspor yang dikerjakan.")


def _steps(book: PassportBook) -> tuple[tuple[str, bool], ...]:
    if book.status == BookStatus.CANCELLED:
        return ()
    status = BookStatus(book.status)
    reached = STEPS.index(STEP_OF.get(status, status))
    return tuple(
        (str(step.label).capitalize(), place <= reached) for place, step in enumerate(STEPS)
    )


def _when_of(visit: DriveThruVisit, book: PassportBook) -> str:
    when = day_and_hours(visit.hour.starts_at, visit.hour.ends_at, book.office)
    return f"{when}, {visit.hour.get_where_display()}"
