"""Subscriptions to the openings of an office, without an account."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.crypto import EncryptedTextField
from offices.directory.models import Office


class OpeningWatch(models.Model):
    """An address that gets a message at each opening of an office. One link confirms it, another stops it.

    Links contain the signed id, never the address; `address_key` is its keyed hash, to look it up.
    """

    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="watches")
    address = EncryptedTextField(_("alamat surel"))
    address_key = models.CharField(max_length=64)
    language = models.CharField(_("bahasa"), max_length=2, default="id")
    requested_at = models.DateTimeField(_("diminta"))
    confirmed_at = models.DateTimeField(_("diverifikasi"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("dihentikan"), null=True, blank=True)

    class Meta:
        verbose_name = _("pemberitahuan pembukaan kuota")
        verbose_name_plural = pgettext_lazy("jamak", "pemberitahuan pembukaan kuota")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["office", "address_key"], name="opening_watch_once_an_office"
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["office"],
                condition=Q(confirmed_at__isnull=False, stopped_at__isnull=True),
                name="opening_watch_live",
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
