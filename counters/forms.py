"""What officers fill in."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.forms import PersonForm
from booking.models import Applicant
from booking.services import ApplicantData
from core.errors import DomainError, InvalidInput
from counters.models import Pickup
from offices.models import Counter, Office, OpeningHours
from offices.services import ShiftData

FOREIGNERS = "foreigners"


class WalkInForm(PersonForm):
    """Someone who comes without a booking: who they are and what they come for."""

    service_type: Any = forms.ModelChoiceField(
        label=_("Layanan"),
        queryset=None,
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={
            "required": _("Pilih layanan yang diminta."),
            "invalid_choice": _("Pilih salah satu layanan kantor ini."),
        },
    )

    def __init__(
        self, *args: Any, office: Office, kind: str, today: dt.date, **kwargs: Any
    ) -> None:
        super().__init__(*args, kind=kind, today=today, **kwargs)
        offered = office.service_types.order_by("pk")
        is_foreigner = kind == Applicant.IdentityKind.PASSPORT
        offered = (
            offered.filter(group__code=FOREIGNERS)
            if is_foreigner
            else offered.exclude(group__code=FOREIGNERS)
        )
        field = self.fields["service_type"]
        field.queryset = offered  # type: ignore[attr-defined]
        field.initial = offered.first()
        self.order_fields(["service_type"])
        if not self.is_bound:
            self.fields["full_name"].widget.attrs["autofocus"] = True

    def applicant(self) -> ApplicantData:
        """Return the person as typed."""
        typed = self.cleaned_data
        number = (
            typed["nik"] if self.kind == Applicant.IdentityKind.NIK else typed["identity_number"]
        )
        return ApplicantData(
            full_name=typed["full_name"],
            birth_date=typed["birth_date"],
            sex=typed["sex"],
            identity_number=number,
            identity_kind=self.kind,
            nationality=typed.get("nationality") or "ID",
            phone=typed["phone"],
        )


class HandOverForm(forms.Form):
    """Who takes the passport, and by what right."""

    right = forms.ChoiceField(
        label=_("Hak mengambil"),
        choices=Pickup.Right.choices,
        initial=Pickup.Right.SELF,
        widget=forms.RadioSelect,
        error_messages={"required": _("Pilih hak pengambil.")},
    )
    collector_name = forms.CharField(
        label=_("Nama pengambil"),
        help_text=_("Seperti di KTP. Boleh kosong bila pemilik sendiri."),
        required=False,
        max_length=120,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    evidence = forms.CharField(
        label=_("Bukti yang Anda lihat"),
        help_text=_("Misalnya: KTP asli; KK asli dan KTP; surat kuasa bermeterai dan KTP."),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Tulis bukti yang Anda lihat, misalnya KTP asli.")},
    )
    where = forms.ChoiceField(
        label=_("Tempat"),
        choices=Pickup.Where.choices,
        initial=Pickup.Where.DESK,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, has_drive_thru: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.fields["evidence"].widget.attrs["autofocus"] = True
        if not has_drive_thru:
            self.fields["where"].choices = [  # type: ignore[attr-defined]
                (Pickup.Where.DESK, Pickup.Where.DESK.label)
            ]
            self.fields["where"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """Miss the name of whoever is not the owner together with everything else that is missing."""
        typed: dict[str, Any] = super().clean() or {}
        is_owner = typed.get("right") in (None, Pickup.Right.SELF)
        if not is_owner and typed.get("collector_name") == "":
            text = _("Tulis nama pengambil seperti di KTP, paling panjang 120 huruf.")
            self.add_error("collector_name", text)
        return typed


class ClockField(forms.TimeField):
    """A time of day as it is written by hand: 09.40 or 09:40."""

    def __init__(self, *, label: Any) -> None:
        said = _("Tulis jamnya seperti 09.40.")
        super().__init__(
            label=label,
            input_formats=["%H.%M", "%H:%M"],
            widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "maxlength": 5}),
            error_messages={"required": said, "invalid": said},
        )


class PaperForm(forms.Form):
    """One line of the paper list, as it was written."""

    arrived_at = ClockField(label=_("Tiba"))
    started_at = ClockField(label=_("Mulai dilayani"))
    ended_at = ClockField(label=_("Selesai"))
    counter: Any = forms.ModelChoiceField(
        label=_("Loket"),
        queryset=None,
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={
            "required": _("Pilih loketnya."),
            "invalid_choice": _("Pilih loket kantor ini."),
        },
    )

    def __init__(self, *args: Any, office: Office, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        counters = Counter.objects.filter(hall__office=office).order_by("number")
        self.fields["counter"].queryset = counters  # type: ignore[attr-defined]
        self.fields["counter"].initial = counters.first()
        if not self.is_bound:
            self.fields["arrived_at"].widget.attrs["autofocus"] = True


def add_errors(
    form: forms.Form, error: DomainError, *, aliases: dict[str, str] | None = None
) -> None:
    """Put a refusal's sentences at the form's fields; what belongs to none stands above them."""
    for name, texts in error.fields.items():
        own = (aliases or {}).get(name, name)
        for text in texts:
            form.add_error(own if own in form.fields else None, str(text))
    if not error.fields:
        form.add_error(None, str(error))


class OutageForm(forms.Form):
    """What does not work, since when, and what is to be seen of it."""

    thing = forms.ChoiceField(
        label=_("Apa yang rusak?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Pilih apa yang rusak."),
            "invalid_choice": _(
                "Pilih salah satu dari daftar; yang sudah tercatat tidak muncul lagi."
            ),
        },
    )
    reason = forms.CharField(
        label=_("Apa yang terlihat?"),
        help_text=_("Misalnya: layar gelap, tidak menyimpan foto."),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "class": "wide"}),
        error_messages={
            "required": _("Tulis sebabnya atau apa yang terlihat, misalnya: layar gelap."),
            "max_length": _("Paling panjang 200 huruf."),
        },
    )

    def __init__(self, *args: Any, things: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        since = ClockField(label=_("Sejak pukul"))
        since.required = False
        since.help_text = _("Kosongkan bila baru saja.")
        self.fields["since"] = since
        field: Any = self.fields["thing"]
        field.choices = things
        if things:
            field.initial = things[0][0]

    def target(self) -> dict[str, int]:
        """Return the chosen thing as the service takes it."""
        kind, _dash, pk = self.cleaned_data["thing"].partition("-")
        return {f"{kind}_id": int(pk)}


class EveningForm(forms.Form):
    """Hours past closing for those still waiting."""

    lane: Any = forms.ChoiceField(
        label=_("Jalur"),
        error_messages={"required": _("Pilih jalurnya."), "invalid_choice": _("Pilih jalurnya.")},
    )
    starts = forms.TimeField(
        label=_("Mulai"),
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        error_messages={
            "required": _("Isi jam mulainya."),
            "invalid": _("Tulis jam seperti 15:00."),
        },
    )
    ends = forms.TimeField(
        label=_("Sampai"),
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        error_messages={
            "required": _("Isi jam selesainya."),
            "invalid": _("Tulis jam seperti 18:00."),
        },
    )
    count = forms.IntegerField(
        label=_("Jumlah tempat"),
        min_value=1,
        max_value=200,
        error_messages={
            "required": _("Isi dengan angka."),
            "invalid": _("Isi dengan angka bulat."),
            "min_value": _("Paling sedikit %(limit_value)s."),
            "max_value": _("Paling banyak %(limit_value)s."),
        },
    )
    reason = forms.CharField(
        label=_("Alasan"),
        max_length=200,
        help_text=_("Tercatat dalam riwayat, misalnya: kamera rusak, lembur untuk yang menunggu."),
        widget=forms.TextInput({"class": "wide"}),
        error_messages={"required": _("Tulis alasannya; alasan ini tercatat dalam riwayat.")},
    )
    officers = forms.TypedMultipleChoiceField(
        label=_("Petugas yang lembur"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Pilih paling sedikit seorang petugas: tanpa petugas tempat ini kosong."),
            "invalid_choice": _("Pilih petugas dari daftar."),
        },
    )

    def __init__(
        self,
        *args: Any,
        lanes: list[tuple[str, str]],
        officers: list[tuple[int, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lane"].choices = lanes  # type: ignore[attr-defined]
        self.fields["officers"].choices = officers  # type: ignore[attr-defined]


HOURS_TYPED = r"(?P<starts>\d{1,2}(?:[.:]\d{2})?)\s*[-–]\s*(?P<ends>\d{1,2}(?:[.:]\d{2})?)"
SHIFT_TYPED = re.compile(
    rf"(?:(?P<counter>\*|[a-z0-9-]+)(?:\s+{HOURS_TYPED})?)", re.ASCII | re.IGNORECASE
)
ONLY_HOURS = re.compile(HOURS_TYPED, re.ASCII)


def read_cell(
    text: str, *, officer_id: int, day: dt.date, hours: OpeningHours, counters: Mapping[str, int]
) -> list[ShiftData]:
    """Read what stands in a cell of the roster: `1`, `*`, `1 8-12, * 13-15`. Raises InvalidInput."""
    found = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        match = ONLY_HOURS.fullmatch(part) or SHIFT_TYPED.fullmatch(part)
        if match is None:
            raise InvalidInput(_("Tulis seperti 1, * atau 1 8-12."))
        typed = match.groupdict()
        code = (typed.get("counter") or "*").lower()
        if code != "*" and code not in counters:
            raise InvalidInput(
                _("Tidak ada loket %(code)s. Yang ada: %(known)s."),
                code=code,
                known=", ".join(counters),
            )
        starts, ends = typed.get("starts"), typed.get("ends")
        found.append(
            ShiftData(
                officer_id,
                day,
                _typed_hour(starts) if starts else hours.opens,
                _typed_hour(ends) if ends else hours.closes,
                None if code == "*" else counters[code],
            )
        )
    return found


def _typed_hour(text: str) -> dt.time:
    hour, _dot, minute = text.replace(":", ".").partition(".")
    try:
        return dt.time(int(hour), int(minute or 0))
    except ValueError:
        raise InvalidInput(_("%(text)s bukan jam."), text=text) from None
