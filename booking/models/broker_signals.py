"""What may be the work of brokers: noticed, shown with its evidence, and never punished by itself."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.status import append_only
from offices.models import Office


class BrokerSignal(models.Model):
    """One pattern around one subject at one office. `evidence` holds ids and times, no names.

    `subject` is what the pattern is about, by ids or a keyed hash; `label` is how it is shown, masked.
    """

    class Kind(models.TextChoices):
        HANDOVER = "handover", _("batal lalu diambil akun lain")
        PHONE = "phone", _("satu nomor telepon, banyak akun")
        DEVICE = "device", _("satu perangkat, banyak akun")
        BURST = "burst", _("banyak booking dalam waktu singkat")
        MISMATCH = "mismatch", _("nama tidak cocok di kantor")

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="broker_signals", verbose_name=_("kantor")
    )
    kind = models.CharField(_("pola"), max_length=10, choices=Kind.choices)
    subject = models.CharField(max_length=80, editable=False, verbose_name=_("tentang"))
    label = models.CharField(_("tentang"), max_length=80)
    count = models.PositiveIntegerField(_("berapa kali"))
    first_at = models.DateTimeField(_("pertama"))
    last_at = models.DateTimeField(_("terakhir"))
    evidence = models.JSONField(_("bukti"), default=list)
    found_at = models.DateTimeField(_("ditemukan"))
    seen_at = models.DateTimeField(_("dilihat"), null=True, blank=True)

    class Meta:
        verbose_name = _("isyarat calo")
        verbose_name_plural = pgettext_lazy("jamak", "isyarat calo")
        ordering: ClassVar = ["-last_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["office", "kind", "subject"], name="broker_signal_once_a_subject"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"

    @property
    def is_new(self) -> bool:
        """Whether something has happened since somebody looked."""
        return self.seen_at is None or self.seen_at < self.last_at


class BrokerSignalNote(models.Model):
    """What a supervisor wrote when they looked. Never changed, never deleted."""

    signal = models.ForeignKey(BrokerSignal, on_delete=models.PROTECT, related_name="notes")
    text = models.CharField(_("catatan"), max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("oleh")
    )
    at = models.DateTimeField(_("pada"))

    class Meta:
        verbose_name = _("catatan isyarat")
        verbose_name_plural = pgettext_lazy("jamak", "catatan isyarat")
        ordering: ClassVar = ["at", "id"]
        triggers: ClassVar = [append_only("broker_signal_note_append_only")]

    def __str__(self) -> str:
        return f"#{self.pk}"
