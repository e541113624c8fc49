"""Errors of following a passport without an account."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, NotFound, SlowDown


class NotMatched(DomainError):
    """No booking has this code and this birth date. The same answer for an unknown code and a wrong date."""

    code = "passport_not_matched"
    message = _(
        "Kode booking dan tanggal lahir ini tidak cocok. Periksa kode pada tiket atau tanda terima, dan tanggal lahir pemohon."
    )


class TooManyTries(SlowDown):
    """Too many attempts for one code, or from one network."""

    code = "passport_too_many_tries"
    message = _(
        "Terlalu banyak percobaan. Coba lagi besok, masuk ke akun Anda, atau tanyakan di kantor."
    )


class NotFollowed(NotFound):
    """The page is open for half an hour to the browser that gave code and birth date."""

    code = "passport_not_followed"
    message = _(
        "Isi lagi kode booking dan tanggal lahir. Setelah diisi, halaman paspor berlaku 30 menit di peramban yang sama."
    )
