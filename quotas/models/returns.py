"""What becomes of places that were given back, by decree."""

from datetime import time
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from offices.models import never_overlapping, one_scope, valid_span
from quotas.models.rules import Scoped


class ReturnRule(Scoped):
    """How a place that was given back is offered again. In force on a *service day*, like every rule.

    It rests for a secret, random span between the two; in that time it goes to whoever waits for one.
    Who is offered a place has `answer_hours` to answer, in which the night from `quiet_from` to
    `quiet_until` does not count, and gets at most `offers_at_most` offers. Without a row the
    defaults of these fields hold.
    """

    rest_from_minutes = models.PositiveSmallIntegerField(
        _("istirahat paling sebentar, menit"), default=5, validators=[MaxValueValidator(1440)]
    )
    rest_until_minutes = models.PositiveSmallIntegerField(
        _("istirahat paling lama, menit"), default=60, validators=[MaxValueValidator(1440)]
    )
    answer_hours = models.PositiveSmallIntegerField(
        _("waktu menjawab tawaran, jam"),
        default=4,
        validators=[MinValueValidator(1), MaxValueValidator(48)],
    )
    offers_at_most = models.PositiveSmallIntegerField(
        _("tawaran paling banyak"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
    )
    quiet_from = models.TimeField(_("malam mulai"), default=time(20))
    quiet_until = models.TimeField(_("malam sampai"), default=time(7))

    class Meta:
        verbose_name = _("aturan tempat kembali")
        verbose_name_plural = pgettext_lazy("jamak", "aturan tempat kembali")
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
