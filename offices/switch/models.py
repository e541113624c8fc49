"""The history of an office's booking switch."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from offices.directory.models import Office


class BookingSwitch(models.Model):
    """One change of the switch "no new bookings". An empty reason means that bookings were resumed.

    The current state is `Office.booking_stopped_reason`; these rows are never changed or deleted.
    """

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="booking_switches")
    reason = models.CharField(_("alasan"), max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("oleh")
    )
    at = models.DateTimeField(_("pada"))

    class Meta:
        verbose_name = _("sakelar pemesanan")
        verbose_name_plural = pgettext_lazy("jamak", "sakelar pemesanan")
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["office", "-at"], name="booking_switch_by_office")
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(
                name="booking_switch_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.office_id} {self.at:%Y-%m-%d %H:%M}"
