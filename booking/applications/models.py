"""Passport applications: what a person applies for and the documents they have ready."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.people.models import Applicant
from offices.directory.models import Fee, ServiceType


class PassportApplication(models.Model):
    """One person's application for one service. Prepared before the visit and used at check-in.

    `documents` maps a document code of the service type to whether the applicant has it ready.
    """

    class Purpose(models.TextChoices):
        HOLIDAY = "holiday", _("wisata")
        TREATMENT = "treatment", _("berobat")
        STUDY = "study", _("belajar")
        BUSINESS = "business", _("bisnis")
        UMRAH = "umrah", _("umrah atau haji")
        WORK = "work", _("bekerja")
        FAMILY = "family", _("mengunjungi keluarga")

    class Reason(models.TextChoices):
        FIRST = "first", _("paspor pertama")
        EXPIRED = "expired", _("kedaluwarsa")
        FULL = "full", _("halaman penuh")
        LOST = "lost", _("hilang")
        DAMAGED = "damaged", _("rusak")
        STAY = "stay", _("izin tinggal")

    applicant = models.ForeignKey(
        Applicant, on_delete=models.PROTECT, related_name="applications", verbose_name=_("pemohon")
    )
    service_type = models.ForeignKey(
        ServiceType, on_delete=models.PROTECT, verbose_name=_("jenis layanan")
    )
    reason = models.CharField(_("alasan"), max_length=10, choices=Reason.choices)
    purpose = models.CharField(_("tujuan perjalanan"), max_length=10, choices=Purpose.choices)
    product = models.CharField(_("jenis paspor"), max_length=20, choices=Fee.Product.choices)
    documents = models.JSONField(_("berkas"), default=dict, blank=True)
    created_at = models.DateTimeField(_("dicatat"))
    changed_at = models.DateTimeField(_("diubah"))

    class Meta:
        verbose_name = _("permohonan paspor")
        verbose_name_plural = pgettext_lazy("jamak", "permohonan paspor")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["applicant", "service_type"], name="application_once_a_service"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service_type} #{self.pk}"
