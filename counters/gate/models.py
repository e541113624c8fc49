"""Refusals at the gate."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.bookings.models import Booking
from core.status import append_only
from offices.directory.models import Office
from offices.reasons.models import Reason


class GateRefusal(models.Model):
    """Somebody who was not let in: what was refused and why. Append-only.

    No name, number or note: the booking, if there was one, is the only reference to a person. The
    codes of the reasons begin with the kind: `companion_off` is a reason to refuse a companion.
    """

    class Kind(models.TextChoices):
        WALK_IN = "walk_in", _("datang tanpa jadwal")
        COMPANION = "companion", _("pendamping")
        SCREENING = "screening", _("pemeriksaan kesehatan")
        NAME = "name", _("nama tidak cocok")

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="gate_refusals", verbose_name=_("kantor")
    )
    day = models.DateField(_("tanggal"))
    at = models.DateTimeField(_("pada"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("oleh"),
    )
    kind = models.CharField(_("yang ditolak"), max_length=10, choices=Kind.choices)
    reason = models.ForeignKey(
        Reason, on_delete=models.PROTECT, related_name="+", verbose_name=_("alasan")
    )
    booking = models.ForeignKey(
        Booking,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="gate_refusals",
        verbose_name=_("booking"),
    )

    class Meta:
        verbose_name = _("penolakan di gerbang")
        verbose_name_plural = pgettext_lazy("jamak", "penolakan di gerbang")
        ordering: ClassVar = ["-at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="gate_refusal_of_a_booking",
                condition=~Q(kind="name") | Q(booking__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["office", "day"], name="gate_refusal_by_office_and_day"),
        ]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"#{self.pk}"
