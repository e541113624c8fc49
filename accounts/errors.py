"""Errors of accounts."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class SignInRefused(DomainError):
    """Wrong address or password; the error does not say which."""

    code = "sign_in_refused"
    http_status = 400
    message = _(
        "Alamat surel atau kata sandi tidak cocok. Periksa keduanya, atau atur ulang kata sandi Anda."
    )


class SecondFactorNeeded(DomainError):
    """The account has a second factor, and the code is missing or wrong."""

    code = "second_factor_needed"
    http_status = 403
    message = _(
        "Akun ini memakai verifikasi dua langkah. Kirim juga `code`: kode dari aplikasi autentikator atau kode cadangan Anda."
    )


class CodeRefused(DomainError):
    """Wrong, old or used code to confirm an address, or too many attempts; the error does not say which."""

    code = "code_refused"
    http_status = 400
    message = _(
        "Kode ini tidak cocok atau sudah tidak berlaku. Pakai kode dari surel verifikasi terbaru, atau minta surel baru."
    )
