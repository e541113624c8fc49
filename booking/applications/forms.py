"""The form of a passport application."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from booking.applications.models import PassportApplication
from booking.applications.products import FINES
from booking.applications.services import products_of, purposes_of, reasons_of
from booking.people.forms import capfirst_lazy
from core.formats import rupiah
from core.languages import localized
from offices.directory.models import Fee, ServiceType
from offices.directory.selectors import fee_on


class ApplicationForm(forms.Form):
    """One person's application for one service: reason, purpose, product and available documents."""

    reason = forms.ChoiceField(
        label=_("Alasan"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Pilih alasannya."),
            "invalid_choice": _("Pilih salah satu alasan dari daftar."),
        },
    )
    product = forms.ChoiceField(
        label=_("Jenis paspor"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Pilih jenis paspor; biayanya tertulis di samping."),
            "invalid_choice": _("Pilih salah satu jenis paspor dari daftar."),
        },
    )
    purpose = forms.ChoiceField(
        label=_("Tujuan perjalanan"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Pilih tujuan yang paling sesuai; rencana boleh berubah."),
            "invalid_choice": _("Pilih salah satu tujuan dari daftar."),
        },
    )
    documents = forms.MultipleChoiceField(
        label=_("Berkas yang sudah siap"),
        help_text=_(
            "Centang berkas yang sudah ada. Yang belum ada boleh menyusul sampai hari kedatangan."
        ),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": _("Pilih berkas dari daftar.")},
    )

    def __init__(self, *args: Any, service: ServiceType, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.service = service
        self._offer("reason", _reasons(service, today))
        self._offer("product", _products(service, today))
        self._offer("purpose", _purposes(service))
        documents = [(row["code"], _document(row)) for row in service.documents]
        self._offer("documents", documents)
        if not documents:
            del self.fields["documents"]

    def _offer(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        """Set a field's choices. A field with a single choice is hidden."""
        field = self.fields[name]
        field.choices = list(choices)  # type: ignore[attr-defined]
        if len(choices) == 1 and name != "documents":
            field.initial = choices[0][0]
            field.widget = forms.HiddenInput()

    def documents_ready(self) -> dict[str, bool]:
        """Map each requested document's code to whether the applicant has it."""
        ready = set(self.cleaned_data.get("documents", []))
        return {row["code"]: row["code"] in ready for row in self.service.documents}


def _document(row: Mapping[str, Any]) -> str:
    name = localized(row)
    return name if row.get("is_required", True) else _now("%(name)s (bila ada)") % {"name": name}


def _reasons(service: ServiceType, day: dt.date) -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for code in reasons_of(service):
        label: Any = str(capfirst(PassportApplication.Reason(code).label))
        product = FINES.get(code)
        fine = fee_on(product, day) if product else None
        if fine:
            label = _now("%(reason)s, ditambah denda %(fine)s") % {
                "reason": label,
                "fine": rupiah(fine),
            }
        rows.append((code, label))
    return rows


def _purposes(service: ServiceType) -> list[tuple[str, Any]]:
    labels = dict(PassportApplication.Purpose.choices)
    return [(code, capfirst_lazy(labels[code])) for code in purposes_of(service)]


def _products(service: ServiceType, day: dt.date) -> list[tuple[str, Any]]:
    text = _now("%(product)s, %(fee)s")
    return [
        (
            code,
            text % {"product": capfirst(Fee.Product(code).label), "fee": rupiah(fee_on(code, day))},
        )
        for code in products_of(service, day)
    ]
