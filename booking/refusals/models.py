"""The record of refused bookings: who was refused what, when and why."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.status import append_only
from offices.directory.models import Office


class Refusal(models.Model):
    """One refused request. Append-only; deleted after the time that the retention rule names.

    `account` is who was refused, empty at the desk; `by` is the officer there. `code` is the reason that
    the account was shown, `reason` the precise one for officers; both are equal where nothing is hidden.
    `slot_id` may name a slot that no longer exists.

    Thousands of these rows are written in a release minute and refer to the same office, so neither the
    office nor the slot is locked by a foreign key (ADR 16), and there is no text composed.
    """

    class Channel(models.TextChoices):
        PAGE = "page", _("halaman")
        API = "api", _("program lain")
        DESK = "desk", _("loket")

    class Action(models.TextChoices):
        BOOK = "book", _("memesan")
        RESCHEDULE = "reschedule", _("menjadwal ulang")
        OFFER = "offer", _("menerima tawaran")

    at = models.DateTimeField(_("pada"))
    channel = models.CharField(_("lewat"), max_length=4, choices=Channel.choices)
    action = models.CharField(_("tindakan"), max_length=10, choices=Action.choices)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="refusals",
        db_index=False,
        verbose_name=_("akun"),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("oleh"),
    )
    office = models.ForeignKey(
        Office,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("kantor"),
    )
    slot_id = models.BigIntegerField(_("sesi"), null=True)
    slot_starts_at = models.DateTimeField(_("jam"), null=True)
    size = models.PositiveSmallIntegerField(_("jumlah orang"), default=0)
    code = models.CharField(_("alasan"), max_length=40)
    reason = models.CharField(_("alasan untuk petugas"), max_length=40)
    request_id = models.CharField(_("nomor permintaan"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("pemesanan yang ditolak")
        verbose_name_plural = pgettext_lazy("jamak", "pemesanan yang ditolak")
        ordering: ClassVar = ["-at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(account__isnull=False) | Q(by__isnull=False),
                name="refusal_has_account_or_officer",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "at"], name="refusal_by_account"),
            models.Index(fields=["office", "at"], name="refusal_by_office"),
        ]
        triggers: ClassVar = [append_only("refusal_append_only")]

    def __str__(self) -> str:
        return f"#{self.pk}"
