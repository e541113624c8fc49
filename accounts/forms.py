"""Forms of sign-up and sign-in, with our labels."""

from typing import Any, Final

from allauth.account import forms as allauth
from allauth.account.adapter import get_adapter
from allauth.account.utils import passthrough_next_redirect_url
from allauth.core import context
from allauth.mfa.adapter import get_adapter as mfa_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import attempts, sign_in
from accounts.consents import REMINDERS_1
from core import fields
from core.names import clean_name

PASSWORD_HINT: Final = _(
    "Paling sedikit 8 karakter; bukan kata yang mudah ditebak atau angka saja."
)
EMAIL_HINT: Final = _("Tiket dan perubahan jadwal dikirim ke alamat ini.")
NAME_LENGTH: Final = 120
NEW_ADDRESS: Final = "new_address"
SIGNED_UP: Final = _(
    "Kami mengirim pesan ke alamat itu. Sekarang masuklah dengan kata sandi yang baru Anda buat. Bila alamat itu sudah punya akun, pakailah kata sandi akun itu; akunnya tidak berubah."
)

PASSWORD_REMOVED: Final = _(
    "Alamat ini baru sekarang diverifikasi. Demi keamanan, kata sandi dari saat mendaftar tidak berlaku lagi; buat yang baru di halaman akun bila perlu."
)
ONE_TIME_CODE: Final = {"inputmode": "numeric", "autocomplete": "one-time-code"}


class _Plain(forms.Form):
    """Removes placeholders, because labels stay visible while typing."""

    labels: dict[str, Any] = {}
    hints: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.hints.get(name, "")


class SignupForm(_Plain, allauth.SignupForm):
    """Sign-up of an applicant: name, address, password."""

    full_name = fields.CharField(
        max_length=NAME_LENGTH, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    reminders = forms.BooleanField(required=False)
    field_order = ["full_name", "email", "password1", "reminders"]
    labels = {
        "full_name": _("Nama lengkap"),
        "email": _("Alamat surel"),
        "password1": _("Kata sandi"),
        "reminders": REMINDERS_1,
    }
    hints = {
        "reminders": _("Tidak wajib; dapat ditarik kapan saja di halaman akun."),
        "full_name": _("Seperti tertulis di KTP atau paspor."),
        "email": EMAIL_HINT,
        "password1": PASSWORD_HINT,
    }

    def clean_full_name(self) -> str:
        """Return the name with single spaces; the same characters as for applicants."""
        try:
            return clean_name(self.cleaned_data["full_name"])
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def validate_unique_email(self, value: str) -> str:
        """Accept a known address too: the page must not say that it is known."""
        return value

    def try_save(self, request: HttpRequest) -> tuple[None, HttpResponse]:
        """Sign up, and continue on the sign-in page for known and unknown addresses alike."""
        data = self.cleaned_data
        sign_in.sign_up(
            request,
            email=data["email"],
            password=data["password1"],
            full_name=data["full_name"],
            wants_reminders=data["reminders"],
        )
        request.session[NEW_ADDRESS] = data["email"]
        messages.success(request, SIGNED_UP)
        login_url = passthrough_next_redirect_url(request, reverse("account_login"), "next")
        return None, redirect(login_url)


class LoginForm(_Plain, allauth.LoginForm):
    """Sign-in; directly after a sign-up, the address is filled in."""

    labels = {
        "login": _("Alamat surel"),
        "password": _("Kata sandi"),
        "remember": _("Ingat saya di perangkat ini"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.request is not None and NEW_ADDRESS in self.request.session:
            self.fields["login"].initial = self.request.session.pop(NEW_ADDRESS)


class RequestSignInCodeForm(_Plain, allauth.RequestLoginCodeForm):
    """Asks for a code to sign in. The answer is the same for known and unknown addresses."""

    email = fields.EmailField(widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    labels = {"email": _("Alamat surel")}
    hints = {"email": _("Kami mengirim kode enam angka ke alamat ini.")}

    def clean_email(self) -> str:
        email = str(super().clean_email()).lower()
        self._user = sign_in.account_for_code(email)
        return email


class SignInCodeForm(_Plain, allauth.ConfirmLoginCodeForm):
    """The code to sign in, within the limits of wrong passwords."""

    code = fields.CharField(max_length=20, widget=forms.TextInput(attrs=ONE_TIME_CODE))
    labels = {"code": _("Kode masuk")}
    hints = {"code": _("Enam angka dari surel terbaru kami.")}

    def clean_code(self) -> str:
        request = context.request
        stage = request._login_stage
        email = stage.state["email"]
        attempt = attempts.begin_attempt(request, login=email)
        if attempt is None:
            raise get_adapter().validation_error("too_many_login_attempts")
        code = str(super().clean_code())
        attempt.rollback()
        if sign_in.protect_new_owner(request, stage.login.user, email=email):
            messages.warning(request, PASSWORD_REMOVED)
        return code


class ResetPasswordForm(_Plain, allauth.ResetPasswordForm):
    labels = {"email": _("Alamat surel")}
    hints = {"email": _("Tautan untuk membuat kata sandi baru dikirim ke alamat ini.")}


class ResetPasswordKeyForm(_Plain, allauth.ResetPasswordKeyForm):
    labels = {"password1": _("Kata sandi baru"), "password2": _("Kata sandi baru, sekali lagi")}
    hints = {"password1": PASSWORD_HINT}


class ChangePasswordForm(_Plain, allauth.ChangePasswordForm):
    labels = {
        "oldpassword": _("Kata sandi sekarang"),
        "password1": _("Kata sandi baru"),
        "password2": _("Kata sandi baru, sekali lagi"),
    }
    hints = {"password1": PASSWORD_HINT}


class AddEmailForm(_Plain, allauth.AddEmailForm):
    labels = {"email": _("Alamat surel baru")}
    hints = {
        "email": _("Alamat baru berlaku setelah Anda membuka tautan yang kami kirim ke alamat itu.")
    }


class SecondStepForm(mfa.AuthenticateForm):
    """The second step of sign-in; repeated wrong codes are reported to the owner."""

    def clean_code(self) -> str:
        try:
            return str(super().clean_code())
        except ValidationError:
            sign_in.report_wrong_code(context.request, self.user)
            raise


class AddressCodeForm(forms.Form):
    """The code of a confirmation message."""

    code = fields.CharField(
        label=_("Kode verifikasi"),
        max_length=20,
        help_text=_("Enam angka dari surel verifikasi terbaru kami."),
        widget=forms.TextInput(attrs=ONE_TIME_CODE),
    )


# What the libraries raise for an answer that no security key gives.
MALFORMED: Final = (KeyError, TypeError, ValueError)


def _credential() -> fields.JSONField:
    return fields.JSONField(widget=forms.HiddenInput)


class AddSecurityKeyForm(webauthn.AddWebAuthnForm):
    """Registers a security key or passkey."""

    name = fields.CharField(required=False, max_length=100)
    credential = _credential()

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except MALFORMED:
            raise mfa_adapter().validation_error("incorrect_code") from None
        return cleaned


class _AnswerOfKey(forms.Form):
    """Checks the signed answer of a security key."""

    credential = _credential()

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except MALFORMED:
            raise mfa_adapter().validation_error("incorrect_code") from None


class SecurityKeyForm(_AnswerOfKey, webauthn.AuthenticateWebAuthnForm):
    """The second step of a sign-in."""


class LoginKeyForm(_AnswerOfKey, webauthn.LoginWebAuthnForm):
    """A sign-in by passkey."""


class ReauthenticateKeyForm(_AnswerOfKey, webauthn.ReauthenticateWebAuthnForm):
    """The confirmation before a change of the account."""


class EditSecurityKeyForm(webauthn.EditWebAuthnForm):
    """The name of a security key."""

    name = fields.CharField(max_length=100)
