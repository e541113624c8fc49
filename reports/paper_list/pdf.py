"""The paper list for power failures: the day's bookings, with space to write times."""

from collections.abc import Iterable
from datetime import date, datetime
from io import BytesIO
from itertools import groupby
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import SimpleDocTemplate, Spacer, Table, TableStyle

from booking.bookings.models import Booking
from core.formats import date_long, hour, hours, local_time
from core.pdf import paragraph, printable
from offices.directory.models import Office

EMPTY_LINES: Final = 14
WIDTHS: Final = tuple(width * mm for width in (9, 30, 62, 22, 48, 18, 18, 18, 34, 18))
PLAIN: Final = ParagraphStyle("plain", fontName="Helvetica", fontSize=9, leading=11)
SMALL: Final = ParagraphStyle("small", parent=PLAIN, fontSize=8, leading=10)
TITLE: Final = ParagraphStyle(
    "title", parent=PLAIN, fontName="Helvetica-Bold", fontSize=14, leading=18
)
HOUR: Final = ParagraphStyle(
    "hour", parent=PLAIN, fontName="Helvetica-Bold", fontSize=11, leading=15, spaceBefore=6
)
STYLE: Final = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.4, colors.grey),
        ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TOPPADDING", (0, 1), (-1, -1), 4),
        ("BOTTOMPADDING", (0, 1), (-1, -1), 4),
    ]
)
LIVE: Final = frozenset({"booked", "checked_in"})


def render_day_list(
    office: Office, day: date, bookings: Iterable[Booking], *, now: datetime
) -> bytes:
    """Return the list as a PDF in the reader's language: a table for each slot, then empty lines for walk-ins."""
    rows = [row for row in bookings if row.status in LIVE]
    file = BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=landscape(A4),
        leftMargin=10 * mm,
        rightMargin=10 * mm,
        topMargin=10 * mm,
        bottomMargin=14 * mm,
        title=f"{office.name} {day:%Y-%m-%d}",
        author="",
        invariant=1,
    )
    story: list[Any] = [*_head(office, day, len(rows), now)]
    number = 0
    for slot, people in groupby(rows, key=lambda row: row.slot):
        lines = [_line(number + n, row) for n, row in enumerate(people, start=1)]
        number += len(lines)
        story += [paragraph(f"{hours(slot.starts_at, slot.ends_at, office)}", HOUR), _table(lines)]
    story += [paragraph(_("Datang langsung"), HOUR), _table([[""] * len(WIDTHS)] * EMPTY_LINES)]

    def foot(canvas: Any, _document: Any) -> None:
        canvas.setFont("Helvetica", 8)
        text = _(
            "Data pribadi: simpan di loket, musnahkan setelah dimasukkan ke sistem. Halaman %(n)d"
        ) % {"n": canvas.getPageNumber()}
        canvas.drawString(10 * mm, 7 * mm, printable(text))

    document.build(story, onFirstPage=foot, onLaterPages=foot)
    return file.getvalue()


def _head(office: Office, day: date, count: int, now: datetime) -> Iterable[Any]:
    yield paragraph(f"{office.name}, {date_long(day)}", TITLE)
    yield paragraph(
        _(
            "%(n)d orang, dibuat %(when)s. Catat waktu yang sebenarnya; sesudahnya supervisor memasukkannya ke sistem."
        )
        % {"n": count, "when": local_time(now, office)},
        SMALL,
    )
    yield Spacer(1, 2 * mm)


def _table(lines: list[list[Any]]) -> Table:
    head = [
        _("No."),
        _("Kode"),
        _("Nama"),
        _("Identitas"),
        _("Layanan"),
        _("Tiba"),
        _("Mulai"),
        _("Selesai"),
        _("Loket, catatan"),
        pgettext("tanda tangan pendek", "Paraf"),
    ]
    return Table(
        [[paragraph(text, SMALL) for text in head], *lines],
        colWidths=WIDTHS,
        repeatRows=1,
        style=STYLE,
        hAlign="LEFT",
    )


def _line(number: int, booking: Booking) -> list[Any]:
    person = booking.applicant
    came = booking.status == "checked_in"
    visit = booking.visits.counted().order_by("-arrived_at").first() if came else None
    return [
        str(number),
        paragraph(booking.code, PLAIN),
        paragraph(person.full_name, PLAIN),
        paragraph(f"… {person.identity_number[-4:]}", PLAIN),
        paragraph(f"{booking.service_type} ({booking.slot.lane})", SMALL),
        hour(visit.arrived_at, booking.office) if visit else "",
        "",
        "",
        "",
        "",
    ]
