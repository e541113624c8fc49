"""The receipt of a booking as PDF."""

import datetime as dt
from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final

from django.utils.translation import gettext as _
from reportlab.lib import colors
from reportlab.lib.pagesizes import A5
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import SimpleDocTemplate, Spacer, Table, TableStyle

from core.formats import local_time_long, rupiah
from core.pdf import paragraph, printable

PLAIN: Final = ParagraphStyle("plain", fontName="Helvetica", fontSize=9, leading=12)
TITLE: Final = ParagraphStyle(
    "title", parent=PLAIN, fontName="Helvetica-Bold", fontSize=14, leading=20
)
LINES: Final = TableStyle(
    [
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.grey),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ]
)


def receipt_pdf(context: Mapping[str, Any], *, now: dt.datetime) -> bytes:
    """Return the receipt in the reader's language. `context` is that of `receipt_context`."""
    booking, payment = context["booking"], context["payment"]
    office = booking.office
    facts = [
        (_("Kantor"), office.name),
        (_("Kode booking"), booking.code),
        (_("Pemohon"), booking.applicant.full_name),
        (_("Layanan"), str(booking.service_type)),
        (_("Jenis paspor"), context["product"]),
        (_("Biaya"), rupiah(payment.bill.charged)),
        (_("Sudah diterima"), rupiah(payment.paid)),
    ]
    receipts = [
        (
            row.number,
            f"{row.title}, {local_time_long(row.at, office)}",
            row.billing_code,
            rupiah(row.amount),
        )
        for row in context["receipts"]
    ]
    printed = _("Dicetak %(when)s dari buku besar pembayaran.")
    return _document(
        [
            paragraph(_("Bukti pembayaran"), TITLE),
            _table(facts, (40 * mm, 84 * mm)),
            Spacer(1, 6 * mm),
            _table(receipts, (24 * mm, 46 * mm, 32 * mm, 22 * mm)),
            Spacer(1, 6 * mm),
            paragraph(printed % {"when": local_time_long(now, office)}, PLAIN),
        ]
    )


def _document(story: list[Any]) -> bytes:
    file = BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A5,
        leftMargin=12 * mm,
        rightMargin=12 * mm,
        topMargin=12 * mm,
        bottomMargin=12 * mm,
        title=printable(_("Bukti pembayaran")),
        author="",
        invariant=1,
    )
    document.build(story)
    return file.getvalue()


def _table(rows: list[tuple[str, ...]] | list[Any], widths: tuple[float, ...]) -> Table | Spacer:
    if not rows:
        return Spacer(1, 0)
    cells = [[paragraph(value, PLAIN) for value in row] for row in rows]
    return Table(cells, colWidths=widths, style=LINES)
