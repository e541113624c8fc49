"""Findings of the regional office's inspections, with their deadlines and answers."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from offices.directory.models import Office

LONGEST_TEXT = 1000


class Finding(models.Model):
    """What an inspection found at an office, and until when it has to be put right.

    A finding never changes; what happened to it are its steps.
    """

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="findings", verbose_name=_("kantor")
    )
    inspected_on = models.DateField(_("tanggal pemeriksaan"))
    text = models.CharField(_("temuan"), max_length=LONGEST_TEXT)
    due_on = models.DateField(_("tenggat"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("oleh")
    )
    at = models.DateTimeField(_("pada"))

    class Meta:
        verbose_name = _("temuan pemeriksaan")
        verbose_name_plural = pgettext_lazy("jamak", "temuan pemeriksaan")
        ordering: ClassVar = ["due_on", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(due_on__gte=F("inspected_on")), name="finding_due_after_inspection"
            )
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(
                name="finding_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.office_id} {self.due_on}"


class FindingStep(models.Model):
    """One step of a finding: the office's answer, or the inspector's decision about it."""

    class Kind(models.TextChoices):
        ANSWERED = "answered", _("dijawab")
        RETURNED = "returned", _("dikembalikan")
        CLOSED = "closed", _("selesai")

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(_("langkah"), max_length=10, choices=Kind.choices)
    text = models.CharField(_("keterangan"), max_length=LONGEST_TEXT)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("oleh")
    )
    at = models.DateTimeField(_("pada"))

    class Meta:
        verbose_name = _("langkah temuan")
        verbose_name_plural = pgettext_lazy("jamak", "langkah temuan")
        ordering: ClassVar = ["pk"]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(
                name="finding_step_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.finding_id} {self.kind}"
