"""The forms of a passport application: one question a page, and all at once for officers."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from booking.applications.documents import document_text
from booking.applications.models import PassportApplication
from booking.applications.products import FINES, price_on
from booking.applications.questions import (
    NO,
    YES,
    Answers,
    circumstances,
    fields_of,
    product_choices,
)
from booking.applications.requirements import documents_for
from booking.applications.services import (
    check_adult_number,
    current_declaration,
    purposes_of,
    reasons_of,
)
from booking.people.forms import capfirst_lazy
from booking.people.models import Applicant
from core import fields
from core.formats import rupiah
from core.names import clean_name
from offices.directory.models import Fee, ServiceType
from offices.directory.selectors import fee_on


class ApplicationForm(forms.Form):
    """The questions of one person's application for one service; `questions` are those it asks."""

    is_married = forms.ChoiceField(
        label=_("Apakah sudah menikah?"),
        help_text=_("Yang sudah menikah diperlakukan sebagai orang dewasa: bawa buku nikah."),
        choices=[(NO, _("Belum menikah")), (YES, _("Sudah menikah"))],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Pilih sudah atau belum menikah."),
            "invalid_choice": _("Pilih sudah atau belum menikah."),
        },
    )
    reason = forms.ChoiceField(
        label=_("Alasan"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Pilih alasannya."),
            "invalid_choice": _("Pilih salah satu alasan dari daftar."),
        },
    )
    issued = forms.ChoiceField(
        label=_("Kapan paspor lama terbit?"),
        help_text=_(
            "Tanggal terbitnya tercetak di halaman data diri. Paspor sebelum 2009 memerlukan berkas seperti paspor baru."
        ),
        choices=[
            (code, capfirst_lazy(label)) for code, label in PassportApplication.Issued.choices
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Pilih kapan paspor lama terbit."),
            "invalid_choice": _("Pilih kapan paspor lama terbit."),
        },
    )
    parents = forms.ChoiceField(
        label=_("Siapa yang bertanggung jawab atas anak ini?"),
        help_text=_("Mereka memberi persetujuan dan hadir pada hari kedatangan."),
        choices=[
            (code, capfirst_lazy(label)) for code, label in PassportApplication.Parents.choices
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Pilih siapa yang bertanggung jawab atas anak ini."),
            "invalid_choice": _("Pilih siapa yang bertanggung jawab atas anak ini."),
        },
    )
    adult_1_name = fields.CharField(max_length=120)
    adult_1_number = fields.CharField(max_length=40)
    adult_2_name = fields.CharField(label=_("Nama lengkap orang tua kedua"), max_length=120)
    adult_2_number = fields.CharField(
        label=_("NIK atau nomor paspor orang tua kedua"), max_length=40
    )
    permit = forms.ChoiceField(
        label=_("Izin tinggal apa yang Anda miliki sekarang?"),
        help_text=_("Jenisnya tertulis pada izin tinggal elektronik Anda."),
        choices=[
            (code, capfirst_lazy(label)) for code, label in PassportApplication.Permit.choices
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Pilih jenis izin tinggal Anda sekarang."),
            "invalid_choice": _("Pilih jenis izin tinggal Anda sekarang."),
        },
    )
    permit_until = fields.DateField(
        label=_("Izin tinggal itu berlaku sampai kapan?"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Isi sampai kapan izin tinggal Anda berlaku."),
            "invalid": _("Isi tanggal, misalnya 2026-12-31."),
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

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        service: ServiceType,
        person: Applicant,
        day: dt.date,
        questions: Sequence[str],
        answers: Answers,
        is_for_officer: bool = False,
    ) -> None:
        super().__init__(data, initial=dict(answers))
        self.service = service
        self.day = day
        self.facts = circumstances(person, service, day, answers)
        if is_for_officer and "marriage" in questions:
            # The same form says whether the person is married: every product is offered, the service checks.
            self.facts = replace(self.facts, age="")
        wanted = [name for question in questions for name in fields_of(question, answers)]
        self.fields = {name: self.fields[name] for name in wanted}
        for name, choices in self._choices().items():
            if name in self.fields:
                self._offer(name, choices)
        if "adult_1_name" in self.fields:
            self._name_adults()
        if not service.makes_passport and "purpose" in self.fields:
            self.fields["purpose"].label = _("Untuk apa Anda tinggal di Indonesia?")
        if is_for_officer and "issued" in self.fields:
            self.fields["issued"].required = False

    def _choices(self) -> dict[str, list[tuple[str, Any]]]:
        documents = documents_for(self.service.documents, self.facts)
        return {
            "reason": _reasons(self.service, self.day),
            "product": self._products(),
            "purpose": _purposes(self.service),
            "documents": [(row.code, document_text(row)) for row in documents],
        }

    def _offer(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        """Set a field's choices. A field with a single choice is hidden, one without is left out."""
        field = self.fields[name]
        field.choices = list(choices)  # type: ignore[attr-defined]
        if name == "documents":
            if not choices:
                del self.fields[name]
        elif len(choices) == 1:
            field.initial = self.initial[name] = choices[0][0]
            field.widget = forms.HiddenInput()

    def _name_adults(self) -> None:
        """Name the adults by who is responsible, and say what their number may be."""
        who = {
            "both": (_("orang tua pertama"), _("orang tua kedua")),
            "one": (_("orang tua"),),
            "guardian": (_("wali"),),
        }.get(self.facts.parents, (_("orang tua pertama"), _("orang tua kedua")))
        for position, adult in enumerate(who, start=1):
            name = self.fields[f"adult_{position}_name"]
            name.label = _now("Nama lengkap %(who)s") % {"who": adult}
            name.error_messages["required"] = _now("Isi nama lengkap %(who)s.") % {"who": adult}
            number = self.fields[f"adult_{position}_number"]
            number.label = _now("NIK atau nomor paspor %(who)s") % {"who": adult}
            number.help_text = _now("16 angka di KTP, atau nomor paspor bila bukan WNI.")
            number.error_messages["required"] = _now("Isi NIK atau nomor paspor %(who)s.") % {
                "who": adult
            }
            number.widget.attrs["autocomplete"] = name.widget.attrs["autocomplete"] = "off"

    def _products(self) -> list[tuple[str, Any]]:
        rows: list[tuple[str, Any]] = []
        for code in product_choices(self.service, self.facts):
            label = str(capfirst(Fee.Product(code).label))
            price = price_on(code, "", self.day)
            if price is not None:
                label = _now("%(product)s, %(fee)s") % {
                    "product": label,
                    "fee": rupiah(price.product),
                }
            rows.append((code, label))
        return rows

    def _clean_with(self, name: str, check: Callable[[str], Any]) -> str:
        text = str(self.cleaned_data[name])
        try:
            check(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
        return text

    def clean_adult_1_name(self) -> str:
        return self._clean_with("adult_1_name", clean_name)

    def clean_adult_2_name(self) -> str:
        return self._clean_with("adult_2_name", clean_name)

    def clean_adult_1_number(self) -> str:
        return self._clean_with("adult_1_number", check_adult_number)

    def clean_adult_2_number(self) -> str:
        return self._clean_with("adult_2_number", check_adult_number)

    def answers(self) -> dict[str, Any]:
        """Return the answers of a valid form, as they are kept in a draft."""
        return {
            name: value.isoformat()
            if isinstance(value, dt.date)
            else value or ""
            if name != "documents"
            else list(value)
            for name, value in self.cleaned_data.items()
        }


class DeclarationForm(forms.Form):
    """The last page: all answers are shown, and the account's holder declares that they are true."""

    declaration = forms.BooleanField(
        label=current_declaration()[1],
        error_messages={"required": _("Centang pernyataan bahwa isian ini benar.")},
    )


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
