"""The form for the period of a report."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from core import fields
from offices.directory.models import Office
from offices.officer import OfficerContext

LONGEST_DAYS: Final = 92
USUAL_DAYS: Final = 14


class PeriodForm(forms.Form):
    """An office and a span of days, both ends included."""

    office = forms.ChoiceField(label=_("Kantor"), required=False)
    first = fields.DateField(
        label=_("Dari"),
        widget=forms.DateInput(attrs={"type": "date", "class": "wide"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Isi tanggal, misalnya 2026-11-23.")},
        input_formats=["%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y"],
    )
    last = fields.DateField(
        label=_("Sampai"),
        widget=forms.DateInput(attrs={"type": "date", "class": "wide"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Isi tanggal, misalnya 2026-11-23.")},
        input_formats=["%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y"],
    )

    def __init__(self, *args: Any, offices: list[Office], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offices = sorted(offices, key=lambda office: office.name)
        choices = [(office.code, office.name) for office in offices]
        self.fields["office"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Check the order and number of days."""
        values: dict[str, Any] = super().clean() or {}
        first, last = values.get("first"), values.get("last")
        if first and last and (problem := wrong_span(first, last)):
            self.add_error("last", problem)
        return values


def wrong_span(first: date, last: date) -> Any:
    """Return the error of a period, or an empty string."""
    if last < first:
        return _("Tanggal akhir harus sama dengan atau sesudah tanggal awal.")
    if (last - first).days >= LONGEST_DAYS:
        return _("Paling panjang 92 hari sekaligus. Pilih rentang yang lebih pendek.")
    if not (first.year > 1900 and last.year < 2200):
        return _("Isi tahun yang benar, misalnya 2026.")
    return None


def period_form(
    data: Mapping[str, str], officer: OfficerContext, *, days: int = USUAL_DAYS
) -> PeriodForm:
    """Return the form of an officer's report; defaults are their office and the days until today."""
    first, last = officer.day - timedelta(days=days - 1), officer.day
    usual = {"first": first.isoformat(), "last": last.isoformat()}
    chosen = {name: data[name] for name in usual if name in data}
    office = {"office": officer.office.code}
    return PeriodForm(usual | chosen | office, offices=[officer.office, *officer.others])
