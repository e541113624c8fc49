"""Kiosks of an office, and the check-ins that people make at them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.bookings.models import Booking
from core.status import append_only
from offices.directory.models import Office


class Kiosk(models.Model):
    """A device on which people check in. Code and token are stored as hashes only.

    A supervisor issues a code, the device exchanges it once for a token, and the token works at this
    office until it is revoked. `tries` counts wrong booking codes since `counted_since`.
    """

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="kiosks", verbose_name=_("kantor")
    )
    name = models.CharField(_("nama"), max_length=60)
    code_hash = models.CharField(max_length=64, blank=True)
    code_expires_at = models.DateTimeField(_("kode berlaku sampai"))
    token_hash = models.CharField(max_length=64, blank=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("kode dibuat oleh"),
    )
    issued_at = models.DateTimeField(_("kode dibuat"))
    paired_at = models.DateTimeField(_("dipasangkan"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("dicabut oleh"),
    )
    revoked_at = models.DateTimeField(_("dicabut"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("terakhir dipakai"), null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    counted_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("anjungan mandiri")
        verbose_name_plural = pgettext_lazy("jamak", "anjungan mandiri")
        ordering: ClassVar = ["-issued_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["code_hash"], condition=~Q(code_hash=""), name="kiosk_code_once"
            ),
            models.UniqueConstraint(
                fields=["token_hash"], condition=~Q(token_hash=""), name="kiosk_token_once"
            ),
            models.CheckConstraint(
                name="kiosk_token_when_paired",
                condition=Q(paired_at__isnull=True, token_hash="")
                | (Q(paired_at__isnull=False, code_hash="") & ~Q(token_hash="")),
            ),
            models.CheckConstraint(
                name="kiosk_revocation_is_whole",
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["office", "-issued_at"], name="kiosk_by_office")]

    def __str__(self) -> str:
        return self.name


class KioskCheckIn(models.Model):
    """A booking that was shown at a kiosk: once a day, with the time of arrival.

    `is_complete`: the kiosk gave a number. Otherwise the gate still checks the person. Rows are
    never changed or deleted.
    """

    booking = models.ForeignKey(
        Booking, on_delete=models.PROTECT, related_name="kiosk_check_ins", verbose_name=_("booking")
    )
    kiosk = models.ForeignKey(
        Kiosk,
        on_delete=models.PROTECT,
        related_name="check_ins",
        verbose_name=_("anjungan mandiri"),
    )
    day = models.DateField(_("tanggal"))
    at = models.DateTimeField(_("pada"))
    is_complete = models.BooleanField(_("selesai tanpa gerbang"))

    class Meta:
        verbose_name = _("daftar ulang di anjungan mandiri")
        verbose_name_plural = pgettext_lazy("jamak", "daftar ulang di anjungan mandiri")
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["booking", "day"], name="kiosk_check_in_once_a_day"),
        ]
        indexes: ClassVar = [models.Index(fields=["day", "at"], name="kiosk_check_in_by_day")]
        triggers: ClassVar = [append_only("kiosk_check_in_append_only")]

    def __str__(self) -> str:
        return f"#{self.pk}"
