"""The form for a person's details."""

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.utils.functional import lazy
from django.utils.text import capfirst
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from booking.people import identity
from booking.people.guardians import current_wording
from booking.people.models import Applicant, Sex
from core import fields
from core.languages import reader_language
from core.names import clean_name
from core.text import compact_code

OLDEST_YEARS: Final = 120
capfirst_lazy = lazy(capfirst, str)


def _checked(clean: Callable[[str], str], text: str) -> str:
    """Clean a text with a function that raises ValueError with a message."""
    try:
        return clean(str(text))
    except ValueError as error:
        raise forms.ValidationError(str(error)) from None


class DayMonthYear(forms.MultiWidget):
    """Three text boxes, each with its own label, so that nobody pages a calendar back to 1962."""

    template_name = "booking/people/_date_input.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        boxes: dict[str, forms.Widget | type[forms.Widget]] = {
            name: forms.TextInput(
                {
                    "inputmode": "numeric",
                    "pattern": "[0-9]*",
                    "autocomplete": f"bday-{name}",
                    "maxlength": size,
                }
            )
            for name, size in (("day", 2), ("month", 2), ("year", 4))
        }
        super().__init__(boxes, attrs)

    def decompress(self, value: Any) -> list[Any]:
        return [value.day, value.month, value.year] if isinstance(value, dt.date) else ["", "", ""]

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0" if id_ else id_


class DayMonthYearField(forms.Field):
    """A date entered in three boxes; each error names the box and a valid value."""

    widget = DayMonthYear

    def clean(self, value: Any) -> dt.date | None:
        texts = [compact_code(str(part or "")) for part in (value or ["", "", ""])]
        if not any(texts):
            raise forms.ValidationError(
                _("Isi tanggal, bulan, dan tahun lahir, misalnya 14 6 1988.")
            )
        if not all(part.isascii() and part.isdigit() for part in texts):
            raise forms.ValidationError(
                _("Isi ketiganya dengan angka: tanggal, bulan, dan tahun, misalnya 14 6 1988.")
            )
        if len(texts[2]) != 4:
            raise forms.ValidationError(_("Isi tahun dengan empat angka, misalnya 1988."))
        if max(len(texts[0]), len(texts[1])) > 2:
            raise forms.ValidationError(
                _("Isi tanggal dan bulan dengan paling banyak dua angka, misalnya 14 dan 6.")
            )
        day, month, year = (int(part) for part in texts)
        try:
            return dt.date(year, month, day)
        except ValueError:
            raise forms.ValidationError(
                _now(
                    "Tanggal %(day)d bulan %(month)d tahun %(year)d tidak ada. Periksa lagi ketiganya."
                )
                % {"day": day, "month": month, "year": year}
            ) from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.widget().decompress(initial) != data


class PersonForm(forms.Form):
    """The details of a passport applicant. `kind` decides between NIK and foreign passport."""

    full_name = fields.CharField(
        label=_("Nama lengkap"),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={
            "required": _("Isi nama lengkap, persis seperti di kartu identitas."),
            "max_length": _("Nama paling panjang 120 karakter. Singkat gelar atau nama tengahnya."),
        },
    )
    nik = fields.CharField(
        label=_("NIK"),
        help_text=_(
            "16 angka di bawah nama pada KTP, atau pada kartu keluarga bila belum ber-KTP."
        ),
        widget=forms.TextInput(
            {"class": "input--code", "inputmode": "numeric", "autocomplete": "off"}
        ),
        error_messages={"required": _("Isi NIK, 16 angka di bawah nama pada KTP.")},
    )
    identity_number = fields.CharField(
        label=_("Nomor paspor"),
        help_text=_(
            "Nomor paspor yang masih berlaku, huruf dan angka tanpa spasi, misalnya N1234567."
        ),
        max_length=20,
        widget=forms.TextInput(
            {"class": "input--code", "autocapitalize": "characters", "autocomplete": "off"}
        ),
        error_messages={"required": _("Isi nomor paspor, misalnya N1234567.")},
    )
    nationality = forms.ChoiceField(
        label=_("Kewarganegaraan"),
        error_messages={
            "required": _("Pilih negara yang menerbitkan paspor."),
            "invalid_choice": _("Pilih salah satu negara dari daftar."),
        },
    )
    birth_date = DayMonthYearField(
        label=_("Tanggal lahir"), help_text=_("Dengan angka, misalnya 14 6 1988.")
    )
    sex = forms.ChoiceField(
        label=_("Jenis kelamin"),
        choices=[(code, capfirst_lazy(label)) for code, label in Sex.choices],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Pilih perempuan atau laki-laki, seperti di kartu identitas."),
            "invalid_choice": _("Pilih perempuan atau laki-laki."),
        },
    )
    phone = fields.CharField(
        label=_("Nomor ponsel"),
        help_text=_(
            "Supaya petugas bisa menghubungi Anda pada hari kedatangan. Boleh nomor keluarga."
        ),
        required=False,
        max_length=30,
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
    )

    guardian = forms.BooleanField(label=current_wording()[1], required=False)

    def __init__(self, *args: Any, kind: str, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.data.get("without_phone"):  # an optional field never blocks
            typed: Any = self.data
            self.data = typed = typed.copy()
            typed["phone"] = ""
        self.kind = kind
        self.today = today
        if kind == Applicant.IdentityKind.PASSPORT:
            del self.fields["nik"]
            self.fields["full_name"].help_text = _(
                "Persis seperti di paspor. Nama satu kata boleh."
            )
            self.fields["nationality"].choices = [  # type: ignore[attr-defined]
                ("", _("Pilih negara")),
                *identity.countries(reader_language()).items(),
            ]
        else:
            del self.fields["identity_number"], self.fields["nationality"]
            self.fields["full_name"].help_text = _(
                "Persis seperti di KTP, tanpa gelar. Nama satu kata boleh."
            )

    def clean_full_name(self) -> str:
        return _checked(clean_name, self.cleaned_data["full_name"])

    def clean_nik(self) -> str:
        text = str(self.cleaned_data["nik"])
        digits = compact_code(text)
        if digits.isascii() and digits.isdigit() and len(digits) < identity.NIK_DIGITS:
            raise forms.ValidationError(
                _now("NIK baru berisi %(count)d angka. Periksa lagi, seharusnya 16.")
                % {"count": len(digits)}
            )
        return _checked(identity.clean_nik, text)

    def clean_identity_number(self) -> str:
        return _checked(identity.clean_passport_number, self.cleaned_data["identity_number"])

    def clean_phone(self) -> str:
        return _checked(identity.clean_phone, self.cleaned_data["phone"])

    def clean_birth_date(self) -> dt.date:
        day: dt.date = self.cleaned_data["birth_date"]
        if day > self.today:
            raise forms.ValidationError(_("Tanggal lahir ini belum lewat. Periksa tahunnya."))
        if day.year < self.today.year - OLDEST_YEARS:
            raise forms.ValidationError(
                _("Tahun lahir ini lebih dari 120 tahun lalu. Periksa tahunnya.")
            )
        return day
