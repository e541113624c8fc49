"""Adapters that connect allauth to the outbox, consent, languages and rate limits."""

import hashlib
import ipaddress
import secrets
from collections.abc import Mapping
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts import messages, services
from accounts.models import Consent, User
from core import clock
from core.languages import reader_language
from notices.services import queue_message

Language = str
WRONG_CODE: Final = _("Kode tidak cocok. Tunggu kode berikutnya, lalu ketik yang baru.")
NOT_THE_MAIN_ONE: Final = _(
    "Alamat utama tidak dapat dihapus. Jadikan alamat lain sebagai alamat utama lebih dulu."
)
EXPIRED_LINK: Final = _("Tautan ini sudah kedaluwarsa atau sudah pernah dipakai.")


class AccountAdapter(DefaultAccountAdapter):
    """Project settings and hooks for allauth."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "Alamat surel atau kata sandi tidak cocok. Periksa keduanya, atau atur ulang kata sandi Anda."
        ),
        "email_taken": services.ADDRESS_TAKEN,
        "too_many_login_attempts": _(
            "Terlalu banyak percobaan masuk yang gagal. Tunggu lima menit, atau atur ulang kata sandi Anda."
        ),
        "incorrect_code": WRONG_CODE,
        "account_inactive": _("Akun ini dinonaktifkan. Hubungi layanan pengaduan kantor Anda."),
        "cannot_remove_primary_email": NOT_THE_MAIN_ONE,
        "duplicate_email": _("Alamat ini sudah ada di akun Anda. Isi alamat lain."),
        "enter_current_password": _("Kata sandi sekarang tidak cocok. Ketik sekali lagi."),
        "incorrect_password": _("Kata sandi tidak cocok. Ketik sekali lagi."),
        "invalid_or_expired_key": EXPIRED_LINK,
        "invalid_password_reset": EXPIRED_LINK,
        "max_email_addresses": _(
            "Satu akun memuat paling banyak %d alamat. Hapus yang tidak dipakai lagi."
        ),
        "rate_limited": _("Terlalu banyak permintaan. Tunggu sebentar, lalu coba lagi."),
        "same_as_current": _("Ini sama dengan yang sekarang. Isi yang baru."),
        "unverified_primary_email": _(
            "Verifikasi alamat utama Anda lebih dulu, lewat tautan dalam surel kami."
        ),
    }

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Save the account with the name and the language of the sign-up, and a consent that was ticked."""
        user.full_name = form.cleaned_data.get("full_name", "")
        user.language = reader_language()
        saved: User = super().save_user(request, user, form, commit)
        if form.cleaned_data.get("reminders"):
            services.give_consent(
                user_id=saved.pk,
                purpose=Consent.Purpose.REMINDERS,
                way=Consent.Way.SIGN_UP,
                now=clock.now(),
            )
        return saved

    def set_password(self, user: User, password: str) -> None:
        """Set a password and revoke every token of the account."""
        super().set_password(user, password)
        services.revoke_tokens(user_id=user.pk)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Switch to the person's language, unless this browser has chosen another one."""
        response = super().post_login(request, user, **kwargs)
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            set_language_cookie(response, user.language)
        return response

    def send_mail(self, template_prefix: str, email: str, context: Mapping[str, Any]) -> None:
        """Queue the message in the outbox, in the recipient's language."""
        user = context.get("user") or User.objects.filter(email=email).first()
        language = user.language if user else reader_language()
        kind, own = messages.kind_and_context(template_prefix.rpartition("/")[2], context)
        queue_message(
            kind=kind,
            dedupe_key=_once_key(template_prefix, email, context),
            address=email,
            language=language,
            context=own,
            about_type="user" if user else "",
            about_id=user.pk if user else "",
            now=clock.now(),
        )

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the IP address for rate limits.

        The demo exempts its own machine: each of its POST requests counts as a new address.
        """
        address: str = super().get_client_ip(request)
        if request.method == "POST" and is_spared(address):
            return str(ipaddress.ip_address(0x7F000002 + secrets.randbelow(0xFFFFF0)))
        return address


class SecondStepAdapter(DefaultMFAAdapter):
    """The same hooks for the second factor."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": WRONG_CODE,
        "add_email_blocked": _(
            "Akun ini memakai verifikasi dua langkah sehingga alamat tidak dapat ditambah. Matikan verifikasi dua langkah lebih dulu."
        ),
        "cannot_delete_authenticator": _(
            "Verifikasi ini tidak dapat dimatikan. Pasang yang lain lebih dulu."
        ),
        "cannot_generate_recovery_codes": _(
            "Kode cadangan dapat dibuat setelah verifikasi dua langkah aktif."
        ),
        "unverified_email": _(
            "Verifikasi alamat surel Anda lebih dulu, lewat tautan dalam surel kami."
        ),
    }


def is_spared(address: str) -> bool:
    """True if limits by address do not apply to this address (the demo's own machine)."""
    if settings.RATE_LIMIT_LOOPBACK:
        return False
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def set_language_cookie(response: HttpResponse, language: str) -> None:
    """Store the language in the cookie of Django's language switch."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        domain=settings.LANGUAGE_COOKIE_DOMAIN,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,  # type: ignore[arg-type]
    )


def _once_key(template_prefix: str, email: str, context: Mapping[str, Any]) -> str:
    """Return a dedupe key: one message for each link, even with repeated posts, or for each change."""
    secret = str(context.get("key") or context.get("password_reset_url") or secrets.token_hex(16))
    digest = hashlib.sha256(f"{email}\x1f{secret}".encode()).hexdigest()[:40]
    return f"account:{template_prefix.rpartition('/')[2]}:{digest}"
