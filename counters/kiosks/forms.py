"""Form of the supervisor's screen of kiosks."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core import fields
from counters.kiosks.services import LONGEST_NAME


class KioskForm(forms.Form):
    """A new kiosk."""

    name = fields.CharField(
        label=_("Nama perangkat"),
        max_length=LONGEST_NAME,
        help_text=_("Misalnya: Pintu utara."),
        widget=forms.TextInput(attrs={"class": "wide", "autocomplete": "off"}),
        error_messages={"required": _("Tulis nama perangkatnya.")},
    )
