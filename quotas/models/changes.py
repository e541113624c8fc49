"""Who changed which rule on which instrument; and where unused places of a lane go."""

from decimal import Decimal
from typing import ClassVar

import pgtrigger
from django.conf import settings
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
    ServiceGroup,
    never_overlapping,
    valid_span,
)
from quotas.models.places import Place, Slot


class RuleChange(models.Model):
    """One change that a supervisor made. `before` and `after` are what the screen showed."""

    class Kind(models.TextChoices):
        QUOTA = "quota", _("kuota")
        RELEASE = "release", _("pembukaan")
        ADDED_PLACES = "added_places", _("tempat ditambah")
        ROLL_OVER = "roll_over", _("pengalihan tempat")
        RETURNS = "returns", _("tempat kembali")

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="rule_changes")
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("jenis"), max_length=20, choices=Kind.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("pada"))
    starts_on = models.DateField(_("berlaku sejak"))
    instrument = models.CharField(_("dasar"), max_length=200)
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
    """Places of a lane that nobody took by `at_time` of their day go to another lane, the same hours."""

    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="roll_over_rules")
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


class RollOver(models.Model):
    """That a rule ran for a day: once, however many workers try."""

    rule = models.ForeignKey(RollOverRule, on_delete=models.PROTECT, related_name="runs")
    day = models.DateField(_("tanggal"))
    at = models.DateTimeField(_("pada"))

    class Meta:
        verbose_name = _("pengalihan tempat")
        verbose_name_plural = pgettext_lazy("jamak", "pengalihan tempat")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["rule", "day"], name="roll_over_once_a_day")
        ]


class PlaceMove(models.Model):
    """The ledger: which place went from which slot to which, by which run."""

    run = models.ForeignKey(RollOver, on_delete=models.PROTECT, related_name="moves")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="moves")
    from_slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="moves_out")
    to_slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="moves_in")

    class Meta:
        verbose_name = _("tempat yang dialihkan")
        verbose_name_plural = pgettext_lazy("jamak", "tempat yang dialihkan")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "place"], name="place_move_once_a_run")
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="place_move_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]
