"""The sections whose rows have a validity span, and the key by which rows are about the same thing."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from counters.queue.models import CallReason
from offices.dated import Dated as DatedRow
from offices.directory.models import Fee, Office, Region, ServiceGroup
from offices.hours.models import AdmissionRule, Attendance, OpeningHours
from offices.limits.models import BookingLimit, NoShowRule, ProductRule, Protocol
from quotas.plan.decrees import Decree, QuotaDecree, ReleaseDecree, ReturnDecree
from quotas.policies.selectors import MODELS
from scenarios.reading import Row

Key = tuple[Hashable, ...]


@dataclass(frozen=True)
class Dated:
    """A section with dated rows. `names` are the key fields; `is_scoped` adds the owner of the row."""

    model: type[DatedRow]
    names: tuple[str, ...] = ()
    has_office: bool = True
    is_scoped: bool = False
    decree: type[Decree] | None = None

    @classmethod
    def by_decree(cls, kind: type[Decree]) -> "Dated":
        names = tuple(name for name in kind.key if name not in ("office", "region"))
        return cls(MODELS[kind], names, is_scoped=True, decree=kind)

    def keys(self, row: Row) -> Iterable[Key]:
        """Return the keys of the row; one row of opening hours has a key for each weekday."""
        if self.model is OpeningHours:
            return [(weekday,) for weekday in row["weekdays"]]
        values: Key = tuple(row[name] for name in self.names)
        return [(row["scope"], *values) if self.is_scoped else values]


DATED: dict[str, Dated] = {
    "fees": Dated(Fee, ("product",), has_office=False),
    "call_reasons": Dated(CallReason, ("code",), has_office=False),
    "opening_hours": Dated(OpeningHours, ("weekday",)),
    "attendance": Dated(Attendance),
    "admission": Dated(AdmissionRule),
    "limits": Dated(BookingLimit, ("subject", "within_days"), is_scoped=True),
    "no_shows": Dated(NoShowRule, is_scoped=True),
    "products": Dated(ProductRule, is_scoped=True),
    "protocols": Dated(Protocol, is_scoped=True),
    "policies": Dated.by_decree(QuotaDecree),
    "release_rules": Dated.by_decree(ReleaseDecree),
    "returns": Dated.by_decree(ReturnDecree),
}


def stored_rows(dated: Dated, key: Key, office: Office | None, region_code: str) -> QuerySet[Any]:
    """Return the rows of the same key in the database, the earliest first."""
    columns = columns_of(dated, key, office, region_code)
    rows = dated.model._default_manager.all()
    if columns is None:
        return rows.none()
    return rows.filter(**columns).order_by("valid_from")


def columns_of(
    dated: Dated, key: Key, office: Office | None, region_code: str
) -> dict[str, Any] | None:
    """Return the column values of a key; None if its owner is not stored yet."""
    owner, values = _owner_of(dated, key, office, region_code)
    if owner is None:
        return None
    named = dict(zip(dated.names, values, strict=True))
    return {**owner, **{name: _stored(name, value) for name, value in named.items()}}


def _stored(name: str, value: Any) -> Any:
    if name == "group" and value:
        # A group that is only in the file has no rows yet: no row has the id 0.
        return ServiceGroup.objects.filter(code=value).first() or 0
    return value or None


def decree_from(
    row: Row, kind: type[Decree], *, office: Office | None, region: Region | None
) -> Decree:
    """Return the decree of a row; its owner and group may not be stored yet."""
    values = {name: value for name, value in row.values.items() if name != "scope"}
    owners: dict[str, dict[str, Any]] = {
        "office": {"office": office and office.pk},
        "region": {"region": region and region.pk},
        "nation": {},
    }
    if "group" in values:
        group = ServiceGroup.objects.filter(code=values["group"]).first()
        values["group"] = group and group.pk
    return kind(**{**values, **owners[row["scope"]]})


def _owner_of(
    dated: Dated, key: Key, office: Office | None, region_code: str
) -> tuple[dict[str, Any] | None, Key]:
    """Split a key into the owner (None if it is not stored yet) and the rest."""
    if not dated.has_office:
        return {}, key
    scope, values = (str(key[0]), key[1:]) if dated.is_scoped else ("office", key)
    if scope == "nation":
        return {"office": None, "region": None}, values
    if scope == "region":
        region = Region.objects.filter(code=region_code).first()
        return ({"office": None, "region": region} if region else None), values
    return ({"office": office} if office else None), values
