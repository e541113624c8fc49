"""What an applicant types: a person, what is applied for, who comes."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django import forms
from django.utils.functional import lazy
from django.utils.text import capfirst
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from booking import identity
from booking.models import Applicant, PassportApplication, Sex
from booking.services.applications import products_of, reasons_of
from core.errors import DomainError
from core.languages import localized, reader_language
from core.templatetags.formats import rupiah
from offices.models import Fee, ServiceType
from offices.selectors import fee_on

OLDEST_YEARS: Final = 120
capfirst_lazy = lazy(capfirst, str)
FINES: Final = {
    PassportApplication.Reason.LOST: Fee.Product.LOST,
    PassportApplication.Reason.DAMAGED: Fee.Product.DAMAGED,
}


def tell(form: forms.Form, error: DomainError, *, aliases: Mapping[str, str] | None = None) -> None:
    """Put a service's refusal at the fields it names, or above the form when it names none."""
    renamed = aliases or {}
    texts = {renamed.get(name, name): texts for name, texts in error.fields.items()}
    for name, sentences in texts.items():
        for sentence in sentences:
            form.add_error(name if name in form.fields else None, str(sentence))
    if not texts:
        form.add_error(None, str(error))


def _checked(clean: Callable[[str], str], text: str) -> str:
    """Clean a text by a rule that speaks in sentences."""
    try:
        return clean(str(text))
    except ValueError as error:
        raise forms.ValidationError(str(error)) from None


class DayMonthYear(forms.MultiWidget):
    """Three small boxes, each with its own label: no calendar to page through for 1962."""

    template_name = "booking/_date_input.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        boxes: dict[str, forms.Widget | type[forms.Widget]] = {
            name: forms.TextInput(
                {"inputmode": "numeric", "autocomplete": f"bday-{name}", "maxlength": size}
            )
            for name, size in (("day", 2), ("month", 2), ("year", 4))
        }
        super().__init__(boxes, attrs)

    def decompress(self, value: Any) -> list[Any]:
        return [value.day, value.month, value.year] if isinstance(value, dt.date) else ["", "", ""]

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0" if id_ else id_


class DayMonthYearField(forms.Field):
    """A date from three boxes; each mistake says which box and what would be right."""

    widget = DayMonthYear

    def clean(self, value: Any) -> dt.date | None:
        texts = [str(part or "").strip() for part in (value or ["", "", ""])]
        if not any(texts):
            raise forms.ValidationError(
                _("Tulis tanggal, bulan dan tahun lahir, misalnya 14 6 1988.")
            )
        if not all(part.isascii() and part.isdigit() for part in texts):
            raise forms.ValidationError(
                _("Isi ketiganya dengan angka: tanggal, bulan dan tahun, misalnya 14 6 1988.")
            )
        day, month, year = (int(part) for part in texts)
        if len(texts[2]) != 4:
            raise forms.ValidationError(_("Tulis tahun dengan empat angka, misalnya 1988."))
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
    """A person a passport is for. `kind` decides whether the NIK or a foreign passport is asked."""

    full_name = forms.CharField(
        label=_("Nama lengkap"),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={
            "required": _("Tulis nama lengkap, persis seperti di kartu identitas."),
            "max_length": _("Nama paling panjang 120 huruf. Singkat gelar atau nama tengahnya."),
        },
    )
    nik = forms.CharField(
        label=_("NIK"),
        help_text=_(
            "16 angka di bawah nama pada KTP, atau pada kartu keluarga bila belum ber-KTP."
        ),
        widget=forms.TextInput(
            {"class": "input--code", "inputmode": "numeric", "autocomplete": "off"}
        ),
        error_messages={"required": _("Tulis NIK, 16 angka di bawah nama pada KTP.")},
    )
    identity_number = forms.CharField(
        label=_("Nomor paspor"),
        help_text=_("Paspor yang masih berlaku, huruf dan angka tanpa spasi, misalnya N1234567."),
        max_length=20,
        widget=forms.TextInput(
            {"class": "input--code", "autocapitalize": "characters", "autocomplete": "off"}
        ),
        error_messages={"required": _("Tulis nomor paspor, misalnya N1234567.")},
    )
    nationality = forms.ChoiceField(
        label=_("Kewarganegaraan"),
        error_messages={
            "required": _("Pilih negara yang menerbitkan paspor."),
            "invalid_choice": _("Pilih salah satu negara dari daftar."),
        },
    )
    birth_date = DayMonthYearField(label=_("Tanggal lahir"), help_text=_("Misalnya 14 6 1988."))
    sex = forms.ChoiceField(
        label=_("Jenis kelamin"),
        choices=[(code, capfirst_lazy(label)) for code, label in Sex.choices],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Pilih perempuan atau laki-laki, seperti di kartu identitas."),
            "invalid_choice": _("Pilih perempuan atau laki-laki."),
        },
    )
    phone = forms.CharField(
        label=_("Nomor ponsel"),
        help_text=_(
            "Supaya petugas bisa menghubungi Anda pada hari kedatangan. Boleh nomor keluarga."
        ),
        required=False,
        max_length=30,
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
    )

    def __init__(self, *args: Any, kind: str, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
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
        return _checked(identity.clean_name, self.cleaned_data["full_name"])

    def clean_nik(self) -> str:
        text = str(self.cleaned_data["nik"])
        digits = identity.SEPARATORS.sub("", text)
        if digits.isascii() and digits.isdigit() and len(digits) < identity.NIK_DIGITS:
            raise forms.ValidationError(
                _now("NIK baru %(count)d angka. Periksa lagi, seharusnya 16.")
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


class ApplicationForm(forms.Form):
    """What one person applies for, with one service: reason, purpose, product, documents at hand."""

    reason = forms.ChoiceField(
        label=_("Alasan"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Pilih alasannya."),
            "invalid_choice": _("Pilih salah satu alasan dari daftar."),
        },
    )
    product = forms.ChoiceField(
        label=_("Paspor yang mana"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Pilih produknya; biayanya tertulis di samping."),
            "invalid_choice": _("Pilih salah satu produk dari daftar."),
        },
    )
    purpose = forms.ChoiceField(
        label=_("Tujuan perjalanan"),
        widget=forms.RadioSelect,
        choices=[
            (code, capfirst_lazy(label)) for code, label in PassportApplication.Purpose.choices
        ],
        error_messages={
            "required": _("Pilih tujuan yang paling dekat; rencananya boleh berubah."),
            "invalid_choice": _("Pilih salah satu tujuan dari daftar."),
        },
    )
    documents = forms.MultipleChoiceField(
        label=_("Berkas yang sudah siap"),
        help_text=_(
            "Centang yang sudah ada di tangan. Yang belum boleh menyusul sampai hari kedatangan."
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
        asked = [(row["code"], _document(row)) for row in service.documents]
        self._offer("documents", asked)
        if not asked:
            del self.fields["documents"]

    def _offer(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        """Offer choices; where there is only one, it is not asked."""
        field = self.fields[name]
        field.choices = list(choices)  # type: ignore[attr-defined]
        if len(choices) == 1 and name != "documents":
            field.initial = choices[0][0]
            field.widget = forms.HiddenInput()

    def documents_ready(self) -> dict[str, bool]:
        """Return, for each document that is asked for, whether it is at hand."""
        ready = set(self.cleaned_data.get("documents", []))
        return {row["code"]: row["code"] in ready for row in self.service.documents}


def _document(row: Mapping[str, Any]) -> str:
    name = localized(row)
    return name if row.get("is_required", True) else _now("%(name)s (bila ada)") % {"name": name}


def _reasons(service: ServiceType, day: dt.date) -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for code in reasons_of(service):
        label: Any = str(capfirst(PassportApplication.Reason(code).label))
        product = FINES.get(PassportApplication.Reason(code))
        fine = fee_on(product, day) if product else None
        if fine:
            label = _now("%(reason)s, ditambah denda %(fine)s") % {
                "reason": label,
                "fine": rupiah(fine),
            }
        rows.append((code, label))
    return rows


def _products(service: ServiceType, day: dt.date) -> list[tuple[str, Any]]:
    text = _now("%(product)s, %(fee)s")
    return [
        (
            code,
            text % {"product": capfirst(Fee.Product(code).label), "fee": rupiah(fee_on(code, day))},
        )
        for code in products_of(service, day)
    ]


class CancelForm(forms.Form):
    """Why a booking is given back; nobody has to say."""

    reason = forms.CharField(
        label=_("Alasan"),
        help_text=_("Tidak wajib dan tidak mengubah apa pun. Jangan menulis data pribadi."),
        required=False,
        max_length=200,
        widget=forms.TextInput,
        error_messages={"max_length": _("Paling panjang 200 huruf.")},
    )
