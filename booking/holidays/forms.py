"""Forms for holidays and opening hours."""

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS as DJANGO_WEEKDAYS
from django.utils.translation import gettext_lazy as _

from booking.closures.forms import day_field, hour_field
from booking.holidays.opening_hours import HoursData
from booking.holidays.services import HolidayData
from core import fields
from offices.directory.models import Office
from offices.hours.models import Holiday

WEEKDAYS = tuple(DJANGO_WEEKDAYS.values())


class HolidayForm(forms.Form):
    """A holiday of the office, its region or the nation."""

    scope = forms.ChoiceField(
        label=_("Berlaku untuk"), error_messages={"required": _("Pilih salah satu.")}
    )
    day = day_field(_("Tanggal"))
    name = fields.CharField(
        label=_("Nama hari libur"),
        max_length=160,
        help_text=_("Ditampilkan kepada pemohon di kalender dan di surel."),
        error_messages={"required": _("Tulis nama hari liburnya.")},
    )
    name_en = fields.CharField(label=_("Nama dalam bahasa Inggris"), max_length=160, required=False)
    kind = forms.ChoiceField(label=_("Jenis"), choices=Holiday.Kind.choices)
    instrument = fields.CharField(
        label=_("Dasar hukum"),
        max_length=200,
        required=False,
        help_text=_("Surat keputusan atau edaran yang menetapkannya."),
    )

    def __init__(self, *args: Any, office: Office, scopes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.office = office
        labels = {
            "office": office.name,
            "region": _("Semua kantor di %(region)s") % {"region": office.region},
            "nation": _("Semua kantor di Indonesia"),
        }
        self.fields["scope"].choices = [(scope, labels[scope]) for scope in scopes]  # type: ignore[attr-defined]

    def data_typed(self) -> HolidayData:
        """Return the data of a valid form."""
        values = dict(self.cleaned_data)
        scope = values.pop("scope")
        return HolidayData(
            **values,
            office=self.office if scope == "office" else None,
            region=self.office.region if scope == "region" else None,
        )


class HoursForm(forms.Form):
    """New opening hours of some weekdays."""

    weekdays = forms.TypedMultipleChoiceField(
        label=_("Hari"),
        choices=tuple(zip(range(1, 8), WEEKDAYS, strict=True)),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Pilih sedikitnya satu hari.")},
    )
    opens = hour_field(_("Buka"), required=True)
    closes = hour_field(_("Tutup"), required=True)
    valid_from = day_field(_("Berlaku mulai"))
    valid_until = day_field(
        _("Berlaku sampai"), required=False, help_text=_("Kosongkan bila seterusnya.")
    )
    instrument = fields.CharField(
        label=_("Dasar hukum"),
        max_length=200,
        help_text=_("Surat keputusan atau edaran yang menetapkannya."),
        error_messages={"required": _("Tulis dasar hukumnya.")},
    )

    def data_typed(self) -> HoursData:
        """Return the data of a valid form."""
        values = dict(self.cleaned_data)
        values["weekdays"] = tuple(values["weekdays"])
        return HoursData(**values)
