"""The form to cancel a booking."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core import fields


class CancelForm(forms.Form):
    """An optional reason for cancelling."""

    reason = fields.CharField(
        label=_("Alasan"),
        help_text=_("Tidak wajib dan tidak mengubah apa pun. Jangan menulis data pribadi."),
        required=False,
        max_length=200,
        widget=forms.TextInput,
        error_messages={"max_length": _("Paling panjang 200 karakter.")},
    )
