"""Dated rules of an office, a region or the whole country; the most specific one applies."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from offices.dated import Dated, DatedQuerySet
from offices.directory.models import Office, Region

M = TypeVar("M", bound="Ordered")


class Ordered(Dated):
    """A rule of an office, a region or (with neither) the whole country; the most specific one applies."""

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("kantor")
    )
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("wilayah")
    )

    objects = DatedQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def scope(self) -> str:
        return str(self.office or self.region or _("nasional"))


def applies_to(office: Office) -> Q:
    """Return the condition for rows of the office, of its region and of the nation."""
    return Q(office=office) | Q(region=office.region_id) | Q(office=None, region=None)


def from_far_to_near(model: Any, office: Office, day: dt.date) -> list[Any]:
    """Return the rules in force for an office, from national to regional to its own."""
    rows = model.objects.in_force(day).filter(applies_to(office))
    return sorted(rows, key=_nearness)


def nearest(rows: Iterable[M], office: Office, day: dt.date) -> M | None:
    """Return the most specific of these rows that is in force for an office, or None."""
    mine = [row for row in rows if row.is_in_force(day) and _is_of(row, office)]
    return max(mine, key=_nearness, default=None)


def _is_of(row: Ordered, office: Office) -> bool:
    if row.office_id is not None:
        return row.office_id == office.pk
    return row.region_id in (None, office.region_id)


def _nearness(row: Ordered) -> tuple[bool, bool]:
    return row.office_id is not None, row.region_id is not None
