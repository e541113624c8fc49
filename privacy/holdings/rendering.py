"""The two forms of an export: JSON for programs, PDF for people."""

import json
from datetime import datetime
from io import BytesIO
from typing import Any, Final

from django.utils.translation import gettext as _
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import SimpleDocTemplate, Spacer, Table, TableStyle

from core.formats import local_time_long
from core.pdf import paragraph, printable
from privacy.holdings.selectors import Table as HeldTable

FORMAT: Final = "passport-office/personal-data/1"
PLAIN: Final = ParagraphStyle("plain", fontName="Helvetica", fontSize=9, leading=12)
SOFT: Final = ParagraphStyle("soft", parent=PLAIN, textColor=colors.HexColor("#444444"))
TITLE: Final = ParagraphStyle(
    "title", parent=PLAIN, fontName="Helvetica-Bold", fontSize=15, leading=20
)
HEADING: Final = ParagraphStyle(
    "heading", parent=PLAIN, fontName="Helvetica-Bold", fontSize=11, leading=15, spaceBefore=8
)
ROW: Final = TableStyle(
    [
        ("LINEBELOW", (0, -1), (-1, -1), 0.4, colors.grey),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ]
)
WIDTHS: Final = (50 * mm, 130 * mm)


def as_json(tables: list[HeldTable], *, now: datetime) -> bytes:
    """Return the export as JSON."""
    content = {
        "format": FORMAT,
        "made_at": now.isoformat(),
        "tables": [
            {
                "table": table.name,
                "title": table.title,
                "labels": dict(table.labels),
                "rows": table.values,
            }
            for table in tables
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def as_pdf(tables: list[HeldTable], *, now: datetime) -> bytes:
    """Return the export as a PDF in the reader's language; empty fields are left out."""
    file = BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=15 * mm,
        rightMargin=15 * mm,
        topMargin=15 * mm,
        bottomMargin=15 * mm,
        title=printable(_("Data pribadi Anda")),
        author="",
        invariant=1,
    )
    story: list[Any] = [
        paragraph(_("Data pribadi Anda"), TITLE),
        paragraph(
            _("Semua yang tersimpan tentang Anda di sistem antrean paspor pada %(when)s.")
            % {"when": local_time_long(now)},
            SOFT,
        ),
    ]
    for table in tables:
        story.append(paragraph(f"{table.title} ({len(table.texts)})", HEADING))
        for row in table.texts:
            story += _row(table, row)

    def foot(canvas: Any, _document: Any) -> None:
        canvas.setFont("Helvetica", 8)
        text = _("Data pribadi. Halaman %(n)d") % {"n": canvas.getPageNumber()}
        canvas.drawString(15 * mm, 8 * mm, printable(text))

    document.build(story, onFirstPage=foot, onLaterPages=foot)
    return file.getvalue()


def _row(table: HeldTable, row: dict[str, str]) -> list[Any]:
    lines = [
        [paragraph(table.labels[name], SOFT), paragraph(text, PLAIN)]
        for name, text in row.items()
        if text
    ]
    if not lines:
        return []
    return [Table(lines, colWidths=WIDTHS, style=ROW, hAlign="LEFT"), Spacer(1, 1 * mm)]
