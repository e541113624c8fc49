"""The wordings of the reminder, of which each booking gets one."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.languages import localized
from offices.dated import Dated, DatedQuerySet, never_overlapping, valid_span


class ReminderWording(Dated):
    """The sentence of a reminder that asks to come or to cancel, for the whole country.

    With several variants in force, each booking gets one by its number, and the report compares how many
    people did not come. Without any, the reminder has the sentence of its template.
    """

    code = models.SlugField(_("varian"), max_length=10)
    text = models.CharField(_("kalimat"), max_length=300)
    text_en = models.CharField(_("kalimat Inggris"), max_length=300)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("kalimat pengingat")
        verbose_name_plural = pgettext_lazy("jamak", "kalimat pengingat")
        ordering: ClassVar = ["code", "valid_from"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            never_overlapping("reminder_wording_never_overlaps", "code"),
            valid_span("reminder_wording_valid_span"),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {localized(self, 'text')}"
