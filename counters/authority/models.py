"""Letters of authority that owners of passports fill in on the page, print and sign."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.codes import new_code
from core.crypto import EncryptedTextField
from counters.production.models import PassportBook


class AuthorityLetter(models.Model):
    """A letter of authority for one passport. The printed paper carries its number.

    One is in force at a time: a new letter withdraws the one before. `made_by` is empty where somebody
    made it with booking code and birth date, without an account.
    """

    book = models.ForeignKey(
        PassportBook,
        on_delete=models.PROTECT,
        related_name="authority_letters",
        verbose_name=_("buku paspor"),
    )
    number = models.CharField(_("nomor surat"), max_length=12, unique=True, default=new_code)
    collector_name = EncryptedTextField(_("nama penerima kuasa"), blank=True)
    collector_identity = EncryptedTextField(_("NIK penerima kuasa"), blank=True)
    made_at = models.DateTimeField(_("dibuat"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("dibuat oleh"),
    )
    withdrawn_at = models.DateTimeField(_("dicabut"), null=True, blank=True)
    erased_at = models.DateTimeField(_("data dihapus"), null=True, blank=True)

    class Meta:
        verbose_name = _("surat kuasa")
        verbose_name_plural = pgettext_lazy("jamak", "surat kuasa")
        ordering: ClassVar = ["-made_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["book"],
                condition=Q(withdrawn_at__isnull=True),
                name="authority_letter_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=False)
                | (~Q(collector_name="") & ~Q(collector_identity="")),
                name="authority_letter_names_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
