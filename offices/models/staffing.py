"""Who is at the counters when, what does not work, and how long stages really take."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from offices.models.places import Counter, Device, Office, ServiceType, Stage


class MomentRange(Func):
    """The moments from one until another, the last one not included; no end means until further notice."""

    function = "tstzrange"
    output_field = DateTimeRangeField()


def _apart(name: str, key: str, first: str, last: str, condition: Q) -> ExclusionConstraint:
    """Two spans of one thing never share a moment."""
    expressions: list[Any] = [
        (key, RangeOperators.EQUAL),
        (MomentRange(F(first), F(last)), RangeOperators.OVERLAPS),
    ]
    return ExclusionConstraint(name=name, expressions=expressions, condition=condition)


class RosterShift(models.Model):
    """An officer's time at an office on a day, at one counter or (without) wherever one is needed.

    Outside the opening hours it is overtime, with its reason. Who turns out to be missing is marked
    absent; the row stays.
    """

    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="roster_shifts",
        verbose_name=_("petugas"),
    )
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="roster_shifts", verbose_name=_("kantor")
    )
    counter = models.ForeignKey(
        Counter,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="roster_shifts",
        verbose_name=_("loket"),
    )
    day = models.DateField(_("tanggal"))
    starts_at = models.DateTimeField(_("mulai"))
    ends_at = models.DateTimeField(_("selesai"))
    overtime_reason = models.CharField(_("alasan lembur"), max_length=200, blank=True)
    absent_at = models.DateTimeField(_("dicatat tidak hadir"), null=True, blank=True)
    absent_reason = models.CharField(_("alasan tidak hadir"), max_length=200, blank=True)
    absent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("dicatat oleh"),
    )

    class Meta:
        verbose_name = _("jadwal petugas")
        verbose_name_plural = pgettext_lazy("jamak", "jadwal petugas")
        ordering: ClassVar = ["starts_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _apart(
                "roster_shift_officer_in_one_place",
                "officer",
                "starts_at",
                "ends_at",
                Q(absent_at__isnull=True),
            ),
            _apart(
                "roster_shift_one_officer_a_counter",
                "counter",
                "starts_at",
                "ends_at",
                Q(absent_at__isnull=True, counter__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")), name="roster_shift_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(absent_at__isnull=True, absent_by__isnull=True, absent_reason="")
                | (Q(absent_at__isnull=False, absent_by__isnull=False) & ~Q(absent_reason="")),
                name="roster_shift_absence_is_whole",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["office", "day"], name="roster_shift_by_day")]

    def __str__(self) -> str:
        return f"{self.officer_id} {self.day}"


class OutageQuerySet(models.QuerySet["Outage"]):
    def standing(self) -> Self:
        """Outages that nobody has ended."""
        return self.filter(ended_at__isnull=True)


class Outage(models.Model):
    """A device or a counter that does not work, from when until when, and who noted it."""

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="outages", verbose_name=_("kantor")
    )
    device = models.ForeignKey(
        Device,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="outages",
        verbose_name=_("alat"),
    )
    counter = models.ForeignKey(
        Counter,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="outages",
        verbose_name=_("loket"),
    )
    started_at = models.DateTimeField(_("sejak"))
    ended_at = models.DateTimeField(_("sampai"), null=True, blank=True)
    reason = models.CharField(_("sebab"), max_length=200)
    noted_at = models.DateTimeField(_("dicatat pada"))
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("dicatat oleh"),
    )
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("diakhiri oleh"),
    )

    objects = OutageQuerySet.as_manager()

    class Meta:
        verbose_name = _("gangguan alat")
        verbose_name_plural = pgettext_lazy("jamak", "gangguan alat")
        ordering: ClassVar = ["-started_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _apart(
                "outage_once_a_device", "device", "started_at", "ended_at", Q(device__isnull=False)
            ),
            _apart(
                "outage_once_a_counter",
                "counter",
                "started_at",
                "ended_at",
                Q(counter__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(device__isnull=True, counter__isnull=False)
                | Q(device__isnull=False, counter__isnull=True),
                name="outage_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gt=F("started_at")),
                name="outage_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="outage_end_is_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["office", "started_at"], name="outage_by_office"),
        ]

    def __str__(self) -> str:
        return str(self.thing)

    @property
    def thing(self) -> Device | Counter:
        """What does not work."""
        found = self.device or self.counter
        assert found is not None  # the database knows no other outage
        return found


class StageTime(models.Model):
    """How long a stage really takes at an office: minutes of a visit, measured over its last visits.

    `mean` decides how many an hour; `p50` is what half of the visits need, `p80` what four of five do.
    """

    office = models.ForeignKey(
        Office, on_delete=models.CASCADE, related_name="stage_times", verbose_name=_("kantor")
    )
    service_type = models.ForeignKey(
        ServiceType,
        on_delete=models.CASCADE,
        related_name="stage_times",
        verbose_name=_("jenis layanan"),
    )
    stage = models.CharField(_("tahap"), max_length=20, choices=Stage.choices)
    p50 = models.FloatField(_("menit separuh kunjungan"))
    p80 = models.FloatField(_("menit empat dari lima kunjungan"))
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
