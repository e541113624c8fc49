"""The form of the simulation: a day, and what is to be different on it."""

from datetime import date
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from core import fields
from core.errors import InvalidInput
from reports.simulation.changes import (
    BOUNDS,
    KIND_LABELS,
    Changes,
    Fault,
    parse_spans,
)

TIME: Final = {"type": "time", "class": "wide"}


def _number(name: str, label: Any, text: Any = "") -> fields.IntegerField:
    least, most = BOUNDS[name]
    return fields.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        required=False,
        help_text=text,
        widget=forms.NumberInput(attrs={"class": "wide"}),
        error_messages={
            "invalid": _("Isi dengan angka bulat."),
            "min_value": _("Paling sedikit %(limit_value)s."),
            "max_value": _("Paling banyak %(limit_value)s."),
        },
    )


def _time(label: Any) -> fields.TimeField:
    return fields.TimeField(
        label=label,
        required=False,
        widget=forms.TimeInput(attrs=TIME, format="%H:%M"),
        input_formats=["%H:%M", "%H.%M"],
        error_messages={"invalid": _("Isi jam, misalnya 09:00.")},
    )


class SimulationForm(forms.Form):
    """A day of the office, and the values that replace those of the day. Empty fields keep them."""

    day = fields.DateField(
        label=_("Tanggal"),
        widget=forms.DateInput(attrs={"type": "date", "class": "wide"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Isi tanggalnya."),
            "invalid": _("Isi tanggal, misalnya 2026-11-23."),
        },
    )
    quota = _number("quota", _("Kuota daring"), _("Kosong: kuota hari itu."))
    filled = _number("filled", _("Persentase kuota yang terisi"), _("Kosong: seluruhnya."))
    counters = _number(
        "counters", _("Petugas di loket"), _("Sepanjang hari. Kosong: menurut jadwal petugas.")
    )
    absent = _number("absent", _("Persentase yang tidak hadir"), _("Kosong: seperti biasanya."))
    breaks = fields.CharField(
        label=_("Istirahat"),
        required=False,
        max_length=60,
        help_text=_("Misalnya 12:00-13:00. Kosong: istirahat kantor."),
        widget=forms.TextInput(attrs={"class": "wide"}),
    )
    outage = forms.ChoiceField(
        label=_("Gangguan"),
        required=False,
        choices=[("", _("tidak ada gangguan tambahan")), *KIND_LABELS.items()],
        widget=forms.Select(attrs={"class": "wide"}),
        error_messages={"invalid_choice": _("Pilih salah satu.")},
    )
    outage_from = _time(_("Gangguan mulai"))
    outage_until = _time(_("Gangguan sampai"))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].widget.attrs["placeholder"] = f"{today:%Y-%m-%d}"

    def clean_breaks(self) -> Any:
        """Parse the spans; None keeps the office's breaks."""
        text = self.cleaned_data["breaks"]
        try:
            return parse_spans(text) if text.strip() else None
        except InvalidInput as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        """Check that an outage has its hours."""
        values: dict[str, Any] = super().clean() or {}
        if not values.get("outage"):
            return values
        for name in ("outage_from", "outage_until"):
            if name in values and values[name] is None:
                self.add_error(name, _("Isi jam gangguannya."))
        start, end = values.get("outage_from"), values.get("outage_until")
        if start and end and end <= start:
            self.add_error("outage_until", _("Jam selesai harus sesudah jam mulai."))
        return values

    def changes(self) -> Changes:
        """Return the values of a valid form."""
        values = self.cleaned_data
        outages: tuple[Fault, ...] = ()
        if values["outage"]:
            start, end = values["outage_from"], values["outage_until"]
            span = (start.hour * 60 + start.minute, end.hour * 60 + end.minute)
            outages = (Fault(values["outage"], span),)
        names = ("quota", "filled", "counters", "absent", "breaks")
        return Changes(**{name: values[name] for name in names}, outages=outages)
