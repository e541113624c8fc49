"""The outbox: what people are told, as rows that are written with what they tell."""

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class MessageQuerySet(models.QuerySet["Message"]):
    def waiting(self) -> Self:
        """Messages that are neither delivered nor refused for good."""
        return self.filter(sent_at__isnull=True, given_up_at__isnull=True)


class Message(models.Model):
    """One message to one address. Written by services, delivered by a task, never deleted.

    `about_type` and `about_id` name what it tells of without a foreign key upward. `parts` holds
    what the letter is laid out from: `rows` [[label, value]], `paragraphs` [text], `bring` [text],
    `action` {label, url}, `calendar` (the text of an .ics file). `due_at` stays as it was promised;
    `next_at` is when the next try may begin: after a failure later, and while a worker has the
    message in hand, the end of its lease. `request_id` is of the request or task that wrote it: the log
    lines of its delivery bear it, so that a letter can be followed back to the click.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", _("e-mail")

    kind = models.CharField(_("jenis"), max_length=40)
    dedupe_key = models.CharField(_("kunci sekali kirim"), max_length=160)
    channel = models.CharField(
        _("saluran"), max_length=10, choices=Channel.choices, default=Channel.EMAIL
    )
    address = models.CharField(_("alamat"), max_length=254)
    language = models.CharField(_("bahasa"), max_length=2, default="id")
    subject = models.CharField(_("perihal"), max_length=200)
    body = models.TextField(_("isi"))
    parts = models.JSONField(_("bagian"), default=dict, blank=True)
    about_type = models.CharField(_("tentang"), max_length=40, blank=True)
    about_id = models.CharField(_("nomor tentang"), max_length=40, blank=True)
    office_code = models.CharField(_("kantor"), max_length=12, blank=True)
    request_id = models.CharField(
        _("nomor permintaan"), max_length=64, blank=True, default="", db_default=""
    )
    created_at = models.DateTimeField(_("dicatat"))
    due_at = models.DateTimeField(_("jatuh tempo"))
    next_at = models.DateTimeField(_("percobaan berikut"))
    sent_at = models.DateTimeField(_("terkirim"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("percobaan"), default=0)
    last_error = models.CharField(_("kesalahan terakhir"), max_length=200, blank=True)
    given_up_at = models.DateTimeField(_("dihentikan"), null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("pesan")
        verbose_name_plural = pgettext_lazy("jamak", "pesan")
        # Not `unique=True` at the field: that makes a second index, for LIKE, which nobody asks.
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["dedupe_key"], name="message_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_at", "id"],
                condition=models.Q(sent_at__isnull=True, given_up_at__isnull=True),
                name="message_waiting",
            ),
            models.Index(fields=["about_type", "about_id"], name="message_about"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"
