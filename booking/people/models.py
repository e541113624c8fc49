"""The people registered by an account."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.crypto import EncryptedTextField, keyed_hash


class Sex(models.TextChoices):
    FEMALE = "female", _("perempuan")
    MALE = "male", _("laki-laki")


class Applicant(models.Model):
    """A passport applicant. Belongs to an account, or to none if registered at the desk.

    The number is encrypted; `person_key` is a keyed hash of kind, issuer and number. It is unique
    within an account, not globally, so that nobody can block another person's number.
    """

    class IdentityKind(models.TextChoices):
        NIK = "nik", _("NIK")
        PASSPORT = "passport", _("paspor asing")

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="applicants",
        verbose_name=_("akun"),
    )
    full_name = models.CharField(_("nama lengkap"), max_length=120)
    identity_kind = models.CharField(
        _("jenis identitas"), max_length=10, choices=IdentityKind.choices, default=IdentityKind.NIK
    )
    identity_number = EncryptedTextField(_("nomor identitas"))
    nationality = models.CharField(_("kewarganegaraan"), max_length=2, default="ID")
    person_key = models.CharField(max_length=64, editable=False, verbose_name=_("kunci orang"))
    birth_date = models.DateField(_("tanggal lahir"))
    sex = models.CharField(_("jenis kelamin"), max_length=6, choices=Sex.choices)
    phone = models.CharField(_("telepon"), max_length=20, blank=True)
    nik_differs = models.BooleanField(_("NIK perlu dicocokkan"), default=False)
    created_at = models.DateTimeField(_("dicatat"))
    removed_at = models.DateTimeField(_("dihapus"), null=True, blank=True)

    class Meta:
        verbose_name = _("pemohon")
        verbose_name_plural = pgettext_lazy("jamak", "pemohon")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["account", "person_key"],
                condition=Q(removed_at__isnull=True),
                name="applicant_once_an_account",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person_key"], name="applicant_by_person"),
            models.Index(fields=["phone"], condition=~Q(phone=""), name="applicant_by_phone"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @staticmethod
    def key_for(*, kind: str, nationality: str, number: str) -> str:
        """Return the hash that identifies a person for law 2."""
        return keyed_hash(kind, nationality, number)

    @property
    def short_name(self) -> str:
        """The name as shown on a ticket: the first name in full, the others as initials."""
        first, *others = self.full_name.split() or [""]
        initials = [name.lstrip("'`")[:1] for name in others]
        return " ".join([first, *(f"{initial}." for initial in initials)])
