"""The outbox: messages as rows, written in the transaction of the event they report."""

from typing import ClassVar, Final, Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.status import append_only

SUBJECT_LENGTH: Final = 200
ERROR_LENGTH: Final = 200


UNDECIDED: Final = models.Q(
    sent_at__isnull=True, given_up_at__isnull=True, suppressed_at__isnull=True
)


class MessageQuerySet(models.QuerySet["Message"]):
    def waiting(self) -> Self:
        """Messages that are neither sent nor given up nor suppressed."""
        return self.filter(UNDECIDED)


class Message(models.Model):
    """One message to one address. Written by services, composed and delivered by a task, never deleted.

    `context` holds the message's data as plain JSON, copied when the row is written (see
    `notices.snapshots`). `subject` and `body` are empty until it is sent; then they hold the text
    that was sent. `about_type` and `about_id` name the subject without a foreign key upward.
    `due_at` does not change; `next_at` is when the next attempt may begin: later after a
    failure, and the end of the lease while a worker is sending it. `request_id` is the id of the
    request or task that wrote it; the log lines of its delivery repeat it.

    `address_key`, `account_number` and `network_key` are what its budgets count: the mailbox, and the
    account and network of the request that caused it. At its first attempt a message is admitted or, over
    a budget, suppressed with the reason (`notices.budgets`).
    """

    class Channel(models.TextChoices):
        EMAIL = "email", _("surel")
        WHATSAPP = "whatsapp", _("WhatsApp")
        SMS = "sms", _("SMS")

    class Suppression(models.TextChoices):
        ADDRESS = "address", _("terlalu banyak pesan ke alamat ini")
        ACCOUNT = "account", _("terlalu banyak pesan dari satu akun")
        NETWORK = "network", _("terlalu banyak pesan dari satu jaringan")
        UNCONFIRMED = "unconfirmed", _("alamat belum diverifikasi")
        UNCONFIRMED_DAY = (
            "unconfirmed_day",
            _("alamat belum diverifikasi: batas pesan sehari tercapai"),
        )
        WITHDRAWN = "withdrawn", _("ditarik sebelum dikirim")
        PREFERENCE = "preference", _("penerima tidak memilih saluran ini")

    kind = models.CharField(_("jenis"), max_length=40)
    dedupe_key = models.CharField(_("kunci sekali kirim"), max_length=160)
    channel = models.CharField(
        _("saluran"), max_length=10, choices=Channel.choices, default=Channel.EMAIL
    )
    address = models.CharField(_("alamat"), max_length=254)
    language = models.CharField(_("bahasa"), max_length=2, default="id")
    context = models.JSONField(_("data pesan"), default=dict, blank=True)
    subject = models.CharField(_("perihal"), max_length=SUBJECT_LENGTH, blank=True)
    body = models.TextField(_("isi"), blank=True)
    about_type = models.CharField(_("tentang"), max_length=40, blank=True)
    about_id = models.CharField(_("nomor objek"), max_length=40, blank=True)
    office_code = models.CharField(_("kantor"), max_length=12, blank=True)
    request_id = models.CharField(
        _("nomor permintaan"), max_length=64, blank=True, default="", db_default=""
    )
    created_at = models.DateTimeField(_("dicatat"))
    due_at = models.DateTimeField(_("jatuh tempo"))
    next_at = models.DateTimeField(_("percobaan berikut"))
    sent_at = models.DateTimeField(_("terkirim"), null=True, blank=True)
    # By phone only: what the gateway reported. Its reports name the message by `report_key`.
    delivered_at = models.DateTimeField(_("sampai"), null=True, blank=True)
    failed_at = models.DateTimeField(_("tidak sampai"), null=True, blank=True)
    report_key = models.CharField(max_length=64, blank=True, default="", db_default="")
    attempts = models.PositiveSmallIntegerField(_("percobaan"), default=0)
    last_error = models.CharField(_("kesalahan terakhir"), max_length=ERROR_LENGTH, blank=True)
    given_up_at = models.DateTimeField(_("dihentikan"), null=True, blank=True)
    is_always_sent = models.BooleanField(_("selalu dikirim"), default=False, db_default=False)
    address_key = models.CharField(max_length=64, blank=True, default="", db_default="")
    account_number = models.BigIntegerField(_("nomor akun pemicu"), null=True, blank=True)
    network_key = models.CharField(max_length=64, blank=True, default="", db_default="")
    admitted_at = models.DateTimeField(_("boleh dikirim sejak"), null=True, blank=True)
    suppressed_at = models.DateTimeField(_("ditahan"), null=True, blank=True)
    suppressed_reason = models.CharField(
        _("alasan ditahan"),
        max_length=20,
        choices=Suppression.choices,
        blank=True,
        default="",
        db_default="",
    )

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("pesan")
        verbose_name_plural = pgettext_lazy("jamak", "pesan")
        # Not `unique=True` on the field: that adds a second index for LIKE, which no query uses.
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["dedupe_key"], name="message_once"),
            models.CheckConstraint(
                condition=models.Q(suppressed_at__isnull=True, suppressed_reason="")
                | (
                    models.Q(
                        suppressed_at__isnull=False, sent_at__isnull=True, is_always_sent=False
                    )
                    & ~models.Q(suppressed_reason="")
                ),
                name="message_suppressed_with_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(delivered_at__isnull=True, failed_at__isnull=True)
                | models.Q(sent_at__isnull=False, report_key__gt=""),
                name="message_reported_after_it_was_sent",
            ),
            models.UniqueConstraint(
                fields=["report_key"],
                condition=~models.Q(report_key=""),
                name="message_report_key_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_at", "id"],
                condition=UNDECIDED,
                name="message_waiting",
            ),
            models.Index(fields=["about_type", "about_id"], name="message_about"),
            models.Index(fields=["address_key", "-id"], name="message_of_mailbox"),
            *(
                models.Index(
                    fields=[by, "created_at"],
                    condition=models.Q(admitted_at__isnull=False, is_always_sent=False),
                    name=f"message_{name}",
                )
                for by, name in (
                    ("address_key", "to_address"),
                    ("account_number", "by_account"),
                    ("network_key", "by_network"),
                )
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class ChannelRule(models.Model):
    """Whether a topic of messages goes by a channel, where it differs from the default (`notices.topics`)."""

    topic = models.CharField(_("topik"), max_length=20)
    channel = models.CharField(_("saluran"), max_length=10, choices=Message.Channel.choices)
    is_offered = models.BooleanField(_("ditawarkan"), default=True)
    is_preset = models.BooleanField(_("aktif sebelum dipilih"), default=False)

    class Meta:
        verbose_name = _("saluran pesan")
        verbose_name_plural = pgettext_lazy("jamak", "saluran pesan")
        ordering: ClassVar = ["topic", "channel"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["topic", "channel"], name="channel_rule_once"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.channel}"


class LinkAnswer(models.Model):
    """One answer given by a link in a message. Append-only.

    `account_number` is the account that was signed in; without one, the person with the link answered: the
    recipient of message `message_number`, or somebody it was forwarded to. Neither is a foreign key:
    accounts are an app further up, and messages are kept for a shorter time than this history.
    """

    purpose = models.CharField(_("untuk"), max_length=40)
    subject = models.CharField(_("nomor objek"), max_length=40)
    action = models.CharField(_("jawaban"), max_length=20)
    message_number = models.BigIntegerField(_("nomor pesan"), null=True, blank=True)
    account_number = models.BigIntegerField(_("nomor akun"), null=True, blank=True)
    at = models.DateTimeField(_("pada"))

    class Meta:
        verbose_name = _("jawaban lewat tautan")
        verbose_name_plural = pgettext_lazy("jamak", "jawaban lewat tautan")
        ordering: ClassVar = ["at", "id"]
        indexes: ClassVar = [
            models.Index(fields=["purpose", "subject"], name="link_answer_subject")
        ]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"#{self.pk}"
