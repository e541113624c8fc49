"""Passport applications: what a person applies for and the documents they have ready."""

import datetime as dt
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.applications.requirements import (
    Circumstances,
    Document,
    Need,
    age_on,
    documents_for,
)
from booking.people.models import Applicant
from core.crypto import EncryptedTextField
from offices.directory.models import Fee, ServiceType


class PassportApplication(models.Model):
    """One person's application for one service. Prepared before the visit and used at check-in.

    `documents` maps a document code of the service type to whether the applicant has it ready. `issued` (of the last
    passport), `parents` (of a child) and `permit` (of a foreigner) are empty where the question does not apply.
    `declaration` is the version of the sentence that the account's holder confirmed; empty if an officer recorded the
    application.
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

    class Issued(models.TextChoices):
        SINCE_2009 = "since_2009", _("tahun 2009 atau sesudahnya")
        BEFORE_2009 = "before_2009", _("sebelum tahun 2009")

    class Parents(models.TextChoices):
        BOTH = "both", _("kedua orang tua")
        ONE = "one", _("satu orang tua")
        GUARDIAN = "guardian", _("wali dengan penetapan pengadilan")

    class Permit(models.TextChoices):
        VISIT = "visit", _("izin tinggal kunjungan (ITK)")
        LIMITED = "limited", _("izin tinggal terbatas (ITAS)")
        PERMANENT = "permanent", _("izin tinggal tetap (ITAP)")

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
    is_married = models.BooleanField(_("sudah menikah"), default=False, db_default=False)
    issued = models.CharField(
        _("paspor lama terbit"),
        max_length=12,
        choices=Issued.choices,
        blank=True,
        default="",
        db_default="",
    )
    parents = models.CharField(
        _("penanggung jawab anak"),
        max_length=10,
        choices=Parents.choices,
        blank=True,
        default="",
        db_default="",
    )
    permit = models.CharField(
        _("izin tinggal sekarang"),
        max_length=10,
        choices=Permit.choices,
        blank=True,
        default="",
        db_default="",
    )
    permit_until = models.DateField(_("izin tinggal berlaku sampai"), null=True, blank=True)
    declaration = models.CharField(
        _("versi pernyataan"), max_length=20, blank=True, default="", db_default=""
    )
    declared_at = models.DateTimeField(_("dinyatakan benar"), null=True, blank=True)
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

    def circumstances(self, day: dt.date) -> Circumstances:
        """Return what decides about documents and products on a day. Reads the applicant and the service."""
        makes_passport = self.service_type.makes_passport
        age = age_on(self.applicant.birth_date, day, is_married=self.is_married)
        return Circumstances(
            day=day,
            age=str(age) if makes_passport else "",
            reason=self.reason,
            issued=self.issued,
            parents=self.parents,
            purpose=self.purpose,
            permit=self.permit,
        )

    def missing_documents(self, day: dt.date) -> list[Document]:
        """Return the documents for a day that are not optional and that the person has not marked as ready."""
        needed = documents_for(self.service_type.documents, self.circumstances(day))
        return [
            row
            for row in needed
            if row.need is not Need.OPTIONAL and not self.documents.get(row.code)
        ]


class ResponsibleAdult(models.Model):
    """A parent or guardian of a child, as entered in the child's application: name and number of identity."""

    application = models.ForeignKey(
        PassportApplication,
        on_delete=models.CASCADE,
        related_name="responsible_adults",
        verbose_name=_("permohonan"),
    )
    position = models.PositiveSmallIntegerField(_("urutan"))
    full_name = models.CharField(_("nama lengkap"), max_length=120)
    identity_kind = models.CharField(
        _("jenis identitas"), max_length=10, choices=Applicant.IdentityKind.choices
    )
    identity_number = EncryptedTextField(_("nomor identitas"))

    class Meta:
        verbose_name = _("orang tua atau wali")
        verbose_name_plural = pgettext_lazy("jamak", "orang tua atau wali")
        ordering: ClassVar = ["application", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "position"], name="responsible_adult_once_a_position"
            ),
            models.CheckConstraint(
                condition=models.Q(position__in=(1, 2)), name="responsible_adult_two_at_most"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class ApplicationDraft(models.Model):
    """The answers of an application that is not complete yet, kept at every step.

    `answers` is the encrypted JSON of what the steps collected: it may name a child's parents.
    """

    applicant = models.ForeignKey(
        Applicant,
        on_delete=models.PROTECT,
        related_name="application_drafts",
        verbose_name=_("pemohon"),
    )
    service_type = models.ForeignKey(
        ServiceType, on_delete=models.PROTECT, verbose_name=_("jenis layanan")
    )
    answers = EncryptedTextField(_("isian sementara"))
    changed_at = models.DateTimeField(_("diubah"))

    class Meta:
        verbose_name = _("permohonan yang belum selesai")
        verbose_name_plural = pgettext_lazy("jamak", "permohonan yang belum selesai")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["applicant", "service_type"], name="application_draft_once_a_service"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
