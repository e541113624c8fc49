"""History of what was done to officers' accounts and roles."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from offices.directory.models import Office
from offices.staff.models import Role


class OfficerEvent(models.Model):
    """One invitation, suspension or reset of an officer, or a role given, ended or withdrawn.

    `office` is empty for roles of a region or the nation. Rows are never changed or deleted.
    """

    class Kind(models.TextChoices):
        INVITED = "invited", _("diundang")
        SUSPENDED = "suspended", _("dihentikan")
        RESET = "reset", _("diatur ulang")
        ROLE_GIVEN = "role_given", _("peran diberikan")
        ROLE_ENDED = "role_ended", _("hari terakhir peran diubah")
        WITHDRAWN = "withdrawn", _("peran dibatalkan")

    office = models.ForeignKey(
        Office,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="officer_events",
        verbose_name=_("kantor"),
    )
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="officer_events",
        verbose_name=_("petugas"),
    )
    kind = models.CharField(_("kejadian"), max_length=12, choices=Kind.choices)
    role = models.CharField(_("peran"), max_length=24, choices=Role.choices, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("oleh")
    )
    at = models.DateTimeField(_("pada"))

    class Meta:
        verbose_name = _("perubahan petugas")
        verbose_name_plural = pgettext_lazy("jamak", "perubahan petugas")
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["office", "-at"], name="officer_event_by_office")]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(
                name="officer_event_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.officer_id} {self.kind}"
