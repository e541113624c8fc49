"""Complaints of people, with or without an account."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.codes import new_code
from core.crypto import EncryptedTextField
from offices.directory.models import Office


class Complaint(models.Model):
    """A complaint about an office. Anyone who has its number can read the answer, without an account.

    A supervisor of the office answers before `answer_by`. Text, answer and address are erased by the
    retention rule; the rest stays for the public figures.
    """

    class About(models.TextChoices):
        WAITING = "waiting", _("antrean atau waktu tunggu")
        OFFICER = "officer", _("sikap petugas")
        MONEY = "money", _("permintaan uang atau calo")
        BOOKING = "booking", _("kuota atau pemesanan")
        PASSPORT = "passport", _("paspor belum jadi atau salah")
        PLACE = "place", _("gedung atau fasilitas")
        OTHER = "other", _("hal lain")

    number = models.CharField(_("nomor pengaduan"), max_length=12, unique=True, default=new_code)
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="complaints", verbose_name=_("kantor")
    )
    about = models.CharField(_("tentang"), max_length=10, choices=About.choices)
    text = EncryptedTextField(_("isi pengaduan"), blank=True)
    address = EncryptedTextField(_("alamat surel"), blank=True)
    language = models.CharField(_("bahasa"), max_length=5)
    made_at = models.DateTimeField(_("disampaikan"))
    answer_by = models.DateTimeField(_("dijawab paling lambat"))
    answer = EncryptedTextField(_("jawaban"), blank=True)
    is_founded = models.BooleanField(_("terbukti"), null=True, blank=True)
    answered_at = models.DateTimeField(_("dijawab"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("dijawab oleh"),
    )
    erased_at = models.DateTimeField(_("isi dihapus"), null=True, blank=True)

    class Meta:
        verbose_name = _("pengaduan")
        verbose_name_plural = pgettext_lazy("jamak", "pengaduan")
        ordering: ClassVar = ["answer_by", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(answer_by__gt=F("made_at")), name="complaint_deadline_after_start"
            ),
            models.CheckConstraint(
                condition=Q(
                    is_founded__isnull=True, answered_at__isnull=True, answered_by__isnull=True
                )
                | Q(is_founded__isnull=False, answered_at__isnull=False, answered_by__isnull=False),
                name="complaint_answered_whole",
            ),
            models.CheckConstraint(
                condition=~Q(text="") | Q(erased_at__isnull=False), name="complaint_has_text"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["office", "made_at"], name="complaint_by_office"),
            models.Index(
                fields=["office", "answer_by"],
                condition=Q(answered_at__isnull=True),
                name="complaint_open",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
