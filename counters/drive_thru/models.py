"""Hours of collecting a passport: in the drive-thru lane and at the pickup desk, by dated rule."""

from typing import ClassVar, Final

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.crypto import EncryptedTextField
from core.status import HistoryLine, StateMachine, StatusModel
from counters.drive_thru.errors import DriveThruChanged
from counters.production.models import PassportBook
from offices.dated import Dated, DatedQuerySet, never_overlapping, valid_span
from offices.directory.models import Office

MOST_PLACES: Final = 200


class PickupPlace(models.TextChoices):
    """Where a passport is collected."""

    DESK = "desk", _("loket pengambilan")
    DRIVE_THRU = "drive_thru", _("drive-thru")


class DriveThruRule(Dated):
    """The bookable hours of an office's drive-thru lane and pickup desk on its working days.

    `minutes` is the length of one bookable hour, `places` how many vehicles it takes, `desk_places`
    how many people at the desk (none: the desk needs no booked hour), `days_ahead` how many days
    ahead, today included, it can be booked.
    """

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="drive_thru_rules", verbose_name=_("kantor")
    )
    opens = models.TimeField(_("mulai"))
    closes = models.TimeField(_("sampai"))
    minutes = models.PositiveSmallIntegerField(
        _("lama satu jam pengambilan (menit)"),
        default=60,
        validators=[MinValueValidator(5), MaxValueValidator(240)],
    )
    places = models.PositiveSmallIntegerField(
        _("kendaraan per jam pengambilan"),
        validators=[MinValueValidator(1), MaxValueValidator(MOST_PLACES)],
    )
    desk_places = models.PositiveSmallIntegerField(
        _("orang per jam pengambilan di loket"),
        default=0,
        db_default=0,
        validators=[MaxValueValidator(MOST_PLACES)],
    )
    days_ahead = models.PositiveSmallIntegerField(
        _("hari ke depan"),
        default=14,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("jam drive-thru")
        verbose_name_plural = pgettext_lazy("jamak", "jam drive-thru")
        ordering: ClassVar = ["office", "-valid_from"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            never_overlapping("drive_thru_rule_never_overlaps", "office"),
            valid_span("drive_thru_rule_valid_span"),
            models.CheckConstraint(
                condition=Q(
                    opens__lt=F("closes"),
                    minutes__range=(5, 240),
                    places__range=(1, MOST_PLACES),
                    desk_places__range=(0, MOST_PLACES),
                    days_ahead__range=(1, 60),
                ),
                name="drive_thru_rule_bounds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office} {self.opens:%H.%M}-{self.closes:%H.%M}"


class DriveThruHour(models.Model):
    """One hour that somebody has booked, with its capacity. `taken` never exceeds it."""

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="drive_thru_hours", verbose_name=_("kantor")
    )
    where = models.CharField(
        _("tempat"),
        max_length=12,
        choices=PickupPlace.choices,
        default=PickupPlace.DRIVE_THRU,
        db_default="drive_thru",
    )
    starts_at = models.DateTimeField(_("mulai"))
    ends_at = models.DateTimeField(_("selesai"))
    places = models.PositiveSmallIntegerField(_("tempat"))
    taken = models.PositiveSmallIntegerField(_("terisi"), default=0)

    class Meta:
        verbose_name = _("jam pengambilan drive-thru")
        verbose_name_plural = pgettext_lazy("jamak", "jam pengambilan drive-thru")
        ordering: ClassVar = ["starts_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["office", "where", "starts_at"], name="drive_thru_hour_once_an_office"
            ),
            models.CheckConstraint(
                condition=Q(taken__lte=F("places")), name="drive_thru_hour_never_oversold"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="drive_thru_hour_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office_id} {self.starts_at:%Y-%m-%d %H.%M}"

    @property
    def left(self) -> int:
        return self.places - self.taken


class DriveThruStatus(models.TextChoices):
    BOOKED = "booked", _("dipesan")
    ARRIVED = "arrived", _("sudah datang")
    COLLECTED = "collected", _("sudah diambil")
    CANCELLED = "cancelled", _("dibatalkan")


LIVE: Final = (DriveThruStatus.BOOKED, DriveThruStatus.ARRIVED)
DRIVE_THRU_MOVES = StateMachine(
    initial=(DriveThruStatus.BOOKED,),
    error=DriveThruChanged,
    moves={
        DriveThruStatus.BOOKED: frozenset(
            {DriveThruStatus.ARRIVED, DriveThruStatus.COLLECTED, DriveThruStatus.CANCELLED}
        ),
        DriveThruStatus.ARRIVED: frozenset({DriveThruStatus.COLLECTED, DriveThruStatus.CANCELLED}),
        DriveThruStatus.COLLECTED: frozenset(),
        DriveThruStatus.CANCELLED: frozenset(),
    },
)


class DriveThruVisit(StatusModel):
    """A booked hour for collecting one passport. A passport has one at a time.

    The plate is optional and encrypted; `plate_key` is its keyed hash, by which the lane finds it.
    """

    machine = DRIVE_THRU_MOVES

    book = models.ForeignKey(
        PassportBook,
        on_delete=models.PROTECT,
        related_name="drive_thru_visits",
        verbose_name=_("buku paspor"),
    )
    hour = models.ForeignKey(
        DriveThruHour,
        on_delete=models.PROTECT,
        related_name="visits",
        verbose_name=_("jam"),
    )
    status = models.CharField(
        _("status"),
        max_length=12,
        choices=DriveThruStatus.choices,
        default=DriveThruStatus.BOOKED,
    )
    plate = EncryptedTextField(_("nomor kendaraan"), blank=True, default="")
    plate_key = models.CharField(
        max_length=64, blank=True, default="", editable=False, verbose_name=_("kunci pelat")
    )
    booked_at = models.DateTimeField(_("dicatat"))
    arrived_at = models.DateTimeField(_("datang"), null=True, blank=True)

    class Meta:
        verbose_name = _("pengambilan drive-thru")
        verbose_name_plural = pgettext_lazy("jamak", "pengambilan drive-thru")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["book"], condition=Q(status__in=LIVE), name="drive_thru_one_hour_a_passport"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["plate_key"], condition=~Q(plate_key=""), name="drive_thru_by_plate"
            ),
        ]
        triggers: ClassVar = DRIVE_THRU_MOVES.triggers()

    def __str__(self) -> str:
        return f"#{self.pk}"


class DriveThruEvent(HistoryLine):
    """One event of a booked hour: booked, moved to another hour, arrived, collected, cancelled."""

    visit = models.ForeignKey(
        DriveThruVisit,
        on_delete=models.PROTECT,
        related_name="history",
        verbose_name=_("pengambilan drive-thru"),
    )
    old = models.CharField(_("dari"), max_length=12, choices=DriveThruStatus.choices, blank=True)
    new = models.CharField(_("menjadi"), max_length=12, choices=DriveThruStatus.choices)
    hour = models.ForeignKey(
        DriveThruHour,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("jam"),
    )

    class Meta(HistoryLine.Meta):
        verbose_name = _("riwayat drive-thru")
        verbose_name_plural = pgettext_lazy("jamak", "riwayat drive-thru")
