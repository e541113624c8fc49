"""How figures of a report are written."""

from django import template

from core.formats import number
from reports.load.columns import Column, Kind

register = template.Library()


@register.filter
def figure(value: float | None, column: Column) -> str:
    """Write a figure of a column: a share as a percentage, no value as a dash."""
    if value is None:
        return "–"
    return number(value * 100, 1) if column.kind is Kind.SHARE else number(value)
