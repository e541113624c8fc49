"""Collected passports, with the letter of authority and the signature."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.crypto import EncryptedBytesField
from core.status import append_only
from counters.authority.models import AuthorityLetter
from counters.drive_thru.models import PickupPlace
from counters.production.models import BOOK_NUMBER_LENGTH, SHELF_LENGTH, PassportBook


class Pickup(models.Model):
    """Who collected a passport, and by what right. One for each passport."""

    class Right(models.TextChoices):
        SELF = "self", _("pemilik sendiri")
        GUARDIAN = "guardian", _("orang tua atau wali")
        FAMILY = "family", _("keluarga dalam satu KK")
        LETTER = "letter", _("pemegang surat kuasa")

    Where = PickupPlace

    book = models.OneToOneField(
        PassportBook,
        on_delete=models.PROTECT,
        related_name="pickup",
        verbose_name=_("buku paspor"),
    )
    collector_name = models.CharField(_("nama pengambil"), max_length=120)
    right = models.CharField(_("status pengambil"), max_length=10, choices=Right.choices)
    evidence = models.CharField(_("bukti yang dilihat"), max_length=200)
    # As it was scanned at the hand-over, from which shelf, and for which booked hour of the lane.
    book_number = models.CharField(
        _("nomor buku"), max_length=BOOK_NUMBER_LENGTH, default="", db_default=""
    )
    shelf = models.CharField(
        _("rak"), max_length=SHELF_LENGTH, blank=True, default="", db_default=""
    )
    booked_for = models.DateTimeField(_("jam pengambilan"), null=True, blank=True)
    authority = models.ForeignKey(
        AuthorityLetter,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("surat kuasa"),
    )
    where = models.CharField(_("tempat"), max_length=12, choices=Where.choices, default=Where.DESK)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("oleh"),
    )
    at = models.DateTimeField(_("pada"))

    class Meta:
        verbose_name = _("pengambilan")
        verbose_name_plural = pgettext_lazy("jamak", "pengambilan")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(collector_name="") & ~Q(evidence=""),
                name="pickup_says_who_and_by_what_right",
            ),
            models.CheckConstraint(condition=~Q(book_number=""), name="pickup_of_a_scanned_book"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [append_only("pickup_append_only")]

    def __str__(self) -> str:
        return f"{self.book_id}"


class PickupFile(models.Model):
    """A file of a hand-over, encrypted in the table: nothing of it lies in a folder of the web server.

    Erasing removes the content; the row still shows that there was a letter or a signature.
    """

    class Kind(models.TextChoices):
        LETTER = "letter", _("surat kuasa")
        SIGNATURE = "signature", _("tanda tangan")

    pickup = models.ForeignKey(
        Pickup, on_delete=models.PROTECT, related_name="files", verbose_name=_("pengambilan")
    )
    kind = models.CharField(_("jenis"), max_length=10, choices=Kind.choices)
    content_type = models.CharField(_("jenis berkas"), max_length=40)
    data = EncryptedBytesField(_("isi"), blank=True)

    class Meta:
        verbose_name = _("berkas pengambilan")
        verbose_name_plural = pgettext_lazy("jamak", "berkas pengambilan")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["pickup", "kind"], name="pickup_file_once_a_kind"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            # Its content is erased by rule, and encrypted again when the key changes.
            pgtrigger.Protect(name="pickup_file_never_deleted", operation=pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"
