"""Closures of offices, halls and lanes."""

import datetime as dt
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from offices.directory.models import Hall, Lane, Office, ServiceType


class ClosureQuerySet(models.QuerySet["Closure"]):
    def not_lifted(self) -> Self:
        """Closures that were not lifted."""
        return self.filter(lifted_at__isnull=True)

    def touching(self, first: dt.date, last: dt.date) -> Self:
        """Closures that overlap the days from `first` to `last`, both included."""
        return self.filter(Q(last_day__isnull=True) | Q(last_day__gte=first), first_day__lte=last)


class Closure(models.Model):
    """Days, or hours of days, on which an office, hall or lane is closed.

    `last_day` is the last closed day; empty means until further notice. `open_lanes` stay open;
    bookings for one of `open_services` keep their slot. With `merged_into`, bookings move to that
    office. Reopening early moves `last_day` or, before the first day, sets `lifted_at`.
    """

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="closures")
    first_day = models.DateField(_("hari pertama"))
    last_day = models.DateField(_("hari terakhir"), null=True, blank=True)
    from_time = models.TimeField(_("dari jam"), null=True, blank=True)
    until_time = models.TimeField(_("sampai jam"), null=True, blank=True)
    hall = models.ForeignKey(
        Hall, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("ruang layanan")
    )
    lane = models.ForeignKey(
        Lane,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("jalur"),
    )
    merged_into = models.ForeignKey(
        Office,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="taken_over",
        verbose_name=_("digabung ke"),
    )
    open_lanes = models.ManyToManyField(
        Lane, blank=True, related_name="+", verbose_name=_("jalur yang tetap buka")
    )
    open_services = models.ManyToManyField(
        ServiceType, blank=True, related_name="+", verbose_name=_("layanan yang tetap berjalan")
    )
    reason = models.CharField(_("alasan"), max_length=160)
    reason_en = models.CharField(_("alasan dalam bahasa Inggris"), max_length=160, blank=True)
    instrument = models.CharField(_("dasar hukum"), max_length=200, blank=True)
    made_at = models.DateTimeField(_("dicatat"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    moved_at = models.DateTimeField(_("selesai memindahkan"), null=True, blank=True)
    lifted_at = models.DateTimeField(_("dicabut"), null=True, blank=True)
    reopened_at = models.DateTimeField(_("pembukaan kembali dicatat"), null=True, blank=True)
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = ClosureQuerySet.as_manager()

    class Meta:
        verbose_name = _("penutupan")
        verbose_name_plural = pgettext_lazy("jamak", "penutupan")
        ordering: ClassVar = ["-first_day", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")),
                name="closure_days_in_order",
            ),
            models.CheckConstraint(
                condition=Q(from_time__isnull=True, until_time__isnull=True)
                | Q(from_time__lt=F("until_time")),
                name="closure_hours_in_order",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("office")),
                name="closure_merged_into_another",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["made_at"],
                condition=Q(moved_at__isnull=True),
                name="closure_still_moving",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office} {self.first_day} - {self.last_day or '…'}"
