"""The form of an appeal against a restriction."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core import fields


class AppealForm(forms.Form):
    """The reason why a booking was missed."""

    text = fields.CharField(
        label=_("Apa yang terjadi?"),
        help_text=_(
            "Supervisor kantor akan membacanya. Tulis singkat; bukti boleh dibawa ke kantor."
        ),
        max_length=500,
        widget=forms.Textarea({"rows": 4}),
        error_messages={
            "required": _("Tulis apa yang terjadi."),
            "max_length": _("Paling panjang 500 karakter."),
        },
    )
