"""Adapters that connect allauth to the outbox, consent, languages and rate limits."""

import hashlib
import ipaddress
import secrets
from collections.abc import Mapping
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import attempts, messages, services, sign_in
from accounts.devices import set_device
from accounts.loopback import is_spared
from accounts.models import User
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
            "Terlalu banyak percobaan masuk yang gagal. Tunggu lima menit, masuk dari perangkat yang biasa Anda pakai, atau atur ulang kata sandi Anda."
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

    def is_ajax(self, request: HttpRequest) -> bool:
        """No page has a JSON form: a body of another kind is an empty form.

        A script reads the challenge for a sign-in by passkey.
        """
        is_challenge = request.path == reverse("mfa_login_webauthn")
        return is_challenge and request.method == "GET" and super().is_ajax(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """`authenticate` counts attempts, by account and network instead of by account."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Check address and password within the limits; report repeated wrong ones to the owner."""
        login = str(credentials.get("email", ""))
        attempt = attempts.begin_attempt(request, login=login)
        if attempt is None:
            raise self.validation_error("too_many_login_attempts")
        user: User | None = super().authenticate(request, **credentials)
        if user is None:
            sign_in.report_wrong_password(request, login=login)
        else:
            attempt.rollback()
        return user

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """allauth calls this after a password reset, for each address of the account."""
        attempts.clear_attempts(request, login=str(credentials.get("email", "")))

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Remember the device, and switch to the person's language unless the browser has another."""
        response = super().post_login(request, user, **kwargs)
        device = set_device(request, response)
        attempts.remember_client(request, logins=sign_in.addresses_of(user), device=device)
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            set_language_cookie(response, user.language)
        return response

    def send_confirmation_mail(
        self, request: HttpRequest, emailconfirmation: Any, signup: bool
    ) -> None:
        """Send the link and a code: a program, or another device, confirms with the code."""
        address: EmailAddress = emailconfirmation.email_address
        context = {
            "user": address.user,
            "key": emailconfirmation.key,
            "activate_url": self.get_email_confirmation_url(request, emailconfirmation),
            "code": services.issue_address_code(address_id=address.pk, now=clock.now()),
        }
        name = "email_confirmation_signup" if signup else "email_confirmation"
        self.send_mail(f"account/email/{name}", address.email, context)

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
    """Return a dedupe key: one message for each link, for each change, or for each day of attempts.

    A stranger can cause the messages about attempts as often as they like.
    """
    name = template_prefix.rpartition("/")[2]
    if name in messages.ABOUT_ATTEMPTS:
        once = str(clock.local_day(clock.now(), settings.TIME_ZONE))
    else:
        once = str(context.get("key") or secrets.token_hex(16))
    digest = hashlib.sha256(f"{email}\x1f{once}".encode()).hexdigest()[:40]
    return f"account:{name}:{digest}"
