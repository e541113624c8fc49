"""Regions, offices, halls, counters, devices and services."""

import datetime as dt
from typing import Any, ClassVar, Self, TypeVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.languages import localized
from offices.dated import Dated, DatedQuerySet, never_overlapping, valid_span

M = TypeVar("M", bound=models.Model)
ZONE_NAMES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}


# The same-day lane: it has a cut-off and a due hour (offices.day_rules).
ACCELERATED = "accelerated"


class Region(models.Model):
    """A regional office (Kantor Wilayah) and the offices it inspects."""

    code = models.SlugField(_("kode"), max_length=20, unique=True)
    name = models.CharField(_("nama"), max_length=80)

    class Meta:
        verbose_name = _("wilayah")
        verbose_name_plural = pgettext_lazy("jamak", "wilayah")

    def __str__(self) -> str:
        return self.name


class ServiceGroup(models.Model):
    """A group of applicants: citizens (WNI) or foreigners (WNA)."""

    code = models.SlugField(_("kode"), max_length=20, unique=True)
    name = models.CharField(_("nama"), max_length=80)
    name_en = models.CharField(_("nama Inggris"), max_length=80)

    class Meta:
        verbose_name = _("kelompok layanan")
        verbose_name_plural = pgettext_lazy("jamak", "kelompok layanan")

    def __str__(self) -> str:
        return localized(self)


class Lane(models.Model):
    """A lane: online, walk-in, priority, accelerated, or another one added by decree."""

    class BookedAt(models.TextChoices):
        ONLINE = "online", _("daring")
        DESK = "desk", _("di kantor")
        BOTH = "both", _("daring dan di kantor")

    IS_ONLINE: ClassVar = (BookedAt.ONLINE, BookedAt.BOTH)
    AT_DESK: ClassVar = (BookedAt.DESK, BookedAt.BOTH)

    code = models.SlugField(_("kode"), max_length=20, primary_key=True)
    name = models.CharField(_("nama"), max_length=80)
    name_en = models.CharField(_("nama Inggris"), max_length=80)
    booked_at = models.CharField(_("dipesan"), max_length=10, choices=BookedAt.choices)
    series = models.CharField(_("seri nomor antrean"), max_length=1, unique=True)

    class Meta:
        verbose_name = _("jalur")
        verbose_name_plural = pgettext_lazy("jamak", "jalur")

    def __str__(self) -> str:
        return localized(self)


class Stage(models.TextChoices):
    """The stages of a visit, in order."""

    DOCUMENTS = "documents", _("Berkas")
    INTERVIEW = "interview", _("Wawancara")
    PHOTO = "photo", _("Foto dan biometrik")


class ServiceType(models.Model):
    """A service. `documents` is a list of {code, name, name_en, is_required}."""

    code = models.SlugField(_("kode"), max_length=20, unique=True)
    name = models.CharField(_("nama"), max_length=80)
    name_en = models.CharField(_("nama Inggris"), max_length=80)
    group = models.ForeignKey(
        ServiceGroup,
        on_delete=models.PROTECT,
        related_name="service_types",
        verbose_name=_("kelompok layanan"),
    )
    due_working_days = models.PositiveSmallIntegerField(
        _("selesai dalam hari kerja"),
        null=True,
        blank=True,
        help_text=_("Dihitung dari wawancara."),
    )
    makes_passport = models.BooleanField(_("menghasilkan paspor"), default=True)
    documents = models.JSONField(_("berkas yang diminta"), default=list, blank=True)

    class Meta:
        verbose_name = _("jenis layanan")
        verbose_name_plural = pgettext_lazy("jamak", "jenis layanan")

    def __str__(self) -> str:
        return localized(self)


class StageStandard(models.Model):
    """The standard minutes of a stage (ISO 9001: every stage has a measured time)."""

    service_type = models.ForeignKey(
        ServiceType,
        on_delete=models.CASCADE,
        related_name="stages",
        verbose_name=_("jenis layanan"),
    )
    stage = models.CharField(_("tahap"), max_length=20, choices=Stage.choices)
    position = models.PositiveSmallIntegerField(_("urutan"))
    minutes = models.PositiveSmallIntegerField(_("menit standar"))

    class Meta:
        verbose_name = _("standar tahap")
        verbose_name_plural = pgettext_lazy("jamak", "standar tahap")
        ordering: ClassVar = ["service_type", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["service_type", "stage"], name="stage_standard_once"),
            models.CheckConstraint(condition=Q(minutes__gt=0), name="stage_standard_takes_time"),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.minutes}"


class Fee(Dated):
    """The price of a product in rupiah, by regulation."""

    class Product(models.TextChoices):
        PLAIN_5 = "plain_5", _("paspor biasa 5 tahun")
        PLAIN_10 = "plain_10", _("paspor biasa 10 tahun")
        ELECTRONIC_5 = "electronic_5", _("paspor elektronik 5 tahun")
        ELECTRONIC_10 = "electronic_10", _("paspor elektronik 10 tahun")
        STAY_PERMIT = "stay_permit", _("izin tinggal")
        ACCELERATED = "accelerated", _("tambahan layanan percepatan")
        LOST = "lost", _("denda paspor hilang")
        DAMAGED = "damaged", _("denda paspor rusak")

    product = models.CharField(_("jenis paspor"), max_length=20, choices=Product.choices)
    amount = models.PositiveIntegerField(_("rupiah"))

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("tarif")
        verbose_name_plural = pgettext_lazy("jamak", "tarif")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            never_overlapping("fee_never_overlaps", "product"),
            valid_span("fee_valid_span"),
        ]

    def __str__(self) -> str:
        return f"{self.get_product_display()} Rp {self.amount}"


class Office(models.Model):
    """An immigration office or service point."""

    code = models.SlugField(_("kode"), max_length=12, unique=True)
    name = models.CharField(_("nama"), max_length=80)
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="offices", verbose_name=_("wilayah")
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="service_points",
        verbose_name=_("kantor induk"),
    )
    time_zone = models.CharField(_("zona waktu"), max_length=40, choices=list(ZONE_NAMES.items()))
    address = models.CharField(_("alamat"), max_length=200)
    phone = models.CharField(_("telepon"), max_length=30, blank=True)
    latitude = models.FloatField(_("lintang"), null=True, blank=True)
    longitude = models.FloatField(_("bujur"), null=True, blank=True)
    service_types = models.ManyToManyField(
        ServiceType,
        related_name="offices",
        blank=True,
        verbose_name=pgettext_lazy("jamak", "jenis layanan"),
    )
    booking_stopped_reason = models.CharField(
        _("alasan penghentian pemesanan"), max_length=200, blank=True
    )

    # The dated rules that a list of offices has read for all of them (`offices.hours.selectors.with_rules`).
    rules_read: dict[type[models.Model], list[Any]] | None = None

    class Meta:
        verbose_name = _("kantor")
        verbose_name_plural = pgettext_lazy("jamak", "kantor")
        ordering: ClassVar = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                name="office_coordinates_together",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def geo_url(self) -> str:
        """The address that opens the office in the map program of a phone (RFC 5870), or ""."""
        if self.latitude is None:
            return ""
        point = f"{self.latitude},{self.longitude}"
        return f"geo:{point}?q={point}({quote(self.name)})"

    @property
    def tel_url(self) -> str:
        """The address that calls the office, or ""."""
        digits = "".join(char for char in self.phone if char in "+0123456789")
        return f"tel:{digits}" if digits else ""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def zone_name(self) -> str:
        return ZONE_NAMES.get(self.time_zone, self.time_zone)

    def local_day(self, moment: dt.datetime) -> dt.date:
        return moment.astimezone(self.zone).date()

    def snapshot(self) -> dict[str, str]:
        """Return the office's data for the context of a message."""
        return {
            "code": self.code,
            "name": self.name,
            "address": self.address,
            "time_zone": self.time_zone,
        }

    def at(self, day: dt.date, time: dt.time) -> dt.datetime:
        """Return the moment of a local date and time at this office."""
        return dt.datetime.combine(day, time, self.zone)


def in_use_on(day: dt.date, path: str = "") -> Q:
    """Return the condition that rows, or those at a path from a row, are in use on a day."""
    name = f"{path}__retired_on" if path else "retired_on"
    return Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__gt": day})


class RetirableQuerySet(models.QuerySet[M]):
    def in_use_on(self, day: dt.date) -> Self:
        """Rows that are in use on a local day of their office."""
        return self.filter(in_use_on(day))


class Retirable(models.Model):
    """A part of an office that is out of use from a local day on. It stays for the history."""

    retired_on = models.DateField(
        _("tidak dipakai sejak"),
        null=True,
        blank=True,
        help_text=_("Hari pertama yang tidak dipakai lagi. Kosong: dipakai."),
    )

    class Meta:
        abstract = True

    def is_in_use_on(self, day: dt.date) -> bool:
        return self.retired_on is None or day < self.retired_on


# A hall outlasts its counters: each of them is out of use from the same day or earlier.
HALL_RETIREMENT = """
IF EXISTS (
    SELECT FROM offices_counter
     WHERE hall_id = NEW.id AND (retired_on IS NULL OR retired_on > NEW.retired_on)
) THEN
    RAISE EXCEPTION 'a counter of the hall is in use'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'hall_retired_after_its_counters';
END IF;
RETURN NEW;
"""
# The hall's lock lets a change of the hall and one of its counter follow each other.
COUNTER_RETIREMENT = """
SELECT retired_on INTO hall_retired_on FROM offices_hall WHERE id = NEW.hall_id FOR SHARE;
IF hall_retired_on < COALESCE(NEW.retired_on, 'infinity') THEN
    RAISE EXCEPTION 'the hall of the counter is out of use'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'counter_retired_before_its_hall';
END IF;
IF EXISTS (
    SELECT FROM offices_rostershift WHERE counter_id = NEW.id AND day >= NEW.retired_on
) THEN
    RAISE EXCEPTION 'the roster uses the counter'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'counter_retired_after_its_shifts';
END IF;
RETURN NEW;
"""


class Hall(Retirable):
    """A hall with counters, for some groups and lanes (Jakarta Selatan: citizens on floor 2)."""

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="halls", verbose_name=_("kantor")
    )
    code = models.SlugField(_("kode"), max_length=20)
    name = models.CharField(_("nama"), max_length=80)
    name_en = models.CharField(_("nama Inggris"), max_length=80, blank=True)
    floor = models.CharField(_("lantai"), max_length=10)
    groups = models.ManyToManyField(
        ServiceGroup, related_name="halls", verbose_name=pgettext_lazy("jamak", "kelompok layanan")
    )
    lanes = models.ManyToManyField(
        Lane, related_name="halls", verbose_name=pgettext_lazy("jamak", "jalur")
    )

    objects = RetirableQuerySet.as_manager()

    class Meta:
        verbose_name = _("ruang layanan")
        verbose_name_plural = pgettext_lazy("jamak", "ruang layanan")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["office", "code"], name="hall_code_once_an_office"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="hall_retirement",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("retired_on"),  # type: ignore[no-untyped-call]
                condition=pgtrigger.Q(new__retired_on__isnull=False),
                func=HALL_RETIREMENT,
            )
        ]

    def __str__(self) -> str:
        return f"{self.label}, {self.office.name}"

    @property
    def label(self) -> str:
        """The hall's name in the reader's language."""
        return localized(self)


class Counter(Retirable):
    """A counter in a hall. One-stop: one officer does every stage there."""

    hall = models.ForeignKey(
        Hall, on_delete=models.PROTECT, related_name="counters", verbose_name=_("ruang layanan")
    )
    number = models.PositiveSmallIntegerField(_("nomor"))
    is_one_stop = models.BooleanField(_("satu atap"), default=True)
    stages = ArrayField(
        models.CharField(max_length=20, choices=Stage.choices),
        default=list,
        verbose_name=_("tahap"),
    )

    objects = RetirableQuerySet.as_manager()

    class Meta:
        verbose_name = _("loket")
        verbose_name_plural = pgettext_lazy("jamak", "loket")
        ordering: ClassVar = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["hall", "number"], name="counter_number_once_a_hall"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="counter_retirement",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("retired_on", "hall_id"),  # type: ignore[no-untyped-call]
                declare=[("hall_retired_on", "date")],
                func=COUNTER_RETIREMENT,
            )
        ]

    def __str__(self) -> str:
        return _("Loket %(number)s") % {"number": self.number}


class Device(models.Model):
    """A camera, fingerprint reader or other device, at one counter or shared by the office."""

    class Kind(models.TextChoices):
        CAMERA = "camera", _("kamera")
        FINGERPRINT = "fingerprint", _("pemindai sidik jari")
        PRINTER = "printer", _("pencetak paspor")
        SCANNER = "scanner", _("pemindai berkas")

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="devices", verbose_name=_("kantor")
    )
    counter = models.ForeignKey(
        Counter,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="devices",
        verbose_name=_("loket"),
    )
    kind = models.CharField(_("jenis"), max_length=20, choices=Kind.choices)
    name = models.CharField(_("nama"), max_length=60)
    minutes_a_visit = models.PositiveSmallIntegerField(
        _("menit dipakai tiap kunjungan"),
        null=True,
        blank=True,
        help_text=_("Kosong: selama tahapnya berlangsung."),
    )

    class Meta:
        verbose_name = _("alat")
        verbose_name_plural = pgettext_lazy("jamak", "alat")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["office", "name"], name="device_name_once_an_office"),
        ]

    def __str__(self) -> str:
        return self.name


class StageTime(models.Model):
    """The measured minutes of a stage at an office, over recent visits.

    `mean` gives the visits per hour; `p50` and `p80` are percentiles.
    """

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="stage_times", verbose_name=_("kantor")
    )
    service_type = models.ForeignKey(
        ServiceType,
        on_delete=models.CASCADE,
        related_name="stage_times",
        verbose_name=_("jenis layanan"),
    )
    stage = models.CharField(_("tahap"), max_length=20, choices=Stage.choices)
    p50 = models.FloatField(_("menit untuk separuh kunjungan"))
    p80 = models.FloatField(_("menit untuk empat dari lima kunjungan"))
    mean = models.FloatField(_("menit rata-rata"))
    n = models.PositiveIntegerField(_("kunjungan yang diukur"))
    measured_until = models.DateTimeField(_("diukur sampai"))

    class Meta:
        verbose_name = _("waktu tahap terukur")
        verbose_name_plural = pgettext_lazy("jamak", "waktu tahap terukur")
        ordering: ClassVar = ["office", "service_type", "stage"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["office", "service_type", "stage"], name="stage_time_once"
            ),
            models.CheckConstraint(
                condition=Q(p50__gte=0, p80__gte=F("p50"), mean__gte=0),
                name="stage_time_makes_sense",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.mean:.1f}"
