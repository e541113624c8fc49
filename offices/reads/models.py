"""Which officer opened whose record, on which screen."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.status import append_only
from offices.directory.models import Office


class PersonRead(models.Model):
    """One screen that showed people's records to an officer. Append-only.

    One row a screen, whatever number of people it shows. The ids are of people (`booking.Applicant`)
    and of accounts; their tables are above this app.
    """

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("petugas"),
    )
    office = models.ForeignKey(
        Office,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("kantor"),
    )
    screen = models.CharField(_("layar"), max_length=80)
    applicant_ids = ArrayField(models.BigIntegerField(), default=list, verbose_name=_("pemohon"))
    account_ids = ArrayField(models.BigIntegerField(), default=list, verbose_name=_("akun"))
    at = models.DateTimeField(_("pada"))

    class Meta:
        verbose_name = _("pembacaan data pribadi")
        verbose_name_plural = pgettext_lazy("jamak", "pembacaan data pribadi")
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["by", "at"], name="person_read_by_officer"),
            models.Index(fields=["at"], name="person_read_by_time"),
            GinIndex(fields=["applicant_ids"], name="person_read_by_person"),
        ]
        triggers: ClassVar = [append_only("person_read_append_only")]

    def __str__(self) -> str:
        return f"#{self.pk}"
