"""Restrictions on online booking after a missed booking, and their appeals."""

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.bookings.models import Booking
from booking.files.models import StoredFile
from booking.people.models import Applicant
from core.crypto import EncryptedTextField
from core.status import HistoryLine
from offices.directory.models import Office
from offices.promises import ANSWER_OBJECTION


class Excuse(models.TextChoices):
    """Why somebody missed a booking, as they say in an appeal."""

    ILL = "ill", _("sakit atau kecelakaan")
    FAMILY = "family", _("keluarga sakit atau meninggal")
    DISASTER = "disaster", _("bencana atau cuaca")
    TRAVEL = "travel", _("jalan atau kendaraan umum terputus")
    OFFICE = "office", _("saya datang, tetapi tidak tercatat")
    NOT_MINE = "not_mine", _("bukan saya yang memesan")
    OTHER = "other", _("hal lain")


class Restriction(models.Model):
    """A person cannot book online until `until_at` because of a missed booking, unless it is lifted.

    `office` is where the booking was missed: its supervisor answers an appeal. Desk bookings are not restricted.
    """

    person_key = models.CharField(max_length=64, editable=False, verbose_name=_("kunci orang"))
    applicant = models.ForeignKey(
        Applicant, on_delete=models.PROTECT, related_name="restrictions", verbose_name=_("pemohon")
    )
    booking = models.OneToOneField(
        Booking, on_delete=models.PROTECT, related_name="restriction", verbose_name=_("booking")
    )
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="restrictions", verbose_name=_("kantor")
    )
    made_at = models.DateTimeField(_("sejak"))
    until_at = models.DateTimeField(_("sampai"))
    instrument = models.CharField(_("dasar hukum"), max_length=200)
    appeal_reason = models.CharField(
        _("alasan tidak datang"),
        max_length=10,
        choices=Excuse.choices,
        blank=True,
        default="",
        db_default="",
    )
    evidence = models.OneToOneField(
        StoredFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="restriction",
        verbose_name=_("bukti"),
    )
    # Appeals may contain health information.
    appeal = EncryptedTextField(_("keberatan"), blank=True)
    appealed_at = models.DateTimeField(_("keberatan diajukan"), null=True, blank=True)
    kept_at = models.DateTimeField(_("keberatan ditolak"), null=True, blank=True)
    lifted_at = models.DateTimeField(_("dicabut"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("dicabut oleh"),
    )
    answer = models.CharField(_("jawaban"), max_length=200, blank=True)
    erased_at = models.DateTimeField(_("isi keberatan dihapus"), null=True, blank=True)

    class Meta:
        verbose_name = _("pembatasan")
        verbose_name_plural = pgettext_lazy("jamak", "pembatasan")
        ordering: ClassVar = ["-made_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(until_at__gt=F("made_at")), name="restriction_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(appealed_at__isnull=True, appeal="")
                | (Q(appealed_at__isnull=False) & (~Q(appeal="") | Q(erased_at__isnull=False))),
                name="restriction_appealed_with_words",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["person_key", "until_at"],
                condition=Q(lifted_at__isnull=True),
                name="restriction_standing",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def answer_by(self) -> dt.datetime | None:
        """When an appeal is answered at the latest."""
        return self.appealed_at and self.appealed_at + ANSWER_OBJECTION


class RestrictionEvent(HistoryLine):
    """One line of a restriction's history."""

    class Kind(models.TextChoices):
        MADE = "made", _("dibuat")
        APPEALED = "appealed", _("keberatan diajukan")
        KEPT = "kept", _("keberatan ditolak")
        LIFTED = "lifted", _("dicabut")

    restriction = models.ForeignKey(Restriction, on_delete=models.PROTECT, related_name="history")
    kind = models.CharField(_("kejadian"), max_length=10, choices=Kind.choices)

    class Meta(HistoryLine.Meta):
        verbose_name = _("riwayat pembatasan")
        verbose_name_plural = pgettext_lazy("jamak", "riwayat pembatasan")


class Obstacle(models.TextChoices):
    """Why the office may not have been able to serve a booking."""

    CLOSURE = "closure", _("kantor ditutup")
    HOLIDAY = "holiday", _("hari libur")
    HOURS = "hours", _("jam buka berubah")
    OUTAGE = "outage", _("semua loket rusak")
    FEW_ARRIVALS = "few_arrivals", _("hampir tidak ada yang tiba")
    SYSTEM_DOWN = "system_down", _("sistem tidak berjalan")


class AbsenceReview(models.Model):
    """A day on which absent people may not have been served because of the office. A supervisor decides.

    Until then nobody of that day becomes a no-show or is restricted.
    """

    class Decision(models.TextChoices):
        ABSENT = "absent", _("pemohon tidak datang")
        NOT_SERVED = "not_served", _("kantor tidak dapat melayani")

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="absence_reviews", verbose_name=_("kantor")
    )
    day = models.DateField(_("tanggal"))
    obstacles = models.JSONField(_("sebab yang mungkin"), default=list)
    opened_at = models.DateTimeField(_("dicatat"))
    decision = models.CharField(_("keputusan"), max_length=12, choices=Decision.choices, blank=True)
    decided_at = models.DateTimeField(_("diputuskan"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("diputuskan oleh"),
    )
    reason = models.CharField(_("alasan"), max_length=160, blank=True)

    class Meta:
        verbose_name = _("hari yang belum dipastikan")
        verbose_name_plural = pgettext_lazy("jamak", "hari yang belum dipastikan")
        ordering: ClassVar = ["day", "office"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["office", "day"], name="absence_review_once_a_day"),
            models.CheckConstraint(
                condition=Q(
                    decision="", decided_at__isnull=True, decided_by__isnull=True, reason=""
                )
                | (
                    ~Q(decision="")
                    & ~Q(reason="")
                    & Q(decided_at__isnull=False, decided_by__isnull=False)
                ),
                name="absence_review_decided_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office} {self.day}"
