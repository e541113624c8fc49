"""Passports in production, and their history."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.people.models import Applicant
from core.status import HistoryLine, StateMachine, StatusModel
from counters.production.errors import BookChanged
from counters.visits.models import Visit
from offices.directory.models import Office, ServiceType


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
        # A misprint is printed again.
        BookStatus.PRINTED: frozenset({BookStatus.CHECKED, BookStatus.ORDERED}),
        BookStatus.CHECKED: frozenset({BookStatus.READY}),
        BookStatus.READY: frozenset({BookStatus.HANDED_OVER, BookStatus.CANCELLED}),
        BookStatus.HANDED_OVER: frozenset(),
        BookStatus.CANCELLED: frozenset(),
    },
)


class PassportBook(StatusModel):
    """A passport from the order until it is collected.

    Due in working days from the interview; an accelerated one at an hour of the same day.
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
    # Accelerated passports only: the hour of `due_on` from which they can be collected.
    due_at = models.DateTimeField(_("siap mulai"), null=True, blank=True)
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
    """One event in a passport's history."""

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
