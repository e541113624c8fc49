"""Passports in production and their history, batches, and the rule for uncollected passports."""

from typing import ClassVar, Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.people.models import Applicant
from core.status import HistoryLine, StateMachine, StatusModel, append_only
from counters.production.errors import BookChanged
from counters.visits.models import Visit
from offices.dated import never_overlapping, one_scope, valid_span
from offices.directory.models import Office, ServiceType
from offices.ordered import Ordered
from offices.reasons.models import Reason

BOOK_NUMBER_LENGTH: Final = 9
SHELF_LENGTH: Final = 10
MOST_MONTHS: Final = 12


class BookStatus(models.TextChoices):
    ORDERED = "ordered", _("dalam pengerjaan")
    PRINTED = "printed", _("tercetak")
    CHECKED = "checked", _("diperiksa")
    READY = "ready", _("siap diambil")
    HANDED_OVER = "handed_over", _("sudah diambil")
    CANCELLED = "cancelled", _("dibatalkan")


UNCHECKED: Final = (BookStatus.ORDERED, BookStatus.PRINTED, BookStatus.CANCELLED)
BOOK_MOVES = StateMachine(
    initial=(BookStatus.ORDERED,),
    error=BookChanged,
    moves={
        BookStatus.ORDERED: frozenset({BookStatus.PRINTED, BookStatus.CANCELLED}),
        # A misprint is printed again.
        BookStatus.PRINTED: frozenset({BookStatus.CHECKED, BookStatus.ORDERED}),
        BookStatus.CHECKED: frozenset({BookStatus.READY, BookStatus.ORDERED}),
        # "Ready" is taken back within minutes, before its owner is notified.
        BookStatus.READY: frozenset(
            {BookStatus.HANDED_OVER, BookStatus.CANCELLED, BookStatus.CHECKED}
        ),
        BookStatus.HANDED_OVER: frozenset(),
        BookStatus.CANCELLED: frozenset(),
    },
)


def default_reminder_days() -> list[int]:
    """Days after "ready" on which the owner is reminded."""
    return [7, 14, 25]


class CollectionRule(Ordered):
    """When owners are reminded of a ready passport, and when an uncollected one is cancelled.

    Ministry's rule: cancelled when it is not collected within one month. Without a row the defaults
    of these fields apply.
    """

    reminder_days = ArrayField(
        models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(366)]),
        verbose_name=_("pengingat, hari setelah siap"),
        default=default_reminder_days,
        size=10,
    )
    cancelled_after_months = models.PositiveSmallIntegerField(
        _("dibatalkan setelah sekian bulan"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_MONTHS)],
    )

    class Meta:
        verbose_name = _("aturan paspor yang belum diambil")
        verbose_name_plural = pgettext_lazy("jamak", "aturan paspor yang belum diambil")
        ordering: ClassVar = ["office", "region", "-valid_from"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            never_overlapping("collection_rule_never_overlaps", nullable=("office", "region")),
            valid_span("collection_rule_valid_span"),
            one_scope("collection_rule_one_scope"),
            models.CheckConstraint(
                condition=Q(cancelled_after_months__range=(1, MOST_MONTHS)),
                name="collection_rule_months",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.valid_from}"


class ProductionBatch(models.Model):
    """Passports that are printed together. Numbered from 1 each day at each office."""

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="batches", verbose_name=_("kantor")
    )
    day = models.DateField(_("tanggal"))
    number = models.PositiveSmallIntegerField(_("nomor"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("oleh"),
    )
    at = models.DateTimeField(_("pada"))

    class Meta:
        verbose_name = _("kelompok cetak")
        verbose_name_plural = pgettext_lazy("jamak", "kelompok cetak")
        ordering: ClassVar = ["-day", "-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["office", "day", "number"], name="production_batch_number_once"
            ),
        ]
        triggers: ClassVar = [append_only("production_batch_append_only")]

    def __str__(self) -> str:
        return f"{self.day:%d-%m}/{self.number}"


class PassportBook(StatusModel):
    """A passport from the order until it is collected.

    Due in working days from the interview; an accelerated one at an hour of the same day.
    `book_number` is the number printed in the booklet, scanned when it is printed. The person who
    checks a booklet is not the one who printed it.
    """

    machine = BOOK_MOVES

    visit = models.OneToOneField(
        Visit,
        on_delete=models.PROTECT,
        related_name="book",
        verbose_name=_("kunjungan"),
    )
    applicant = models.ForeignKey(
        Applicant,
        on_delete=models.PROTECT,
        related_name="books",
        verbose_name=_("pemohon"),
    )
    service_type = models.ForeignKey(
        ServiceType,
        on_delete=models.PROTECT,
        verbose_name=_("layanan"),
    )
    office = models.ForeignKey(
        Office,
        on_delete=models.PROTECT,
        related_name="books",
        verbose_name=_("kantor"),
    )
    status = models.CharField(
        _("status"), max_length=12, choices=BookStatus.choices, default=BookStatus.ORDERED
    )
    ordered_at = models.DateTimeField(_("dipesan"))
    due_on = models.DateField(_("dijanjikan"), null=True, blank=True)
    batch = models.ForeignKey(
        ProductionBatch,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="books",
        verbose_name=_("kelompok cetak"),
    )
    book_number = models.CharField(
        _("nomor buku"), max_length=BOOK_NUMBER_LENGTH, blank=True, default=""
    )
    # Accelerated passports only: the hour of `due_on` from which they can be collected.
    due_at = models.DateTimeField(_("siap mulai"), null=True, blank=True)
    printed_at = models.DateTimeField(_("tercetak"), null=True, blank=True)
    printed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("dicetak oleh"),
    )
    checked_at = models.DateTimeField(_("diperiksa"), null=True, blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("diperiksa oleh"),
    )
    shelf = models.CharField(_("rak"), max_length=SHELF_LENGTH, blank=True, default="")
    ready_at = models.DateTimeField(_("siap"), null=True, blank=True)

    class Meta:
        verbose_name = _("buku paspor")
        verbose_name_plural = pgettext_lazy("jamak", "buku paspor")
        indexes: ClassVar = [
            models.Index(fields=["office", "status", "due_on"], name="book_by_office")
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["book_number"], condition=~Q(book_number=""), name="book_number_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[BookStatus.ORDERED, BookStatus.CANCELLED])
                | (~Q(book_number="") & Q(printed_by__isnull=False)),
                name="book_printed_with_a_number",
            ),
            models.CheckConstraint(
                condition=Q(status__in=UNCHECKED)
                | (Q(checked_by__isnull=False) & ~Q(checked_by=F("printed_by"))),
                name="book_checked_by_another_person",
            ),
            models.CheckConstraint(
                condition=~Q(status=BookStatus.READY) | ~Q(shelf=""), name="book_ready_on_a_shelf"
            ),
        ]
        triggers: ClassVar = BOOK_MOVES.triggers()

    def __str__(self) -> str:
        return f"#{self.pk}"


class BookEvent(HistoryLine):
    """One event in a passport's history, with the number of the booklet that it was about.

    A booklet is printed once: the number of a spoiled one is never used again.
    """

    book = models.ForeignKey(
        PassportBook,
        on_delete=models.PROTECT,
        related_name="history",
        verbose_name=_("buku paspor"),
    )
    old = models.CharField(_("dari"), max_length=12, choices=BookStatus.choices, blank=True)
    new = models.CharField(_("menjadi"), max_length=12, choices=BookStatus.choices)
    book_number = models.CharField(
        _("nomor buku"), max_length=BOOK_NUMBER_LENGTH, blank=True, default=""
    )

    listed_reason = models.ForeignKey(
        Reason,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("alasan dari daftar"),
    )

    class Meta(HistoryLine.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["book_number"],
                condition=Q(new=BookStatus.PRINTED) & ~Q(book_number=""),
                name="book_number_printed_once",
            ),
        ]
        verbose_name = _("riwayat paspor")
        verbose_name_plural = pgettext_lazy("jamak", "riwayat paspor")

    @property
    def reason_text(self) -> str:
        """The reason from the list and the note, in the reader's language."""
        return ": ".join(part for part in (str(self.listed_reason or ""), self.reason) if part)
