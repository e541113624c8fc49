"""The form for the photo of a document."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core import fields


class PhotoForm(forms.Form):
    """One photo or PDF."""

    photo = fields.PictureField(
        label=_("Foto atau PDF"),
        help_text=_("JPEG, PNG atau PDF, paling besar 5 MB. Semua tulisan harus terbaca."),
        error_messages={"required": _("Pilih foto atau PDF dulu, lalu kirim.")},
    )
