"""Reports that officers receive by e-mail, and the e-mails sent."""

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.status import append_only
from offices.directory.models import Office


class ReportSubscription(models.Model):
    """One officer's subscription to the daily load of an office by e-mail, until `stopped_at`."""

    class Rhythm(models.TextChoices):
        DAILY = "daily", _("setiap hari, untuk hari sebelumnya")
        WEEKLY = "weekly", _("setiap Senin, untuk minggu sebelumnya")
        MONTHLY = "monthly", _("setiap tanggal 1, untuk bulan sebelumnya")

    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="report_subscriptions",
        verbose_name=_("petugas"),
    )
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="+", verbose_name=_("kantor")
    )
    rhythm = models.CharField(_("kapan"), max_length=8, choices=Rhythm.choices)
    by = models.CharField(_("menurut"), max_length=8)
    started_at = models.DateTimeField(_("sejak"))
    stopped_at = models.DateTimeField(_("dihentikan"), null=True, blank=True)

    class Meta:
        verbose_name = _("langganan laporan")
        verbose_name_plural = pgettext_lazy("jamak", "langganan laporan")
        ordering: ClassVar = ["-started_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["officer", "office", "rhythm", "by"],
                condition=Q(stopped_at__isnull=True),
                name="report_subscription_once",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class ReportDelivery(models.Model):
    """One e-mail of a subscription, for one period. Append-only; the link in it names this row."""

    subscription = models.ForeignKey(
        ReportSubscription, on_delete=models.PROTECT, related_name="deliveries"
    )
    first = models.DateField(_("hari pertama"))
    last = models.DateField(_("hari terakhir"))
    queued_at = models.DateTimeField(_("dikirim"))

    class Meta:
        verbose_name = _("laporan terkirim")
        verbose_name_plural = pgettext_lazy("jamak", "laporan terkirim")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["subscription", "last"], name="report_delivery_once_a_period"
            ),
            models.CheckConstraint(
                condition=Q(last__gte=F("first")), name="report_delivery_days_in_order"
            ),
        ]
        triggers: ClassVar = [append_only("report_delivery_append_only")]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def span(self) -> tuple[date, date]:
        return self.first, self.last
