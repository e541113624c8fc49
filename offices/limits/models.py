"""Booking limits, rebooking rules, no-show rules, products and protocols."""

import datetime as dt
from collections.abc import Sequence
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.languages import localized
from offices.dated import never_overlapping, one_scope, valid_span
from offices.directory.models import Fee
from offices.ordered import Ordered

MOST_REBOOKING_HOURS = 168


class BookingLimit(Ordered):
    """The number of online bookings for one account, telephone or device.

    Without `within_days` it limits live bookings; with it, new bookings within that many days,
    including cancelled ones. It does not apply to desk bookings.
    """

    class Subject(models.TextChoices):
        ACCOUNT = "account", _("akun")
        PHONE = "phone", _("nomor telepon")
        DEVICE = "device", _("perangkat")

    subject = models.CharField(_("yang dibatasi"), max_length=10, choices=Subject.choices)
    within_days = models.PositiveSmallIntegerField(
        _("pemesanan baru dalam sekian hari"),
        null=True,
        blank=True,
        help_text=_("Kosong: jadwal yang berlaku pada saat yang sama."),
    )
    most = models.PositiveSmallIntegerField(_("paling banyak"))

    class Meta:
        verbose_name = _("batas pemesanan")
        verbose_name_plural = pgettext_lazy("jamak", "batas pemesanan")
        ordering: ClassVar = ["office", "region", "subject", "-valid_from"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            never_overlapping(
                "booking_limit_never_overlaps",
                "subject",
                nullable=("office", "region", "within_days"),
            ),
            valid_span("booking_limit_valid_span"),
            one_scope("booking_limit_one_scope"),
            models.CheckConstraint(condition=Q(most__gte=1), name="booking_limit_lets_one_book"),
            models.CheckConstraint(
                condition=Q(within_days__isnull=True) | Q(within_days__range=(1, 366)),
                name="booking_limit_span",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.get_subject_display()} {self.most}"


class RebookingRule(Ordered):
    """How often people may book again after they cancelled a booking themselves.

    A new first-come booking within `within_hours` of one's own cancellation counts: at most `per_person` for
    each person and `per_account` for each account within that time; empty means no limit. Places that the office
    moves or offers do not count. Without a row the defaults of these fields apply.
    """

    class Confirmation(models.TextChoices):
        NEVER = "never", _("tidak diminta")
        AFTER_CANCELLATION = "after_cancellation", _("setelah pembatalan pertama")
        BEFORE_FIRST = "before_first", _("sebelum pemesanan pertama")

    within_hours = models.PositiveSmallIntegerField(_("dalam sekian jam"), default=24)
    per_person = models.PositiveSmallIntegerField(
        _("pemesanan ulang per orang"),
        null=True,
        blank=True,
        default=1,
        help_text=_("Kosong: tanpa batas."),
    )
    per_account = models.PositiveSmallIntegerField(
        _("pemesanan ulang per akun"),
        null=True,
        blank=True,
        default=5,
        help_text=_("Kosong: tanpa batas."),
    )
    confirmation = models.CharField(
        _("verifikasi alamat surel"),
        max_length=20,
        choices=Confirmation.choices,
        default=Confirmation.AFTER_CANCELLATION,
        help_text=_("Kapan akun wajib memverifikasi alamat surelnya sebelum memesan."),
    )

    class Meta:
        verbose_name = _("aturan pemesanan ulang")
        verbose_name_plural = pgettext_lazy("jamak", "aturan pemesanan ulang")
        ordering: ClassVar = ["office", "region", "-valid_from"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            never_overlapping("rebooking_rule_never_overlaps", nullable=("office", "region")),
            valid_span("rebooking_rule_valid_span"),
            one_scope("rebooking_rule_one_scope"),
            models.CheckConstraint(
                condition=Q(within_hours__range=(1, MOST_REBOOKING_HOURS)),
                name="rebooking_rule_hours",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.per_person} / {self.per_account} / {self.within_hours}"

    @property
    def span(self) -> dt.timedelta:
        return dt.timedelta(hours=self.within_hours)

    def follows(self, cancelled_at: dt.datetime | None, now: dt.datetime) -> bool:
        """True if a booking made now follows an own cancellation and therefore counts."""
        return cancelled_at is not None and cancelled_at > now - self.span

    def bookable_from(
        self,
        *,
        cancelled_at: dt.datetime | None,
        rebooked_at: Sequence[dt.datetime],
        wanted: int,
        most: int | None,
        now: dt.datetime,
    ) -> dt.datetime | None:
        """Return the time from which `wanted` more bookings keep within `most`, or None if they do so now.

        `cancelled_at` is the latest own cancellation, `rebooked_at` are the times of the bookings that count.
        """
        if most is None or cancelled_at is None or not self.follows(cancelled_at, now):
            return None
        recent = sorted(at for at in rebooked_at if at > now - self.span)
        surplus = len(recent) + wanted - most
        if surplus <= 0:
            return None
        # When the cancellation is too old, nothing counts any more; before that, one counted booking after another expires.
        ends = [cancelled_at + self.span]
        if surplus <= len(recent):
            ends.append(recent[surplus - 1] + self.span)
        return min(ends)

    def requires_confirmation(self, *, has_cancelled: bool) -> bool:
        """True if an account needs a confirmed address before it books."""
        if self.confirmation == self.Confirmation.BEFORE_FIRST:
            return True
        return self.confirmation == self.Confirmation.AFTER_CANCELLATION and has_cancelled


class NoShowRule(Ordered):
    """How long a person with `no_shows` missed bookings in `within_days` cannot book online.

    Cancelled bookings do not count, nor do visits that the person left early.
    """

    no_shows = models.PositiveSmallIntegerField(_("kali tidak hadir"), default=1)
    within_days = models.PositiveSmallIntegerField(_("dalam sekian hari"), default=90)
    restricted_days = models.PositiveSmallIntegerField(_("lama pembatasan (hari)"))

    class Meta:
        verbose_name = _("aturan tidak hadir")
        verbose_name_plural = pgettext_lazy("jamak", "aturan tidak hadir")
        ordering: ClassVar = ["office", "region", "-valid_from"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            never_overlapping("no_show_rule_never_overlaps", nullable=("office", "region")),
            valid_span("no_show_rule_valid_span"),
            one_scope("no_show_rule_one_scope"),
            models.CheckConstraint(
                condition=Q(
                    no_shows__gte=1, within_days__range=(1, 366), restricted_days__range=(1, 366)
                ),
                name="no_show_rule_spans",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.no_shows} > {self.restricted_days}"


class ProductRule(Ordered):
    """The products that an office makes; without a rule, all products."""

    products = ArrayField(
        models.CharField(max_length=20, choices=Fee.Product.choices),
        verbose_name=_("jenis paspor yang dilayani"),
    )

    class Meta:
        verbose_name = _("aturan jenis paspor")
        verbose_name_plural = pgettext_lazy("jamak", "aturan jenis paspor")
        ordering: ClassVar = ["office", "region", "-valid_from"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            never_overlapping("product_rule_never_overlaps", nullable=("office", "region")),
            valid_span("product_rule_valid_span"),
            one_scope("product_rule_one_scope"),
            models.CheckConstraint(
                condition=Q(products__len__gt=0), name="product_rule_names_a_product"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {', '.join(self.products)}"


LONGEST_PAYMENT_HOURS = 720


class PaymentRule(Ordered):
    """When the fee is paid: never in this system, before the visit, or after the interview.

    `hours` is how long a billing code is valid. A booking that is paid before the visit lapses when it is
    not paid within that time. Without a row nothing is paid through this system.
    """

    class Timing(models.TextChoices):
        NONE = "none", _("tidak melalui sistem ini")
        PREPAID = "prepaid", _("di muka")
        AFTER_INTERVIEW = "after_interview", _("setelah wawancara")

    timing = models.CharField(_("waktu pembayaran"), max_length=16, choices=Timing.choices)
    hours = models.PositiveSmallIntegerField(
        _("kode billing berlaku (jam)"),
        default=2,
        help_text=_("Di muka: jadwal yang belum dibayar sampai batas ini berakhir tanpa sanksi."),
    )

    class Meta:
        verbose_name = _("aturan pembayaran")
        verbose_name_plural = pgettext_lazy("jamak", "aturan pembayaran")
        ordering: ClassVar = ["office", "region", "-valid_from"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            never_overlapping("payment_rule_never_overlaps", nullable=("office", "region")),
            valid_span("payment_rule_valid_span"),
            one_scope("payment_rule_one_scope"),
            models.CheckConstraint(
                condition=Q(hours__range=(1, LONGEST_PAYMENT_HOURS)), name="payment_rule_hours"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.get_timing_display()}"

    @property
    def span(self) -> dt.timedelta:
        return dt.timedelta(hours=self.hours)


LOWEST_TEMPERATURE, HIGHEST_TEMPERATURE = 340, 430


class Protocol(Ordered):
    """A protocol at the gate and its checks. `items` is a list of {code, name, name_en}.

    `temperature_limit` is the highest temperature that passes, in tenths of a degree Celsius (370 is 37.0);
    empty means that nobody is measured. People over it are referred to the task force, which is informed at
    `task_force_email`.
    """

    name = models.CharField(_("nama"), max_length=120)
    name_en = models.CharField(_("nama Inggris"), max_length=120)
    items = models.JSONField(_("yang diperiksa"), default=list, blank=True)
    temperature_limit = models.PositiveSmallIntegerField(
        _("suhu tertinggi (persepuluh derajat)"),
        null=True,
        blank=True,
        help_text=_("370 berarti 37,0 derajat. Kosong: suhu tidak diukur."),
    )
    task_force_email = models.EmailField(_("surel Satgas"), blank=True, default="")

    class Meta:
        verbose_name = _("protokol")
        verbose_name_plural = pgettext_lazy("jamak", "protokol")
        ordering: ClassVar = ["office", "region", "-valid_from"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            never_overlapping("protocol_never_overlaps", nullable=("office", "region")),
            valid_span("protocol_valid_span"),
            one_scope("protocol_one_scope"),
            models.CheckConstraint(
                name="protocol_temperature_limit",
                condition=Q(temperature_limit__isnull=True)
                | Q(temperature_limit__range=(LOWEST_TEMPERATURE, HIGHEST_TEMPERATURE)),
            ),
        ]

    def __str__(self) -> str:
        return localized(self)

    def item_names(self) -> list[str]:
        """Return the names of the items that are checked, in the reader's language."""
        return [localized(row) for row in self.items]

    @property
    def measures(self) -> bool:
        """True if the temperature is measured."""
        return self.temperature_limit is not None
