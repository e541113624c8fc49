"""Forms of an objection and of its answer."""

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.objections.services import ANSWER_LENGTH, TEXT_LENGTH
from core import fields


class ObjectionForm(forms.Form):
    """Why the decision is wrong."""

    text = fields.CharField(
        label=_("Apa yang menurut Anda keliru?"),
        help_text=_("Tulis singkat. Supervisor kantor itu yang membaca dan memutuskan."),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea({"rows": 4}),
        error_messages={
            "required": _("Tulis apa yang menurut Anda keliru."),
            "max_length": _("Paling panjang 500 karakter."),
        },
    )


class DecisionForm(forms.Form):
    """The answer to an objection."""

    answer = fields.CharField(
        label=_("Jawaban untuk pemohon"),
        help_text=_("Sebutkan apa yang Anda periksa dan apa yang berubah."),
        max_length=ANSWER_LENGTH,
        widget=forms.Textarea({"rows": 3, "class": "wide"}),
        error_messages={
            "required": _("Tulis jawabannya; pemohon akan membacanya."),
            "max_length": _("Paling panjang 300 karakter."),
        },
    )
