"""The section of a ticket after a missed booking: how to excuse it."""

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from booking.bookings.models import Booking
from booking.public.ticket_page import TicketPart
from booking.restrictions.models import Restriction
from booking.restrictions.selectors import is_in_force
from booking.statuses import Status
from core.formats import local_time_long


def excuse_part(booking: Booking, now: dt.datetime) -> TicketPart | None:
    """Return the section of a booking that was missed and restricts its person; None without one."""
    if booking.status != Status.NO_SHOW:
        return None
    row = Restriction.objects.select_related("office").filter(booking=booking).first()
    if row is None or not is_in_force(row, now=now):
        return None
    title, until = _("Tidak sempat datang?"), {"until": local_time_long(row.until_at, row.office)}
    if row.appealed_at is not None:
        text = _("Keberatan Anda tercatat. Jawabannya dikirim lewat surel.")
        return TicketPart(title, text, reverse("booking:restrictions"), _("Lihat keberatan"))
    text = _(
        "Pemesanan daring dibatasi sampai %(until)s. Punya alasan? Sampaikan dengan bukti; supervisor kantor menjawabnya."
    )
    url = reverse("booking:appeal", args=[row.pk])
    return TicketPart(title, text % until, url, _("Sampaikan alasan"))
