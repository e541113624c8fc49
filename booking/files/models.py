"""Files that people hand in: proof of an excuse, photos of documents."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.crypto import EncryptedBytesField


class StoredFile(models.Model):
    """A file of an account, encrypted in the table: nothing of it lies in a folder of the web server.

    Photos are encoded again before they come here (`core.pictures`). Erasing removes the content; the row
    still shows that there was a file.
    """

    class Kind(models.TextChoices):
        EXCUSE = "excuse", _("bukti keberatan")
        DOCUMENT = "document", _("foto berkas permohonan")

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="files",
        verbose_name=_("akun"),
    )
    kind = models.CharField(_("jenis"), max_length=10, choices=Kind.choices)
    content_type = models.CharField(_("jenis berkas"), max_length=40)
    size = models.PositiveIntegerField(_("ukuran"))
    data = EncryptedBytesField(_("isi"), blank=True)
    kept_at = models.DateTimeField(_("diterima"))
    erased_at = models.DateTimeField(_("isi dihapus"), null=True, blank=True)

    class Meta:
        verbose_name = _("berkas")
        verbose_name_plural = pgettext_lazy("jamak", "berkas")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) & ~Q(data="")
                | Q(erased_at__isnull=False, data=""),
                name="stored_file_whole_or_erased",
            ),
        ]
        triggers: ClassVar = [
            # Its content is erased by rule, and encrypted again when the key changes.
            pgtrigger.Protect(name="stored_file_never_deleted", operation=pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"
