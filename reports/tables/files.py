"""A table as CSV, XLSX or PDF."""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, Any, Final, cast

import xlsxwriter
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from reportlab.lib import colors
from reportlab.lib.pagesizes import A3, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import SimpleDocTemplate, Spacer
from reportlab.platypus import Table as PdfTable

from core.pdf import paragraph, printable
from reports.tables.definition import DIGITS, Kind, Table, TableColumn, TableRow

# Spreadsheets read texts with these first characters as formulas.
FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")
BOM: Final = "\ufeff"


def safe_cell(value: Any) -> Any:
    """Return the value, escaped so that spreadsheets do not read it as a formula."""
    if isinstance(value, str) and value.startswith(FORMULA_SIGNS):
        return f"'{value}"
    return "" if value is None else value


# --- CSV ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class CsvStyle:
    """How a spreadsheet of a country reads CSV: between values, and before decimals."""

    separator: str
    decimal: str


# Excel in Indonesian reads semicolons and decimal commas; programs read the other style.
CSV_STYLES: Final[Mapping[str, CsvStyle]] = {
    "csv_id": CsvStyle(separator=";", decimal=","),
    "csv_en": CsvStyle(separator=",", decimal="."),
}


class _Echo:
    """A file that gives back what is written: the csv module then yields lines."""

    def write(self, text: str) -> str:
        return text


def csv_lines(table: Table, style: CsvStyle) -> Iterator[str]:
    """Yield the table as lines of CSV with a byte order mark; numbers have no thousands separator."""
    writer = csv.writer(_Echo(), delimiter=style.separator)
    yield BOM + writer.writerow([safe_cell(column.heading) for column in table.columns])
    for row in table.lines():
        pairs = zip(table.columns, row.values, strict=True)
        yield writer.writerow([_csv_cell(column, value, style) for column, value in pairs])


def _csv_cell(column: TableColumn, value: Any, style: CsvStyle) -> str:
    shown = column.shown(value)
    if isinstance(shown, Decimal):
        return str(shown).replace(".", style.decimal)
    return str(safe_cell(shown))


# --- XLSX -----------------------------------------------------------------------------------------
# Rows are written as they come and kept on disk; a text that begins like a formula stays a text.
XLSX_OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
NUMBER_FORMATS: Final = {0: "#,##0", 1: "#,##0.0"}
LONGEST_SHEET_NAME: Final = 31
WIDE, NARROW = 24, 11


def write_xlsx(table: Table, file: IO[bytes]) -> None:
    """Write the table as a workbook: title and notes, headings, rows and totals."""
    book = xlsxwriter.Workbook(file, XLSX_OPTIONS)
    sheet = book.add_worksheet(_sheet_name(table.title))
    bold, wrap = book.add_format({"bold": True}), book.add_format({"bold": True, "text_wrap": True})
    formats = {
        digits: (
            book.add_format({"num_format": code}),
            book.add_format({"num_format": code, "bold": True}),
        )
        for digits, code in NUMBER_FORMATS.items()
    }
    for position, column in enumerate(table.columns):
        sheet.set_column(position, position, WIDE if column.kind is Kind.TEXT else NARROW)
    line = 0
    for line, text in enumerate([table.title, *table.notes]):
        sheet.write_string(line, 0, text, bold if line == 0 else None)
    line += 2
    for position, column in enumerate(table.columns):
        sheet.write_string(line, position, column.heading, wrap)
    sheet.freeze_panes(line + 1, 1)

    def write(row: TableRow, *, is_total: bool) -> None:
        for position, (column, value) in enumerate(zip(table.columns, row.values, strict=True)):
            shown = column.shown(value)
            if isinstance(shown, Decimal):
                style = formats[DIGITS[column.kind]][is_total]
                sheet.write_number(line, position, float(shown), style)
            else:
                sheet.write_string(line, position, shown, bold if is_total else None)

    for row in table.rows:
        line += 1
        write(row, is_total=False)
    for row in table.totals:
        line += 1
        write(row, is_total=True)
    book.close()


def _sheet_name(title: str) -> str:
    return "".join(sign for sign in title if sign not in "[]:*?/\\'")[:LONGEST_SHEET_NAME]


# --- PDF ------------------------------------------------------------------------------------------
PAGE: Final = landscape(A3)
MARGIN: Final = 8 * mm
PDF_STYLE: Final[tuple[Any, ...]] = (
    ("LINEBELOW", (0, 0), (-1, -1), 0.3, colors.lightgrey),
    ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 2),
    ("RIGHTPADDING", (0, 0), (-1, -1), 2),
)
PLAIN: Final = ParagraphStyle("plain", fontName="Helvetica", fontSize=7, leading=8.5)
RIGHT: Final = ParagraphStyle("right", parent=PLAIN, alignment=2)
HEAD: Final = ParagraphStyle("head", parent=PLAIN, fontName="Helvetica-Bold")
HEAD_RIGHT: Final = ParagraphStyle("head_right", parent=HEAD, alignment=2)
TITLE: Final = ParagraphStyle("title", parent=HEAD, fontSize=13, leading=17)
TEXT_SHARE: Final = 2.4  # a column of text is so many times as wide as one of numbers


def render_pdf(table: Table) -> bytes:
    """Return the table as a PDF in landscape A3; its headings stand on every page."""
    file = BytesIO()
    margins: dict[str, Any] = {"leftMargin": MARGIN, "rightMargin": MARGIN, "topMargin": MARGIN}
    document = SimpleDocTemplate(
        file,
        pagesize=PAGE,
        bottomMargin=14 * mm,
        title=table.title,
        author="",
        invariant=1,
        **margins,
    )

    def foot(canvas: Any, _document: Any) -> None:
        canvas.setFont("Helvetica", 7)
        text = _("%(title)s, halaman %(n)d") % {"title": table.title, "n": canvas.getPageNumber()}
        canvas.drawString(MARGIN, 7 * mm, printable(text))

    notes = [paragraph(note, PLAIN) for note in table.notes]
    story = [paragraph(table.title, TITLE), *notes, Spacer(1, 3 * mm), _pdf_table(table)]
    document.build(story, onFirstPage=foot, onLaterPages=foot)
    return file.getvalue()


def _pdf_table(table: Table) -> PdfTable:
    head = [
        paragraph(column.heading, HEAD if column.kind is Kind.TEXT else HEAD_RIGHT)
        for column in table.columns
    ]
    body = [_pdf_line(table, row) for row in table.rows]
    totals = [_pdf_line(table, row, is_total=True) for row in table.totals]
    shares = [TEXT_SHARE if column.kind is Kind.TEXT else 1 for column in table.columns]
    width = (PAGE[0] - 2 * MARGIN) / sum(shares)
    style = list(PDF_STYLE)
    if totals:
        style.append(("LINEABOVE", (0, -len(totals)), (-1, -len(totals)), 0.8, colors.black))
    return PdfTable(
        [head, *body, *totals],
        colWidths=[width * share for share in shares],
        repeatRows=1,
        style=style,
        hAlign="LEFT",
    )


def _pdf_line(table: Table, row: TableRow, *, is_total: bool = False) -> list[Any]:
    text, figure = (HEAD, HEAD_RIGHT) if is_total else (PLAIN, RIGHT)
    return [
        paragraph(column.text(value), text if column.kind is Kind.TEXT else figure)
        for column, value in zip(table.columns, row.values, strict=True)
    ]


# --- Answers --------------------------------------------------------------------------------------
Answer = HttpResponse | StreamingHttpResponse  # a FileResponse is one that streams
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _csv_answer(table: Table, style: CsvStyle) -> Answer:
    answer = StreamingHttpResponse(csv_lines(table, style), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{table.name}.csv"'
    return answer


def _xlsx_answer(table: Table) -> Answer:
    file = TemporaryFile()  # noqa: SIM115 -- the response closes it
    write_xlsx(table, file)
    file.seek(0)
    return FileResponse(
        file, as_attachment=True, filename=f"{table.name}.xlsx", content_type=XLSX_TYPE
    )


def _pdf_answer(table: Table) -> Answer:
    answer = HttpResponse(render_pdf(table), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{table.name}.pdf"'
    return answer


ANSWERS: Final[Mapping[str, Callable[[Table], Answer]]] = {
    "csv_id": lambda table: _csv_answer(table, CSV_STYLES["csv_id"]),
    "csv_en": lambda table: _csv_answer(table, CSV_STYLES["csv_en"]),
    "xlsx": _xlsx_answer,
    "pdf": _pdf_answer,
}


def file_answer(table: Table, style: str) -> HttpResponse:
    """Return the table as a download; `style` is a key of ANSWERS. Never kept by a cache."""
    answer = ANSWERS[style](table)
    answer["Cache-Control"] = "no-store"
    return cast("HttpResponse", answer)  # streamed or not: a view's caller need not know
