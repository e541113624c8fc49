"""Errors about lotteries."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class AlreadyEntered(DomainError):
    """A person is already in this lottery, in this account or in one that may not be named."""

    code = "already_entered"
    http_status = 409
    message = _(
        "Nomor identitas ini sudah ikut undian ini. Satu orang hanya dapat mendaftar satu kali: buka pendaftaran itu bila ingin mengubahnya."
    )


class DrawClosed(DomainError):
    code = "draw_closed"
    http_status = 409
    message = _(
        "Daftar peserta undian ini sudah ditutup dan disegel. Lihat undian berikutnya di kalender kantor."
    )


class DrawNotReady(DomainError):
    """The lottery cannot take this step: its list is still open, or its value is already confirmed."""

    code = "draw_not_ready"
    http_status = 409
    message = _(
        "Langkah ini belum atau tidak lagi berlaku untuk undian ini. Muat ulang halaman untuk melihat keadaan terbaru."
    )


class ValuesDiffer(DomainError):
    code = "values_differ"
    http_status = 409
    message = _(
        "Nilai ini berbeda dari yang dimasukkan rekan Anda. Periksa lagi pada sumbernya; petugas yang keliru memasukkan ulang."
    )


class NeedsAnother(DomainError):
    code = "needs_another"
    http_status = 409
    message = _(
        "Nilai yang Anda masukkan harus dipastikan oleh petugas lain, bukan oleh Anda sendiri."
    )


class ClaimOver(DomainError):
    code = "claim_over"
    http_status = 409
    message = _(
        "Batas waktu untuk mengambil tempat ini sudah lewat dan tempatnya diberikan kepada urutan berikutnya. Anda dapat ikut undian berikutnya."
    )


class OtherRound(DomainError):
    """The round is not the one that the lottery named beforehand."""

    code = "other_round"
    http_status = 409
    message = _(
        "Ini putaran lain. Undian ini memakai putaran %(number)s, yang sudah diumumkan sebelumnya."
    )


class FalseSignature(DomainError):
    """The signature is not the network's signature of the named round."""

    code = "false_signature"
    http_status = 409
    message = _(
        "Tanda tangan ini bukan tanda tangan jaringan drand untuk putaran undian ini. Salin lagi dari sumber lain."
    )
