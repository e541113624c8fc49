"""Forms of sign-up and sign-in, with our labels."""

from typing import Any, Final

from allauth.account import forms as allauth
from allauth.mfa.adapter import get_adapter as mfa_adapter
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.utils.translation import gettext_lazy as _

from core import fields

PASSWORD_HINT: Final = _(
    "Paling sedikit 8 karakter; bukan kata yang mudah ditebak atau angka saja."
)
EMAIL_HINT: Final = _("Pengingat dan tiket dikirim ke alamat ini.")
NAME_LENGTH: Final = 120


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
    field_order = ["full_name", "email", "password1"]
    labels = {
        "full_name": _("Nama lengkap"),
        "email": _("Alamat surel"),
        "password1": _("Kata sandi"),
    }
    hints = {
        "full_name": _("Seperti tertulis di KTP atau paspor."),
        "email": EMAIL_HINT,
        "password1": PASSWORD_HINT,
    }

    def clean_full_name(self) -> str:
        """Return the name with single spaces."""
        return " ".join(self.cleaned_data["full_name"].split())


class LoginForm(_Plain, allauth.LoginForm):
    labels = {
        "login": _("Alamat surel"),
        "password": _("Kata sandi"),
        "remember": _("Ingat saya di perangkat ini"),
    }


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
