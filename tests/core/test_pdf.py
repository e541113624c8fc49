"""No name is printed with a question mark or an empty box in its place."""

from io import BytesIO

import pytest
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import SimpleDocTemplate

from core.pdf import FONT, paragraph, printable

PLAIN = ParagraphStyle("plain", fontName="Helvetica", fontSize=9)


def fonts(text: str) -> set[str]:
    return {frag.fontName for frag in paragraph(text, PLAIN).frags}


def shown(text: str) -> str:
    return "".join(frag.text for frag in paragraph(text, PLAIN).frags)


def test_ordinary_names_use_the_standard_font() -> None:
    assert fonts("Siti Rahmawati, Müller & Søn <b>") == {"Helvetica"}
    assert shown("Müller & <b>Søn</b>") == "Müller & <b>Søn</b>"


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn Thị Hồng Đào",
        "Łukasz Żółć",
        "Đorđe Šarić",
        "Ştefan İnönü",
        "Юлия Иванова",
        "Ελένη Παπαδοπούλου",
        "Արամ",
    ],
)
def test_names_in_other_alphabets_are_printed_as_written(name: str) -> None:
    assert shown(name) == name
    assert FONT in fonts(name)


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("محمد", "meem-hah-meem-dal"),
        ("张伟 Wei", "U+5F20-U+4F1F Wei"),
        ("דוד", "dalet-vav-dalet"),
        ("ＡＢＣ", "A-B-C"),
        ("\U00013000", "U+13000"),
    ],
)
def test_other_scripts_are_spelled_out(name: str, spelled: str) -> None:
    assert shown(name) == spelled


@pytest.mark.parametrize("name", ["Nguyễn", "Юлия", "محمد", "张伟", "ไทย", "हिन्दी", "\ufffd"])
def test_nothing_becomes_a_question_mark(name: str) -> None:
    assert "?" not in shown(name)
    assert "?" not in printable(name)
    assert printable(name).encode("cp1252")


def test_a_decomposed_letter_is_one_letter() -> None:
    assert shown("Nguye\u0302\u0303n") == "Nguyễn"


def test_the_font_is_embedded_in_the_file() -> None:
    file = BytesIO()
    SimpleDocTemplate(file, invariant=1).build([paragraph("Nguyễn Văn Đức", PLAIN)])
    content = file.getvalue()
    assert b"DejaVuSans" in content
    assert b"/FontFile2" in content
