"""Objections to a decision that the system made without an officer."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.bookings.models import DisplacedBooking
from booking.lottery.models import DrawEntry
from core.crypto import EncryptedTextField
from offices.directory.models import Office


class Objection(models.Model):
    """An account objects to a lost lottery, or to a moved booking that has no new place.

    A supervisor of the office decides before `answer_by`. Appeals against restrictions are in
    `booking.restrictions`.
    """

    class Decision(models.TextChoices):
        UPHELD = "upheld", _("keberatan diterima")
        REJECTED = "rejected", _("keberatan ditolak")

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="objections",
        verbose_name=_("akun"),
    )
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="objections", verbose_name=_("kantor")
    )
    entry = models.OneToOneField(
        DrawEntry,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="objection",
        verbose_name=_("peserta undian"),
    )
    displaced = models.OneToOneField(
        DisplacedBooking,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="objection",
        verbose_name=_("booking yang dipindahkan"),
    )
    # An objection may contain health information.
    text = EncryptedTextField(_("keberatan"), blank=True)
    made_at = models.DateTimeField(_("diajukan"))
    answer_by = models.DateTimeField(_("dijawab paling lambat"))
    decision = models.CharField(_("keputusan"), max_length=10, choices=Decision.choices, blank=True)
    answer = models.CharField(_("jawaban"), max_length=300, blank=True)
    decided_at = models.DateTimeField(_("diputuskan"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("diputuskan oleh"),
    )
    erased_at = models.DateTimeField(_("isi dihapus"), null=True, blank=True)

    class Meta:
        verbose_name = _("keberatan")
        verbose_name_plural = pgettext_lazy("jamak", "keberatan")
        ordering: ClassVar = ["answer_by", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(entry__isnull=False, displaced__isnull=True)
                | Q(entry__isnull=True, displaced__isnull=False),
                name="objection_one_subject",
            ),
            models.CheckConstraint(
                condition=Q(answer_by__gt=F("made_at")), name="objection_deadline_after_start"
            ),
            models.CheckConstraint(
                condition=Q(
                    decision="", answer="", decided_at__isnull=True, decided_by__isnull=True
                )
                | (~Q(decision="") & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="objection_decided_whole",
            ),
            models.CheckConstraint(
                condition=~Q(text="") | Q(erased_at__isnull=False), name="objection_has_text"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["office", "answer_by"], condition=Q(decision=""), name="objection_open"
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
