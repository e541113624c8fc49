"""Photos of an application's documents."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.applications.models import PassportApplication
from booking.files.models import StoredFile


class DocumentPhoto(models.Model):
    """The photo or PDF of one document of an application. A new one replaces it.

    `document` is the document's code in the service's list. Removing the photo deletes this row and erases the
    file's content.
    """

    application = models.ForeignKey(
        PassportApplication,
        on_delete=models.PROTECT,
        related_name="photos",
        verbose_name=_("permohonan"),
    )
    document = models.CharField(_("berkas"), max_length=40)
    file = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="photo", verbose_name=_("foto")
    )
    kept_at = models.DateTimeField(_("diterima"))

    class Meta:
        verbose_name = _("foto berkas")
        verbose_name_plural = pgettext_lazy("jamak", "foto berkas")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "document"], name="document_photo_once_a_document"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document} #{self.pk}"
