"""Messages about a ready passport: it can be collected, it waits, it was cancelled."""

import datetime as dt
from typing import Any, Final

from django.utils.translation import gettext as _

from core.formats import date_long, day_long
from counters.production.models import PassportBook
from notices.kinds import Action, Context, MessageKind, Row, page_url, register
from notices.services import queue_message, withdraw_messages
from offices.hours.selectors import admission_on

WITH_CODE: Final = frozenset({"office", "code", "ready_at", "collect_until_on"})
READY: Final = WITH_CODE | {"has_drive_thru"}
WAITING: Final = READY | {"days"}


def queue_ready_message(
    book: PassportBook, *, collect_until_on: dt.date, due_at: dt.datetime, now: dt.datetime
) -> None:
    """Queue the message that a passport can be collected, who may collect it, and with which documents."""
    _queue(
        book,
        "passport_ready",
        f"{now:%Y%m%d%H%M%S}",
        {**_facts(book, collect_until_on), "has_drive_thru": _has_drive_thru(book, now)},
        due_at=due_at,
        now=now,
    )


def withdraw_ready_message(book: PassportBook, *, now: dt.datetime) -> bool:
    """Withdraw that message before it is sent. Returns False if it was sent or is being sent."""
    return withdraw_messages(kind="passport_ready", about_type="book", about_id=book.pk, now=now)


def queue_waiting_message(
    book: PassportBook, *, days: int, collect_until_on: dt.date, now: dt.datetime
) -> None:
    """Queue the reminder of a ready passport, once for each day of the rule."""
    assert book.ready_at is not None
    facts = {**_facts(book, collect_until_on), "has_drive_thru": _has_drive_thru(book, now)}
    key = f"{book.ready_at:%Y%m%d%H%M%S}:{days}"
    _queue(book, "passport_waiting", key, {**facts, "days": days}, due_at=now, now=now)


def queue_cancelled_message(
    book: PassportBook, *, collect_until_on: dt.date, now: dt.datetime
) -> None:
    """Queue the message that a passport was cancelled because nobody collected it."""
    _queue(book, "passport_cancelled", "", _facts(book, collect_until_on), due_at=now, now=now)


def _facts(book: PassportBook, collect_until_on: dt.date) -> dict[str, Any]:
    return {
        "office": book.office.snapshot(),
        "code": book.visit.booking.code,
        "ready_at": book.ready_at,
        "collect_until_on": collect_until_on,
    }


def _has_drive_thru(book: PassportBook, now: dt.datetime) -> bool:
    admission = admission_on(book.office, book.office.local_day(now))
    return admission is not None and admission.has_drive_thru


def _queue(
    book: PassportBook,
    kind: str,
    key: str,
    context: dict[str, Any],
    *,
    due_at: dt.datetime,
    now: dt.datetime,
) -> None:
    """Queue a message to the account of the booking. A walk-in has none and is not written to."""
    account = book.visit.booking.account
    if account is None:
        return
    queue_message(
        kind=kind,
        dedupe_key=f"{kind}:{book.pk}:{key}",
        address=account.email,
        language=account.language,
        context=context,
        about_type="book",
        about_id=book.pk,
        office_code=book.office.code,
        now=now,
        due_at=due_at,
    )


# --- Layout at delivery ------------------------------------------------------------------------------
def _rows(context: Context) -> list[Row]:
    office = context["office"]
    return [
        (_("Kantor"), office["name"]),
        (_("Alamat"), office["address"]),
        (_("Siap sejak"), date_long(context["ready_at"], office["time_zone"])),
        (_("Ambil paling lambat"), day_long(context["collect_until_on"])),
    ]


def _ready_rows(context: Context) -> list[Row]:
    rows = _rows(context)
    if context["has_drive_thru"]:
        rows.append((_("Drive-thru"), _("Bisa diambil dari kendaraan; pilih jamnya dulu.")))
    return rows


def _collector_brings(_context: Context) -> list[str]:
    return [
        _("KTP asli pengambil"),
        _("Orang tua atau wali: kartu keluarga atau penetapan wali asli"),
        _("Keluarga: kartu keluarga asli"),
        _("Diwakilkan: surat kuasa bermeterai dan fotokopi KTP pemilik"),
    ]


def _collect(context: Context) -> Action:
    if context["has_drive_thru"]:
        return _("Pilih jam drive-thru"), page_url("drive_thru:hour", context["code"])
    return _see_ticket(context)


def _see_ticket(context: Context) -> Action:
    return _("Lihat tiket"), page_url("booking:ticket", context["code"])


register(
    MessageKind(
        name="passport_ready",
        keys=READY,
        rows=_ready_rows,
        bring=_collector_brings,
        action=_collect,
    ),
    MessageKind(
        name="passport_waiting",
        keys=WAITING,
        rows=_ready_rows,
        bring=_collector_brings,
        action=_collect,
    ),
    MessageKind(name="passport_cancelled", keys=WITH_CODE, rows=_rows, action=_see_ticket),
)
