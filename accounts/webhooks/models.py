"""Endpoints of integrators and the events that are sent to them."""

from typing import ClassVar, Final, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.webhooks import kinds
from core.crypto import EncryptedTextField
from core.ids import new_id
from notices.models import Message

# What one account may have; the number of an endpoint is one of these.
MOST_ENDPOINTS: Final = 5
WAITING: Final = Q(delivered_at__isnull=True, given_up_at__isnull=True)


class WebhookEndpoint(models.Model):
    """An address to which an account's events are sent.

    Address and secret are encrypted: an address often contains a token. `failures` are those since the last
    delivery; until `retry_at` nothing is sent after one. `paused_reason` is empty while the endpoint is active.
    """

    class Pause(models.TextChoices):
        OWNER = "owner", _("dihentikan pemilik akun")
        FAILURES = "failures", _("terlalu sering gagal")
        ACCESS = "access", _("semua token akun dicabut")

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="webhooks",
        verbose_name=_("akun"),
    )
    number = models.PositiveSmallIntegerField(_("nomor urut"))
    url = EncryptedTextField(_("alamat"))
    kinds = ArrayField(models.CharField(max_length=40), verbose_name=_("jenis kejadian"))
    secret = EncryptedTextField(_("kunci rahasia"))
    created_at = models.DateTimeField(_("dibuat"))
    paused_reason = models.CharField(
        _("alasan berhenti"), max_length=10, choices=Pause.choices, blank=True, default=""
    )
    failures = models.PositiveIntegerField(_("gagal berturut-turut"), default=0)
    retry_at = models.DateTimeField(_("dicoba lagi"), null=True, blank=True)
    last_error = models.CharField(_("kesalahan terakhir"), max_length=40, blank=True, default="")
    last_delivered_at = models.DateTimeField(_("terakhir terkirim"), null=True, blank=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = pgettext_lazy("jamak", "webhook")
        ordering: ClassVar = ["account", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account", "number"], name="webhook_number_once"),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=MOST_ENDPOINTS), name="webhook_few"
            ),
            models.CheckConstraint(
                condition=Q(kinds__len__gte=1, kinds__contained_by=list(kinds.NAMES)),
                name="webhook_known_kinds",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def is_active(self) -> bool:
        return not self.paused_reason


class WebhookEventQuerySet(models.QuerySet["WebhookEvent"]):
    def waiting(self) -> Self:
        """Events that are neither delivered nor given up."""
        return self.filter(WAITING)


class WebhookEvent(models.Model):
    """One event for one endpoint, written when the message that it follows is due.

    A test has no message. `facts` are the event's own part of the body. `next_at` is when the next attempt may
    begin: later after a failure, and the end of the lease while a worker sends it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    endpoint = models.ForeignKey(
        WebhookEndpoint,
        on_delete=models.CASCADE,
        related_name="events",
        verbose_name=_("webhook"),
    )
    message = models.ForeignKey(
        Message,
        on_delete=models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("pesan"),
    )
    kind = models.CharField(_("jenis"), max_length=40)
    facts = models.JSONField(_("data kejadian"), default=dict)
    created_at = models.DateTimeField(_("dicatat"))
    next_at = models.DateTimeField(_("percobaan berikut"))
    attempts = models.PositiveSmallIntegerField(_("percobaan"), default=0)
    last_error = models.CharField(_("kesalahan terakhir"), max_length=40, blank=True, default="")
    delivered_at = models.DateTimeField(_("terkirim"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("dihentikan"), null=True, blank=True)

    objects = WebhookEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("kejadian webhook")
        verbose_name_plural = pgettext_lazy("jamak", "kejadian webhook")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["endpoint", "message"], name="webhook_event_once"),
            models.UniqueConstraint(
                fields=["endpoint"],
                condition=WAITING & Q(message__isnull=True),
                name="webhook_test_once",
            ),
            models.CheckConstraint(
                condition=Q(delivered_at__isnull=True) | Q(given_up_at__isnull=True),
                name="webhook_event_ends_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at", "id"], condition=WAITING, name="webhook_event_waiting"),
            models.Index(fields=["created_at"], name="webhook_event_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
