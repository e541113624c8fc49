"""Results of the checks at the gate."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.bookings.models import Booking
from core.status import append_only
from offices.directory.models import Office
from offices.limits.models import Protocol

APPEND_ONLY = "screening_append_only"


class Outcome(models.TextChoices):
    PASSED = "passed", _("Lolos pemeriksaan")
    REFERRED = "referred", _("Menunggu Satgas")
    CLEARED = "cleared", _("Diizinkan Satgas")
    SENT_HOME = "sent_home", _("Dipulangkan")


# The check of a day comes first; the task force decides about those who were referred.
CHECKED = (Outcome.PASSED, Outcome.REFERRED)
DECIDED = (Outcome.CLEARED, Outcome.SENT_HOME)
MAY_ENTER = (Outcome.PASSED, Outcome.CLEARED)


class Screening(models.Model):
    """One line of a person's check on a day: the check itself, or the task force's decision. Append-only.

    `temperature` is in tenths of a degree Celsius, `ticked` holds the codes of the protocol's items.
    Health data: at the end of their period the line loses the booking, the temperature and the items;
    the outcome stays for the daily load.
    """

    booking = models.ForeignKey(
        Booking,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="screenings",
        verbose_name=_("booking"),
    )
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="+", verbose_name=_("kantor")
    )
    protocol = models.ForeignKey(
        Protocol,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="screenings",
        verbose_name=_("protokol"),
    )
    day = models.DateField(_("tanggal"))
    outcome = models.CharField(_("hasil"), max_length=10, choices=Outcome.choices)
    temperature = models.PositiveSmallIntegerField(
        _("suhu (persepuluh derajat)"), null=True, blank=True
    )
    ticked = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, verbose_name=_("yang diperiksa")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("petugas"),
    )
    at = models.DateTimeField(_("pada"))
    erased_at = models.DateTimeField(_("data kesehatan dihapus"), null=True, blank=True)

    class Meta:
        verbose_name = _("pemeriksaan di gerbang")
        verbose_name_plural = pgettext_lazy("jamak", "pemeriksaan di gerbang")
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["booking", "day"],
                condition=Q(outcome__in=[str(one) for one in CHECKED]),
                name="screening_checked_once_a_day",
            ),
            models.UniqueConstraint(
                fields=["booking", "day"],
                condition=Q(outcome__in=[str(one) for one in DECIDED]),
                name="screening_decided_once_a_day",
            ),
            models.CheckConstraint(
                name="screening_erased_completely",
                condition=Q(erased_at__isnull=True, booking__isnull=False)
                | Q(booking__isnull=True, temperature__isnull=True, ticked=[]),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["office", "day"], name="screening_by_day")]
        triggers: ClassVar = [append_only(APPEND_ONLY)]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def may_enter(self) -> bool:
        """True if the person may be checked in after this line."""
        return self.outcome in MAY_ENTER
