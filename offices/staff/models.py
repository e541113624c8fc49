"""Roles of staff."""

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from offices.dated import never_overlapping, valid_span
from offices.directory.models import Office, Region


class Role(models.TextChoices):
    GATE = "gate", _("petugas gerbang")
    COUNTER = "counter", _("petugas loket")
    PICKUP = "pickup", _("petugas pengambilan")
    SUPERVISOR = "supervisor", _("supervisor")
    REGIONAL = "regional", _("kantor wilayah")
    NATIONAL = "national", _("direktorat jenderal")
    DATA_PROTECTION_OFFICER = (
        "data_protection_officer",
        _("pejabat pelindungan data pribadi"),
    )

    @property
    def is_national(self) -> bool:
        """True for a role that has neither office nor region."""
        return self in (Role.NATIONAL, Role.DATA_PROTECTION_OFFICER)

    @property
    def is_of_an_office(self) -> bool:
        """True for a role at one office."""
        return not self.is_national and self != Role.REGIONAL


class StaffRole(models.Model):
    """A role of a user at an office or region, or nationally, with its period."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="staff_roles",
        verbose_name=_("akun"),
    )
    role = models.CharField(_("peran"), max_length=24, choices=Role.choices)
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("kantor")
    )
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("wilayah")
    )
    valid_from = models.DateField(_("berlaku sejak"))
    valid_until = models.DateField(_("berlaku sampai"), null=True, blank=True)

    class Meta:
        verbose_name = _("peran petugas")
        verbose_name_plural = pgettext_lazy("jamak", "peran petugas")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="staff_role_has_its_scope",
                condition=Q(
                    role__in=[Role.NATIONAL, Role.DATA_PROTECTION_OFFICER],
                    office__isnull=True,
                    region__isnull=True,
                )
                | Q(role=Role.REGIONAL, office__isnull=True, region__isnull=False)
                | Q(
                    role__in=[Role.GATE, Role.COUNTER, Role.PICKUP, Role.SUPERVISOR],
                    office__isnull=False,
                    region__isnull=True,
                ),
            ),
            never_overlapping(
                "staff_role_never_overlaps", "user", "role", nullable=("office", "region")
            ),
            valid_span("staff_role_valid_span"),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.office or self.region or ''}".strip()

    def is_in_force(self, day: dt.date) -> bool:
        """True if the officer has the role on this day."""
        return self.valid_from <= day and not self.is_over(day)

    def is_in_future(self, day: dt.date) -> bool:
        """True if the role begins after this day."""
        return self.valid_from > day

    def is_over(self, day: dt.date) -> bool:
        """True if the role has ended before this day."""
        return self.valid_until is not None and self.valid_until < day
