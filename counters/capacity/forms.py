"""The form for adding places after closing time."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core import fields


class EveningForm(forms.Form):
    """Extra hours and places after closing time."""

    lane: Any = forms.ChoiceField(
        label=_("Jalur"),
        error_messages={"required": _("Pilih jalurnya."), "invalid_choice": _("Pilih jalurnya.")},
    )
    starts = fields.TimeField(
        label=_("Mulai"),
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        error_messages={
            "required": _("Isi jam mulai."),
            "invalid": _("Isi jam, misalnya 15:00."),
        },
    )
    ends = fields.TimeField(
        label=_("Sampai"),
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        error_messages={
            "required": _("Isi jam selesai."),
            "invalid": _("Isi jam, misalnya 18:00."),
        },
    )
    count = fields.IntegerField(
        label=_("Jumlah tempat"),
        min_value=1,
        max_value=200,
        error_messages={
            "required": _("Isi dengan angka."),
            "invalid": _("Isi dengan angka bulat."),
            "min_value": _("Paling sedikit %(limit_value)s."),
            "max_value": _("Paling banyak %(limit_value)s."),
        },
    )
    reason = fields.CharField(
        label=_("Alasan"),
        max_length=200,
        help_text=_("Tercatat dalam riwayat, misalnya: kamera rusak, lembur untuk yang menunggu."),
        widget=forms.TextInput({"class": "wide"}),
        error_messages={"required": _("Tulis alasannya; alasan ini tercatat dalam riwayat.")},
    )
    officers = forms.TypedMultipleChoiceField(
        label=_("Petugas yang lembur"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _(
                "Pilih paling sedikit satu petugas: tanpa petugas, tempat ini tidak dapat dilayani."
            ),
            "invalid_choice": _("Pilih petugas dari daftar."),
        },
    )

    def __init__(
        self,
        *args: Any,
        lanes: list[tuple[str, str]],
        officers: list[tuple[int, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lane"].choices = lanes  # type: ignore[attr-defined]
        self.fields["officers"].choices = officers  # type: ignore[attr-defined]
