"""Forms for closing and reopening an office."""

import datetime as dt
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from booking.closures.services import ClosureData
from core import fields
from offices.directory.models import Lane, Office


def day_field(label: Any, **options: Any) -> fields.DateField:
    return fields.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y"],
        error_messages={
            "invalid": _("Isi tanggal, misalnya 2026-11-23."),
            "required": _("Pilih tanggalnya."),
        },
        **options,
    )


def hour_field(label: Any, *, required: bool = False) -> fields.TimeField:
    return fields.TimeField(
        label=label,
        required=required,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M", "%H.%M"],
        error_messages={
            "invalid": _("Isi jam, misalnya 09:00."),
            "required": _("Isi jam, misalnya 09:00."),
        },
    )


class ClosureForm(forms.Form):
    """A closure entered by a supervisor."""

    first_day = day_field(_("Hari pertama"))
    last_day = day_field(
        _("Hari terakhir"), required=False, help_text=_("Kosongkan bila belum diketahui.")
    )
    from_time = hour_field(_("Dari jam"))
    until_time = hour_field(_("Sampai jam"))
    hall: Any = forms.ModelChoiceField(
        label=_("Ruang"), queryset=None, required=False, empty_label=_("Seluruh kantor")
    )
    lane: Any = forms.ModelChoiceField(
        label=_("Jalur"), queryset=None, required=False, empty_label=_("Semua jalur")
    )
    open_lanes: Any = forms.ModelMultipleChoiceField(
        label=_("Jalur yang tetap buka"),
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    open_services: Any = forms.ModelMultipleChoiceField(
        label=_("Layanan yang tetap berjalan"),
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Yang sudah punya jadwal untuk layanan ini tetap dilayani sesuai jadwalnya, dan tempat yang tersisa hanya dapat dipesan untuk layanan ini."
        ),
    )
    merged_into: Any = forms.ModelChoiceField(
        label=_("Digabung ke"),
        queryset=None,
        required=False,
        empty_label=_("Tidak digabung"),
        help_text=_("Jadwal dipindahkan ke kantor itu, pada jam yang sama bila ada tempat."),
    )
    reason = fields.CharField(
        label=_("Alasan"),
        max_length=160,
        help_text=_("Ditampilkan kepada pemohon di kalender dan di surel."),
        error_messages={"required": _("Tulis alasannya.")},
    )
    reason_en = fields.CharField(
        label=_("Alasan dalam bahasa Inggris"), max_length=160, required=False
    )
    instrument = fields.CharField(
        label=_("Dasar hukum"),
        max_length=200,
        required=False,
        help_text=_("Surat keputusan atau edaran yang menetapkannya."),
    )

    def __init__(self, *args: Any, office: Office, day: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, Any] = {
            "hall": office.halls.in_use_on(day).order_by("floor", "name"),
            "lane": Lane.objects.order_by("series"),
            "open_lanes": Lane.objects.order_by("series"),
            "open_services": office.service_types.order_by("pk"),
            "merged_into": Office.objects.filter(
                Q(region=office.region_id) | Q(pk=office.parent_id)
            ).exclude(pk=office.pk),
        }
        # By default, a service point's bookings move to its parent office.
        self.fields["merged_into"].initial = office.parent_id
        for name, rows in choices.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def data_typed(self) -> ClosureData:
        """Return the data of a valid form."""
        values = dict(self.cleaned_data)
        for name in ("open_lanes", "open_services"):
            values[name] = tuple(values[name])
        return ClosureData(**values)


class ReopenForm(forms.Form):
    """The first day on which the office is open again."""

    on = day_field(_("Dibuka kembali mulai"))
