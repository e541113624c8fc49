"""How an office runs its day, by dated rule; and how many people a hall holds."""

import datetime as dt
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from offices.dated import Dated, DatedQuerySet, never_overlapping, one_scope, valid_span
from offices.directory.models import Hall
from offices.ordered import Ordered


class DayRule(Ordered):
    """The terms of an office's day: check-in, call order, kiosk and accelerated service.

    Without a row the defaults of these fields apply.
    """

    class AfterGrace(models.TextChoices):
        ADMIT = "admit", _("dilayani sesudah orang yang sudah hadir")
        REBOOK = "rebook", _("ditawari jam berikutnya")

    early_minutes = models.PositiveSmallIntegerField(
        _("daftar ulang paling awal (menit sebelum jam booking)"), default=60
    )
    late_minutes = models.PositiveSmallIntegerField(
        _("toleransi terlambat (menit setelah jam booking berakhir)"), default=30
    )
    after_grace = models.CharField(
        _("setelah toleransi"),
        max_length=10,
        choices=AfterGrace.choices,
        default=AfterGrace.ADMIT,
    )
    priority_after = models.PositiveSmallIntegerField(
        _("satu prioritas setelah sekian orang lain"),
        default=2,
        help_text=_("0: prioritas selalu didahulukan."),
    )
    calls_before_again = models.PositiveSmallIntegerField(
        _("yang dilewati dipanggil lagi setelah sekian panggilan"), default=3
    )
    most_calls = models.PositiveSmallIntegerField(_("panggilan paling banyak"), default=3)
    kiosk_completes = models.BooleanField(
        _("daftar ulang di anjungan mandiri tidak perlu ke gerbang"), default=False
    )
    accelerated_until = models.TimeField(
        _("layanan percepatan diterima sampai"), default=dt.time(10)
    )
    accelerated_ready_from = models.TimeField(
        _("paspor percepatan siap mulai"), default=dt.time(14)
    )

    class Meta:
        verbose_name = _("aturan hari layanan")
        verbose_name_plural = pgettext_lazy("jamak", "aturan hari layanan")
        ordering: ClassVar = ["office", "region", "-valid_from"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            never_overlapping("day_rule_never_overlaps", nullable=("office", "region")),
            valid_span("day_rule_valid_span"),
            one_scope("day_rule_one_scope"),
            models.CheckConstraint(
                condition=Q(
                    early_minutes__lte=480,
                    late_minutes__lte=480,
                    priority_after__lte=20,
                    calls_before_again__range=(1, 20),
                    most_calls__range=(1, 10),
                ),
                name="day_rule_bounds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.valid_from}"

    @property
    def early(self) -> dt.timedelta:
        """How long before the booked hour a check-in counts."""
        return dt.timedelta(minutes=self.early_minutes)

    @property
    def grace(self) -> dt.timedelta:
        """How long after the end of the booked hour a person still counts as on time."""
        return dt.timedelta(minutes=self.late_minutes)

    def check_in_from(self, hour_starts_at: dt.datetime) -> dt.datetime:
        """The first moment at which a check-in for a booked hour counts."""
        return hour_starts_at - self.early

    def tolerated_until(self, hour_ends_at: dt.datetime) -> dt.datetime:
        """The last moment at which a person still counts as on time."""
        return hour_ends_at + self.grace


class HallLimit(Dated):
    """The greatest number of people in a hall at one time."""

    hall = models.ForeignKey(
        Hall, on_delete=models.PROTECT, related_name="limits", verbose_name=_("ruang layanan")
    )
    most_people = models.PositiveSmallIntegerField(_("orang paling banyak"))

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("batas orang dalam ruang")
        verbose_name_plural = pgettext_lazy("jamak", "batas orang dalam ruang")
        ordering: ClassVar = ["hall", "-valid_from"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            never_overlapping("hall_limit_never_overlaps", "hall"),
            valid_span("hall_limit_valid_span"),
            models.CheckConstraint(condition=Q(most_people__gte=1), name="hall_limit_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.hall} {self.most_people}"
