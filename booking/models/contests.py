"""Somebody finds that a stranger has booked with their identity number."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.models.bookings import Applicant, Booking
from booking.models.histories import append_only, status_moves
from offices.models import Office


class ContestStatus(models.TextChoices):
    OPEN = "open", _("menunggu bukti")
    RELEASED = "released", _("jadwal orang lain dilepas")
    DISMISSED = "dismissed", _("tidak terbukti")
    WITHDRAWN = "withdrawn", _("ditarik kembali")
    LAPSED = "lapsed", _("tidak lagi diperlukan")


CONTEST_MOVES: dict[str, frozenset[str]] = {
    ContestStatus.OPEN: frozenset(
        {
            ContestStatus.RELEASED,
            ContestStatus.DISMISSED,
            ContestStatus.WITHDRAWN,
            ContestStatus.LAPSED,
        }
    ),
    ContestStatus.RELEASED: frozenset(),
    ContestStatus.DISMISSED: frozenset(),
    ContestStatus.WITHDRAWN: frozenset(),
    ContestStatus.LAPSED: frozenset(),
}


class Contest(models.Model):
    """A person says that a live booking under their number is not theirs.

    `office` is where they show the document; the contested `booking` may be for any office, and
    nobody is told whose it is. Without an account it was written down at the desk.
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="contests",
        verbose_name=_("akun"),
    )
    applicant = models.ForeignKey(
        Applicant,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="contests",
        verbose_name=_("pemohon"),
    )
    person_key = models.CharField(max_length=64, editable=False, verbose_name=_("kunci orang"))
    booking = models.ForeignKey(
        Booking, on_delete=models.PROTECT, related_name="contests", verbose_name=_("booking")
    )
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="contests", verbose_name=_("kantor")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=ContestStatus.choices, default=ContestStatus.OPEN
    )
    opened_at = models.DateTimeField(_("diajukan"))
    decided_at = models.DateTimeField(_("diputus"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("diputus oleh"),
    )
    evidence = models.CharField(_("bukti yang dilihat"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("sengketa nomor identitas")
        verbose_name_plural = pgettext_lazy("jamak", "sengketa nomor identitas")
        ordering: ClassVar = ["-opened_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["account", "person_key"],
                condition=Q(status="open"),
                name="contest_one_open_an_account",
            ),
            models.CheckConstraint(
                condition=Q(status="open", decided_at__isnull=True)
                | (~Q(status="open") & Q(decided_at__isnull=False)),
                name="contest_decided_as_status_claims",
            ),
            # A release rests on a document that somebody has seen.
            models.CheckConstraint(
                condition=~Q(status="released") | (~Q(evidence="") & Q(decided_by__isnull=False)),
                name="contest_released_on_evidence",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["office", "opened_at"],
                condition=Q(status="open"),
                name="contest_open_by_office",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            status_moves("contest_status_moves", CONTEST_MOVES)
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class ContestEvent(models.Model):
    """One line of a contest's history. Never changed, never deleted."""

    contest = models.ForeignKey(Contest, on_delete=models.PROTECT, related_name="history")
    old = models.CharField(_("dari"), max_length=10, choices=ContestStatus.choices, blank=True)
    new = models.CharField(_("menjadi"), max_length=10, choices=ContestStatus.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_("alasan"), max_length=200, blank=True)
    at = models.DateTimeField(_("pada"))

    class Meta:
        verbose_name = _("riwayat sengketa")
        verbose_name_plural = pgettext_lazy("jamak", "riwayat sengketa")
        ordering: ClassVar = ["at", "id"]
        triggers: ClassVar = [append_only("contest_event_append_only")]

    def __str__(self) -> str:
        return f"#{self.pk}"
