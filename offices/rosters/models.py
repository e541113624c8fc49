"""Shifts of officers at counters."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from offices.dated import never_at_once as _apart
from offices.directory.models import Counter, Office

# The counter's lock lets a shift and the end of the counter's use follow each other.
COUNTER_IN_USE = """
SELECT retired_on INTO counter_retired_on FROM offices_counter WHERE id = NEW.counter_id FOR SHARE;
IF counter_retired_on <= NEW.day THEN
    RAISE EXCEPTION 'the counter is out of use on the day of the shift'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'roster_shift_counter_in_use';
END IF;
RETURN NEW;
"""


class RosterShift(models.Model):
    """An officer's shift at an office, at one counter or (without one) at any free counter.

    Outside opening hours it is overtime, with a reason. Missing officers are marked as absent; the
    row stays.
    """

    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="roster_shifts",
        verbose_name=_("petugas"),
    )
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="roster_shifts", verbose_name=_("kantor")
    )
    counter = models.ForeignKey(
        Counter,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="roster_shifts",
        verbose_name=_("loket"),
    )
    day = models.DateField(_("tanggal"))
    starts_at = models.DateTimeField(_("mulai"))
    ends_at = models.DateTimeField(_("selesai"))
    overtime_reason = models.CharField(_("alasan lembur"), max_length=200, blank=True)
    absent_at = models.DateTimeField(_("dicatat tidak hadir"), null=True, blank=True)
    absent_reason = models.CharField(_("alasan tidak hadir"), max_length=200, blank=True)
    absent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("dicatat oleh"),
    )

    class Meta:
        verbose_name = _("jadwal petugas")
        verbose_name_plural = pgettext_lazy("jamak", "jadwal petugas")
        ordering: ClassVar = ["starts_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _apart(
                "roster_shift_officer_in_one_place",
                "officer",
                "starts_at",
                "ends_at",
                Q(absent_at__isnull=True),
            ),
            _apart(
                "roster_shift_one_officer_a_counter",
                "counter",
                "starts_at",
                "ends_at",
                Q(absent_at__isnull=True, counter__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")), name="roster_shift_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(absent_at__isnull=True, absent_by__isnull=True, absent_reason="")
                | (Q(absent_at__isnull=False, absent_by__isnull=False) & ~Q(absent_reason="")),
                name="roster_shift_absence_is_whole",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["office", "day"], name="roster_shift_by_day")]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="roster_shift_counter_in_use",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("counter_id", "day"),  # type: ignore[no-untyped-call]
                condition=pgtrigger.Q(new__counter__isnull=False),
                declare=[("counter_retired_on", "date")],
                func=COUNTER_IN_USE,
            )
        ]

    def __str__(self) -> str:
        return f"{self.officer_id} {self.day}"
