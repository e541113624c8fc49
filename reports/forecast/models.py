"""The demand at an office on each day, and forecasts of it. No personal data."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from offices.directory.models import Office


class DemandDay(models.Model):
    """The demand at an office on one working day, counted once the day is over.

    `refused`: people refused because the day was full who got no other booking at the office; such records are kept
    for weeks only, so the count is stored. `hours`: the same by the hour of the day, "08": [demand, walk-ins].
    """

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="demand_days", verbose_name=_("kantor")
    )
    day = models.DateField(_("tanggal"))
    booked = models.PositiveIntegerField(_("dipesan"))
    refused = models.PositiveIntegerField(_("tidak mendapat tempat"))
    no_shows = models.PositiveIntegerField(_("tidak hadir"))
    walk_ins = models.PositiveIntegerField(_("datang tanpa jadwal"))
    hours = models.JSONField(_("per jam"), default=dict)
    counted_at = models.DateTimeField(_("dihitung"))

    class Meta:
        verbose_name = _("permintaan per hari")
        verbose_name_plural = pgettext_lazy("jamak", "permintaan per hari")
        ordering: ClassVar = ["-day", "office"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["office", "day"], name="demand_day_once_an_office"),
        ]

    def __str__(self) -> str:
        return f"{self.office} {self.day}"

    @property
    def demand(self) -> int:
        """Everybody who wanted a booking for the day."""
        return self.booked + self.refused


class Measure(models.TextChoices):
    """What is forecast, in people a day."""

    DEMAND = "demand", _("permintaan jadwal")
    NO_SHOWS = "no_shows", _("tidak hadir")
    WALK_INS = "walk_ins", _("datang tanpa jadwal")


class ForecastRun(models.Model):
    """One night's forecast of an office for eight weeks, with the day until which the days were known.

    `hours`: the shares of the hours of a day, by measure: {"demand": {"08": 0.2}}; they sum to 1.
    """

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="forecasts", verbose_name=_("kantor")
    )
    known_until = models.DateField(_("data sampai"))
    made_at = models.DateTimeField(_("dibuat"))
    hours = models.JSONField(_("bagian tiap jam"), default=dict)

    class Meta:
        verbose_name = _("prakiraan")
        verbose_name_plural = pgettext_lazy("jamak", "prakiraan")
        ordering: ClassVar = ["-known_until", "office"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["office", "known_until"], name="forecast_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.office} {self.known_until}"


class ForecastScore(models.Model):
    """The model that a run chose for a measure, and its back-test on the same folds as the naive.

    Errors are mean absolute errors in people a day, `coverage` the share of days within the interval; they
    are empty while there are too few days for a back-test.
    """

    run = models.ForeignKey(ForecastRun, on_delete=models.CASCADE, related_name="scores")
    measure = models.CharField(_("ukuran"), max_length=10, choices=Measure.choices)
    model = models.CharField(_("model"), max_length=30)
    naive = models.CharField(_("pembanding"), max_length=30)
    is_naive = models.BooleanField(_("pembanding yang ditampilkan"))
    folds = models.PositiveSmallIntegerField(_("uji mundur"))
    error = models.FloatField(_("galat"), null=True)
    naive_error = models.FloatField(_("galat pembanding"), null=True)
    coverage = models.FloatField(_("cakupan rentang"), null=True)

    class Meta:
        verbose_name = _("nilai prakiraan")
        verbose_name_plural = pgettext_lazy("jamak", "nilai prakiraan")
        ordering: ClassVar = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "measure"], name="forecast_score_once"),
        ]

    def __str__(self) -> str:
        return f"{self.run} {self.measure}"

    @property
    def ratio(self) -> float | None:
        """The error relative to the naive; below 1 is better."""
        if self.error is None or not self.naive_error:
            return None
        return self.error / self.naive_error


class ForecastPoint(models.Model):
    """The forecast of one measure for one day: people, and the interval that contains four of five days."""

    run = models.ForeignKey(ForecastRun, on_delete=models.CASCADE, related_name="points")
    measure = models.CharField(_("ukuran"), max_length=10, choices=Measure.choices)
    day = models.DateField(_("tanggal"))
    value = models.FloatField(_("perkiraan"))
    low = models.PositiveIntegerField(_("paling sedikit"))
    high = models.PositiveIntegerField(_("paling banyak"))

    class Meta:
        verbose_name = _("prakiraan per hari")
        verbose_name_plural = pgettext_lazy("jamak", "prakiraan per hari")
        ordering: ClassVar = ["day", "measure"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "measure", "day"], name="forecast_point_once"),
            models.CheckConstraint(
                condition=Q(low__lte=F("high")), name="forecast_point_interval_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.measure} {self.day}"
