"""The message that a passport is ready."""

import datetime as dt
from typing import Final

from django.utils.translation import gettext as _

from core.formats import date_long
from counters.production.models import PassportBook
from notices.kinds import Action, Context, MessageKind, Row, page_url, register
from notices.services import queue_message
from offices.hours.selectors import admission_on

READY: Final = frozenset({"office", "code", "ready_at", "has_drive_thru"})


def queue_ready_message(book: PassportBook, *, now: dt.datetime) -> None:
    """Queue the message that a passport can be collected, by whom, and with which documents."""
    booking, office = book.visit.booking, book.office
    account = booking.account
    if account is None:
        return
    admission = admission_on(office, office.local_day(now))
    queue_message(
        kind="passport_ready",
        dedupe_key=f"passport_ready:{book.pk}:{now:%Y%m%d%H%M%S}",
        address=account.email,
        language=account.language,
        context={
            "office": office.snapshot(),
            "code": booking.code,
            "ready_at": now,
            "has_drive_thru": admission is not None and admission.has_drive_thru,
        },
        about_type="book",
        about_id=book.pk,
        office_code=office.code,
        now=now,
    )


def _ready_rows(context: Context) -> list[Row]:
    office = context["office"]
    rows = [
        (_("Kantor"), office["name"]),
        (_("Alamat"), office["address"]),
        (_("Siap sejak"), date_long(context["ready_at"], office["time_zone"])),
    ]
    if context["has_drive_thru"]:
        rows.append((_("Drive-thru"), _("Bisa diambil dari kendaraan lewat drive-thru.")))
    return rows


def _collector_brings(_context: Context) -> list[str]:
    return [
        _("KTP asli pengambil"),
        _("Keluarga: kartu keluarga asli"),
        _("Diwakilkan: surat kuasa bermeterai dan fotokopi KTP pemilik"),
    ]


def _see_ticket(context: Context) -> Action:
    return _("Lihat tiket"), page_url("booking:ticket", context["code"])


register(
    MessageKind(
        name="passport_ready",
        keys=READY,
        rows=_ready_rows,
        bring=_collector_brings,
        action=_see_ticket,
    )
)
