"""Outages of counters and devices."""

import datetime as dt
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from offices.dated import never_at_once as _apart
from offices.directory.models import Counter, Device, Office


class OutageQuerySet(models.QuerySet["Outage"]):
    def open(self) -> Self:
        """Outages without an end."""
        return self.filter(ended_at__isnull=True)


class Outage(models.Model):
    """An outage of a device or counter, with start, end and recording officer."""

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="outages", verbose_name=_("kantor")
    )
    device = models.ForeignKey(
        Device,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="outages",
        verbose_name=_("alat"),
    )
    counter = models.ForeignKey(
        Counter,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="outages",
        verbose_name=_("loket"),
    )
    started_at = models.DateTimeField(_("sejak"))
    ended_at = models.DateTimeField(_("sampai"), null=True, blank=True)
    reason = models.CharField(_("sebab"), max_length=200)
    # Each morning an officer confirms that an open outage continues.
    confirmed_on = models.DateField(_("dipastikan pada"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("dipastikan oleh"),
    )
    noted_at = models.DateTimeField(_("dicatat pada"))
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("dicatat oleh"),
    )
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("diakhiri oleh"),
    )

    objects = OutageQuerySet.as_manager()

    class Meta:
        verbose_name = _("gangguan alat")
        verbose_name_plural = pgettext_lazy("jamak", "gangguan alat")
        ordering: ClassVar = ["-started_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _apart(
                "outage_once_a_device", "device", "started_at", "ended_at", Q(device__isnull=False)
            ),
            _apart(
                "outage_once_a_counter",
                "counter",
                "started_at",
                "ended_at",
                Q(counter__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(device__isnull=True, counter__isnull=False)
                | Q(device__isnull=False, counter__isnull=True),
                name="outage_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gt=F("started_at")),
                name="outage_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="outage_end_is_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["office", "started_at"], name="outage_by_office"),
        ]

    def __str__(self) -> str:
        return str(self.thing)

    def needs_confirmation(self, day: dt.date) -> bool:
        """True for an outage of an earlier day that nobody has confirmed on this day."""
        is_older = self.office.local_day(self.started_at) < day
        is_confirmed = self.confirmed_on is not None and self.confirmed_on >= day
        return self.ended_at is None and is_older and not is_confirmed

    @property
    def thing(self) -> Device | Counter:
        """The device or counter that does not work."""
        thing = self.device or self.counter
        assert thing is not None  # guaranteed by a check constraint
        return thing


class SystemUptime(models.Model):
    """A span in which the system worked. The gaps between two spans are its downtime."""

    started_at = models.DateTimeField(_("mulai"), unique=True)
    last_at = models.DateTimeField(_("terakhir tercatat"))

    class Meta:
        verbose_name = _("waktu sistem berjalan")
        verbose_name_plural = pgettext_lazy("jamak", "waktu sistem berjalan")
        ordering: ClassVar = ["-started_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(last_at__gte=F("started_at")), name="uptime_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.started_at} - {self.last_at}"
