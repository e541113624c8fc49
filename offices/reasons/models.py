"""Reasons that officers choose from a list."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.languages import localized
from offices.dated import Dated, DatedQuerySet, never_overlapping, valid_span


class Reason(Dated):
    """A reason for an exception, for the whole country; a reason is retired by its last day.

    History refers to the row, so that an old line keeps the name that was in force at its time.
    """

    class Use(models.TextChoices):
        OUT_OF_ORDER = "out_of_order", _("panggilan di luar urutan")
        PRIORITY = "priority", _("jalur prioritas")
        GATE_REFUSAL = "gate_refusal", _("penolakan di gerbang")
        LATE_VISIT = "late_visit", _("kunjungan lebih dari dua jam")
        REPRINT = "reprint", _("cetak ulang paspor")
        EXTRA_PLACE = "extra_place", _("tempat tambahan di loket")

    use = models.CharField(_("dipakai untuk"), max_length=20, choices=Use.choices)
    code = models.SlugField(_("kode"), max_length=20)
    name = models.CharField(_("nama"), max_length=80)
    name_en = models.CharField(_("nama Inggris"), max_length=80)
    needs_note = models.BooleanField(_("wajib diberi catatan"), default=False)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("alasan")
        verbose_name_plural = pgettext_lazy("jamak", "alasan")
        ordering: ClassVar = ["use", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            never_overlapping("reason_never_overlaps", "use", "code"),
            valid_span("reason_valid_span"),
        ]

    def __str__(self) -> str:
        return localized(self)
