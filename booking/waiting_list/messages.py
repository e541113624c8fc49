"""Messages about the waiting list. Each has a link that ends the waiting."""

import datetime as dt
from typing import Any, Final

from django.utils.translation import gettext as _

from booking.waiting_list.models import Offer, WaitingListEntry, WaitingStatus
from booking.waiting_list.selectors import OFFER_LINK, STOP_LINK
from core.formats import date_span, local_time_long
from core.languages import localized
from notices import links
from notices.kinds import Action, Context, MessageKind, Row, page_url, register
from notices.services import queue_message
from quotas.places.labels import slot_snapshot, slot_text


# --- Message contexts ------------------------------------------------------------------------------
def queue_offer_message(offer: Offer, *, left: int, now: dt.datetime) -> None:
    """Queue the message about an offer and its deadline; `left` is how many more offers may follow."""
    office = offer.slot.office
    context = {
        "office": office.snapshot(),
        "slot": slot_snapshot(offer.slot, office),
        "service": localized(offer.entry.service_type, language=offer.entry.account.language),
        "answer_by_at": offer.answer_by,
        "left": left,
        "accept_url": links.reference(OFFER_LINK, offer.pk),
        "decline_url": links.reference(OFFER_LINK, offer.pk, "?decline=1"),
        "stop_url": _stop_url(offer.entry),
    }
    key = f"waiting_offer:{offer.pk}"
    _queue("waiting_offer", offer.entry, dedupe_key=key, context=context, now=now, due_at=now)


def queue_expired_message(offer: Offer, *, due_at: dt.datetime, now: dt.datetime) -> None:
    """Queue the message that an offer expired, and that the entry keeps its position."""
    _queue_ended_offer("waiting_expired", offer, due_at=due_at, now=now)


def queue_withdrawn_message(offer: Offer, *, due_at: dt.datetime, now: dt.datetime) -> None:
    """Queue the message that the office withdrew an offered slot, and that the offer does not count."""
    _queue_ended_offer("waiting_withdrawn", offer, due_at=due_at, now=now)


def queue_ended_message(entry: WaitingListEntry, *, due_at: dt.datetime, now: dt.datetime) -> None:
    """Queue the message that an entry has ended, why, and what can be done next."""
    context = {**_entry_context(entry), "status": str(entry.status)}
    key = f"waiting_ended:{entry.pk}"
    _queue("waiting_ended", entry, dedupe_key=key, context=context, now=now, due_at=due_at)


def _queue_ended_offer(kind: str, offer: Offer, *, due_at: dt.datetime, now: dt.datetime) -> None:
    entry = offer.entry
    context = {
        **_entry_context(entry),
        "slot": slot_snapshot(offer.slot, offer.slot.office),
        "stop_url": _stop_url(entry),
    }
    _queue(kind, entry, dedupe_key=f"{kind}:{offer.pk}", context=context, now=now, due_at=due_at)


def _entry_context(entry: WaitingListEntry) -> dict[str, Any]:
    return {
        "office": entry.office.snapshot(),
        "first_on": entry.first_day,
        "last_on": entry.last_day,
        "service": localized(entry.service_type, language=entry.account.language),
    }


def _stop_url(entry: WaitingListEntry) -> str:
    """Return the reference of the link that ends the waiting, or "" if the entry has ended."""
    if entry.status != WaitingStatus.WAITING:
        return ""
    return links.reference(STOP_LINK, entry.pk)


def _queue(kind: str, entry: WaitingListEntry, **values: Any) -> None:
    queue_message(
        kind=kind,
        address=entry.account.email,
        language=entry.account.language,
        about_type="waiting_entry",
        about_id=entry.pk,
        office_code=entry.office.code,
        **values,
    )


# --- Rendering at delivery --------------------------------------------------------------------------
def why_ended(entry: WaitingListEntry) -> str:
    """Return a sentence on why an entry ended and what can be done instead."""
    return _reason(entry.status)


def _reason(status: str) -> str:
    return {
        WaitingStatus.WAITING: "",
        WaitingStatus.PLACED: _("Anda mendapat tempat; jadwalnya ada di Tiket saya."),
        WaitingStatus.STOPPED: _("Anda berhenti menunggu. Anda boleh ikut lagi kapan saja."),
        WaitingStatus.USED_UP: _(
            "Semua tawaran untuk pendaftaran ini sudah dikirim dan tidak ada yang diambil. Anda boleh mendaftar lagi dari urutan belakang."
        ),
        WaitingStatus.BOOKED: _(
            "Nomor salah seorang di sini tidak dapat dipesankan jadwal saat ini, atau jadwalnya tidak dapat diubah lagi. Jadwal yang Anda punya tetap berlaku."
        ),
        WaitingStatus.CHANGED: _(
            "Data salah seorang berubah sejak Anda mendaftar sehingga pendaftaran ini tidak berlaku lagi. Anda boleh mendaftar lagi."
        ),
        WaitingStatus.LAPSED: _(
            "Tidak ada tempat yang dibatalkan sampai hari terakhir yang Anda pilih. Pilih hari lain, atau tunggu pembukaan kuota berikutnya."
        ),
    }[WaitingStatus(status)]


def _why(context: Context) -> dict[str, str]:
    return {"why": _reason(context["status"])}


def _offer_rows(context: Context) -> list[Row]:
    office = context["office"]
    return [
        (_("Kantor"), office["name"]),
        (_("Alamat"), office["address"]),
        (_("Waktu"), slot_text(context["slot"])),
        (_("Layanan"), context["service"]),
        (_("Jawab sebelum"), local_time_long(context["answer_by_at"], office["time_zone"])),
    ]


def _entry_rows(context: Context) -> list[Row]:
    return [
        (_("Kantor"), context["office"]["name"]),
        (_("Hari yang diinginkan"), date_span(context["first_on"], context["last_on"])),
        (_("Layanan"), context["service"]),
    ]


def _accept(context: Context) -> Action:
    return _("Terima tempat ini"), context["accept_url"]


def _open_list(_context: Context) -> Action:
    return _("Buka daftar tunggu Anda"), page_url("booking:waiting")


def _see_calendar(context: Context) -> Action:
    return _("Lihat kalender kantor"), page_url("booking:office", context["office"]["code"])


OFFER: Final = frozenset(
    {
        "office",
        "slot",
        "service",
        "answer_by_at",
        "left",
        "accept_url",
        "decline_url",
        "stop_url",
    }
)
ENTRY: Final = frozenset({"office", "first_on", "last_on", "service"})
ENDED_OFFER: Final = ENTRY | {"slot", "stop_url"}
register(
    MessageKind(name="waiting_offer", keys=OFFER, rows=_offer_rows, action=_accept),
    MessageKind(name="waiting_expired", keys=ENDED_OFFER, rows=_entry_rows, action=_open_list),
    MessageKind(name="waiting_withdrawn", keys=ENDED_OFFER, rows=_entry_rows, action=_open_list),
    MessageKind(
        name="waiting_ended",
        keys=ENTRY | {"status"},
        texts=_why,
        rows=_entry_rows,
        action=_see_calendar,
    ),
)
