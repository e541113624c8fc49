"""PDFs from outside: only whole, open, inactive ones of a sensible size are kept."""

import io
import zlib

import pytest
from reportlab.pdfgen.canvas import Canvas

from core.pdf_files import ActivePdf, LockedPdf, NotAPdf, PdfBomb, check_pdf


def pdf(**options: object) -> bytes:
    made = io.BytesIO()
    canvas = Canvas(made, **options)
    canvas.drawString(72, 700, "Surat keterangan sakit")
    canvas.showPage()
    canvas.save()
    return made.getvalue()


def with_object(text: bytes) -> bytes:
    """A PDF with one more object."""
    return pdf().replace(b"xref\n", b"99 0 obj\n" + text + b"\nendobj\nxref\n", 1)


def packed(content: bytes, kind: bytes = b"") -> bytes:
    stream = zlib.compress(content, 9)
    head = b"<< %b/Filter /FlateDecode /Length %d >>" % (kind, len(stream))
    return with_object(head + b"\nstream\n" + stream + b"\nendstream")


def test_a_plain_document_is_kept() -> None:
    check_pdf(pdf())
    check_pdf(packed(b"q 1 0 0 1 0 0 cm /JavaScript is a word here Q"))


@pytest.mark.parametrize(
    "text",
    [
        b"<< /S /JavaScript /JS (app.alert(1)) >>",
        b"<< /S /J#61vaScript /JS (app.alert(1)) >>",
        b"<< /S /Launch /F (cmd.exe) >>",
        b"<< /Names << /EmbeddedFiles 7 0 R >> >>",
        b"<< /AcroForm << /XFA 8 0 R >> >>",
    ],
)
def test_scripts_and_files_inside_are_refused(text: bytes) -> None:
    with pytest.raises(ActivePdf):
        check_pdf(with_object(text))
    with pytest.raises(ActivePdf):
        check_pdf(packed(text, b"/Type /ObjStm /N 1 /First 4 "))


def test_a_locked_document_is_refused() -> None:
    with pytest.raises(LockedPdf):
        check_pdf(pdf(encrypt="rahasia"))


def test_a_bomb_is_refused_without_unpacking_it() -> None:
    with pytest.raises(PdfBomb):
        check_pdf(packed(bytes(120_000_000)))
    twice = b"<< /Filter [/FlateDecode /FlateDecode] >>\nstream\n" + zlib.compress(b"x")
    with pytest.raises(PdfBomb):
        check_pdf(with_object(twice + b"\nendstream"))


@pytest.mark.parametrize(
    "data",
    [b"", b"<html>%PDF-", b"%PDF-1.7\n", pdf()[:-200]],
    ids=["empty", "page", "header", "cut off"],
)
def test_what_is_not_a_whole_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPdf):
        check_pdf(data)
