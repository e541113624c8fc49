"""Template filters for figures of reports."""

from django import template

from core.formats import number

register = template.Library()


@register.filter
def percent(value: float | None) -> str:
    """Format a share from 0 to 1 as a percentage, None as a dash."""
    return "–" if value is None else f"{number(value * 100, 1)} %"
