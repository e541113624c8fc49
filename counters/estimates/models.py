"""Learned service times, stored estimates with their outcome, and reasons for late visits."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from counters.visits.models import Visit
from offices.directory.models import Office, ServiceType
from offices.reasons.models import Reason


class ServiceTime(models.Model):
    """How long a one-stop counter is taken by one visit, measured: from its call to its end.

    One row for each hour and number of open counters, and one for all of them (both null).
    `log_sum` and `log_square_sum` are sums over the visits of the logarithm of the minutes and of its
    square, so that two samples can be pooled exactly.
    """

    office = models.ForeignKey(
        Office, on_delete=models.CASCADE, related_name="+", verbose_name=_("kantor")
    )
    service_type = models.ForeignKey(
        ServiceType, on_delete=models.CASCADE, related_name="+", verbose_name=_("jenis layanan")
    )
    hour = models.PositiveSmallIntegerField(_("jam"), null=True, blank=True)
    counters = models.PositiveSmallIntegerField(_("loket terbuka"), null=True, blank=True)
    n = models.PositiveIntegerField(_("kunjungan yang diukur"))
    log_sum = models.FloatField(_("jumlah logaritma menit"))
    log_square_sum = models.FloatField(_("jumlah kuadrat logaritma menit"))
    measured_until = models.DateTimeField(_("diukur sampai"))

    class Meta:
        verbose_name = _("lama layanan terukur")
        verbose_name_plural = pgettext_lazy("jamak", "lama layanan terukur")
        ordering: ClassVar = ["office", "service_type", "hour", "counters"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["office", "service_type", "hour", "counters"],
                name="service_time_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(hour__isnull=True, counters__isnull=True)
                | Q(hour__isnull=False, counters__isnull=False),
                name="service_time_whole_cell",
            ),
            models.CheckConstraint(condition=Q(n__gte=1), name="service_time_is_measured"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} n={self.n}"


class WaitEstimate(models.Model):
    """The wait predicted when a person checked in, in minutes, and what happened.

    `width`: the factor of the office's range at that time. `usual`: the average time times the
    people ahead, divided by the counters; the figure that the estimate is compared with.
    """

    visit = models.OneToOneField(
        Visit, on_delete=models.CASCADE, related_name="estimate", verbose_name=_("kunjungan")
    )
    office = models.ForeignKey(
        Office, on_delete=models.CASCADE, related_name="+", verbose_name=_("kantor")
    )
    day = models.DateField(_("tanggal"))
    predicted_at = models.DateTimeField(_("dihitung pada"))
    ahead = models.PositiveIntegerField(_("orang di depan"))
    counters = models.PositiveSmallIntegerField(_("loket terbuka"))
    low = models.FloatField(_("paling cepat (menit)"))
    middle = models.FloatField(_("perkiraan (menit)"))
    high = models.FloatField(_("paling lama (menit)"))
    usual = models.FloatField(_("rata-rata kali orang di depan (menit)"))
    width = models.FloatField(_("lebar rentang"))
    waited = models.FloatField(_("kenyataan (menit)"), null=True, blank=True)

    class Meta:
        verbose_name = _("perkiraan tunggu")
        verbose_name_plural = pgettext_lazy("jamak", "perkiraan tunggu")
        ordering: ClassVar = ["-predicted_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(low__gte=0, middle__gte=F("low"), high__gte=F("middle")),
                name="wait_estimate_in_order",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["office", "day"], name="wait_estimate_by_day")]

    def __str__(self) -> str:
        return f"{self.low:.0f}-{self.high:.0f}"


class EstimateScore(models.Model):
    """How good an office's estimates of one day were.

    `median_error` and `usual_error`: median absolute errors in minutes, of the estimates and of the
    average time times the people ahead. `covered`: the share of waits inside the range. `width`: the
    factor that the range has from the next day on.
    """

    office = models.ForeignKey(
        Office, on_delete=models.CASCADE, related_name="+", verbose_name=_("kantor")
    )
    day = models.DateField(_("tanggal"))
    n = models.PositiveIntegerField(_("kunjungan"))
    median_error = models.FloatField(_("selisih tengah (menit)"))
    usual_error = models.FloatField(_("selisih tengah rata-rata kali orang (menit)"))
    covered = models.FloatField(_("di dalam rentang"))
    width = models.FloatField(_("lebar rentang berikutnya"))

    class Meta:
        verbose_name = _("nilai perkiraan tunggu")
        verbose_name_plural = pgettext_lazy("jamak", "nilai perkiraan tunggu")
        ordering: ClassVar = ["-day", "office"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["office", "day"], name="estimate_score_once_a_day"),
            models.CheckConstraint(
                condition=Q(n__gte=1, covered__gte=0, covered__lte=1, width__gt=0),
                name="estimate_score_makes_sense",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office} {self.day}"

    @property
    def covered_percent(self) -> int:
        return round(self.covered * 100)


class LateVisit(models.Model):
    """Why a visit took longer than two hours: a reason from the list, and a note."""

    visit = models.OneToOneField(
        Visit, on_delete=models.CASCADE, related_name="late_reason", verbose_name=_("kunjungan")
    )
    reason = models.ForeignKey(
        Reason, on_delete=models.PROTECT, related_name="+", verbose_name=_("alasan")
    )
    note = models.CharField(_("catatan"), max_length=200, blank=True)
    at = models.DateTimeField(_("pada"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("oleh"),
    )

    class Meta:
        verbose_name = _("alasan kunjungan terlambat")
        verbose_name_plural = pgettext_lazy("jamak", "alasan kunjungan terlambat")
        ordering: ClassVar = ["-at", "-id"]

    def __str__(self) -> str:
        return str(self.reason)
