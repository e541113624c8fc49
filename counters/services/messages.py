"""Messages about visits and passports."""

import datetime as dt
from typing import Final

from django.utils.translation import gettext as _

from core.templatetags.formats import date_long
from counters.models import PassportBook, Visit
from counters.services.returns import return_until
from notices.kinds import Action, Context, MessageKind, Row, page_url, register
from notices.services import queue_message
from offices.selectors import admission_on


# --- What rows hold ---------------------------------------------------------------------------------
def tell_missing(visit: Visit, *, now: dt.datetime) -> None:
    """Write what to bring to an applicant whose documents are not complete."""
    account = visit.booking.account
    if account is None:
        return
    queue_message(
        kind="visit_incomplete",
        dedupe_key=f"visit_incomplete:{visit.pk}",
        address=account.email,
        language=account.language,
        context={
            "office": visit.office.snapshot(),
            "missing": visit.missing,
            "return_until_on": return_until(visit, now=now),
        },
        about_type="visit",
        about_id=visit.pk,
        office_code=visit.office.code,
        now=now,
    )


def tell_ready(book: PassportBook, *, now: dt.datetime) -> None:
    """Write that a passport can be collected, by whom, and with which documents."""
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


# --- How messages are laid out at delivery -----------------------------------------------------------
def _missing_rows(context: Context) -> list[Row]:
    return [(_("Yang kurang"), context["missing"]), (_("Kantor"), context["office"]["name"])]


def _missing(context: Context) -> list[str]:
    return [context["missing"]]


def _ready_rows(context: Context) -> list[Row]:
    office = context["office"]
    rows = [
        (_("Kantor"), office["name"]),
        (_("Alamat"), office["address"]),
        (_("Siap sejak"), date_long(context["ready_at"], office["time_zone"])),
    ]
    if context["has_drive_thru"]:
        rows.append((_("Tanpa turun"), _("Bisa diambil dari kendaraan di jalur pengambilan.")))
    return rows


def _collector_brings(_context: Context) -> list[str]:
    return [
        _("KTP asli pengambil"),
        _("Keluarga: kartu keluarga asli"),
        _("Dikuasakan: surat kuasa bermeterai dan fotokopi KTP pemilik"),
    ]


def _see_ticket(context: Context) -> Action:
    return _("Lihat tiket"), page_url("booking:ticket", context["code"])


INCOMPLETE: Final = frozenset({"office", "missing", "return_until_on"})
READY: Final = frozenset({"office", "code", "ready_at", "has_drive_thru"})
register(MessageKind(name="visit_incomplete", keys=INCOMPLETE, rows=_missing_rows, bring=_missing))
register(MessageKind(
        name="passport_ready",
        keys=READY,
        rows=_ready_rows,
        bring=_collector_brings,
        action=_see_ticket,
    ))
