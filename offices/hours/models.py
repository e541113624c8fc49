"""Opening hours, holidays, attendance and admission rules."""

import datetime as dt
from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.languages import localized
from offices.dated import Dated, DatedQuerySet, never_overlapping, one_scope, valid_span
from offices.directory.models import Office
from offices.ordered import Ordered


class OpeningHours(Dated):
    """An office's hours on a weekday. `breaks` is a list of ["12:00", "13:00", name, name_en]."""

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="opening_hours", verbose_name=_("kantor")
    )
    weekday = models.PositiveSmallIntegerField(
        _("hari"),
        validators=[MinValueValidator(1), MaxValueValidator(7)],
        help_text=_("1 Senin … 7 Minggu"),
    )
    opens = models.TimeField(_("buka"))
    closes = models.TimeField(_("tutup"))
    breaks = models.JSONField(_("istirahat"), default=list, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("jam buka")
        verbose_name_plural = pgettext_lazy("jamak", "jam buka")
        ordering: ClassVar = ["office", "weekday", "valid_from"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            never_overlapping("opening_hours_never_overlap", "office", "weekday"),
            valid_span("opening_hours_valid_span"),
            models.CheckConstraint(
                condition=Q(weekday__gte=1, weekday__lte=7), name="opening_hours_weekday"
            ),
            models.CheckConstraint(
                condition=Q(opens__lt=F("closes")), name="opening_hours_open_before_they_close"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office} {self.weekday}: {self.opens:%H.%M}-{self.closes:%H.%M}"

    @property
    def weekday_name(self) -> str:
        """The weekday in the reader's language."""
        return str(WEEKDAYS[self.weekday - 1])

    def break_names(self) -> list[tuple[str, str, str]]:
        """Return (from, to, name) of each break, the name in the reader's language."""
        codes = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
        keys = ["name", *(f"name_{code}" for code in codes)]
        return [
            (row[0], row[1], localized(dict(zip(keys, row[2:], strict=False))))
            for row in sorted(self.breaks)
        ]

    def spans(self) -> list[tuple[dt.time, dt.time]]:
        """The working spans of the day, without the breaks."""
        spans: list[tuple[dt.time, dt.time]] = []
        start = self.opens
        for row in sorted(self.breaks):
            first, last = dt.time.fromisoformat(row[0]), dt.time.fromisoformat(row[1])
            if start < first:
                spans.append((start, first))
            start = max(start, last)
        if start < self.closes:
            spans.append((start, self.closes))
        return spans


class Holiday(models.Model):
    """A holiday of all offices or of one. There are no places; the calendar shows its name."""

    class Kind(models.TextChoices):
        NATIONAL = "national", _("libur nasional")
        CUTI_BERSAMA = "cuti_bersama", _("cuti bersama")
        LOCAL = "local", _("libur daerah")

    day = models.DateField(_("tanggal"))
    name = models.CharField(_("nama"), max_length=160)
    name_en = models.CharField(_("nama Inggris"), max_length=160, blank=True)
    kind = models.CharField(_("jenis"), max_length=20, choices=Kind.choices)
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("kantor")
    )

    class Meta:
        verbose_name = _("hari libur")
        verbose_name_plural = pgettext_lazy("jamak", "hari libur")
        ordering: ClassVar = ["day"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["day", "office"], nulls_distinct=False, name="holiday_once_a_day"
            ),
        ]

    def __str__(self) -> str:
        return localized(self)


class HolidayProposal(models.Model):
    """A difference between the library's table of national holidays and ours, until somebody decides.

    `is_accepted` is empty while it waits. `gone_at` is set when the library no longer says so. Nothing is applied
    without a decision.
    """

    class Action(models.TextChoices):
        ADD = "add", _("tambahkan")
        REMOVE = "remove", _("tarik")
        RENAME = "rename", _("ganti nama")

    day = models.DateField(_("tanggal"))
    action = models.CharField(_("usulan"), max_length=10, choices=Action.choices)
    name = models.CharField(_("nama"), max_length=160)
    name_en = models.CharField(_("nama Inggris"), max_length=160, blank=True)
    kind = models.CharField(_("jenis"), max_length=20, choices=Holiday.Kind.choices)
    is_estimated = models.BooleanField(_("perkiraan"), default=False)
    proposed_at = models.DateTimeField(_("diusulkan"))
    gone_at = models.DateTimeField(_("tidak berlaku lagi"), null=True, blank=True)
    is_accepted = models.BooleanField(_("diterima"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("diputuskan oleh"),
    )
    decided_at = models.DateTimeField(_("diputuskan"), null=True, blank=True)

    class Meta:
        verbose_name = _("usulan hari libur")
        verbose_name_plural = pgettext_lazy("jamak", "usulan hari libur")
        ordering: ClassVar = ["day", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["day", "action"],
                condition=Q(is_accepted__isnull=True, gone_at__isnull=True),
                name="holiday_proposal_once",
            ),
            models.CheckConstraint(
                condition=Q(is_accepted__isnull=True, decided_at__isnull=True)
                | Q(is_accepted__isnull=False, decided_at__isnull=False),
                name="holiday_proposal_decided_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.action}"


class Attendance(Ordered):
    """The percentage of staff in the office (Jakarta, February 2022: 50 %)."""

    percent = models.DecimalField(
        _("persen hadir"), max_digits=5, decimal_places=2, default=Decimal(100)
    )

    class Meta:
        verbose_name = _("kehadiran petugas")
        verbose_name_plural = pgettext_lazy("jamak", "kehadiran petugas")
        ordering: ClassVar = ["office", "region", "-valid_from"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            never_overlapping("attendance_never_overlaps", nullable=("office", "region")),
            valid_span("attendance_valid_span"),
            one_scope("attendance_one_scope"),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100), name="attendance_percent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.percent} %"


class AdmissionRule(Ordered):
    """Whether walk-ins and companions are admitted."""

    admits_walk_ins = models.BooleanField(_("menerima kedatangan langsung"))
    admits_companions = models.BooleanField(_("pendamping boleh masuk"))
    has_drive_thru = models.BooleanField(_("pengambilan drive-thru"), default=False)

    class Meta:
        verbose_name = _("aturan masuk")
        verbose_name_plural = pgettext_lazy("jamak", "aturan masuk")
        ordering: ClassVar = ["office", "region", "-valid_from"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            never_overlapping("admission_rule_never_overlaps", nullable=("office", "region")),
            valid_span("admission_rule_valid_span"),
            one_scope("admission_rule_one_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.valid_from}"
