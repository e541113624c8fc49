"""Forms for contested identity numbers and broker signals."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.people.models import Applicant
from core import fields
from offices.directory.models import Office


def _line(label: Any, text: Any, missing: Any, *, longest: int = 200) -> fields.CharField:
    return fields.CharField(
        label=label,
        help_text=text,
        max_length=longest,
        widget=forms.TextInput({"class": "wide", "autocomplete": "off"}),
        error_messages={
            "required": missing,
            "max_length": _("Paling panjang %(limit_value)d karakter."),
        },
    )


class ContestForm(forms.Form):
    """The office at which the document will be shown."""

    office: Any = forms.ModelChoiceField(
        label=_("Kantor tempat Anda menunjukkan kartu identitas"),
        queryset=Office.objects.order_by("name"),
        to_field_name="code",
        empty_label=_("Pilih kantor"),
        help_text=_("Pilih yang paling dekat dengan Anda, di mana pun jadwal orang lain itu."),
        error_messages={
            "required": _("Pilih kantornya."),
            "invalid_choice": _("Pilih salah satu kantor dari daftar."),
        },
    )


class ReleaseForm(forms.Form):
    """The document that the officer checked."""

    evidence = _line(
        _("Bukti yang Anda lihat"),
        _("Misalnya: KTP asli, foto dan nama cocok."),
        _("Tulis bukti yang Anda lihat, misalnya KTP asli."),
    )


class ReasonForm(forms.Form):
    """The reason for a decision against someone."""

    reason = _line(
        _("Alasan"), _("Pemohon akan membacanya."), _("Tulis alasannya: pemohon akan membacanya.")
    )


class DeskContestForm(forms.Form):
    """The identity number and the document of a person at the desk."""

    identity_kind = forms.ChoiceField(
        label=_("Jenis identitas"),
        choices=Applicant.IdentityKind.choices,
        initial=Applicant.IdentityKind.NIK,
        widget=forms.RadioSelect,
        error_messages={"required": _("Pilih NIK atau paspor asing.")},
    )
    identity_number = _line(
        _("Nomor identitas"),
        _("Salin dari kartu yang Anda pegang."),
        _("Isi nomornya."),
        longest=40,
    )
    nationality = fields.CharField(
        label=_("Negara penerbit paspor"),
        help_text=_("Dua huruf, hanya untuk paspor asing."),
        required=False,
        max_length=2,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"max_length": _("Dua huruf, misalnya MY.")},
    )
    evidence = _line(
        _("Bukti yang Anda lihat"),
        _("Misalnya: KTP asli, foto dan nama cocok."),
        _("Tulis bukti yang Anda lihat, misalnya KTP asli."),
    )
