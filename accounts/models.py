"""Accounts, consents and rate limits."""

from typing import Any, ClassVar, Final

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.webhooks import models as webhooks
from core.crypto import EncryptedTextField
from core.languages import language_choices
from notices.models import Message


class UserManager(BaseUserManager["User"]):
    """Creates accounts that sign in with their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db, force_insert=True)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


# The address of an erased account: its id at a domain that cannot exist.
ERASED_DOMAIN: Final = "@erased.invalid"


class User(AbstractBaseUser, PermissionsMixin):
    """An account of an applicant, officer or supervisor."""

    email = models.EmailField(_("alamat surel"), unique=True)
    full_name = models.CharField(_("nama lengkap"), max_length=120)
    language = models.CharField(
        _("bahasa"), max_length=2, choices=language_choices, default=settings.LANGUAGE_CODE
    )
    is_active = models.BooleanField(_("aktif"), default=True)
    is_staff = models.BooleanField(_("petugas"), default=False)
    joined_at = models.DateTimeField(_("terdaftar sejak"), auto_now_add=True)
    erased_at = models.DateTimeField(_("data pribadi dihapus"), null=True, blank=True)

    objects = UserManager()

    # What one request has read about its own user, so that it is read once; None elsewhere.
    kept_in_request: dict[str, Any] | None = None

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    class Meta:
        verbose_name = _("akun")
        verbose_name_plural = pgettext_lazy("jamak", "akun")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="user_email_in_lower_case"
            ),
            models.CheckConstraint(
                condition=models.Q(erased_at__isnull=True)
                | models.Q(full_name="", is_active=False, email__endswith=ERASED_DOMAIN),
                name="user_erased_completely",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name.split(" ")[0]


class Consent(models.Model):
    """A consent for one purpose and its withdrawal, recorded separately (UU 27/2022).

    `wording` is the version of the sentence that the person agreed to (`accounts.consents`).
    """

    class Purpose(models.TextChoices):
        REMINDERS = "reminders", _("pengingat lewat surel")

    class Way(models.TextChoices):
        SIGN_UP = "sign_up", _("saat mendaftar")
        ACCOUNT = "account", _("halaman akun")
        # Until version 0.2, confirming the address was the consent.
        ADDRESS = "address", _("saat memverifikasi alamat")

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="consents", verbose_name=_("akun")
    )
    purpose = models.CharField(_("untuk"), max_length=20, choices=Purpose.choices)
    wording = models.CharField(_("versi kalimat"), max_length=20, default="0", db_default="0")
    way = models.CharField(
        _("melalui"),
        max_length=10,
        choices=Way.choices,
        default=Way.ADDRESS,
        db_default="address",
    )
    given_at = models.DateTimeField(_("diberikan"))
    withdrawn_at = models.DateTimeField(_("ditarik"), null=True, blank=True)

    class Meta:
        verbose_name = _("persetujuan")
        verbose_name_plural = pgettext_lazy("jamak", "persetujuan")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "purpose"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="consent_live_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.given_at:%Y-%m-%d}"


class AddressCode(models.Model):
    """The code in the newest confirmation message of an address, as a keyed hash.

    `tries` counts the attempts since `counted_since`; a new message does not reset them.
    """

    address = models.OneToOneField(
        to="account.EmailAddress", on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    code_hash = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    counted_since = models.DateTimeField()


class Phone(models.Model):
    """The phone number to which an account's messages also go, once its code was entered.

    `tries` counts the wrong codes since `counted_since`; a new code does not reset them.
    """

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="phone"
    )
    number = EncryptedTextField(_("nomor ponsel"))
    code_hash = models.CharField(max_length=64, blank=True, default="")
    issued_at = models.DateTimeField(_("kode dikirim"))
    confirmed_at = models.DateTimeField(_("dikonfirmasi"), null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    counted_since = models.DateTimeField()

    class Meta:
        verbose_name = _("nomor ponsel")
        verbose_name_plural = pgettext_lazy("jamak", "nomor ponsel")

    def __str__(self) -> str:
        return f"#{self.pk}"


class MessagePreference(models.Model):
    """Whether an account gets a topic of messages by a channel, where it chose so (`notices.topics`)."""

    user = models.ForeignKey(
        User,
        on_delete=models.CASCADE,
        related_name="message_preferences",
        verbose_name=_("akun"),
    )
    topic = models.CharField(_("topik"), max_length=20)
    channel = models.CharField(_("saluran"), max_length=10, choices=Message.Channel.choices)
    is_on = models.BooleanField(_("aktif"))
    changed_at = models.DateTimeField(_("diubah"))

    class Meta:
        verbose_name = _("pilihan pesan")
        verbose_name_plural = pgettext_lazy("jamak", "pilihan pesan")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "topic", "channel"], name="message_preference_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.channel}"


class RateLimit(models.Model):
    """One count of attempts, or one used code, until it expires. Written by `accounts.limits` only."""

    key = models.CharField(primary_key=True, max_length=64)
    value = models.TextField()
    expires_at = models.DateTimeField(db_index=True)
