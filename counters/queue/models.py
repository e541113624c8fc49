"""The reasons for calling somebody out of order."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.languages import localized
from offices.dated import Dated, DatedQuerySet, never_overlapping, valid_span


class CallReason(Dated):
    """A reason for calling out of order, for the whole country; a reason is retired by its last day.

    History refers to the row, so that a visit keeps the name that was in force when it was called.
    """

    code = models.SlugField(_("kode"), max_length=20)
    name = models.CharField(_("nama"), max_length=80)
    name_en = models.CharField(_("nama Inggris"), max_length=80)
    needs_note = models.BooleanField(_("wajib diberi catatan"), default=False)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("alasan panggilan di luar urutan")
        verbose_name_plural = pgettext_lazy("jamak", "alasan panggilan di luar urutan")
        ordering: ClassVar = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            never_overlapping("call_reason_never_overlaps", "code"),
            valid_span("call_reason_valid_span"),
        ]

    def __str__(self) -> str:
        return localized(self)
