"""Forms of the page about messages: the phone number and its code."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.phones import read_number
from core import fields
from core.errors import DomainError
from notices.topics import BY_PHONE


class PhoneForm(forms.Form):
    """The number, and by which channel its code comes."""

    number = fields.CharField(
        label=_("Nomor ponsel"),
        help_text=_("Kami mengirim kode untuk memastikan nomor ini milik Anda."),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "tel", "inputmode": "tel", "class": "input--code"}),
        error_messages={"required": _("Isi nomor ponsel, misalnya 0812 3456 7890.")},
    )
    channel = forms.ChoiceField(
        label=_("Kode dikirim lewat"),
        choices=[(channel.value, channel.label) for channel in BY_PHONE],
        initial=BY_PHONE[0],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Pilih WhatsApp atau SMS."),
            "invalid_choice": _("Pilih WhatsApp atau SMS."),
        },
    )

    def clean_number(self) -> str:
        try:
            return read_number(self.cleaned_data["number"])
        except DomainError as error:
            raise forms.ValidationError(str(error)) from None


class PhoneCodeForm(forms.Form):
    """The code that was sent to the number."""

    code = fields.CharField(
        label=_("Kode"),
        help_text=_("Enam angka dalam pesan kami. Berlaku 30 menit."),
        max_length=20,
        widget=forms.TextInput(
            {"autocomplete": "one-time-code", "inputmode": "numeric", "class": "input--code"}
        ),
        error_messages={"required": _("Isi enam angka dalam pesan kami.")},
    )


def has_gateway() -> bool:
    """True if messages can go by phone here."""
    return bool(settings.MESSAGE_GATEWAY_URL)
