"""Who was given a place at the desk, in which lane and why."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.bookings.models import Booking
from core.status import append_only
from offices.reasons.models import Reason


class DeskAdmission(models.Model):
    """A place given at the desk to somebody without a booking. Append-only.

    `reason` says why the person is in the priority lane; other lanes have none. `extra_reason` says why a
    supervisor added a place although the lane's quota was used up.
    """

    booking = models.OneToOneField(
        Booking, on_delete=models.PROTECT, related_name="admission", verbose_name=_("booking")
    )
    reason = models.ForeignKey(
        Reason,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("alasan prioritas"),
    )
    note = models.CharField(_("catatan"), max_length=200, blank=True)
    extra_reason = models.ForeignKey(
        Reason,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("alasan tempat tambahan"),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("petugas"),
    )
    at = models.DateTimeField(_("pada"))

    class Meta:
        verbose_name = _("penerimaan tanpa jadwal")
        verbose_name_plural = pgettext_lazy("jamak", "penerimaan tanpa jadwal")
        ordering: ClassVar = ["at", "id"]
        triggers: ClassVar = [append_only("desk_admission_append_only")]

    def __str__(self) -> str:
        return f"#{self.pk}"
