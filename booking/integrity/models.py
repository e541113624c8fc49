"""Contested identity numbers, and signals of possible brokers."""

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.bookings.models import Booking
from booking.integrity.errors import ContestDecided
from booking.people.models import Applicant
from core.status import HistoryLine, StateMachine, StatusModel, append_only
from offices.directory.models import Office
from offices.promises import REVIEW_SIGNAL


class ContestStatus(models.TextChoices):
    OPEN = "open", _("menunggu bukti")
    RELEASED = "released", _("dibenarkan")
    DISMISSED = "dismissed", _("tidak terbukti")
    WITHDRAWN = "withdrawn", _("ditarik kembali")
    LAPSED = "lapsed", _("tidak lagi diperlukan")


CONTEST_MOVES = StateMachine(
    initial=(ContestStatus.OPEN,),
    error=ContestDecided,
    moves={
        ContestStatus.OPEN: frozenset(set(ContestStatus) - {ContestStatus.OPEN}),
        **{status: frozenset() for status in ContestStatus if status != ContestStatus.OPEN},
    },
)


class Contest(StatusModel):
    """A person reports that their number is blocked by something that they did not do.

    `office` is where they show the document. `booking` is what blocks the number: another account's
    live booking, or the missed booking behind a restriction; empty if it is another account's place in a
    waiting list or a lottery. Its holder is never revealed. Without an account it was recorded at the desk.
    """

    machine = CONTEST_MOVES

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
        Booking,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="contests",
        verbose_name=_("booking"),
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
            # A release requires a document that an officer has checked.
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
        triggers: ClassVar = CONTEST_MOVES.triggers()

    def __str__(self) -> str:
        return f"#{self.pk}"


class ContestEvent(HistoryLine):
    """One line of a contest's history."""

    contest = models.ForeignKey(Contest, on_delete=models.PROTECT, related_name="history")
    old = models.CharField(_("dari"), max_length=10, choices=ContestStatus.choices, blank=True)
    new = models.CharField(_("menjadi"), max_length=10, choices=ContestStatus.choices)

    class Meta(HistoryLine.Meta):
        verbose_name = _("riwayat sengketa")
        verbose_name_plural = pgettext_lazy("jamak", "riwayat sengketa")


class BrokerSignal(models.Model):
    """One pattern around one subject at one office. `evidence` holds ids and times, no names.

    `subject` identifies what the pattern is about, by ids or a keyed hash; `label` is its masked display text.
    """

    class Kind(models.TextChoices):
        HANDOVER = "handover", _("dibatalkan lalu diambil akun lain")
        PHONE = "phone", _("satu nomor telepon, banyak akun")
        DEVICE = "device", _("satu perangkat, banyak akun")
        BURST = "burst", _("banyak pemesanan dalam waktu singkat")
        MISMATCH = "mismatch", _("nama tidak cocok di kantor")
        CHURN = "churn", _("berulang kali pesan lalu batal, satu akun")
        CHURN_DEVICE = "churn_dev", _("berulang kali pesan lalu batal, satu perangkat")
        CHURN_NETWORK = "churn_net", _("berulang kali pesan lalu batal, satu jaringan")
        PEOPLE = "people", _("satu akun memesan untuk banyak orang")
        FIRST_SECOND = "first_sec", _("tempat diambil pada detik pertama, satu jaringan")
        ABSENT = "absent", _("banyak orang tidak hadir, satu akun")
        EXCEPTIONS = "exception", _("banyak pengecualian oleh satu petugas")
        FAVOURED = "favoured", _("satu petugas, satu nomor telepon, banyak orang")

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="broker_signals", verbose_name=_("kantor")
    )
    kind = models.CharField(_("pola"), max_length=10, choices=Kind.choices)
    subject = models.CharField(max_length=80, editable=False, verbose_name=_("tentang"))
    label = models.CharField(_("tentang"), max_length=80)
    count = models.PositiveIntegerField(_("berapa kali"))
    first_at = models.DateTimeField(_("pertama"))
    last_at = models.DateTimeField(_("terakhir"))
    evidence = models.JSONField(_("bukti"), default=list)
    detected_at = models.DateTimeField(_("ditemukan"))
    reviewed_at = models.DateTimeField(_("dilihat"), null=True, blank=True)

    class Meta:
        verbose_name = _("indikasi calo")
        verbose_name_plural = pgettext_lazy("jamak", "indikasi calo")
        ordering: ClassVar = ["-last_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["office", "kind", "subject"], name="broker_signal_once_a_subject"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"

    @property
    def officer_id(self) -> int | None:
        """The officer whom the signal is about; None if it is about accounts."""
        if self.kind not in (self.Kind.EXCEPTIONS, self.Kind.FAVOURED):
            return None
        return int(self.subject.partition(":")[0])

    @property
    def review_by(self) -> dt.datetime:
        """When a supervisor reviews the signal at the latest."""
        return self.last_at + REVIEW_SIGNAL

    @property
    def is_new(self) -> bool:
        """True if something has happened since the last review."""
        return self.reviewed_at is None or self.reviewed_at < self.last_at


class BrokerSignalNote(models.Model):
    """One review of a signal: its outcome, the reason, who and when. Append-only.

    Notes of the time before outcomes have none.
    """

    class Outcome(models.TextChoices):
        CONFIRMED = "confirmed", _("terbukti")
        GROUNDLESS = "groundless", _("wajar, bukan pelanggaran")
        WATCHED = "watched", _("belum jelas, tetap dipantau")

    signal = models.ForeignKey(BrokerSignal, on_delete=models.PROTECT, related_name="notes")
    outcome = models.CharField(
        _("hasil"), max_length=10, choices=Outcome.choices, blank=True, default="", db_default=""
    )
    text = models.CharField(_("catatan"), max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("oleh")
    )
    at = models.DateTimeField(_("pada"))

    class Meta:
        verbose_name = _("catatan indikasi")
        verbose_name_plural = pgettext_lazy("jamak", "catatan indikasi")
        ordering: ClassVar = ["at", "id"]
        triggers: ClassVar = [append_only("broker_signal_note_append_only")]

    def __str__(self) -> str:
        return f"#{self.pk}"
