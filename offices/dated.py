"""Rows with a validity period, and constraints against overlapping periods."""

import datetime as dt
from typing import Any, Self, TypeVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

M = TypeVar("M", bound=models.Model)


class DateRange(Func):
    """The days from `valid_from` to `valid_until`, both included; no end means unlimited."""

    function = "daterange"
    output_field = DateRangeField()


class DatedQuerySet(models.QuerySet[M]):
    def in_force(self, day: dt.date) -> Self:
        """Rows that are in force on the day."""
        return self.filter(
            Q(valid_until__isnull=True) | Q(valid_until__gte=day), valid_from__lte=day
        )


class Dated(models.Model):
    """A row that is in force for a period, by decree. `valid_until` is the last day."""

    valid_from = models.DateField(_("berlaku sejak"))
    valid_until = models.DateField(_("berlaku sampai"), null=True, blank=True)
    instrument = models.CharField(
        _("dasar hukum"),
        max_length=200,
        help_text=_("Surat keputusan atau edaran yang menetapkannya."),
    )

    class Meta:
        abstract = True

    def is_in_force(self, day: dt.date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


def never_overlapping(name: str, *keys: str, nullable: tuple[str, ...] = ()) -> ExclusionConstraint:
    """Constraint: periods with the same key do not overlap; an empty key counts as a value."""
    expressions: list[Any] = [(key, RangeOperators.EQUAL) for key in keys]
    expressions += [(Coalesce(F(key), Value(0)), RangeOperators.EQUAL) for key in nullable]
    span = DateRange(F("valid_from"), F("valid_until"), Value("[]"))
    return ExclusionConstraint(
        name=name, expressions=[*expressions, (span, RangeOperators.OVERLAPS)]
    )


def valid_span(name: str) -> models.CheckConstraint:
    """Constraint: a period does not end before it begins."""
    return models.CheckConstraint(
        condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")), name=name
    )


def one_scope(name: str) -> models.CheckConstraint:
    """Constraint: a rule has an office or a region or, for the whole country, neither."""
    return models.CheckConstraint(
        condition=Q(office__isnull=True) | Q(region__isnull=True), name=name
    )


class MomentRange(Func):
    """The time from start to end, end excluded; no end means until further notice."""

    function = "tstzrange"
    output_field = DateTimeRangeField()


def never_at_once(name: str, key: str, first: str, last: str, condition: Q) -> ExclusionConstraint:
    """Constraint: time spans with the same key do not overlap."""
    expressions: list[Any] = [
        (key, RangeOperators.EQUAL),
        (MomentRange(F(first), F(last)), RangeOperators.OVERLAPS),
    ]
    return ExclusionConstraint(name=name, expressions=expressions, condition=condition)
