"""The form of an appeal against a restriction: the excuse for a missed booking."""

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.people.forms import capfirst_lazy
from booking.restrictions.models import Excuse
from booking.restrictions.services import APPEAL_LENGTH
from core import fields


class AppealForm(forms.Form):
    """The reason why a booking was missed."""

    reason = forms.ChoiceField(
        label=_("Mengapa tidak datang?"),
        choices=[(code, capfirst_lazy(label)) for code, label in Excuse.choices],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Pilih alasannya."),
            "invalid_choice": _("Pilih alasan dari daftar."),
        },
    )
    text = fields.CharField(
        label=_("Apa yang terjadi?"),
        help_text=_("Supervisor kantor akan membacanya. Tulis singkat."),
        max_length=APPEAL_LENGTH,
        widget=forms.Textarea({"rows": 4}),
        error_messages={
            "required": _("Tulis apa yang terjadi."),
            "max_length": _("Paling panjang 500 karakter."),
        },
    )
    evidence = fields.PictureField(
        label=_("Bukti"),
        help_text=_(
            "Misalnya surat dokter. JPEG, PNG atau PDF, paling besar 5 MB. Hanya Anda dan supervisor kantor itu yang dapat membukanya."
        ),
        required=False,
    )

    def ask_for_file_again(self) -> None:
        """Say at the file field that a refused form lost its file: browsers do not keep it."""
        if self.files.get("evidence") and not self.has_error("evidence"):
            self.add_error(
                "evidence", _("Berkas ini tidak tersimpan. Pilih lagi berkasnya, lalu kirim ulang.")
            )
