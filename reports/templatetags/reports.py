"""How figures of a report are written."""

from django import template

from core.templatetags.formats import number

register = template.Library()


@register.filter
def percent(share: float | None) -> str:
    """Write a share of 1 as a percentage; nothing measured is a dash."""
    return "–" if share is None else number(share * 100, 1)
