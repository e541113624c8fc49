"""The daily load, summed for each office and day: what the report reads. Recomputable from events."""

from typing import ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from offices.directory.models import Office

# Minutes are counted one by one up to here; longer ones count as the last.
LONGEST_MINUTES: Final = 479


class LoadRow(models.Model):
    """The figures of one office, span and value of one dimension: `lane = online` on one day.

    A row per value and not per combination of values keeps the table small: about 30 rows for an
    office's day. `reports.load.services.rebuild` is its only writer and replaces whole days; the
    rows of a month are the sums of its days, for reports over years.

    A figure is null where it does not exist: before the day begins (or closes), or because the
    dimension cannot say (nobody books at a counter). `waits[m]` and `lengths[m]` are the numbers of
    visits that waited or took m whole minutes.
    """

    class Span(models.TextChoices):
        DAY = "day", _("hari")
        MONTH = "month", _("bulan")

    class Dimension(models.TextChoices):
        TOTAL = "total", _("semua")
        HOUR = "hour", _("jam")
        LANE = "lane", _("jalur")
        SERVICE = "service", _("layanan")
        GROUP = "group", _("kelompok")
        HALL = "hall", _("ruang layanan")
        COUNTER = "counter", _("loket")
        PURPOSE = "purpose", _("tujuan perjalanan")

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("kantor")
    )
    span = models.CharField(_("rentang"), max_length=5, choices=Span.choices)
    starts_on = models.DateField(_("mulai"))
    dimension = models.CharField(_("menurut"), max_length=8, choices=Dimension.choices)
    # A code, an id, or an hour of two digits; empty for the total and for people without a purpose.
    key = models.CharField(_("nilai"), max_length=20, blank=True)
    planned = models.IntegerField(null=True)
    released = models.IntegerField(null=True)
    booked = models.IntegerField(null=True)
    arrived = models.IntegerField(null=True)
    served = models.IntegerField(null=True)
    in_time = models.IntegerField(null=True)
    no_show = models.IntegerField(null=True)
    spare = models.IntegerField(null=True)
    walk_in = models.IntegerField(null=True)
    priority = models.IntegerField(null=True)
    accelerated = models.IntegerField(null=True)
    unserved_late = models.IntegerField(null=True)
    moved = models.IntegerField(null=True)
    overtime_minutes = models.FloatField(null=True)
    outage_minutes = models.FloatField(null=True)
    backlog = models.IntegerField(null=True)
    official_guests = models.IntegerField(null=True)
    screened = models.IntegerField(null=True)
    referred = models.IntegerField(null=True)
    sent_home = models.IntegerField(null=True)
    waits = ArrayField(models.IntegerField(), default=list)
    lengths = ArrayField(models.IntegerField(), default=list)
    # Why the day has no places: `holiday`, `closed`, `not_working` or `no_quota`, and its name.
    closed_code = models.CharField(max_length=12, blank=True)
    closed_name = models.CharField(max_length=160, blank=True)
    closed_name_en = models.CharField(max_length=160, blank=True)
    computed_at = models.DateTimeField(_("dihitung"))

    class Meta:
        verbose_name = _("baris beban harian")
        verbose_name_plural = pgettext_lazy("jamak", "baris beban harian")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["dimension", "span", "office", "starts_on", "key"], name="load_row_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office_id} {self.starts_on} {self.dimension} {self.key}"


# The figures that are summed over days and offices.
SUMS: Final = (
    "planned",
    "released",
    "booked",
    "arrived",
    "served",
    "in_time",
    "no_show",
    "spare",
    "walk_in",
    "priority",
    "accelerated",
    "unserved_late",
    "moved",
    "overtime_minutes",
    "outage_minutes",
    "official_guests",
    "screened",
    "referred",
    "sent_home",
)
