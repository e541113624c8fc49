"""The sections whose rows are in force from a day until a day, and by what two rows are about one thing."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from offices.models import (
    AdmissionRule,
    Attendance,
    BookingLimit,
    Fee,
    NoShowRule,
    Office,
    OpeningHours,
    ProductRule,
    Protocol,
    Region,
)
from quotas.models import QuotaPolicy, ReleaseRule, ReturnRule
from quotas.scenario.reading import Row

Key = tuple[Hashable, ...]


@dataclass(frozen=True)
class Dated:
    """`names` are the fields that tell one thing from another; `is_scoped` adds whose row it is."""

    model: type[Model]
    names: tuple[str, ...] = ()
    has_office: bool = True
    is_scoped: bool = False

    def keys(self, row: Row) -> Iterable[Key]:
        """Return what the row is about; one row of opening hours is about several weekdays."""
        if self.model is OpeningHours:
            return [(weekday,) for weekday in row["weekdays"]]
        values: Key = tuple(row[name] for name in self.names)
        return [(row["scope"], *values) if self.is_scoped else values]


DATED: dict[str, Dated] = {
    "fees": Dated(Fee, ("product",), has_office=False),
    "opening_hours": Dated(OpeningHours, ("weekday",)),
    "attendance": Dated(Attendance),
    "admission": Dated(AdmissionRule),
    "limits": Dated(BookingLimit, ("subject", "within_days"), is_scoped=True),
    "no_shows": Dated(NoShowRule, is_scoped=True),
    "products": Dated(ProductRule, is_scoped=True),
    "protocols": Dated(Protocol, is_scoped=True),
    "policies": Dated(QuotaPolicy, ("lane", "group"), is_scoped=True),
    "release_rules": Dated(ReleaseRule, ("lane", "group"), is_scoped=True),
    "returns": Dated(ReturnRule, ("lane",), is_scoped=True),
}
LOOKUPS = {"lane": "lane_id", "group": "group__code"}


def standing_rows(dated: Dated, key: Key, office: Office | None, region_code: str) -> QuerySet[Any]:
    """Return what the database already holds for the same thing, the earliest first."""
    owner, values = owner_of(dated, key, office, region_code)
    rows = dated.model._default_manager.all()
    if owner is None:
        return rows.none()
    filters = {
        LOOKUPS.get(name, name): value or None
        for name, value in zip(dated.names, values, strict=True)
    }
    return rows.filter(**owner, **filters).order_by("valid_from")


def owner_of(
    dated: Dated, key: Key, office: Office | None, region_code: str
) -> tuple[dict[str, Any] | None, Key]:
    """Split a key into whose row it is (None: nobody who is stored yet) and the rest."""
    if not dated.has_office:
        return {}, key
    scope, values = (str(key[0]), key[1:]) if dated.is_scoped else ("office", key)
    if scope == "nation":
        return {"office": None, "region": None}, values
    if scope == "region":
        region = Region.objects.filter(code=region_code).first()
        return ({"office": None, "region": region} if region else None), values
    return ({"office": office} if office else None), values
