"""The text on a ticket about the passport after the visit."""

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from booking.bookings.models import Booking
from booking.public.ticket_page import TicketPart
from booking.statuses import Status
from core.formats import date_long, day_and_hours, local_time
from counters.drive_thru.selectors import has_lane, live_visit
from counters.production.models import BookStatus, PassportBook
from counters.production.selectors import IN_PRODUCTION, collect_until, collection_rule_on


def passport_part(booking: Booking, now: dt.datetime) -> TicketPart | None:
    """Return the section about the passport of a finished visit; None without one."""
    if booking.status != Status.SERVED:
        return None
    rows = PassportBook.objects.filter(visit__booking=booking).select_related("office")
    book = rows.order_by("-pk").first()
    if book is None:
        return None
    title = _("Paspor Anda")
    if book.status in IN_PRODUCTION:
        due = {"day": date_long(book.due_on)}
        text = _("Sedang dikerjakan, dijanjikan %(day)s.") % due if book.due_on else ""
        return TicketPart(title, text or _("Sedang dikerjakan."))
    if book.status == BookStatus.READY:
        return _ready(book, title, now)
    if book.status == BookStatus.CANCELLED:
        return TicketPart(title, _("Dibatalkan karena tidak diambil sampai batas waktu."))
    return TicketPart(title, _("Sudah diambil."))


def _ready(book: PassportBook, title: str, now: dt.datetime) -> TicketPart:
    office = book.office
    today = office.local_day(now)
    text = _("Siap diambil sejak %(since)s. Ambil paling lambat %(until)s.") % {
        "since": local_time(book.ready_at, office),
        "until": date_long(collect_until(book, collection_rule_on(office, today))),
    }
    if not has_lane(office, today):
        return TicketPart(title, text)
    url = reverse("drive_thru:hour", args=[book.visit.booking.code])
    visit = live_visit(book)
    if visit is None:
        return TicketPart(title, text, url, _("Pilih jam drive-thru"))
    when = day_and_hours(visit.hour.starts_at, visit.hour.ends_at, office)
    booked = _("Jam drive-thru Anda: %(when)s.") % {"when": when}
    return TicketPart(title, f"{text} {booked}", url, _("Ubah jam drive-thru"))
