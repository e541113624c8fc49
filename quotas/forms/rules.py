"""What a supervisor fills in: a quota, a release rule, places for an open hour."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from offices.models import Lane, Office, ServiceGroup
from quotas.models import ReleaseRule, RollOverRule, Slot

WIDE = {"class": "wide"}
WEEKDAYS = (
    (1, _("Senin")), (2, _("Selasa")), (3, _("Rabu")), (4, _("Kamis")), (5, _("Jumat")), (6, _("Sabtu")),
    (7, _("Minggu")),
)  # fmt: skip
TRANCHE = re.compile(r"([0-9]{1,3}(?:[.,][0-9]{1,2})?)\s*%?\s*:\s*([0-9]{1,3})", re.ASCII)


def day_field(label: Any, text: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=text,
        widget=forms.DateInput(attrs={"type": "date", **WIDE}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Pilih tanggal mulainya."),
            "invalid": _("Tanggal itu tidak ada di kalender. Tulis seperti 2026-12-07."),
        },
    )


def number_field(
    label: Any, *, least: int = 0, most: int, required: bool = True, text: Any = ""
) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        required=required,
        help_text=text,
        widget=forms.NumberInput(attrs=WIDE),
        error_messages={
            "required": _("Isi dengan angka."),
            "invalid": _("Isi dengan angka bulat."),
            "min_value": _("Paling sedikit %(limit_value)s."),
            "max_value": _("Paling banyak %(limit_value)s."),
        },
    )


def instrument_field() -> forms.CharField:
    return forms.CharField(
        label=_("Dasar"),
        max_length=200,
        help_text=_(
            "Surat keputusan atau edaran yang menetapkannya, misalnya SK Kepala Kantor 12/2026."
        ),
        widget=forms.TextInput(attrs=WIDE),
        error_messages={
            "required": _("Tulis surat keputusan atau edaran yang menetapkannya."),
            "max_length": _("Paling panjang 200 huruf."),
        },
    )


class RuleForm(forms.Form):
    """What every change of a rule says: from which day, and on which instrument."""

    def blame(self, fields: Mapping[str, Sequence[Any]]) -> None:
        """Put the sentences of a refused change at their fields, or above the form."""
        for name, sentences in fields.items():
            for sentence in sentences:
                self.add_error(name if name in self.fields else None, sentence)


class QuotaForm(RuleForm):
    """Places a day: floor(base x percent / 100), at most `cap`."""

    base = number_field(_("Tempat sehari pada keadaan biasa"), most=100_000)
    percent = forms.DecimalField(
        label=_("Persen yang dibuka"),
        min_value=Decimal(0),
        max_value=Decimal(1000),
        decimal_places=2,
        max_digits=6,
        widget=forms.NumberInput(attrs={**WIDE, "step": "any"}),
        help_text=_("50 berarti separuh; pecahan tempat dibulatkan ke bawah."),
        error_messages={
            "required": _("Isi dengan angka."),
            "invalid": _("Isi dengan angka."),
            "min_value": _("Persen tidak bisa kurang dari 0."),
            "max_value": _("Persen tidak bisa lebih dari 1000."),
        },
    )
    cap = number_field(_("Paling banyak sehari"), most=100_000, required=False)
    valid_from = day_field(
        _("Mulai hari layanan"), _("Paling cepat besok. Hari yang sudah dibuka tidak berkurang.")
    )
    instrument = instrument_field()


class ReleaseForm(RuleForm):
    """When the places of a lane open. Only the fields of the chosen rhythm count."""

    kind = forms.ChoiceField(label=_("Irama"), choices=ReleaseRule.Kind.choices)
    weekday = forms.TypedChoiceField(
        label=_("Hari buka"),
        choices=WEEKDAYS,
        coerce=int,
        required=False,
        empty_value=None,
        help_text=_("Untuk irama mingguan."),
    )
    month_days = forms.CharField(
        label=_("Tanggal buka"),
        required=False,
        help_text=_("Untuk irama bulanan: 1 atau 1, 16; -1 untuk hari terakhir bulan."),
        widget=forms.TextInput(attrs=WIDE),
    )
    counts_working_days = forms.BooleanField(
        label=_("Hitung hari kerja (1 hari kerja pertama, -1 hari kerja terakhir)"), required=False
    )
    ahead = number_field(
        _("Berapa lama sebelumnya"), most=180,
        text=_("Minggu, bulan, atau hari sebelum hari layanan, menurut iramanya."),
    )  # fmt: skip
    tranches = forms.CharField(
        label=_("Tahap"),
        required=False,
        help_text=_(
            "Kosongkan bila sekaligus. 10:3, 30:2, 60:0 membuka 10 persen tiga bulan sebelumnya, dan seterusnya."
        ),
        widget=forms.TextInput(attrs=WIDE),
    )
    opens_time = forms.TimeField(
        label=_("Jam buka"),
        widget=forms.TimeInput(attrs={"type": "time", **WIDE}, format="%H:%M"),
        error_messages={
            "required": _("Isi jam bukanya."),
            "invalid": _("Tulis jam seperti 14:00."),
        },
    )
    closes_after_days = number_field(_("Tutup sekian hari setelah buka"), most=60, required=False)
    closes_before_days = number_field(
        _("atau sekian hari sebelum hari layanan"), most=60, required=False
    )
    closes_time = forms.TimeField(
        label=_("Jam tutup"),
        widget=forms.TimeInput(attrs={"type": "time", **WIDE}, format="%H:%M"),
        error_messages={
            "required": _("Isi jam tutupnya."),
            "invalid": _("Tulis jam seperti 16:00."),
        },
    )
    has_waiting_room = forms.BooleanField(
        label=_("Lewat ruang tunggu"),
        required=False,
        help_text=_("Yang datang sebelum dibuka diurutkan secara acak; tidak perlu berlomba."),
    )
    valid_from = day_field(
        _("Mulai hari layanan"), _("Paling cepat besok. Jendela yang sudah dibuka tetap.")
    )
    instrument = instrument_field()

    def clean_month_days(self) -> list[int]:
        """Read days of the month, divided by commas."""
        text = self.cleaned_data["month_days"].strip()
        if not text:
            return []
        if not re.fullmatch(r"-?\d{1,2}(\s*,\s*-?\d{1,2})*", text, re.ASCII):
            raise forms.ValidationError(_("Tulis angka tanggal, dipisahkan koma: 1, 16."))
        return [int(part) for part in text.split(",")]

    def clean_tranches(self) -> list[list[Any]]:
        """Read percent and how far ahead, as 10:3, 30:2."""
        parts = [part.strip() for part in self.cleaned_data["tranches"].split(",") if part.strip()]
        found = [TRANCHE.fullmatch(part) for part in parts]
        if None in found:
            raise forms.ValidationError(_("Tulis tahap seperti 10:3, 30:2, 60:0."))
        return [[match[1].replace(",", "."), int(match[2])] for match in found if match]

    def clean(self) -> dict[str, Any]:
        """A rhythm needs its own field."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("kind") == ReleaseRule.Kind.WEEKLY and not values.get("weekday"):
            self.add_error("weekday", _("Pilih hari bukanya."))
        if values.get("kind") == ReleaseRule.Kind.MONTHLY and values.get("month_days") == []:
            self.add_error("month_days", _("Isi tanggal bukanya."))
        return values

    def row(self, office: Office, lane: str, group_id: int | None) -> ReleaseRule:
        """Return the rule as an unsaved row."""
        values = self.cleaned_data
        kind, ahead = values["kind"], values["ahead"]
        return ReleaseRule(
            office=office,
            lane_id=lane,
            group_id=group_id,
            kind=kind,
            weekday=values["weekday"] if kind == ReleaseRule.Kind.WEEKLY else None,
            weeks_ahead=ahead if kind == ReleaseRule.Kind.WEEKLY else 1,
            days_ahead=ahead if kind == ReleaseRule.Kind.DAILY else None,
            month_days=values["month_days"] if kind == ReleaseRule.Kind.MONTHLY else [],
            months_ahead=ahead if kind == ReleaseRule.Kind.MONTHLY else 1,
            counts_working_days=values["counts_working_days"],
            has_waiting_room=values["has_waiting_room"],
            tranches=values["tranches"],
            opens_time=values["opens_time"],
            closes_time=values["closes_time"],
            closes_after_days=values["closes_after_days"],
            closes_before_days=values["closes_before_days"],
            valid_from=values["valid_from"],
            instrument=values["instrument"],
        )


class RollOverForm(RuleForm):
    """Which lane's unused places go where, from what time on."""

    from_lane: Any = forms.ModelChoiceField(label=_("Dari jalur"), queryset=Lane.objects.all())
    to_lane: Any = forms.ModelChoiceField(label=_("Ke jalur"), queryset=Lane.objects.all())
    group: Any = forms.ModelChoiceField(
        label=_("Kelompok"), queryset=ServiceGroup.objects.order_by("pk"), empty_label=None
    )
    at_time = forms.TimeField(
        label=_("Pukul"),
        help_text=_(
            "Menurut jam kantor. Yang belum diambil pada pukul ini pindah jalur, jamnya tetap."
        ),
        widget=forms.TimeInput(attrs={"type": "time", **WIDE}, format="%H:%M"),
        error_messages={"required": _("Isi jamnya."), "invalid": _("Tulis jam seperti 13:00.")},
    )
    percent = number_field(_("Persen yang dialihkan"), least=1, most=100)
    valid_from = day_field(_("Mulai"), _("Paling cepat besok."))
    instrument = instrument_field()

    def row(self, office: Office) -> RollOverRule:
        """Return the rule as an unsaved row."""
        names = (
            "from_lane", "to_lane", "group", "at_time", "percent", "valid_from", "instrument",
        )  # fmt: skip
        return RollOverRule(office=office, **{name: self.cleaned_data[name] for name in names})


class EndRollOverForm(forms.Form):
    """The last day on which a roll-over runs."""

    rule: Any = forms.ModelChoiceField(
        label=_("Pengalihan yang diakhiri"),
        queryset=None,
        empty_label=None,
        error_messages={
            "required": _("Pilih pengalihannya."),
            "invalid_choice": _("Pilih salah satu pengalihan yang berlaku."),
        },
    )
    last_day = day_field(
        _("Hari terakhir"), _("Paling cepat hari ini. Sesudahnya tempat tetap di jalurnya.")
    )
    instrument = instrument_field()

    def __init__(self, *args: Any, rules: Any, label: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["rule"]
        field.queryset = rules
        field.label_from_instance = label


class AddPlacesForm(RuleForm):
    """More places for an hour that is open."""

    slot: Any = forms.ModelChoiceField(
        label=_("Jam"),
        queryset=None,
        error_messages={
            "required": _("Pilih jamnya."),
            "invalid_choice": _("Pilih salah satu jam yang sedang dibuka."),
        },
    )
    count = number_field(_("Tambahan tempat"), least=1, most=100)
    reason = forms.CharField(
        label=_("Alasan"),
        max_length=200,
        help_text=_("Tercatat dalam riwayat, misalnya: lembur untuk yang masih menunggu."),
        widget=forms.TextInput(attrs=WIDE),
        error_messages={"required": _("Tulis alasannya; alasan ini tercatat dalam riwayat.")},
    )

    def __init__(self, *args: Any, slots: Any, label: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["slot"]
        field.queryset = slots
        field.label_from_instance = label


def initial_release(row: ReleaseRule | None, first: date) -> dict[str, Any]:
    """Return what the form starts from: the rule in force."""
    if row is None:
        return {"kind": "weekly", "weekday": 5, "ahead": 1, "valid_from": first}
    ahead = {"weekly": row.weeks_ahead, "monthly": row.months_ahead}.get(row.kind, row.days_ahead)
    return {
        "kind": row.kind,
        "weekday": row.weekday,
        "month_days": ", ".join(str(day) for day in row.month_days),
        "counts_working_days": row.counts_working_days,
        "has_waiting_room": row.has_waiting_room,
        "ahead": ahead,
        "tranches": ", ".join(f"{percent}:{far}" for percent, far in row.tranches),
        "opens_time": row.opens_time,
        "closes_time": row.closes_time,
        "closes_after_days": row.closes_after_days,
        "closes_before_days": row.closes_before_days,
        "valid_from": first,
    }


def open_slots(office: Office, *, now: Any) -> Any:
    """Return the hours for all whose window is open now."""
    rows = Slot.objects.serving(None).filter(
        office=office, ends_at__gt=now, places__opens_at__lte=now, places__closes_at__gt=now,
        places__withdrawn_at__isnull=True,
    )  # fmt: skip
    return rows.select_related("lane").distinct().order_by("lane", "starts_at")
