"""The record that an office's day was closed."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from offices.directory.models import Office


class DayClosing(models.Model):
    """An office's day on which nothing was open any more: no visit, no counter, no undecided absence."""

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="day_closings", verbose_name=_("kantor")
    )
    day = models.DateField(_("tanggal"))
    closed_at = models.DateTimeField(_("ditutup"))
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("ditutup oleh"),
    )

    class Meta:
        verbose_name = _("hari yang ditutup")
        verbose_name_plural = pgettext_lazy("jamak", "hari yang ditutup")
        ordering: ClassVar = ["-day", "office"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["office", "day"], name="day_closing_once"),
        ]

    def __str__(self) -> str:
        return f"{self.office} {self.day}"
