"""Policies and rules (what a decree orders), and windows, slots and places (what comes of it)."""

from decimal import Decimal
from typing import ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from offices.models import (
    Dated,
    DatedQuerySet,
    Lane,
    Office,
    Region,
    ServiceGroup,
    never_overlapping,
    one_scope,
    valid_span,
)


class Scoped(Dated):
    """A rule of an office, of a region, or (with neither) of the nation; the nearest one wins."""

    office = models.ForeignKey(
        Office, on_delete=models.CASCADE, null=True, blank=True, verbose_name=_("kantor")
    )
    region = models.ForeignKey(
        Region, on_delete=models.CASCADE, null=True, blank=True, verbose_name=_("wilayah")
    )
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, verbose_name=_("jalur"))

    objects = DatedQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def scope(self) -> str:
        return str(self.office or self.region or _("nasional"))


class QuotaPolicy(Scoped):
    """How many places a day: floor(base x percent / 100), at most `cap`.

    `hours` narrows the day to spans [["08:00", "12:00"]]; empty means the office's opening hours.
    """

    group = models.ForeignKey(ServiceGroup, on_delete=models.PROTECT, verbose_name=_("kelompok"))
    base = models.PositiveIntegerField(_("tempat sehari pada keadaan biasa"))
    percent = models.DecimalField(
        _("persen"),
        max_digits=6,
        decimal_places=2,
        default=Decimal(100),
        validators=[MinValueValidator(0), MaxValueValidator(1000)],
    )
    cap = models.PositiveIntegerField(_("paling banyak"), null=True, blank=True)
    slot_minutes = models.PositiveSmallIntegerField(
        _("panjang sesi dalam menit"),
        default=60,
        validators=[MinValueValidator(5), MaxValueValidator(480)],
    )
    hours = models.JSONField(_("jam"), default=list, blank=True)

    class Meta:
        verbose_name = _("kebijakan kuota")
        verbose_name_plural = pgettext_lazy("jamak", "kebijakan kuota")
        ordering: ClassVar = ["office", "region", "lane", "group", "-valid_from"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            never_overlapping(
                "quota_policy_never_overlaps", "lane", "group", nullable=("office", "region")
            ),
            valid_span("quota_policy_valid_span"),
            one_scope("quota_policy_one_scope"),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=1000), name="quota_policy_percent"
            ),
            models.CheckConstraint(
                condition=Q(slot_minutes__gte=5, slot_minutes__lte=480),
                name="quota_policy_slot_minutes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.lane} {self.base} x {self.percent:g} %"


class ReleaseRule(Scoped):
    """When the places of a service day open. In force on a *service day*, so each day has one rule.

    weekly: the days Monday + `covers_days` open on `weekday` at `opens_time`, `weeks_ahead` weeks before.
    daily: each day opens `days_ahead` days before at `opens_time`.
    Closing is either `closes_after_days` after the opening day, or `closes_before_days` before
    each service day, at `closes_time`. All times are civil times of the office.
    """

    class Kind(models.TextChoices):
        WEEKLY = "weekly", _("mingguan")
        DAILY = "daily", _("harian")

    class Mode(models.TextChoices):
        FIRST_COME = "first_come", _("siapa cepat")

    group = models.ForeignKey(
        ServiceGroup, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("kelompok")
    )
    kind = models.CharField(_("irama"), max_length=10, choices=Kind.choices)
    mode = models.CharField(_("cara"), max_length=12, choices=Mode.choices, default=Mode.FIRST_COME)
    weekday = models.PositiveSmallIntegerField(
        _("hari buka"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(7)],
    )
    weeks_ahead = models.PositiveSmallIntegerField(_("minggu sebelumnya"), default=1)
    covers_days = models.PositiveSmallIntegerField(
        _("hari yang dibuka"), default=5, validators=[MinValueValidator(1), MaxValueValidator(7)]
    )
    days_ahead = models.PositiveSmallIntegerField(_("hari sebelumnya"), null=True, blank=True)
    opens_time = models.TimeField(_("jam buka"))
    closes_after_days = models.PositiveSmallIntegerField(
        _("tutup sekian hari setelah buka"), null=True, blank=True
    )
    closes_before_days = models.PositiveSmallIntegerField(
        _("tutup sekian hari sebelum layanan"), null=True, blank=True
    )
    closes_time = models.TimeField(_("jam tutup"))

    class Meta:
        verbose_name = _("aturan pembukaan")
        verbose_name_plural = pgettext_lazy("jamak", "aturan pembukaan")
        ordering: ClassVar = ["office", "region", "lane", "-valid_from"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            never_overlapping(
                "release_rule_never_overlaps", "lane", nullable=("office", "region", "group")
            ),
            valid_span("release_rule_valid_span"),
            one_scope("release_rule_one_scope"),
            models.CheckConstraint(
                name="release_rule_has_its_rhythm",
                condition=Q(kind="weekly", weekday__gte=1, weekday__lte=7)
                | Q(kind="daily", days_ahead__isnull=False),
            ),
            models.CheckConstraint(
                name="release_rule_closes_one_way",
                condition=Q(closes_after_days__isnull=True, closes_before_days__isnull=False)
                | Q(closes_after_days__isnull=False, closes_before_days__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.lane} {self.get_kind_display()} {self.valid_from}"


class ReleaseWindow(models.Model):
    """A range of service days whose places open at one moment. Open because the clock says so."""

    rule = models.ForeignKey(
        ReleaseRule,
        on_delete=models.PROTECT,
        related_name="windows",
        verbose_name=_("aturan pembukaan"),
    )
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="windows", verbose_name=_("kantor")
    )
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, verbose_name=_("jalur"))
    mode = models.CharField(_("cara"), max_length=12, choices=ReleaseRule.Mode.choices)
    first_day = models.DateField(_("hari pertama"))
    last_day = models.DateField(_("hari terakhir"))
    tranche = models.PositiveSmallIntegerField(_("tahap"), default=1)
    opens_at = models.DateTimeField(_("dibuka"))
    closes_at = models.DateTimeField(_("ditutup"))
    sources = models.JSONField(_("dasar"), default=list, blank=True)
    prepared_at = models.DateTimeField(_("disiapkan"))
    announced_at = models.DateTimeField(_("diumumkan"), null=True, blank=True)
    drawn_at = models.DateTimeField(_("diundi"), null=True, blank=True)

    class Meta:
        verbose_name = _("jendela pembukaan")
        verbose_name_plural = pgettext_lazy("jamak", "jendela pembukaan")
        ordering: ClassVar = ["opens_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["rule", "office", "first_day", "tranche"], name="release_window_once"
            ),
            models.CheckConstraint(
                condition=Q(opens_at__lt=F("closes_at")),
                name="release_window_opens_before_it_closes",
            ),
            models.CheckConstraint(
                condition=Q(first_day__lte=F("last_day")), name="release_window_days_in_order"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["office", "lane", "first_day"], name="release_window_by_day"),
            models.Index(
                fields=["opens_at"],
                condition=Q(announced_at__isnull=True),
                name="release_window_unannounced",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office} {self.first_day} - {self.last_day}"


class Slot(models.Model):
    """An hour (sesi) of an office's day, in one lane, for one group."""

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="slots", verbose_name=_("kantor")
    )
    group = models.ForeignKey(
        ServiceGroup, on_delete=models.PROTECT, verbose_name=_("kelompok layanan")
    )
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, verbose_name=_("jalur"))
    day = models.DateField(_("tanggal"))
    starts_at = models.DateTimeField(_("mulai"))
    ends_at = models.DateTimeField(_("selesai"))

    class Meta:
        verbose_name = _("sesi")
        verbose_name_plural = pgettext_lazy("jamak", "sesi")
        ordering: ClassVar = ["starts_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["office", "lane", "group", "starts_at", "ends_at"], name="slot_once"
            ),
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")), name="slot_starts_before_it_ends"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["office", "day", "lane", "group"], name="slot_by_office_and_day"),
        ]

    def __str__(self) -> str:
        return f"{self.office} {self.day} {self.starts_at:%H.%M}"


class PlaceQuerySet(models.QuerySet["Place"]):
    def offered(self) -> Self:
        """Places that count: not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)

    def free(self) -> Self:
        """Places that nobody holds, cooling down or not."""
        return self.offered().filter(holder__isnull=True)


class Place(models.Model):
    """One place in one hour: a row, taken by writing `holder`, never deleted.

    `holder` is the id of a booking or of an offer; quotas does not know which. `cooldown_until`
    is a secret: it is never shown and a cooling place is never counted as left.
    """

    window = models.ForeignKey(
        ReleaseWindow,
        on_delete=models.PROTECT,
        related_name="places",
        verbose_name=_("jendela pembukaan"),
    )
    slot = models.ForeignKey(
        Slot, on_delete=models.PROTECT, related_name="places", verbose_name=_("sesi")
    )
    made_in_slot = models.ForeignKey(
        Slot, on_delete=models.PROTECT, related_name="+", verbose_name=_("sesi asal")
    )
    number = models.PositiveIntegerField(_("nomor"))
    opens_at = models.DateTimeField(_("dibuka"))
    closes_at = models.DateTimeField(_("ditutup"))
    cooldown_until = models.DateTimeField(_("jeda sampai"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("ditarik"), null=True, blank=True)
    holder = models.UUIDField(_("pemegang"), null=True, blank=True)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("tempat")
        verbose_name_plural = pgettext_lazy("jamak", "tempat")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["made_in_slot", "number"], name="place_number_once_a_slot"
            ),
            models.UniqueConstraint(fields=["id", "holder"], name="place_one_holder"),
            models.CheckConstraint(
                condition=Q(opens_at__lt=F("closes_at")), name="place_opens_before_it_closes"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["slot", "id"],
                condition=Q(holder__isnull=True, withdrawn_at__isnull=True),
                name="place_free_by_slot",
            ),
            models.Index(
                fields=["holder"], condition=Q(holder__isnull=False), name="place_by_holder"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slot_id}/{self.number}"
