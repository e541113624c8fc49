"""Errors about contested identity numbers."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, MoveNotAllowed


class NothingToContest(DomainError):
    code = "nothing_to_contest"
    http_status = 409
    message = _(
        "Saat ini tidak ada yang menghalangi nomor identitas ini. Silakan memesan seperti biasa."
    )


class AlreadyContested(DomainError):
    code = "already_contested"
    http_status = 409
    message = _(
        "Laporan Anda untuk nomor ini sudah kami catat. Datanglah dengan kartu identitas asli "
        "ke kantor yang Anda pilih."
    )


class ContestDecided(MoveNotAllowed):
    code = "contest_decided"
    message = _("Laporan ini sudah diputus. Muat ulang halaman untuk melihat putusannya.")


class HolderIsHere(DomainError):
    """The contested booking is checked in: its holder is at the office with a document."""

    code = "holder_is_here"
    http_status = 409
    message = _(
        "Pemegang jadwal itu sudah dicatat hadir sehingga jadwalnya tidak dapat dibatalkan dari sini. Hubungi kantor tempat ia dilayani; namanya akan dicocokkan di loket."
    )
