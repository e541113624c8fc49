"""How many people's records each officer opened in a day, and which days are unusual."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ReadingDay(models.Model):
    """One officer's reading on one day, counted after the day has ended.

    `usual` is the median of the officer's earlier days, empty without any.
    """

    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("petugas"),
    )
    day = models.DateField(_("tanggal"))
    people = models.PositiveIntegerField(_("orang yang datanya dibuka"))
    people_at_night = models.PositiveIntegerField(_("di antaranya pada malam hari"))
    usual = models.PositiveIntegerField(_("biasanya"), null=True, blank=True)
    is_unusual = models.BooleanField(_("tidak biasa"))
    reviewed_at = models.DateTimeField(_("diperiksa"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("diperiksa oleh"),
    )

    class Meta:
        verbose_name = _("pembacaan sehari")
        verbose_name_plural = pgettext_lazy("jamak", "pembacaan sehari")
        ordering: ClassVar = ["-day", "officer"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["officer", "day"], name="reading_day_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["day"],
                condition=Q(is_unusual=True, reviewed_at__isnull=True),
                name="reading_day_to_review",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.officer} {self.day}"
