"""Template filters of the API's manual."""

import re
from typing import Final

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
QUOTED: Final = re.compile(r"`([^`]+)`")


@register.filter
def quoted(text: str) -> SafeString:
    """Render text between backticks as code; escape everything else."""
    return mark_safe(QUOTED.sub(r"<code>\1</code>", escape(text)))  # noqa: S308 - escaped before
