"""The form of a report: offices, period and how its rows are formed."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from core import fields
from offices.directory.models import Office
from offices.officer import OfficerContext
from reports.load.report import BY

LONGEST_DAYS: Final = 92
LONGEST_BY: Final = {"day": LONGEST_DAYS, "week": 53 * 7}
LONGEST: Final = 5 * 366
USUAL_DAYS: Final = 14
ALL: Final = "all"


def _day(label: Any) -> fields.DateField:
    return fields.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date", "class": "wide"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Isi tanggal, misalnya 2026-11-23.")},
        input_formats=["%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y"],
    )


class SpanForm(forms.Form):
    """A span of days, both ends included."""

    first = _day(_("Dari"))
    last = _day(_("Sampai"))

    def clean(self) -> dict[str, Any]:
        """Check the order and number of days."""
        values: dict[str, Any] = super().clean() or {}
        first, last = values.get("first"), values.get("last")
        if first and last and (problem := wrong_span(first, last, values.get("by", "day"))):
            self.add_error("last", problem)
        return values


class ReportForm(SpanForm):
    """Offices, a span of days, and the kind of rows."""

    field_order = ("offices", "first", "last", "by")

    offices = forms.MultipleChoiceField(
        label=_("Kantor"),
        error_messages={"invalid_choice": _("Pilih kantor yang laporannya boleh Anda baca.")},
    )
    by = forms.ChoiceField(
        label=_("Menurut"),
        choices=list(BY.items()),
        error_messages={"invalid_choice": _("Pilih salah satu dari daftar.")},
    )

    def __init__(self, *args: Any, offices: Sequence[Office], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.readable = sorted(offices, key=lambda office: office.name)
        choices: list[tuple[str, Any]] = [(office.code, office.name) for office in self.readable]
        if len(choices) > 1:
            choices.insert(0, (ALL, _("Semua kantor")))
        self.fields["offices"].choices = choices  # type: ignore[attr-defined]

    @property
    def chosen(self) -> tuple[Office, ...]:
        """The chosen offices by name, after validation."""
        codes = self.cleaned_data["offices"]
        return tuple(office for office in self.readable if ALL in codes or office.code in codes)


class PeriodForm(SpanForm):
    """One office and a span of days."""

    field_order = ("office", "first", "last")

    office = forms.ChoiceField(label=_("Kantor"), required=False)

    def __init__(self, *args: Any, offices: Sequence[Office], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        readable = sorted(offices, key=lambda office: office.name)
        choices = [(office.code, office.name) for office in readable]
        self.fields["office"].choices = choices  # type: ignore[attr-defined]


def period_form(
    data: Mapping[str, str], officer: OfficerContext, *, usual: Mapping[str, str]
) -> PeriodForm:
    """Return the form of an officer's report; defaults are their office and the usual days."""
    chosen = {name: data[name] for name in usual if name in data}
    office = {"office": officer.office.code}
    return PeriodForm({**usual, **chosen, **office}, offices=[officer.office, *officer.others])


def wrong_span(first: date, last: date, by: str = "day") -> Any:
    """Return the error of a period, or an empty string."""
    if last < first:
        return _("Tanggal akhir harus sama dengan atau sesudah tanggal awal.")
    if not (first.year > 1900 and last.year < 2200):
        return _("Isi tahun yang benar, misalnya 2026.")
    days = (last - first).days
    if days >= LONGEST_BY.get(by, LONGEST):
        return {
            "day": _("Paling panjang 92 hari sekaligus. Pilih rentang yang lebih pendek."),
            "week": _("Per minggu paling panjang satu tahun. Pilih rentang yang lebih pendek."),
        }.get(by, _("Paling panjang lima tahun sekaligus. Pilih rentang yang lebih pendek."))
    return None


def usual_span(today: date, days: int = USUAL_DAYS) -> dict[str, str]:
    """Return the values of the two fields for so many days until today."""
    first = today - timedelta(days=days - 1)
    return {"first": first.isoformat(), "last": today.isoformat()}


def usual_months(today: date, months: int) -> dict[str, str]:
    """Return the values of the two fields for so many complete months, the last ones before today's."""
    last = today.replace(day=1) - timedelta(days=1)
    first = last.replace(day=1)
    for _month in range(months - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    return {"first": first.isoformat(), "last": last.isoformat()}
