"""Forms of requests about personal data."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.people.forms import DayMonthYearField
from booking.people.models import Applicant, Sex
from core import fields
from offices.directory.models import Office
from privacy.requests.models import DataRequest

TEXT_LENGTH = 1000


def _text(label: Any, hint: Any, *, required: bool = True) -> fields.CharField:
    return fields.CharField(
        label=label,
        help_text=hint,
        required=required,
        max_length=TEXT_LENGTH,
        widget=forms.Textarea({"rows": 4}),
        error_messages={
            "required": _("Tulis penjelasannya."),
            "max_length": _("Paling panjang 1.000 karakter."),
        },
    )


class CorrectionForm(forms.Form):
    """What is wrong, and the office that checks it."""

    text = _text(
        _("Apa yang salah, dan apa yang benar?"),
        _("Sebut nama orangnya. Jangan tulis nomor identitas lengkap."),
    )
    office: Any = forms.ModelChoiceField(
        label=_("Kantor yang menjawab"),
        queryset=Office.objects.order_by("name"),
        to_field_name="code",
        empty_label=_("Pilih kantor"),
        error_messages={
            "required": _("Pilih kantornya."),
            "invalid_choice": _("Pilih salah satu kantor dari daftar."),
        },
    )


class DeletionForm(forms.Form):
    """What to delete: the account or one of its people, confirmed by a tick."""

    what = forms.ChoiceField(
        label=_("Apa yang dihapus?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Pilih apa yang dihapus."),
            "invalid_choice": _("Pilih salah satu dari daftar."),
        },
    )
    is_sure = forms.BooleanField(
        label=_("Saya mengerti bahwa ini tidak dapat dibatalkan."),
        error_messages={"required": _("Beri tanda bila Anda yakin.")},
    )

    def __init__(self, *args: Any, people: list[Applicant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        what: Any = self.fields["what"]
        what.choices = [
            *((str(person.pk), person.full_name) for person in people),
            ("account", _("Seluruh akun dengan semua orang di dalamnya")),
        ]


class DeskRequestForm(forms.Form):
    """The request of a person who shows a document at the desk."""

    kind = forms.ChoiceField(
        label=_("Permintaan"),
        choices=DataRequest.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Pilih permintaannya.")},
    )
    identity_kind = forms.ChoiceField(
        label=_("Jenis identitas"),
        choices=Applicant.IdentityKind.choices,
        initial=Applicant.IdentityKind.NIK,
        widget=forms.RadioSelect,
        error_messages={"required": _("Pilih NIK atau paspor asing.")},
    )
    identity_number = fields.CharField(
        label=_("Nomor identitas"),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "text"}),
        error_messages={"required": _("Ketik nomor dari dokumen yang ditunjukkan.")},
    )
    nationality = fields.CharField(
        label=_("Negara penerbit paspor"),
        help_text=_("Hanya untuk paspor asing: dua huruf, misalnya MY."),
        max_length=2,
        required=False,
    )
    evidence = fields.CharField(
        label=_("Dokumen yang Anda lihat"),
        help_text=_("Misalnya: KTP asli, foto dan nama cocok."),
        max_length=200,
        widget=forms.TextInput({"class": "wide", "autocomplete": "off"}),
        error_messages={"required": _("Tulis dokumen yang Anda lihat, misalnya KTP asli.")},
    )
    text = _text(
        _("Penjelasan"), _("Untuk perbaikan: apa yang salah, dan apa yang benar."), required=False
    )


class AnswerForm(forms.Form):
    """The answer that the person reads."""

    answer = _text(
        _("Jawaban"),
        _("Pemohon akan membacanya. Wajib untuk penolakan dan untuk perbaikan."),
        required=False,
    )


class PersonForm(forms.Form):
    """The details of a person that an officer can correct."""

    full_name = fields.CharField(
        label=_("Nama lengkap"),
        max_length=120,
        error_messages={"required": _("Isi nama lengkapnya.")},
    )
    birth_date = DayMonthYearField(label=_("Tanggal lahir"))
    sex = forms.ChoiceField(label=_("Jenis kelamin"), choices=Sex.choices, widget=forms.RadioSelect)
    phone = fields.CharField(label=_("Nomor ponsel"), max_length=30, required=False)
