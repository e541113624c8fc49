"""What people are told of a draw: rows of the outbox."""

import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from booking.models import Draw, DrawEntry
from booking.selectors import when
from core.templatetags.formats import date_span, local_time_long
from notices.services import queue_message
from offices.models import Role
from offices.selectors import staff_of

Texts = tuple[str, Sequence[str]]


def tell_entered(entry: DrawEntry, *, now: dt.datetime) -> None:
    """Confirm an entry, with the seal of the seed: whoever keeps the letter can check it later."""
    draw = entry.draw
    with translation.override(entry.account.language):
        closes = local_time_long(draw.window.opens_at, draw.office)
        texts = (
            _("Anda ikut undian paspor"),
            [
                _(
                    "Keikutsertaan Anda sudah tercatat. Kapan pun Anda mendaftar, peluangnya sama; "
                    "ubah atau batalkan sampai %(closes)s."
                )
                % {"closes": closes},
                _(
                    "Simpan surat ini: dengan segel di bawah Anda dapat memeriksa undian sesudahnya."
                ),
            ],
        )
        rows = [(_("Segel angka rahasia"), draw.seed_hash)]
        _queue(entry, "draw_entered", texts, rows, now)


def tell_won(entry: DrawEntry, *, is_later: bool, now: dt.datetime) -> None:
    """Tell of a win and until when it is held."""
    draw = entry.draw
    assert entry.slot is not None
    with translation.override(entry.account.language):
        until = local_time_long(entry.claim_until, draw.office)
        first = (
            _("Sebuah tempat tidak diambil pemenangnya dan diteruskan kepada Anda menurut urutan.")
            if is_later
            else _("Undian sudah dilakukan dan Anda mendapat tempat.")
        )
        texts = (
            _("Anda mendapat tempat lewat undian"),
            [
                first,
                _("Tempat Anda: %(when)s.") % {"when": when(entry.slot, draw.office)},
                _("Ambil sebelum %(until)s; setelah itu tempatnya diteruskan kepada orang lain.")
                % {"until": until},
            ],
        )
        _queue(entry, "draw_won", texts, _result_rows(entry), now)


def tell_lost(entry: DrawEntry, *, is_closed: bool = False, now: dt.datetime) -> None:
    """Tell that it was chance alone, or that a closure took every place; and what it is good for."""
    with translation.override(entry.account.language):
        chance = _(
            "Belum dapat kali ini. Ini murni undian; tidak ada yang salah pada permohonan Anda."
        )
        passed_on = _(
            "Tempat yang tidak diambil pemenangnya diteruskan menurut urutan; kami mengabari Anda."
        )
        closed = _(
            "Hari-hari undian ini ditutup kantor, sehingga tidak ada tempat yang dapat diberikan kepada siapa pun."
        )
        texts = (
            _("Undian paspor: belum dapat kali ini"),
            [
                closed if is_closed else chance,
                _(
                    "Pada undian berikutnya di kantor ini Anda memegang satu lembar undian lebih banyak, "
                    "paling banyak lima."
                ),
                *([] if is_closed else [passed_on]),
            ],
        )
        _queue(entry, "draw_lost", texts, _result_rows(entry), now)


def tell_void(entry: DrawEntry, *, now: dt.datetime) -> None:
    """Tell who was passed over."""
    with translation.override(entry.account.language):
        texts = (
            _("Undian paspor: Anda tidak ikut diundi"),
            [
                _(
                    "Seseorang dalam keikutsertaan ini sudah punya jadwal, atau datanya berubah setelah "
                    "daftar ditutup. Jadwal yang ada tetap berlaku."
                )
            ],
        )
        _queue(entry, "draw_void", texts, _result_rows(entry), now)


def tell_lapsed(entry: DrawEntry, *, now: dt.datetime) -> None:
    """Tell that a win was not claimed in time, and that nothing else follows from it."""
    with translation.override(entry.account.language):
        texts = (
            _("Tempat dari undian sudah diteruskan"),
            [
                _(
                    "Tempat yang Anda menangkan tidak diambil sampai batas waktunya dan diteruskan kepada "
                    "orang berikutnya. Tidak ada sanksi; Anda boleh ikut undian berikutnya."
                )
            ],
        )
        _queue(entry, "draw_lapsed", texts, _result_rows(entry), now)


def ask_for_value(draw: Draw, *, reminder: int = 0, now: dt.datetime) -> None:
    """Ask the office's supervisors for the public value of a sealed list; each reminder goes out once."""
    suffix = f":{reminder}" if reminder else ""
    for one in staff_of(draw.office, role=Role.SUPERVISOR, day=draw.office.local_day(now)):
        with translation.override(one.language):
            queue_message(
                kind="draw_needs_value",
                dedupe_key=f"draw_needs_value:{draw.pk}:{one.pk}{suffix}",
                address=one.email,
                language=one.language,
                subject=_("Undian masih menunggu nilai publik")
                if reminder
                else _("Undian menunggu nilai publik"),
                paragraphs=[
                    _(
                        "Daftar peserta sudah ditutup dan disegel. Satu petugas mengetik nilai publik, "
                        "petugas lain memastikannya; setelah itu undian berjalan sendiri."
                    ),
                    *([_waited_for(draw)] if reminder else []),
                ],
                rows=[
                    (_("Kantor"), draw.office.name),
                    (_("Hari layanan"), _days(draw)),
                    (_("Sumber nilai publik"), draw.public_source),
                    (_("Sidik daftar"), draw.list_digest),
                ],
                action=(_("Isi nilai publik"), f"{settings.PUBLIC_URL}{reverse('draws:desk')}"),
                about_type="draw",
                about_id=str(draw.pk),
                office_code=draw.office.code,
                now=now,
            )


def _waited_for(draw: Draw) -> str:
    until = local_time_long(draw.window.closes_at, draw.office)
    text = _(
        "Peserta menunggu hasilnya. Tanpa nilai sebelum %(until)s tidak seorang pun mendapat tempat."
    )
    return text % {"until": until}


def _result_rows(entry: DrawEntry) -> list[tuple[str, str]]:
    rows = [(_("Sidik daftar"), entry.draw.list_digest)]
    if entry.rank is not None:
        rows.insert(0, (_("Urutan"), str(entry.rank)))
    return rows


def _days(draw: Draw) -> str:
    return date_span(draw.window.first_day, draw.window.last_day)


def _queue(
    entry: DrawEntry, kind: str, texts: Texts, rows: list[tuple[str, str]], now: dt.datetime
) -> None:
    subject, paragraphs = texts
    draw = entry.draw
    path = reverse("booking:draw_entry", kwargs={"code": entry.code})
    queue_message(
        kind=kind,
        dedupe_key=f"{kind}:{entry.pk}",
        address=entry.account.email,
        language=entry.account.language,
        subject=subject,
        paragraphs=paragraphs,
        rows=[
            (_("Kantor"), draw.office.name),
            (_("Hari layanan"), _days(draw)),
            (_("Kode undian"), entry.code),
            *rows,
        ],
        action=(_("Buka keikutsertaan Anda"), f"{settings.PUBLIC_URL}{path}"),
        about_type="draw_entry",
        about_id=str(entry.pk),
        office_code=draw.office.code,
        now=now,
    )
