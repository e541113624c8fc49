"""Waiting list entries, their offers and their history."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.bookings.models import Booking, Party
from booking.people.models import Applicant
from booking.waiting_list.errors import OfferOver
from core.ids import new_id
from core.status import HistoryLine, StateMachine, StatusModel
from offices.directory.models import Lane, Office, ServiceType
from quotas.places.models import Place, Slot


class WaitingStatus(models.TextChoices):
    WAITING = "waiting", _("menunggu")
    PLACED = "placed", _("mendapat tempat")
    STOPPED = "stopped", _("berhenti sendiri")
    USED_UP = "used_up", _("tawaran habis")
    BOOKED = "booked", _("nomor tidak dapat dipesan")
    CHANGED = "changed", _("data berubah")
    LAPSED = "lapsed", _("rentang hari sudah lewat")


class OfferStatus(models.TextChoices):
    OPEN = "open", _("menunggu jawaban")
    ACCEPTED = "accepted", _("diterima")
    DECLINED = "declined", _("ditolak")
    EXPIRED = "expired", _("lewat batas waktu")
    WITHDRAWN = "withdrawn", _("ditarik")


WAITING_MOVES = StateMachine(
    initial=(WaitingStatus.WAITING,),
    moves={
        WaitingStatus.WAITING: frozenset(set(WaitingStatus) - {WaitingStatus.WAITING}),
        **{status: frozenset() for status in WaitingStatus if status != WaitingStatus.WAITING},
    },
)
OFFER_MOVES = StateMachine(
    initial=(OfferStatus.OPEN,),
    error=OfferOver,
    moves={
        OfferStatus.OPEN: frozenset(set(OfferStatus) - {OfferStatus.OPEN}),
        **{status: frozenset() for status in OfferStatus if status != OfferStatus.OPEN},
    },
)


class WaitingListEntry(StatusModel):
    """A person or a family waiting for places of one slot, at an office, within a range of days.

    Served in the order of `joined_at`. `notified_at` is when the last message was or will be sent: messages
    are at least an hour apart.
    """

    machine = WAITING_MOVES

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="waiting_entries", verbose_name=_("kantor")
    )
    lane = models.ForeignKey(
        Lane, on_delete=models.PROTECT, db_index=False, verbose_name=_("jalur")
    )
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="waiting_entries",
        verbose_name=_("akun"),
    )
    service_type = models.ForeignKey(
        ServiceType, on_delete=models.PROTECT, db_index=False, verbose_name=_("jenis layanan")
    )
    first_day = models.DateField(_("hari pertama"))
    last_day = models.DateField(_("hari terakhir"))
    size = models.PositiveSmallIntegerField(_("jumlah orang"))
    status = models.CharField(
        _("status"), max_length=10, choices=WaitingStatus.choices, default=WaitingStatus.WAITING
    )
    offers_made = models.PositiveSmallIntegerField(_("tawaran"), default=0)
    joined_at = models.DateTimeField(_("menunggu sejak"))
    notified_at = models.DateTimeField(_("pesan terakhir"), null=True, blank=True)
    ended_at = models.DateTimeField(_("berakhir"), null=True, blank=True)

    class Meta:
        verbose_name = _("daftar tunggu")
        verbose_name_plural = pgettext_lazy("jamak", "daftar tunggu")
        ordering: ClassVar = ["joined_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(size__gte=1, size__lte=5), name="waiting_entry_up_to_five"
            ),
            models.CheckConstraint(
                condition=Q(first_day__lte=F("last_day")), name="waiting_entry_days_in_order"
            ),
            models.CheckConstraint(
                condition=Q(status="waiting", ended_at__isnull=True)
                | (~Q(status="waiting") & Q(ended_at__isnull=False)),
                name="waiting_entry_ends_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["office", "joined_at", "id"],
                condition=Q(status="waiting"),
                name="waiting_entry_in_order",
            ),
        ]
        triggers: ClassVar = WAITING_MOVES.triggers()

    def __str__(self) -> str:
        return f"#{self.pk}"


class WaitingMember(models.Model):
    """A person of an entry. Each person can be on an office's waiting list once, in any account.

    `booking` is their existing booking, if any: accepting an offer moves it.
    """

    entry = models.ForeignKey(
        WaitingListEntry,
        on_delete=models.PROTECT,
        related_name="members",
        verbose_name=_("daftar tunggu"),
    )
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("kantor")
    )
    applicant = models.ForeignKey(
        Applicant, on_delete=models.PROTECT, related_name="+", verbose_name=_("pemohon")
    )
    person_key = models.CharField(max_length=64, verbose_name=_("kunci orang"))
    booking = models.ForeignKey(
        Booking,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("jadwal yang diubah"),
    )
    left_at = models.DateTimeField(_("keluar"), null=True, blank=True)

    class Meta:
        verbose_name = _("anggota daftar tunggu")
        verbose_name_plural = pgettext_lazy("jamak", "anggota daftar tunggu")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["office", "person_key"],
                condition=Q(left_at__isnull=True),
                name="waiting_member_once_an_office",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class WaitingEvent(HistoryLine):
    """A line of an entry's history: ids and times, no names. A line without a status change is a note."""

    entry = models.ForeignKey(
        WaitingListEntry,
        on_delete=models.PROTECT,
        related_name="history",
        verbose_name=_("daftar tunggu"),
    )
    old = models.CharField(_("dari"), max_length=10, choices=WaitingStatus.choices, blank=True)
    new = models.CharField(_("menjadi"), max_length=10, choices=WaitingStatus.choices)

    class Meta(HistoryLine.Meta):
        verbose_name = _("riwayat daftar tunggu")
        verbose_name_plural = pgettext_lazy("jamak", "riwayat daftar tunggu")


class Offer(StatusModel):
    """Places of one slot, held for an entry until it answers: their `holder` is the offer's id.

    The message is sent at `tell_at`, outside quiet hours and at least an hour after the last one. The time
    to answer starts then.
    """

    machine = OFFER_MOVES

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.ForeignKey(
        WaitingListEntry,
        on_delete=models.PROTECT,
        related_name="offers",
        verbose_name=_("daftar tunggu"),
    )
    slot = models.ForeignKey(
        Slot, on_delete=models.PROTECT, related_name="offers", verbose_name=_("sesi")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=OfferStatus.choices, default=OfferStatus.OPEN
    )
    made_at = models.DateTimeField(_("dibuat"))
    tell_at = models.DateTimeField(_("diberitahukan mulai"))
    notified_at = models.DateTimeField(_("diberitahukan"), null=True, blank=True)
    answer_by = models.DateTimeField(_("dijawab paling lambat"))
    answered_at = models.DateTimeField(_("berakhir"), null=True, blank=True)
    party = models.OneToOneField(
        Party,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="offer",
        verbose_name=_("rombongan"),
    )

    class Meta:
        verbose_name = _("tawaran")
        verbose_name_plural = pgettext_lazy("jamak", "tawaran")
        ordering: ClassVar = ["made_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["entry"], condition=Q(status="open"), name="offer_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(status="open", answered_at__isnull=True)
                | (~Q(status="open") & Q(answered_at__isnull=False)),
                name="offer_ends_once",
            ),
            models.CheckConstraint(
                condition=Q(tell_at__gte=F("made_at"), answer_by__gt=F("tell_at")),
                name="offer_leaves_time_to_answer",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["answer_by"], condition=Q(status="open"), name="offer_by_deadline"
            ),
        ]
        triggers: ClassVar = OFFER_MOVES.triggers()

    def __str__(self) -> str:
        return f"#{self.pk}"


class OfferPlace(models.Model):
    """A place of an offer. `holder` is the offer's id while it is open.

    The composite key (place, holder) -> quotas_place (id, holder) is made in the migration.
    """

    offer = models.ForeignKey(
        Offer, on_delete=models.PROTECT, related_name="places", verbose_name=_("tawaran")
    )
    place = models.ForeignKey(
        Place, on_delete=models.PROTECT, related_name="offers", verbose_name=_("tempat")
    )
    holder = models.UUIDField(_("pemegang"), null=True, blank=True)

    class Meta:
        verbose_name = _("tempat yang ditawarkan")
        verbose_name_plural = pgettext_lazy("jamak", "tempat yang ditawarkan")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["offer", "place"], name="offer_place_once"),
            models.CheckConstraint(
                condition=Q(holder__isnull=True) | Q(holder=F("offer")),
                name="offer_place_held_by_its_offer",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class OfferEvent(HistoryLine):
    """A line of an offer's history. Append-only."""

    offer = models.ForeignKey(
        Offer, on_delete=models.PROTECT, related_name="history", verbose_name=_("tawaran")
    )
    old = models.CharField(_("dari"), max_length=10, choices=OfferStatus.choices, blank=True)
    new = models.CharField(_("menjadi"), max_length=10, choices=OfferStatus.choices)

    class Meta(HistoryLine.Meta):
        verbose_name = _("riwayat tawaran")
        verbose_name_plural = pgettext_lazy("jamak", "riwayat tawaran")
