"""Forms of a complaint, of its number, and of the answer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core import fields
from counters.complaints.models import Complaint
from counters.complaints.services import ANSWER_LENGTH, TEXT_LENGTH
from offices.directory.models import Office


class ComplaintForm(forms.Form):
    """A complaint about an office."""

    office = forms.ModelChoiceField(
        label=_("Kantor"),
        queryset=Office.objects.none(),
        to_field_name="code",
        empty_label=_("Pilih kantor"),
        error_messages={
            "required": _("Pilih kantornya."),
            "invalid_choice": _("Pilih kantor dari daftar."),
        },
    )
    about = forms.ChoiceField(
        label=_("Tentang apa?"),
        choices=[("", _("Pilih")), *Complaint.About.choices],
        error_messages={
            "required": _("Pilih tentang apa pengaduan ini."),
            "invalid_choice": _("Pilih dari daftar."),
        },
    )
    text = fields.CharField(
        label=_("Apa yang terjadi?"),
        help_text=_(
            "Sebutkan hari, jam, nomor antrean, atau loketnya bila ingat. Disimpan terenkripsi."
        ),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea({"rows": 6}),
        error_messages={
            "required": _("Tulis apa yang terjadi."),
            "max_length": _("Paling panjang 2.000 karakter."),
        },
    )
    address = fields.EmailField(
        label=_("Alamat surel"),
        help_text=_(
            "Jawaban dikirim ke sini. Tanpa surel, baca jawabannya dengan nomor pengaduan."
        ),
        max_length=254,
        required=False,
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={"invalid": _("Isi alamat lengkap, misalnya nama@contoh.id.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["office"].queryset = Office.objects.order_by("name")  # type: ignore[attr-defined]


class NumberForm(forms.Form):
    """The number of a complaint."""

    number = fields.CharField(
        label=_("Nomor pengaduan"),
        max_length=20,
        widget=forms.TextInput(
            {"autocomplete": "off", "spellcheck": "false", "class": "input--code"}
        ),
        error_messages={
            "required": _("Isi nomor pengaduan."),
            "max_length": _("Nomor pengaduan terdiri atas 10 karakter."),
        },
    )


class AnswerForm(forms.Form):
    """The answer to a complaint."""

    answer = fields.CharField(
        label=_("Jawaban"),
        help_text=_("Sebutkan apa yang diperiksa dan apa yang diperbaiki. Pelapor membacanya."),
        max_length=ANSWER_LENGTH,
        widget=forms.Textarea({"rows": 4, "class": "wide"}),
        error_messages={
            "required": _("Tulis jawabannya; pelapor akan membacanya."),
            "max_length": _("Paling panjang 1.000 karakter."),
        },
    )
