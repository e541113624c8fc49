"""The people registered by an account."""

import datetime as dt
from collections.abc import Collection
from typing import Any, ClassVar, Final, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.crypto import EncryptedTextField, keyed_hash
from core.opened_people import add_opened_person

# Replaces an erased birth date.
ERASED_BIRTH_DATE: Final = dt.date(1900, 1, 1)


class Sex(models.TextChoices):
    FEMALE = "female", _("perempuan")
    MALE = "male", _("laki-laki")


# A child's data are used with a guardian's consent (UU 27/2022; a child by UU 35/2014 is under 18).
ADULT_YEARS: Final = 18


class Applicant(models.Model):
    """A passport applicant. Belongs to an account, or to none if registered at the desk.

    The number is encrypted; `person_key` is a keyed hash of kind, issuer and number. It is unique
    within an account, not globally, so that nobody can block another person's number.

    Erasing a person keeps the row and its hash: bookings and restrictions refer to them. While
    `restricted_at` is set, the person asked that their data are kept but not used.
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
    # An officer has seen the identity card: the account may read why this number was refused.
    number_confirmed_at = models.DateTimeField(_("nomor dibuktikan"), null=True, blank=True)
    created_at = models.DateTimeField(_("dicatat"))
    removed_at = models.DateTimeField(_("dihapus"), null=True, blank=True)
    restricted_at = models.DateTimeField(_("pemrosesan dibatasi"), null=True, blank=True)
    erased_at = models.DateTimeField(_("data pribadi dihapus"), null=True, blank=True)

    class Meta:
        verbose_name = _("pemohon")
        verbose_name_plural = pgettext_lazy("jamak", "pemohon")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["account", "person_key"],
                condition=Q(removed_at__isnull=True),
                name="applicant_once_an_account",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True)
                | Q(
                    removed_at__isnull=False,
                    full_name="",
                    identity_number="",
                    phone="",
                    sex="",
                    birth_date=ERASED_BIRTH_DATE,
                ),
                name="applicant_erased_completely",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person_key"], name="applicant_by_person"),
            models.Index(fields=["phone"], condition=~Q(phone=""), name="applicant_by_phone"),
        ]

    def __str__(self) -> str:
        return str(_("data dihapus")) if self.erased_at else self.full_name

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Any, **more: Any
    ) -> Self:
        """Load a person, and note them for the read audit of the officer's screen, if there is one."""
        person = super().from_db(db, field_names, values, **more)
        add_opened_person(person.pk)
        return person

    @staticmethod
    def key_for(*, kind: str, nationality: str, number: str, key: str = "") -> str:
        """Return the hash that identifies a person for law 2, with PERSON_KEY unless a key is given."""
        return keyed_hash(kind, nationality, number, key=key)

    @property
    def short_name(self) -> str:
        """The name as shown on a ticket: the first name in full, the others as initials."""
        first, *others = self.full_name.split() or [""]
        initials = [name.lstrip("'`")[:1] for name in others]
        return " ".join([first, *(f"{initial}." for initial in initials)])


class GuardianConsent(models.Model):
    """The consent of a child's parent or guardian, who holds the account, and its withdrawal.

    `wording` is the version of the sentence agreed to (`booking.people.guardians`).
    """

    class Way(models.TextChoices):
        PAGE = "page", _("halaman data orang")
        API = "api", _("API")

    applicant = models.ForeignKey(
        Applicant,
        on_delete=models.PROTECT,
        related_name="guardian_consents",
        verbose_name=_("pemohon"),
    )
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="guardian_consents",
        verbose_name=_("akun orang tua atau wali"),
    )
    wording = models.CharField(_("versi kalimat"), max_length=20)
    way = models.CharField(_("melalui"), max_length=10, choices=Way.choices)
    given_at = models.DateTimeField(_("diberikan"))
    withdrawn_at = models.DateTimeField(_("ditarik"), null=True, blank=True)

    class Meta:
        verbose_name = _("persetujuan orang tua atau wali")
        verbose_name_plural = pgettext_lazy("jamak", "persetujuan orang tua atau wali")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["applicant"],
                condition=Q(withdrawn_at__isnull=True),
                name="guardian_consent_live_once",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
