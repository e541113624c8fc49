"""Errors of accounts."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, InvalidInput


class AddressTaken(InvalidInput):
    """The address belongs to an account. Shown to officers only; visitors must not learn it."""


class SignInRefused(DomainError):
    """Wrong address, password or second factor; the error does not say which."""

    code = "sign_in_refused"
    http_status = 400
    message = _(
        "Alamat surel, kata sandi, atau kode verifikasi tidak cocok. Bila akun memakai verifikasi dua langkah, kirim juga `code`: kode dari aplikasi autentikator atau kode cadangan. Petugas memasang verifikasi dua langkah lebih dulu di halaman akun."
    )


class NotAPhone(InvalidInput):
    """The text is no phone number."""

    code = "not_a_phone"
    message = _("Isi nomor ponsel dengan angka, misalnya 0812 3456 7890.")


class PhoneCodeRefused(DomainError):
    """Wrong, old or used code of a phone number, or too many attempts; the error does not say which."""

    code = "phone_code_refused"
    message = _("Kode ini tidak cocok atau sudah tidak berlaku. Minta kode baru.")


class PhoneCodeTooSoon(DomainError):
    """A code was sent a moment ago."""

    code = "phone_code_too_soon"
    http_status = 429
    message = _("Kode baru saja dikirim. Tunggu dua menit, lalu coba lagi.")


class CodeRefused(DomainError):
    """Wrong, old or used code to confirm an address, or too many attempts; the error does not say which."""

    code = "code_refused"
    http_status = 400
    message = _(
        "Kode ini tidak cocok atau sudah tidak berlaku. Pakai kode dari surel verifikasi terbaru, atau minta surel baru."
    )
