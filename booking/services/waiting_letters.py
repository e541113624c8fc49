"""What people are told of the waiting list. Each letter has one link that ends the waiting."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.models import Offer, WaitingListEntry, WaitingStatus
from booking.selectors import offer_token, stop_token, when
from core.templatetags.formats import date_span, local_time_long
from notices.services import queue_message
from offices.models import localized

Action = tuple[str, str]


def tell_offer(offer: Offer, *, left: int, now: dt.datetime) -> None:
    """Tell of an offer and until when it is held; `left` is how many may follow it."""
    entry, office = offer.entry, offer.slot.office
    with translation.override(entry.account.language):
        until = local_time_long(offer.answer_by, office)
        token = offer_token(offer)
        more = (
            ngettext(
                "Setelah tawaran ini masih ada %(n)d tawaran lagi.",
                "Setelah tawaran ini masih ada %(n)d tawaran lagi.",
                left,
            )
            % {"n": left}
            if left
            else _("Ini tawaran terakhir untuk giliran ini.")
        )
        paragraphs = [
            _("Ada tempat untuk Anda: %(when)s.") % {"when": when(offer.slot, office)},
            _(
                "Tempat ini ditahan untuk Anda sampai %(until)s. Terima atau tolak dengan satu ketukan; "
                "tanpa jawaban, tempatnya diteruskan kepada orang berikutnya, tanpa sanksi."
            )
            % {"until": until},
            _("Tidak jadi? Tolak di sini: %(url)s")
            % {"url": _url("booking:offer", token) + "?decline=1"},
            more,
        ]
        rows = [
            (_("Kantor"), office.name),
            (_("Alamat"), office.address),
            (_("Waktu"), when(offer.slot, office)),
            (_("Layanan"), localized(entry.service_type)),
            (_("Jawab sebelum"), until),
        ]
        action = (_("Terima tempat ini"), _url("booking:offer", token))
        subject = _("Ada tempat untuk Anda: jawab sebelum %(until)s") % {"until": until}
        key = f"waiting_offer:{offer.pk}"
        _queue(
            entry, "waiting_offer", key, (subject, paragraphs), rows, action, now=now, due_at=now
        )


def tell_expired(offer: Offer, *, due_at: dt.datetime, now: dt.datetime) -> None:
    """Tell that an offer was not answered in time, and that the entry keeps its turn."""
    entry = offer.entry
    with translation.override(entry.account.language):
        paragraphs = [
            _(
                "Tawaran untuk %(when)s tidak dijawab sampai batas waktunya dan diteruskan kepada orang berikutnya."
            )
            % {"when": when(offer.slot, offer.slot.office)},
            _("Anda tetap di daftar tunggu, pada urutan yang sama. Tidak ada sanksi."),
        ]
        words = (_("Tawaran tempat sudah lewat; Anda tetap menunggu"), paragraphs)
        key = f"waiting_expired:{offer.pk}"
        _queue(entry, "waiting_expired", key, words, _rows(entry), _mine(), now=now, due_at=due_at)


def tell_withdrawn(offer: Offer, *, due_at: dt.datetime, now: dt.datetime) -> None:
    """Tell that the office took an offered hour back, and that it does not count."""
    entry = offer.entry
    with translation.override(entry.account.language):
        paragraphs = [
            _("Kantor menutup jam %(when)s, sehingga tawaran itu kami tarik.")
            % {"when": when(offer.slot, offer.slot.office)},
            _("Giliran Anda di daftar tunggu tetap, dan tawaran ini tidak dihitung."),
        ]
        words = (_("Tawaran tempat ditarik kantor; giliran Anda tetap"), paragraphs)
        key = f"waiting_withdrawn:{offer.pk}"
        _queue(
            entry, "waiting_withdrawn", key, words, _rows(entry), _mine(), now=now, due_at=due_at
        )


def tell_ended(entry: WaitingListEntry, *, due_at: dt.datetime, now: dt.datetime) -> None:
    """Tell that an entry has ended, why, and the way on."""
    with translation.override(entry.account.language):
        path = reverse("booking:office", args=[entry.office.code])
        action = (_("Lihat kalender kantor"), f"{settings.PUBLIC_URL}{path}")
        words = (_("Daftar tunggu Anda sudah berakhir"), [why_ended(entry), _("Tidak ada sanksi.")])
        key = f"waiting_ended:{entry.pk}"
        _queue(entry, "waiting_ended", key, words, _rows(entry), action, now=now, due_at=due_at)


def why_ended(entry: WaitingListEntry) -> str:
    """Say why an entry is over, and what may be done instead."""
    return {
        WaitingStatus.WAITING: "",
        WaitingStatus.PLACED: _("Anda mendapat tempat; jadwalnya ada di Tiket saya."),
        WaitingStatus.STOPPED: _("Anda berhenti menunggu. Anda boleh ikut lagi kapan saja."),
        WaitingStatus.USED_UP: _(
            "Semua tawaran untuk giliran ini sudah dikirim dan tidak ada yang diambil. Anda boleh ikut lagi dari belakang."
        ),
        WaitingStatus.BOOKED: _(
            "Seseorang di sini sudah punya jadwal lain, atau jadwalnya tidak dapat dipindah lagi. Jadwal yang ada tetap berlaku."
        ),
        WaitingStatus.CHANGED: _(
            "Data seseorang di sini berubah sejak Anda ikut, sehingga giliran ini tidak berlaku lagi. Anda boleh ikut lagi."
        ),
        WaitingStatus.LAPSED: _(
            "Tidak ada tempat yang kembali sampai hari terakhir yang Anda pilih. Pilih hari lain, atau tunggu pembukaan berikutnya."
        ),
    }[WaitingStatus(entry.status)]


def _rows(entry: WaitingListEntry) -> list[tuple[str, str]]:
    return [
        (_("Kantor"), entry.office.name),
        (_("Hari yang ditunggu"), date_span(entry.first_day, entry.last_day)),
        (_("Layanan"), localized(entry.service_type)),
    ]


def _mine() -> Action:
    return _("Buka daftar tunggu Anda"), f"{settings.PUBLIC_URL}{reverse('booking:waiting')}"


def _url(name: str, token: str) -> str:
    return f"{settings.PUBLIC_URL}{reverse(name, args=[token])}"


def _queue(
    entry: WaitingListEntry,
    kind: str,
    dedupe_key: str,
    words: tuple[str, Sequence[str]],
    rows: Sequence[tuple[str, str]],
    action: Action,
    **moments: Any,
) -> None:
    subject, paragraphs = words
    is_waiting = entry.status == WaitingStatus.WAITING
    stop = _("Berhenti menunggu dan tidak menerima surat ini lagi: %(url)s") % {
        "url": _url("booking:waiting_stop", stop_token(entry))
    }
    queue_message(
        kind=kind,
        dedupe_key=dedupe_key,
        address=entry.account.email,
        language=entry.account.language,
        subject=subject,
        paragraphs=[*paragraphs, stop] if is_waiting else paragraphs,
        rows=rows,
        action=action,
        about_type="waiting_entry",
        about_id=str(entry.pk),
        office_code=entry.office.code,
        **moments,
    )
