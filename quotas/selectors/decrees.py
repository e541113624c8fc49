"""Decrees and the rows that hold them."""

from typing import Any, TypeVar

from offices.models import Dated, Office
from quotas.decrees import (
    Decree,
    QuotaDecree,
    ReleaseDecree,
    ReturnDecree,
    RollOverDecree,
    from_column,
    to_column,
)
from quotas.models import QuotaPolicy, ReleaseRule, ReturnRule, RollOverRule, RuleChange

D = TypeVar("D", bound=Decree)
MODELS: dict[type[Decree], type[Dated]] = {
    QuotaDecree: QuotaPolicy,
    ReleaseDecree: ReleaseRule,
    ReturnDecree: ReturnRule,
    RollOverDecree: RollOverRule,
}


def column(kind: type[Decree], name: str) -> str:
    """Return the attribute of the row that holds a field: `lane_id` for `lane`."""
    field: Any = MODELS[kind]._meta.get_field(name)
    return str(field.attname)


def columns(decree: Decree, *names: str) -> dict[str, Any]:
    """Return fields of a decree as the attributes of its row."""
    return {
        column(type(decree), name): to_column(value)
        for name, value in decree.values(*names).items()
    }


def decree_of(row: Any, kind: type[D]) -> D:
    """Return what a row orders."""
    names = ("id", "valid_from", "valid_until", "instrument", *kind.key, *kind.terms())
    return kind(**{name: from_column(name, getattr(row, column(kind, name))) for name in names})


def latest_change(office: Office, kind: type[Decree]) -> int:
    """Return the id of the last change of an office's rules of one kind, 0 before the first."""
    rows = RuleChange.objects.filter(office=office, kind=kind.rule)
    return rows.order_by("-pk").values_list("pk", flat=True).first() or 0


def field_label(kind: type[Decree], name: str) -> str:
    """Return a field's name for people."""
    field: Any = MODELS[kind]._meta.get_field(name)
    return str(field.verbose_name)
