"""Passports that are being made, and who collected them."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.models import Applicant
from core.status import HistoryLine, StateMachine, StatusModel, append_only
from counters.errors import BookChanged
from counters.models.visits import Visit
from offices.models import Office, ServiceType


class BookStatus(models.TextChoices):
    ORDERED = "ordered", _("dalam pengerjaan")
    PRINTED = "printed", _("tercetak")
    CHECKED = "checked", _("diperiksa")
    READY = "ready", _("siap diambil")
    HANDED_OVER = "handed_over", _("sudah diambil")
    CANCELLED = "cancelled", _("dibatalkan")


BOOK_MOVES = StateMachine(
    initial=(BookStatus.ORDERED,),
    error=BookChanged,
    moves={
        BookStatus.ORDERED: frozenset({BookStatus.PRINTED, BookStatus.CANCELLED}),
        # A misprint goes back to be printed again.
        BookStatus.PRINTED: frozenset({BookStatus.CHECKED, BookStatus.ORDERED}),
        BookStatus.CHECKED: frozenset({BookStatus.READY}),
        BookStatus.READY: frozenset({BookStatus.HANDED_OVER, BookStatus.CANCELLED}),
        BookStatus.HANDED_OVER: frozenset(),
        BookStatus.CANCELLED: frozenset(),
    },
)


class PassportBook(StatusModel):
    """A passport being made, due in working days from the interview, until somebody collects it."""

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
    printed_at = models.DateTimeField(_("tercetak"), null=True, blank=True)
    checked_at = models.DateTimeField(_("diperiksa"), null=True, blank=True)
    ready_at = models.DateTimeField(_("siap"), null=True, blank=True)

    class Meta:
        verbose_name = _("buku paspor")
        verbose_name_plural = pgettext_lazy("jamak", "buku paspor")
        indexes: ClassVar = [
            models.Index(fields=["office", "status", "due_on"], name="book_by_office")
        ]
        triggers: ClassVar = BOOK_MOVES.triggers()

    def __str__(self) -> str:
        return f"#{self.pk}"


class BookEvent(HistoryLine):
    """One line of a passport's history."""

    book = models.ForeignKey(
        PassportBook,
        on_delete=models.PROTECT,
        related_name="history",
        verbose_name=_("buku paspor"),
    )
    old = models.CharField(_("dari"), max_length=12, choices=BookStatus.choices, blank=True)
    new = models.CharField(_("menjadi"), max_length=12, choices=BookStatus.choices)

    class Meta(HistoryLine.Meta):
        verbose_name = _("riwayat paspor")
        verbose_name_plural = pgettext_lazy("jamak", "riwayat paspor")


class Pickup(models.Model):
    """Who collected a passport, and by what right. Once a book."""

    class Right(models.TextChoices):
        SELF = "self", _("pemilik sendiri")
        FAMILY = "family", _("keluarga dalam satu KK")
        LETTER = "letter", _("pemegang surat kuasa")

    class Where(models.TextChoices):
        DESK = "desk", _("loket pengambilan")
        DRIVE_THRU = "drive_thru", _("tanpa turun dari kendaraan")

    book = models.OneToOneField(
        PassportBook,
        on_delete=models.PROTECT,
        related_name="pickup",
        verbose_name=_("buku paspor"),
    )
    collector_name = models.CharField(_("nama pengambil"), max_length=120)
    right = models.CharField(_("hak mengambil"), max_length=10, choices=Right.choices)
    evidence = models.CharField(_("bukti yang dilihat"), max_length=200)
    where = models.CharField(_("tempat"), max_length=12, choices=Where.choices, default=Where.DESK)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("oleh"),
    )
    at = models.DateTimeField(_("pada"))

    class Meta:
        verbose_name = _("pengambilan")
        verbose_name_plural = pgettext_lazy("jamak", "pengambilan")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(collector_name="") & ~Q(evidence=""),
                name="pickup_says_who_and_by_what_right",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [append_only("pickup_append_only")]

    def __str__(self) -> str:
        return f"{self.book_id}"
