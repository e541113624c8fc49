"""The section of a ticket about the passport after the visit."""

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from booking.bookings.models import Booking
from booking.public.ticket_page import TicketPart
from booking.statuses import Status
from core.formats import date_long
from counters.tracking.selectors import Progress, progress_of


def passport_part(booking: Booking, now: dt.datetime) -> TicketPart | None:
    """Return the section about the passport of a finished visit; None without one."""
    if booking.status != Status.SERVED:
        return None
    progress = progress_of(booking, now=now)
    if progress.book is None:
        return None
    text, url, action = progress.text, "", ""
    if progress.collect_until_on:
        last = {"until": date_long(progress.collect_until_on)}
        text += " " + _("Ambil paling lambat %(until)s.") % last
    if progress.visit:
        text += " " + _("Jam pengambilan Anda: %(when)s.") % {"when": progress.visit_text}
    if progress.has_hours:
        url = reverse("drive_thru:hour", args=[booking.code])
        action = _("Ubah jam pengambilan") if progress.visit else _("Pilih jam pengambilan")
    return TicketPart(_("Paspor Anda"), text, url, action, _links(booking, progress))


def _links(booking: Booking, progress: Progress) -> tuple[tuple[str, str], ...]:
    text = (
        _("Status, surat kuasa, dan survei") if progress.may_authorise else _("Status dan survei")
    )
    complain = f"{reverse('feedback:complain')}?office={booking.office.code}"
    return (
        (reverse("passport:open", args=[booking.code]), text),
        (complain, _("Sampaikan pengaduan")),
    )
