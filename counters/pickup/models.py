"""Collected passports."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.status import append_only
from counters.production.models import PassportBook


class Pickup(models.Model):
    """Who collected a passport, and by what right. One for each passport."""

    class Right(models.TextChoices):
        SELF = "self", _("pemilik sendiri")
        FAMILY = "family", _("keluarga dalam satu KK")
        LETTER = "letter", _("pemegang surat kuasa")

    class Where(models.TextChoices):
        DESK = "desk", _("loket pengambilan")
        DRIVE_THRU = "drive_thru", _("drive-thru")

    book = models.OneToOneField(
        PassportBook,
        on_delete=models.PROTECT,
        related_name="pickup",
        verbose_name=_("buku paspor"),
    )
    collector_name = models.CharField(_("nama pengambil"), max_length=120)
    right = models.CharField(_("status pengambil"), max_length=10, choices=Right.choices)
    evidence = models.CharField(_("bukti yang dilihat"), max_length=200)
    where = models.CharField(_("tempat"), max_length=12, choices=Where.choices, default=Where.DESK)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("oleh"),
    )
    at = models.DateTimeField(_("pada"))

    class Meta:
        verbose_name = _("pengambilan")
        verbose_name_plural = pgettext_lazy("jamak", "pengambilan")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(collector_name="") & ~Q(evidence=""),
                name="pickup_says_who_and_by_what_right",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [append_only("pickup_append_only")]

    def __str__(self) -> str:
        return f"{self.book_id}"
