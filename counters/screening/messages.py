"""The message to the task force about a person over the temperature limit."""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from core.formats import hour_zone
from counters.screening.models import Screening
from notices.kinds import Action, Context, Group, MessageKind, Row, page_url, register
from notices.services import queue_message

# No temperature and no full name: mail servers are not a place for health data.
REFERRED: Final = frozenset({"office", "code", "name", "checked_at"})


def queue_referred_message(screening: Screening, *, now: datetime) -> None:
    """Inform the task force, if the protocol names its address."""
    protocol, booking = screening.protocol, screening.booking
    if protocol is None or booking is None or not protocol.task_force_email:
        return
    queue_message(
        kind="screening_referred",
        dedupe_key=f"screening_referred:{screening.pk}",
        address=protocol.task_force_email,
        language=settings.LANGUAGE_CODE,
        context={
            "office": screening.office.snapshot(),
            "code": booking.code,
            "name": booking.applicant.short_name,
            "checked_at": screening.at,
        },
        about_type="booking",
        about_id=booking.pk,
        office_code=screening.office.code,
        now=now,
    )


def _rows(context: Context) -> list[Row]:
    office = context["office"]
    return [
        (_("Kantor"), office["name"]),
        (_("Alamat"), office["address"]),
        (_("Diperiksa"), hour_zone(context["checked_at"], office["time_zone"])),
        (_("Pemohon"), context["name"]),
        (_("Kode booking"), context["code"]),
    ]


def _open_list(_context: Context) -> Action:
    return _("Catat keputusan"), page_url("counters:screening")


register(
    MessageKind(
        name="screening_referred",
        keys=REFERRED,
        rows=_rows,
        action=_open_list,
        group=Group.STAFF,
    )
)
