"""Quotas, release rules, rules about cancelled places and roll-over, and their changes."""

from datetime import time
from decimal import Decimal
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from offices.dated import Dated, DatedQuerySet, never_overlapping, one_scope, valid_span
from offices.directory.models import Lane, Office, ServiceGroup
from offices.ordered import Ordered


class Scoped(Ordered):
    """A rule for a lane of an office, of a region, or (with neither) of the nation."""

    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, verbose_name=_("jalur"))

    class Meta:
        abstract = True


class QuotaPolicy(Scoped):
    """How many places a day: floor(base x percent / 100), at most `cap`.

    `hours` narrows the day to spans [["08:00", "12:00"]]; empty means the office's opening hours.
    """

    group = models.ForeignKey(ServiceGroup, on_delete=models.PROTECT, verbose_name=_("kelompok"))
    base = models.PositiveIntegerField(_("tempat per hari pada keadaan normal"))
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
    hours = models.JSONField(pgettext_lazy("jamak", "jam"), default=list, blank=True)

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
    monthly: `month_days` are the opening days of a month (from its end when negative, in working days
    when `counts_working_days`); each opens its part of the month `months_ahead` later.
    `tranches` [["10", 3], ["30", 2], ["60", 0]] open a day in parts: percent, and how far ahead.
    Closing is either `closes_after_days` after the opening day, or `closes_before_days` before
    each service day, at `closes_time`. All times are civil times of the office.
    """

    class Kind(models.TextChoices):
        WEEKLY = "weekly", _("mingguan")
        DAILY = "daily", _("harian")
        MONTHLY = "monthly", _("bulanan")

    class Mode(models.TextChoices):
        FIRST_COME = "first_come", _("siapa cepat")
        DRAW = "draw", _("undian")

    class LotterySource(models.TextChoices):
        """Where the public value of a lottery comes from. `booking.lottery.sources` describes each."""

        JISDOR = "jisdor", _("kurs JISDOR, dimasukkan dua petugas")
        DRAND = "drand", _("angka acak publik drand")

    group = models.ForeignKey(
        ServiceGroup, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("kelompok")
    )
    kind = models.CharField(_("frekuensi"), max_length=10, choices=Kind.choices)
    mode = models.CharField(_("cara"), max_length=12, choices=Mode.choices, default=Mode.FIRST_COME)
    lottery_source = models.CharField(
        _("sumber nilai publik undian"),
        max_length=20,
        choices=LotterySource.choices,
        default=LotterySource.JISDOR,
        db_default=LotterySource.JISDOR,
    )
    has_waiting_room = models.BooleanField(
        _("melalui ruang tunggu"), default=False, db_default=False
    )
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
    month_days = ArrayField(
        models.SmallIntegerField(), verbose_name=_("tanggal buka"), default=list, blank=True
    )
    counts_working_days = models.BooleanField(_("hitung hari kerja"), default=False)
    months_ahead = models.PositiveSmallIntegerField(
        _("bulan sebelumnya"), default=1, validators=[MaxValueValidator(5)]
    )
    tranches = models.JSONField(_("tahap"), default=list, blank=True)
    opens_time = models.TimeField(_("jam buka"))
    closes_after_days = models.PositiveSmallIntegerField(
        _("tutup (hari setelah buka)"), null=True, blank=True
    )
    closes_before_days = models.PositiveSmallIntegerField(
        _("tutup (hari sebelum layanan)"), null=True, blank=True
    )
    closes_time = models.TimeField(_("jam tutup"))

    class Meta:
        verbose_name = _("aturan pembukaan kuota")
        verbose_name_plural = pgettext_lazy("jamak", "aturan pembukaan kuota")
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
                | Q(kind="daily", days_ahead__isnull=False)
                | Q(kind="monthly", month_days__len__gt=0),
            ),
            models.CheckConstraint(
                name="release_rule_room_is_for_first_come",
                condition=Q(has_waiting_room=False) | Q(mode="first_come"),
            ),
            models.CheckConstraint(
                name="release_rule_closes_one_way",
                condition=Q(closes_after_days__isnull=True, closes_before_days__isnull=False)
                | Q(closes_after_days__isnull=False, closes_before_days__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.lane} {self.get_kind_display()} {self.valid_from}"


class ReturnRule(Scoped):
    """How a freed place is offered again. In force on a *service day*, like every rule.

    Its cooldown is a secret, random span between the two `rest_` fields; in that time it goes to
    the waiting list. An offer can be answered for `answer_hours`, not counting the quiet hours from
    `quiet_from` to `quiet_until`, and a person gets at most `offers_at_most` offers. Without a row
    the defaults of these fields apply.
    """

    rest_from_minutes = models.PositiveSmallIntegerField(
        _("masa tunggu tersingkat (menit)"), default=5, validators=[MaxValueValidator(1440)]
    )
    rest_until_minutes = models.PositiveSmallIntegerField(
        _("masa tunggu terlama (menit)"), default=60, validators=[MaxValueValidator(1440)]
    )
    answer_hours = models.PositiveSmallIntegerField(
        _("waktu menjawab tawaran (jam)"),
        default=4,
        validators=[MinValueValidator(1), MaxValueValidator(48)],
    )
    offers_at_most = models.PositiveSmallIntegerField(
        _("tawaran paling banyak"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
    )
    quiet_from = models.TimeField(_("jam tenang mulai"), default=time(20))
    quiet_until = models.TimeField(_("jam tenang sampai"), default=time(7))

    class Meta:
        verbose_name = _("aturan tempat yang dibatalkan")
        verbose_name_plural = pgettext_lazy("jamak", "aturan tempat yang dibatalkan")
        ordering: ClassVar = ["office", "region", "lane", "-valid_from"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            never_overlapping("return_rule_never_overlaps", "lane", nullable=("office", "region")),
            valid_span("return_rule_valid_span"),
            one_scope("return_rule_one_scope"),
            models.CheckConstraint(
                condition=Q(rest_from_minutes__lte=F("rest_until_minutes"))
                & Q(rest_until_minutes__lte=1440),
                name="return_rule_rest_in_order",
            ),
            models.CheckConstraint(
                condition=Q(answer_hours__gte=1, answer_hours__lte=48),
                name="return_rule_answer_hours",
            ),
            models.CheckConstraint(
                condition=Q(offers_at_most__gte=1, offers_at_most__lte=10),
                name="return_rule_offers_at_most",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.lane} {self.valid_from}"


class NoticeRule(Ordered):
    """The least time from a decision to an opening that it makes or brings forward.

    An opening within it, or in the past, needs a second confirmation. Without a row the default applies.
    """

    opening_hours = models.PositiveSmallIntegerField(
        _("jarak terpendek dari keputusan ke pembukaan (jam)"),
        default=24,
        validators=[MaxValueValidator(720)],
    )

    class Meta:
        verbose_name = _("aturan pemberitahuan")
        verbose_name_plural = pgettext_lazy("jamak", "aturan pemberitahuan")
        ordering: ClassVar = ["office", "region", "-valid_from"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            never_overlapping("notice_rule_never_overlaps", nullable=("office", "region")),
            valid_span("notice_rule_valid_span"),
            one_scope("notice_rule_one_scope"),
            models.CheckConstraint(
                condition=Q(opening_hours__lte=720), name="notice_rule_opening_hours"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.opening_hours}"


class RuleChange(models.Model):
    """One change by a supervisor. `before` and `after` are the values that the page showed."""

    class Kind(models.TextChoices):
        QUOTA = "quota", _("kuota")
        RELEASE = "release", _("pembukaan")
        ADDED_PLACES = "added_places", _("tempat ditambah")
        ROLL_OVER = "roll_over", _("pengalihan tempat")
        RETURNS = "returns", _("tempat yang dibatalkan")
        REBOOKING = "rebooking", _("pemesanan ulang")
        DAY = "day", _("hari layanan")
        NOTICE = "notice", _("jarak pemberitahuan")
        ATTENDANCE = "attendance", _("kehadiran petugas")
        ADMISSION = "admission", _("siapa yang diterima")
        NO_SHOW = "no_show", _("tidak hadir")
        LIMIT = "limit", _("batas pemesanan")
        PRODUCTS = "products", _("jenis paspor")
        PROTOCOL = "protocol", _("pemeriksaan di gerbang")

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="rule_changes")
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("jenis"), max_length=20, choices=Kind.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("pada"))
    starts_on = models.DateField(_("berlaku sejak"))
    instrument = models.CharField(_("dasar hukum"), max_length=200)
    before = models.JSONField(_("sebelumnya"), default=dict)
    after = models.JSONField(_("sesudahnya"), default=dict)

    class Meta:
        verbose_name = _("perubahan aturan")
        verbose_name_plural = pgettext_lazy("jamak", "perubahan aturan")
        ordering: ClassVar = ["-at", "-id"]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="rule_change_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.office} {self.kind} {self.starts_on}"


class RollOverRule(Dated):
    """Places of a lane that are free at `at_time` of their day move to another lane, same slots."""

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="roll_over_rules")
    group = models.ForeignKey(ServiceGroup, on_delete=models.PROTECT, verbose_name=_("kelompok"))
    from_lane = models.ForeignKey(
        Lane, on_delete=models.PROTECT, related_name="+", verbose_name=_("dari jalur")
    )
    to_lane = models.ForeignKey(
        Lane, on_delete=models.PROTECT, related_name="+", verbose_name=_("ke jalur")
    )
    at_time = models.TimeField(_("pukul"))
    percent = models.DecimalField(
        _("persen tempat yang tersisa"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(100),
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("aturan pengalihan tempat")
        verbose_name_plural = pgettext_lazy("jamak", "aturan pengalihan tempat")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            never_overlapping("roll_over_rule_never_overlaps", "office", "group", "from_lane"),
            valid_span("roll_over_rule_valid_span"),
            models.CheckConstraint(
                condition=Q(percent__gt=0, percent__lte=100), name="roll_over_rule_percent"
            ),
            models.CheckConstraint(
                condition=~Q(from_lane=F("to_lane")), name="roll_over_rule_goes_elsewhere"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office} {self.from_lane_id} > {self.to_lane_id}"
