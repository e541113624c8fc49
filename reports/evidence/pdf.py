"""The evidence report as PDF."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any, Final

from django.utils.translation import gettext as _
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, SimpleDocTemplate, Spacer, Table, TableStyle

from core.formats import day_long, local_time_long
from core.pdf import paragraph, printable
from reports.evidence.sections import Section
from reports.evidence.selectors import Evidence

WIDTH: Final = 273 * mm
# Rows that stay on one page with their heading.
KEPT_TOGETHER: Final = 12
PLAIN: Final = ParagraphStyle("plain", fontName="Helvetica", fontSize=9, leading=11.5)
NUMBER: Final = ParagraphStyle("number", parent=PLAIN, alignment=TA_RIGHT)
HEAD: Final = ParagraphStyle("head", parent=PLAIN, fontName="Helvetica-Bold", fontSize=8.5)
HEAD_NUMBER: Final = ParagraphStyle("head number", parent=HEAD, alignment=TA_RIGHT)
NOTE: Final = ParagraphStyle("note", parent=PLAIN, fontSize=8, leading=10, textColor=colors.dimgrey)
TITLE: Final = ParagraphStyle(
    "title", parent=PLAIN, fontName="Helvetica-Bold", fontSize=16, leading=21
)
SECTION: Final = ParagraphStyle(
    "section", parent=PLAIN, fontName="Helvetica-Bold", fontSize=11.5, leading=15, spaceBefore=10
)
STYLE: Final = TableStyle(
    [
        ("LINEBELOW", (0, 0), (-1, 0), 1, colors.black),
        ("LINEBELOW", (0, 1), (-1, -1), 0.3, colors.lightgrey),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ("TOPPADDING", (0, 0), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
    ]
)


def render_evidence(evidence: Evidence) -> bytes:
    """Return the report as PDF in the reader's language. Equal data give equal bytes."""
    file = BytesIO()
    name, span = evidence.office.name, span_text(evidence)
    document = SimpleDocTemplate(
        file,
        pagesize=landscape(A4),
        leftMargin=12 * mm,
        rightMargin=12 * mm,
        topMargin=12 * mm,
        bottomMargin=14 * mm,
        title=printable(f"{_('Laporan bukti integritas')}, {name}"),
        author="",
        invariant=1,
    )
    made = local_time_long(evidence.made_at, evidence.office)
    story: list[Any] = [
        paragraph(f"{_('Laporan bukti integritas')}, {name}", TITLE),
        paragraph(span, PLAIN),
        paragraph(_("Dihitung dari catatan kejadian, %(when)s.") % {"when": made}, NOTE),
    ]
    for section in evidence.sections:
        story += _section(section)

    def foot(canvas: Any, _document: Any) -> None:
        canvas.setFont("Helvetica", 8)
        page = _("Halaman %(n)d") % {"n": canvas.getPageNumber()}
        canvas.drawString(12 * mm, 7 * mm, printable(f"{name} · {span} · {page}"))

    document.build(story, onFirstPage=foot, onLaterPages=foot)
    return file.getvalue()


def span_text(evidence: Evidence) -> str:
    """Return the span of days in full."""
    return f"{day_long(evidence.first)} – {day_long(evidence.last)}"


def _section(section: Section) -> Iterable[Any]:
    head = [paragraph(section.title, SECTION), Spacer(1, 1 * mm)]
    note = [paragraph(section.note, NOTE)] if section.note else []
    if not section.rows:
        return [KeepTogether([*head, paragraph(_("Tidak ada pada hari-hari ini."), PLAIN), *note])]
    table = _table(section)
    if len(section.rows) <= KEPT_TOGETHER:
        return [KeepTogether([*head, table, *note])]
    return [*head, table, *note]


def _table(section: Section) -> Table:
    texts = section.texts
    numbers = len(section.columns) - texts
    narrow = min(24 * mm, WIDTH / (len(section.columns) + 1)) if numbers else 0
    wide = (WIDTH - narrow * numbers) / texts
    head = [
        paragraph(text, HEAD if at < texts else HEAD_NUMBER)
        for at, text in enumerate(section.columns)
    ]
    rows = [
        [paragraph(text, PLAIN if at < texts else NUMBER) for at, text in enumerate(row)]
        for row in section.rows
    ]
    return Table(
        [head, *rows],
        colWidths=[wide] * texts + [narrow] * numbers,
        repeatRows=1,
        style=STYLE,
        hAlign="LEFT",
    )
