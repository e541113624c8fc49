"""QR codes and the machine-readable line of a passport."""

from typing import Any

import segno
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _


def qr(text: str, label: Any = "", css: str = "") -> SafeString:
    """Render a QR code as SVG with one path, black on white in every theme."""
    # Every mask is readable; choosing the best of eight would take most of the time.
    code = segno.make(text, error="m", micro=False, mask=2)
    svg = code.svg_inline(border=2, omitsize=True, svgclass=f"qr {css}".strip(), lineclass=None)
    attributes = format_html(
        '<svg role="img" aria-label="{}" shape-rendering="crispEdges" ',
        label or _("Kode QR, isinya sama dengan kode booking"),
    )
    return mark_safe(attributes + svg.removeprefix("<svg "))  # noqa: S308 - segno's own markup


def mrz(parts: str) -> str:
    """Return the decorative machine-readable line at the foot of a ticket."""
    text = "<".join(str(parts).upper().split())
    return f"ID{text}".ljust(64, "<")
