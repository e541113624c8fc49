"""Template filters for figures of reports."""

from django import template

from core.formats import number
from reports.load.columns import Column, Kind

register = template.Library()


@register.filter
def figure(value: float | None, column: Column) -> str:
    """Format a figure: a share as a percentage, None as a dash."""
    if value is None:
        return "–"
    return number(value * 100, 1) if column.kind is Kind.SHARE else number(value)


@register.filter
def percent(value: float | None) -> str:
    """Format a share from 0 to 1 as a percentage, None as a dash."""
    return "–" if value is None else f"{number(value * 100, 1)} %"
