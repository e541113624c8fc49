"""Forms of the supervisor: a quota, a release rule, roll-over, more places."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields as fields_of
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from core import fields
from offices.day_rules.models import DayRule
from offices.directory.models import Fee, Lane, Office, ServiceGroup
from offices.limits.models import BookingLimit, RebookingRule
from quotas.places.models import Slot
from quotas.plan.decrees import (
    AHEAD_FIELDS,
    RHYTHM_FIELDS,
    WEEKLY,
    AdmissionDecree,
    AttendanceDecree,
    DayDecree,
    Decree,
    LimitDecree,
    NoShowDecree,
    NoticeDecree,
    ProductDecree,
    QuotaDecree,
    RebookingDecree,
    ReleaseDecree,
    ReturnDecree,
    RollOverDecree,
    Tranches,
    ranges,
    to_json,
)
from quotas.policies.models import ReleaseRule

WIDE = {"class": "wide"}
WEEKDAYS = (
    (1, _("Senin")),
    (2, _("Selasa")),
    (3, _("Rabu")),
    (4, _("Kamis")),
    (5, _("Jumat")),
    (6, _("Sabtu")),
    (7, _("Minggu")),
)
TRANCHE = re.compile(r"([0-9]{1,3}(?:[.,][0-9]{1,2})?)\s*%?\s*:\s*([0-9]{1,3})", re.ASCII)


def day_field(label: Any, text: Any) -> fields.DateField:
    return fields.DateField(
        label=label,
        help_text=text,
        widget=forms.DateInput(attrs={"type": "date", **WIDE}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Pilih tanggal mulainya."),
            "invalid": _("Tanggal itu tidak ada di kalender. Isi misalnya 2026-12-07."),
        },
    )


def number_field(
    label: Any, *, least: int = 0, most: int, required: bool = True, text: Any = ""
) -> fields.IntegerField:
    return fields.IntegerField(
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


def percent_field(label: Any, *, most: int, too_much: Any, text: Any = "") -> fields.DecimalField:
    """Return a field for a percentage with two decimal places."""
    return fields.DecimalField(
        label=label,
        min_value=Decimal(0),
        max_value=Decimal(most),
        decimal_places=2,
        max_digits=len(str(most)) + 2,
        help_text=text,
        widget=forms.NumberInput(attrs={**WIDE, "step": "any"}),
        error_messages={
            "required": _("Isi dengan angka."),
            "invalid": _("Isi dengan angka."),
            "min_value": _("Persentase tidak boleh kurang dari 0."),
            "max_value": too_much,
        },
    )


def decree_number(
    kind: type[Decree], name: str, label: Any, *, required: bool = True, text: Any = ""
) -> fields.IntegerField:
    """Return an integer field with the bounds that the decree declares."""
    bounds = ranges(kind)[name]
    return number_field(label, least=bounds.least, most=bounds.most, required=required, text=text)


def instrument_field() -> fields.CharField:
    return fields.CharField(
        label=_("Dasar hukum"),
        max_length=200,
        help_text=_(
            "Surat keputusan atau edaran yang menetapkannya, misalnya SK Kepala Kantor 12/2026."
        ),
        widget=forms.TextInput(attrs=WIDE),
        error_messages={
            "required": _("Isi surat keputusan atau edaran yang menetapkannya."),
            "max_length": _("Paling panjang 200 karakter."),
        },
    )


class RuleForm(forms.Form):
    """A form that shows the errors of a refused change at its fields."""

    def blame(self, fields: Mapping[str, Sequence[Any]]) -> None:
        """Add the errors of a refused change to their fields, or above the form."""
        for name, sentences in fields.items():
            for sentence in sentences:
                self.add_error(name if name in self.fields else None, sentence)


class DecreeForm(RuleForm):
    """A decree as a form. Fields that the form does not have keep the values in force."""

    decree_class: ClassVar[type[Decree]]
    # The initial values where no rule is in force.
    blank: ClassVar[Mapping[str, Any]] = {}

    @classmethod
    def start(cls, rule: Decree | None, *, first: date) -> dict[str, Any]:
        """Return the initial values: the rule in force, from the first possible day on."""
        values = cls.typed(rule) if rule is not None else dict(cls.blank)
        return {**values, "valid_from": first}

    @classmethod
    def typed(cls, rule: Decree) -> dict[str, Any]:
        """Return a rule's terms in the format of the form's fields."""
        return rule.values(*(name for name in cls.decree_class.terms() if name in cls.base_fields))

    def values(self) -> dict[str, Any]:
        """Return the fields of the decree that the form has."""
        names = (field.name for field in fields_of(self.decree_class))
        sent = {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        return {
            name: value.pk if isinstance(value, Model) else value for name, value in sent.items()
        }

    def decree(self, office: Office, *, rule: Decree | None = None, **key: Any) -> Any:
        """Return the decree of an office; `rule` is the one in force on its first day."""
        kept = {} if rule is None else rule.values(*self.decree_class.terms())
        return self.decree_class(office=office.pk, **{**kept, **key, **self.values()})


class PercentForm(DecreeForm):
    """A decree with a percentage; it is shown without trailing zeros."""

    @classmethod
    def typed(cls, rule: Decree) -> dict[str, Any]:
        """Return a rule's terms with the percentage as people write it."""
        values = super().typed(rule)
        return {**values, "percent": to_json(values["percent"])}


class QuotaForm(PercentForm):
    """Places a day: floor(base x percent / 100), at most `cap`."""

    decree_class = QuotaDecree
    blank: ClassVar = {"percent": 100}
    hints: Sequence[str] = ()  # what other apps say about this quota

    base = decree_number(QuotaDecree, "base", _("Tempat per hari pada keadaan normal"))
    percent = percent_field(
        _("Persentase yang dibuka"),
        most=1000,
        too_much=_("Persentase tidak boleh lebih dari 1000."),
        text=_("50 berarti separuh; pecahan tempat dibulatkan ke bawah."),
    )
    cap = decree_number(QuotaDecree, "cap", _("Paling banyak per hari"), required=False)
    valid_from = day_field(
        _("Mulai hari layanan"),
        _("Paling cepat besok. Kuota hari yang sudah dibuka tidak berkurang."),
    )
    instrument = instrument_field()


class ReleaseForm(DecreeForm):
    """When the places of a lane open. Only the fields of the chosen kind count."""

    decree_class = ReleaseDecree
    blank: ClassVar = {"kind": WEEKLY, "weekday": 5, "ahead": 1}

    kind = forms.ChoiceField(label=_("Frekuensi"), choices=ReleaseRule.Kind.choices)
    weekday = forms.TypedChoiceField(
        label=_("Hari pembukaan"),
        choices=WEEKDAYS,
        coerce=int,
        required=False,
        empty_value=None,
        help_text=_("Untuk frekuensi mingguan."),
    )
    month_days = fields.CharField(
        label=_("Tanggal pembukaan"),
        required=False,
        help_text=_("Untuk frekuensi bulanan: 1 atau 1, 16; -1 untuk hari terakhir bulan."),
        widget=forms.TextInput(attrs=WIDE),
    )
    counts_working_days = forms.BooleanField(
        label=_("Hitung hari kerja (1 hari kerja pertama, -1 hari kerja terakhir)"), required=False
    )
    ahead = number_field(
        _("Berapa lama sebelumnya"),
        most=180,
        text=_("Minggu, bulan, atau hari sebelum hari layanan, sesuai frekuensinya."),
    )
    tranches = fields.CharField(
        label=_("Tahap"),
        required=False,
        help_text=_(
            "Kosongkan bila dibuka sekaligus. 10:3, 30:2, 60:0 berarti 10 persen dibuka tiga bulan sebelumnya, dan seterusnya."
        ),
        widget=forms.TextInput(attrs=WIDE),
    )
    opens_time = fields.TimeField(
        label=_("Jam pembukaan"),
        widget=forms.TimeInput(attrs={"type": "time", **WIDE}, format="%H:%M"),
        error_messages={
            "required": _("Isi jam pembukaan."),
            "invalid": _("Isi jam, misalnya 14:00."),
        },
    )
    closes_after_days = decree_number(
        ReleaseDecree, "closes_after_days", _("Tutup (hari setelah buka)"), required=False
    )
    closes_before_days = decree_number(
        ReleaseDecree,
        "closes_before_days",
        _("atau jumlah hari sebelum hari layanan"),
        required=False,
    )
    closes_time = fields.TimeField(
        label=_("Jam tutup"),
        widget=forms.TimeInput(attrs={"type": "time", **WIDE}, format="%H:%M"),
        error_messages={
            "required": _("Isi jam tutup."),
            "invalid": _("Isi jam, misalnya 16:00."),
        },
    )
    mode = forms.ChoiceField(
        label=_("Cara membagi tempat"),
        choices=ReleaseRule.Mode.choices,
        initial=ReleaseRule.Mode.FIRST_COME,
        help_text=_(
            "Undian: siapa pun boleh mendaftar sampai jam buka, lalu diundi. Pembukaan yang sudah diumumkan tetap memakai cara semula."
        ),
        widget=forms.Select(attrs=WIDE),
    )
    lottery_source = forms.ChoiceField(
        label=_("Sumber nilai publik undian"),
        choices=ReleaseRule.LotterySource.choices,
        help_text=_("Hanya untuk undian: dari mana nilai yang menentukan hasilnya."),
        widget=forms.Select(attrs=WIDE),
    )
    has_waiting_room = forms.BooleanField(
        label=_("Melalui ruang tunggu"),
        required=False,
        help_text=_("Yang datang sebelum dibuka diurutkan secara acak; tidak perlu terburu-buru."),
    )
    valid_from = day_field(
        _("Mulai hari layanan"), _("Paling cepat besok. Kuota yang sudah dibuka tidak berubah.")
    )
    instrument = instrument_field()

    def clean_month_days(self) -> tuple[int, ...]:
        """Parse days of the month, separated by commas."""
        text = self.cleaned_data["month_days"].strip()
        if not text:
            return ()
        if not re.fullmatch(r"-?\d{1,2}(\s*,\s*-?\d{1,2})*", text, re.ASCII):
            raise forms.ValidationError(_("Isi angka tanggal, dipisahkan koma: 1, 16."))
        return tuple(int(part) for part in text.split(","))

    def clean_tranches(self) -> Tranches:
        """Parse percent and how far ahead: 10:3, 30:2."""
        parts = [part.strip() for part in self.cleaned_data["tranches"].split(",") if part.strip()]
        matches = [TRANCHE.fullmatch(part) for part in parts]
        if None in matches:
            raise forms.ValidationError(_("Isi tahap, misalnya 10:3, 30:2, 60:0."))
        return tuple(
            (Decimal(match[1].replace(",", ".")), int(match[2])) for match in matches if match
        )

    @classmethod
    def typed(cls, rule: Any) -> dict[str, Any]:
        """Show lists as one line of text, and how far ahead in one field for every kind."""
        return {
            **super().typed(rule),
            "ahead": rule.ahead,
            "month_days": ", ".join(str(day) for day in rule.month_days),
            "tranches": ", ".join(f"{percent:f}:{far}" for percent, far in rule.tranches),
        }

    def values(self) -> dict[str, Any]:
        """Reset the fields of the other kinds to their defaults."""
        values = super().values()
        kind = values["kind"]
        for other in AHEAD_FIELDS.keys() - {kind}:
            for name in (AHEAD_FIELDS[other], RHYTHM_FIELDS[other]):
                values[name] = getattr(ReleaseDecree, name)
        return {**values, AHEAD_FIELDS[kind]: self.cleaned_data["ahead"]}


class RollOverForm(DecreeForm):
    """The roll-over of unused places: from which lane to which, and at what time."""

    decree_class = RollOverDecree
    blank: ClassVar = {"percent": 100}

    from_lane: Any = forms.ModelChoiceField(label=_("Dari jalur"), queryset=Lane.objects.all())
    to_lane: Any = forms.ModelChoiceField(label=_("Ke jalur"), queryset=Lane.objects.all())
    group: Any = forms.ModelChoiceField(
        label=_("Kelompok"), queryset=ServiceGroup.objects.order_by("pk"), empty_label=None
    )
    at_time = fields.TimeField(
        label=_("Pukul"),
        help_text=_(
            "Menurut waktu kantor. Tempat yang belum diambil pada jam ini pindah jalur; jam layanannya tetap."
        ),
        widget=forms.TimeInput(attrs={"type": "time", **WIDE}, format="%H:%M"),
        error_messages={"required": _("Isi jamnya."), "invalid": _("Isi jam, misalnya 13:00.")},
    )
    percent = decree_number(RollOverDecree, "percent", _("Persentase yang dialihkan"))
    valid_from = day_field(_("Mulai"), _("Paling cepat besok."))
    instrument = instrument_field()

    def clean_percent(self) -> Decimal:
        return Decimal(self.cleaned_data["percent"])


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
    """More places for a slot whose window is open."""

    slot: Any = forms.ModelChoiceField(
        label=_("Jam"),
        queryset=None,
        error_messages={
            "required": _("Pilih jamnya."),
            "invalid_choice": _("Pilih salah satu jam yang sedang dibuka."),
        },
    )
    count = number_field(_("Tambahan tempat"), least=1, most=100)
    reason = fields.CharField(
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


def open_slots(office: Office, *, now: Any) -> Any:
    """Return the slots for all services whose window is open now."""
    rows = Slot.objects.serving(None).filter(
        office=office,
        ends_at__gt=now,
        places__opens_at__lte=now,
        places__closes_at__gt=now,
        places__withdrawn_at__isnull=True,
    )
    return rows.select_related("lane").distinct().order_by("lane", "starts_at")


def _time(label: Any, text: Any = "") -> fields.TimeField:
    return fields.TimeField(
        label=label,
        help_text=text,
        widget=forms.TimeInput(attrs={"type": "time", **WIDE}, format="%H:%M"),
        input_formats=["%H:%M", "%H.%M"],
        error_messages={"required": _("Isi jamnya."), "invalid": _("Isi jam, misalnya 20:00.")},
    )


class ReturnForm(DecreeForm):
    """The cooldown of a place, the time to answer an offer, and the number of offers."""

    decree_class = ReturnDecree

    rest_from_minutes = decree_number(
        ReturnDecree,
        "rest_from_minutes",
        _("Masa tunggu tersingkat (menit)"),
        text=_(
            "Tempat yang dibatalkan disimpan selama waktu acak; selama itu daftar tunggu didahulukan."
        ),
    )
    rest_until_minutes = decree_number(
        ReturnDecree, "rest_until_minutes", _("Masa tunggu terlama (menit)")
    )
    answer_hours = decree_number(
        ReturnDecree,
        "answer_hours",
        _("Waktu menjawab tawaran (jam)"),
        text=_("Jam tenang tidak dihitung."),
    )
    offers_at_most = decree_number(
        ReturnDecree, "offers_at_most", _("Tawaran paling banyak untuk satu pendaftaran")
    )
    quiet_from = _time(_("Jam tenang mulai"), _("Pada jam tenang tidak ada surel tawaran."))
    quiet_until = _time(_("Jam tenang sampai"))
    valid_from = day_field(
        _("Mulai"), _("Untuk hari layanan mulai tanggal ini; paling cepat besok.")
    )
    instrument = instrument_field()


class RebookingForm(DecreeForm):
    """How often people may book again, and when an account confirms its address."""

    decree_class = RebookingDecree

    within_hours = decree_number(
        RebookingDecree,
        "within_hours",
        _("Jangka waktu setelah pembatalan (jam)"),
        text=_("Hanya pembatalan oleh pemesan sendiri, bukan oleh kantor."),
    )
    per_person = decree_number(
        RebookingDecree,
        "per_person",
        _("Pemesanan baru paling banyak per orang"),
        required=False,
        text=_("Kosong: tanpa batas."),
    )
    per_account = decree_number(
        RebookingDecree,
        "per_account",
        _("Pemesanan baru paling banyak per akun"),
        required=False,
        text=_("Kosong: tanpa batas."),
    )
    confirmation = forms.ChoiceField(
        label=_("Verifikasi alamat surel wajib"),
        choices=RebookingRule.Confirmation.choices,
        widget=forms.Select(attrs=WIDE),
    )
    valid_from = day_field(_("Mulai"), _("Untuk pemesanan mulai tanggal ini; paling cepat besok."))
    instrument = instrument_field()


class DayForm(DecreeForm):
    """How the office runs its day."""

    decree_class = DayDecree

    early_minutes = decree_number(
        DayDecree,
        "early_minutes",
        _("Daftar ulang paling awal (menit)"),
        text=_("Sebelum jam booking dimulai. Yang datang lebih awal diminta kembali nanti."),
    )
    late_minutes = decree_number(
        DayDecree,
        "late_minutes",
        _("Toleransi terlambat (menit)"),
        text=_("Setelah jam booking berakhir."),
    )
    after_grace = forms.ChoiceField(
        label=_("Setelah toleransi"),
        choices=DayRule.AfterGrace.choices,
        widget=forms.Select(attrs=WIDE),
    )
    priority_after = decree_number(
        DayDecree,
        "priority_after",
        _("Satu prioritas setelah sekian orang lain"),
        text=_("0: prioritas selalu didahulukan."),
    )
    calls_before_again = decree_number(
        DayDecree,
        "calls_before_again",
        _("Yang dilewati dipanggil lagi setelah sekian panggilan"),
    )
    most_calls = decree_number(
        DayDecree,
        "most_calls",
        _("Panggilan paling banyak"),
        text=_("Sesudah itu dicatat tidak menjawab."),
    )
    kiosk_completes = forms.BooleanField(
        label=_("Daftar ulang di anjungan mandiri tidak perlu ke gerbang"), required=False
    )
    accelerated_until = _time(_("Layanan percepatan diterima sampai"))
    accelerated_ready_from = _time(_("Paspor percepatan siap mulai"))
    valid_from = day_field(
        _("Mulai"), _("Untuk hari layanan mulai tanggal ini; paling cepat besok.")
    )
    instrument = instrument_field()


def start_field() -> fields.DateField:
    """Return the field for the first day of a rule without places."""
    return day_field(_("Mulai"), _("Paling cepat besok."))


class AttendanceForm(PercentForm):
    """The percentage of the officers who may be in the office."""

    decree_class = AttendanceDecree

    percent = percent_field(
        _("Petugas yang boleh hadir (persen)"),
        most=100,
        too_much=_("Persentase tidak boleh lebih dari 100."),
    )
    valid_from = start_field()
    instrument = instrument_field()


class AdmissionForm(DecreeForm):
    """Who is admitted without a booking of their own."""

    decree_class = AdmissionDecree

    admits_walk_ins = forms.BooleanField(label=_("Menerima kedatangan langsung"), required=False)
    admits_companions = forms.BooleanField(label=_("Pendamping boleh masuk"), required=False)
    has_drive_thru = forms.BooleanField(label=_("Pengambilan drive-thru"), required=False)
    valid_from = start_field()
    instrument = instrument_field()


class NoShowForm(DecreeForm):
    """After how many missed appointments a person cannot book online, and for how long."""

    decree_class = NoShowDecree

    no_shows = decree_number(NoShowDecree, "no_shows", _("Jumlah tidak hadir"))
    within_days = decree_number(NoShowDecree, "within_days", _("Jangka waktu (hari)"))
    restricted_days = decree_number(NoShowDecree, "restricted_days", _("Lama pembatasan (hari)"))
    valid_from = day_field(
        _("Mulai"), _("Untuk hari layanan mulai tanggal ini; paling cepat besok.")
    )
    instrument = instrument_field()


class LimitForm(DecreeForm):
    """The number of online bookings of one account, telephone or device."""

    decree_class = LimitDecree

    subject = forms.ChoiceField(
        label=_("Yang dibatasi"),
        choices=BookingLimit.Subject.choices,
        widget=forms.Select(attrs=WIDE),
    )
    within_days = decree_number(
        LimitDecree,
        "within_days",
        _("Jangka waktu pemesanan baru (hari)"),
        required=False,
        text=_("Kosong: jadwal yang berlaku pada saat yang sama."),
    )
    most = decree_number(LimitDecree, "most", _("Paling banyak"))
    valid_from = start_field()
    instrument = instrument_field()


class ProductForm(DecreeForm):
    """The products that an office makes."""

    decree_class = ProductDecree

    products = forms.MultipleChoiceField(
        label=_("Jenis paspor yang dilayani"),
        choices=Fee.Product.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Pilih sedikitnya satu jenis paspor.")},
    )
    valid_from = start_field()
    instrument = instrument_field()

    def clean_products(self) -> tuple[str, ...]:
        return tuple(self.cleaned_data["products"])


class NoticeForm(DecreeForm):
    """The least time from a decision to an opening."""

    decree_class = NoticeDecree

    opening_hours = decree_number(
        NoticeDecree, "opening_hours", _("Jarak terpendek dari keputusan ke pembukaan (jam)")
    )
    valid_from = start_field()
    instrument = instrument_field()
