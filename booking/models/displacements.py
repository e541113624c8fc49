"""Who lost an hour to a closure, where they were moved, and what they answered."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.models.bookings import Booking, Party
from offices.models import Closure
from quotas.models import Place


class Displacement(models.Model):
    """One party and one closure: moved together, in one transaction, or waiting together."""

    closure = models.ForeignKey(Closure, on_delete=models.PROTECT, related_name="displacements")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="displacements")
    displaced_at = models.DateTimeField(_("kehilangan tempat"))
    placed_at = models.DateTimeField(_("mendapat tempat baru"), null=True, blank=True)
    told_at = models.DateTimeField(_("diberi tahu petugas"), null=True, blank=True)
    told_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("pemindahan")
        verbose_name_plural = pgettext_lazy("jamak", "pemindahan")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["closure", "party"], name="displacement_once_a_closure"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["displaced_at"],
                condition=Q(placed_at__isnull=True),
                name="displacement_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class DisplacedBooking(models.Model):
    """One person's part of it: the old place, the new one, and the answer."""

    class Answer(models.TextChoices):
        ACCEPTED = "accepted", _("diterima")
        OTHER = "other", _("memilih jam lain")

    displacement = models.ForeignKey(Displacement, on_delete=models.PROTECT, related_name="members")
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="displacements")
    place_from = models.ForeignKey(
        Place, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    place_to = models.ForeignKey(
        Place, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    answered_at = models.DateTimeField(_("dijawab"), null=True, blank=True)
    answer = models.CharField(_("jawaban"), max_length=10, choices=Answer.choices, blank=True)

    class Meta:
        verbose_name = _("booking yang dipindahkan")
        verbose_name_plural = pgettext_lazy("jamak", "booking yang dipindahkan")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["displacement", "booking"], name="displaced_booking_once"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer="")
                | (Q(answered_at__isnull=False) & ~Q(answer="")),
                name="displaced_booking_answered_with_an_answer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.booking_id}"
