"""Rows in force for a period: their owner and key, in the file and in the database."""

from typing import Any

from django.db.models import QuerySet

from offices.directory.models import Hall, Office, Region, ServiceGroup
from quotas.plan.decrees import AdmissionDecree, AttendanceDecree, Decree, ProductDecree
from scenarios.schema import AdmissionRow, AttendanceRow, DatedRow, DecreeRow, Key, ProductsRow

# Rows that have the columns of a decree but no bounds of their own.
LIKE_DECREES: dict[type[DatedRow], type[Any]] = {
    AttendanceRow: AttendanceDecree,
    AdmissionRow: AdmissionDecree,
    ProductsRow: ProductDecree,
}


def stored_rows(
    kind: type[DatedRow], key: Key, office: Office | None, region_code: str
) -> QuerySet[Any]:
    """Return the rows of the same key in the database, the earliest first."""
    columns = columns_of(kind, key, office, region_code)
    rows = kind.table._default_manager.all()
    return rows.none() if columns is None else rows.filter(**columns).order_by("valid_from")


def columns_of(
    kind: type[DatedRow], key: Key, office: Office | None, region_code: str
) -> dict[str, Any] | None:
    """Return the column values of a key; None if its owner is not stored yet."""
    owner, *values = key
    columns = {name: _stored(name, value) for name, value in zip(kind.key, values, strict=True)}
    if "hall" in columns:
        columns["hall"] = Hall.objects.filter(office=office, code=columns["hall"]).first()
        return columns if columns["hall"] else None
    if not kind.owner:
        return columns
    region = Region.objects.filter(code=region_code).first() if owner == "region" else None
    if (owner == "office" and office is None) or (owner == "region" and region is None):
        return None
    columns["office"] = office if owner == "office" else None
    return columns if kind.owner == "office" else {**columns, "region": region}


def _stored(name: str, value: Any) -> Any:
    if name == "group" and value:
        # A group that is only in the file has no rows yet: no row has the id 0.
        return ServiceGroup.objects.filter(code=value).first() or 0
    return value or None


def decree_of(row: DecreeRow, office: Office | None, region_code: str) -> Decree:
    """Return the decree of a row whose owner and group are stored."""
    region = Region.objects.filter(code=region_code).first()
    group = ServiceGroup.objects.filter(code=getattr(row, "group", "")).first()
    return row.as_decree(
        office=office.pk if office else None,
        region=region.pk if region else None,
        group=group.pk if group else None,
    )


def office_decree_of(row: DatedRow, office: Office) -> Decree | None:
    """Return the decree of an office's row; None for a row of a kind that no decree decides."""
    if isinstance(row, DecreeRow):
        return decree_of(row, office, office.region.code)
    kind = LIKE_DECREES.get(type(row))
    return None if kind is None else kind(office=office.pk, **row.values("scope"))
