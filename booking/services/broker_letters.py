"""What people are told of missed hours and of contested numbers. No letter says who the other one is."""

import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from booking.models import Booking, Contest, ContestStatus, Restriction, RestrictionEvent
from booking.selectors import when
from core.templatetags.formats import local_time_long
from notices.services import queue_message

Action = tuple[str, str]


def tell_restricted(restriction: Restriction, *, now: dt.datetime) -> None:
    """Tell why, until when, and what to do about it."""
    booking = restriction.booking
    account = booking.account
    if account is None:
        return
    with translation.override(account.language):
        _queue(
            account,
            kind="restricted",
            key=f"restricted:{restriction.pk}",
            subject=_("Anda tidak datang pada jadwal paspor"),
            paragraphs=[
                _("Jadwal %(name)s pada %(when)s tercatat tidak dihadiri.")
                % {
                    "name": booking.applicant.short_name,
                    "when": when(booking.slot, booking.office),
                },
                _(
                    "Karena itu orang ini belum dapat memesan daring sampai %(until)s (%(instrument)s). "
                    "Pembatalan, kapan pun, tidak pernah dikenai sanksi."
                )
                % {
                    "until": local_time_long(restriction.until_at, restriction.office),
                    "instrument": restriction.instrument,
                },
                _(
                    "Ada alasannya, atau bukan Anda yang memesan? Ajukan keberatan lewat tautan di bawah; "
                    "pengawas kantor membacanya. Anda juga tetap dapat datang langsung ke kantor."
                ),
            ],
            action=(_("Ajukan keberatan"), _page("booking:restrictions")),
            office=restriction.office.code,
            now=now,
        )


def tell_answered(restriction: Restriction, *, now: dt.datetime) -> None:
    """Tell whoever appealed, and whose booking it was, what the supervisor decided and why."""
    for account in _concerned(restriction):
        with translation.override(account.language):
            if restriction.lifted_at is not None:
                subject = _("Pembatasan pemesanan dicabut")
                said = _("Pembatasan dicabut; orang ini dapat memesan daring lagi sekarang.")
                action = (_("Pilih jadwal"), _page("booking:offices"))
            else:
                subject = _("Keberatan Anda sudah dijawab")
                said = _("Pembatasan tetap berlaku sampai %(until)s.") % {
                    "until": local_time_long(restriction.until_at, restriction.office)
                }
                action = (_("Lihat pembatasan"), _page("booking:restrictions"))
            _queue(
                account,
                kind="restriction_answered",
                key=f"restriction_answered:{restriction.pk}:{account.pk}:{subject}",
                subject=subject,
                paragraphs=[said, _("Jawaban pengawas: %(text)s") % {"text": restriction.answer}],
                action=action,
                office=restriction.office.code,
                now=now,
            )


def _concerned(restriction: Restriction) -> list[User]:
    accounts: dict[int, User] = {}
    appeals = restriction.history.filter(kind=RestrictionEvent.Kind.APPEALED)
    for account in [
        restriction.applicant.account,
        *(row.by for row in appeals.select_related("by")),
    ]:
        if account is not None:
            accounts[account.pk] = account
    return list(accounts.values())


def tell_contested(contest: Contest, *, now: dt.datetime) -> None:
    """Tell who contests what to bring, and the holder that somebody does."""
    account, holder = contest.account, contest.booking.account
    assert account is not None
    assert contest.applicant is not None
    with translation.override(account.language):
        _queue(
            account,
            kind="contest_opened",
            key=f"contest_opened:{contest.pk}",
            subject=_("Laporan Anda tercatat: nomor identitas dipakai orang lain"),
            paragraphs=[
                _(
                    "Datanglah dengan kartu identitas asli %(name)s ke %(office)s dalam 14 hari, pada jam buka. "
                    "Petugas mencocokkannya, lalu melepas jadwal orang lain itu."
                )
                % {"name": contest.applicant.short_name, "office": contest.office.name},
                _("Sampai saat itu tidak ada yang berubah."),
            ],
            rows=[
                (_("Nomor laporan"), f"S-{contest.pk}"),
                (_("Alamat"), contest.office.address),
            ],
            action=(_("Lihat laporan"), _page("booking:contests")),
            office=contest.office.code,
            now=now,
        )
    if holder is not None:
        _tell_holder(contest, holder, now=now)


def _tell_holder(contest: Contest, holder: User, *, now: dt.datetime) -> None:
    with translation.override(holder.language):
        _queue(
            holder,
            kind="contest_opened",
            key=f"contest_holder:{contest.pk}",
            subject=_("Nomor identitas pada jadwal Anda dipersoalkan"),
            paragraphs=[
                _(
                    "Seseorang menyatakan nomor identitas pada jadwal %(code)s miliknya dan bukan ia yang memesan."
                )
                % {"code": contest.booking.code},
                _(
                    "Bila memang jadwal Anda, tidak ada yang perlu dilakukan: datanglah pada jam Anda dengan "
                    "kartu identitas asli. Bila salah tulis, batalkan tanpa sanksi."
                ),
            ],
            action=(_("Buka tiket"), _page("booking:ticket", contest.booking.code)),
            office=contest.office.code,
            now=now,
        )


def tell_taken_away(booking: Booking, contest: Contest, *, now: dt.datetime) -> None:
    """Tell the holder that the booking was released to the owner of the number."""
    account = booking.account
    if account is None:
        return
    with translation.override(account.language):
        _queue(
            account,
            kind="booking_cancelled",
            key=f"booking_cancelled:{booking.pk}",
            subject=_("Jadwal paspor Anda dilepas kantor"),
            paragraphs=[
                _("Jadwal %(code)s pada %(when)s dilepas.")
                % {"code": booking.code, "when": when(booking.slot, booking.office)},
                _(
                    "Pemilik nomor identitas pada jadwal itu sudah menunjukkan kartu identitas asli di kantor. "
                    "Tidak ada sanksi. Bila salah tulis, perbaiki nomornya, lalu buat jadwal baru."
                ),
                _("Merasa ini keliru? Datanglah ke kantor dengan kartu identitas asli."),
            ],
            action=(_("Periksa orang Anda"), _page("booking:people")),
            office=booking.office.code,
            about=str(booking.pk),
            now=now,
        )


def tell_decided(contest: Contest, *, reason: str, now: dt.datetime) -> None:
    """Tell who contested how it ended; and the holder when nothing changes for them."""
    for account, is_holder in _both(contest):
        with translation.override(account.language):
            paragraphs = _decided(contest, reason, is_holder=is_holder)
            if not paragraphs:
                continue
            _queue(
                account,
                kind="contest_decided",
                key=f"contest_decided:{contest.pk}:{'holder' if is_holder else 'owner'}",
                subject=_("Laporan nomor identitas selesai"),
                paragraphs=paragraphs,
                action=(_("Tiket saya"), _page("booking:bookings"))
                if is_holder
                else (_("Pilih jadwal"), _page("booking:offices")),
                office=contest.office.code,
                now=now,
            )


def _both(contest: Contest) -> list[tuple[User, bool]]:
    found: list[tuple[User, bool]] = []
    if contest.account is not None:
        found.append((contest.account, False))
    if contest.booking.account is not None:
        found.append((contest.booking.account, True))
    return found


def _decided(contest: Contest, reason: str, *, is_holder: bool) -> list[str]:
    if is_holder:
        if contest.status != ContestStatus.DISMISSED:
            return []  # who lost the hour has a letter of their own; otherwise nothing is left to tell
        return [_("Jadwal %(code)s tetap milik Anda.") % {"code": contest.booking.code}]
    if contest.status == ContestStatus.RELEASED:
        return [
            _("Jadwal orang lain dengan nomor Anda sudah dilepas. Anda dapat memesan sekarang.")
        ]
    if contest.status == ContestStatus.DISMISSED:
        return [
            _("Jadwal dengan nomor itu tetap berlaku. Alasan petugas: %(reason)s")
            % {"reason": reason},
            _("Tidak setuju? Datanglah lagi dengan bukti lain, atau tulis di halaman Pengaduan."),
        ]
    return [
        _("Laporan ditutup: jadwal itu sudah berakhir, atau 14 hari berlalu tanpa bukti."),
        _("Bila nomor Anda masih dipakai orang lain, laporkan sekali lagi."),
    ]


def _queue(
    account: User,
    *,
    kind: str,
    key: str,
    subject: str,
    paragraphs: Sequence[str],
    rows: Sequence[tuple[str, str]] = (),
    action: Action,
    office: str,
    about: str = "",
    now: dt.datetime,
) -> None:
    queue_message(
        kind=kind,
        dedupe_key=key,
        address=account.email,
        language=account.language,
        subject=subject,
        paragraphs=paragraphs,
        rows=rows,
        action=action,
        about_type="booking" if about else "",
        about_id=about,
        office_code=office,
        now=now,
    )


def _page(name: str, *args: str) -> str:
    return f"{settings.PUBLIC_URL}{reverse(name, args=args)}"
