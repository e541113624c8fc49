"""Every text shown to a user is marked for translation."""

import re
from functools import cache
from pathlib import Path

import pytest

from devtools.catalogues import read_catalogue
from tests.architecture.sources import ROOT, Source
from tests.i18n import texts

# The same in both languages: names, formats and keys.
NAMES = frozenset(
    {
        "wib",
        "wita",
        "wit",
        "json",
        "csv",
        "pdf",
        "api",
        "qr",
        "nik",
        "openapi",
        "enter",
        "esc",
        "yaml",
        "id",
        "en",
        "bahasa",
        "indonesia",
        "english",
        "kantor",
        "wilayah",
        "imigrasi",
        "palembang",
        "dewi",
        "anggraini",
        "kusumawardhani",
    }
)
# One word may be a code; two words of the other language are a text.
FEWEST_WORDS = 2


@cache
def indonesian() -> frozenset[str]:
    """Return the words of the catalogue that are Indonesian only."""
    catalogue = read_catalogue("en")
    ours: set[str] = set()
    english: set[str] = set()
    for message in catalogue:
        if message.id:
            ours |= texts.words(re.sub(r"%\(\w+\)", " ", str(message.id)))
            english |= texts.words(re.sub(r"%\(\w+\)", " ", str(message.string)))
    return frozenset(word for word in ours - english if len(word) > 2)


def reads_as_indonesian(text: str) -> bool:
    """Return whether a text has Indonesian words, apart from codes and addresses."""
    plain = re.sub(r"\S*[/_.=<>#{}:-]\S*", " ", text)
    return len(texts.words(plain) & indonesian()) >= FEWEST_WORDS


@pytest.mark.parametrize(
    "path", texts.template_files(), ids=lambda path: str(path.relative_to(ROOT / "templates"))
)
def test_template_texts_are_marked_for_translation(path: Path) -> None:
    source, name = path.read_text(), str(path.relative_to(ROOT))
    unmarked = [
        text
        for text in texts.unmarked_in_template(source, name)
        if not texts.words(text.text) <= NAMES
    ]
    unmarked += [
        text
        for text in texts.texts_in_tags(source, name)
        if (text.text[:1].isupper() and " " in text.text) or reads_as_indonesian(text.text)
    ]
    assert not unmarked, "\n".join(map(str, unmarked))


def test_labels_messages_and_errors_are_marked() -> None:
    unmarked = [
        str(text)
        for source in texts.our_sources()
        for text in texts.unmarked_in_python(source)
        if not texts.words(text.text) <= NAMES
    ]
    assert not unmarked, "\n".join(unmarked)


def test_no_other_string_reads_as_indonesian() -> None:
    unmarked = [
        str(text)
        for source in texts.our_sources()
        for text in texts.literals(source)
        if reads_as_indonesian(text.text) and not texts.words(text.text) <= NAMES
    ]
    assert not unmarked, "\n".join(unmarked)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("<p>Kuota habis</p>", ["Kuota habis"]),
        ("<p>{% translate 'Kuota habis' %} {{ day }}</p>", []),
        ("<p>{% blocktranslate %}Sisa {{ n }}{% endblocktranslate %}</p>", []),
        ('<a aria-label="Tutup" href="/">{{ x }}</a>', ["Tutup"]),
        ('<input type="submit" value="Kirim{% if a %} lagi{% endif %}">', ["Kirim lagi"]),
        ("{# Kuota #}<p>{% comment %}Kuota{% endcomment %}12</p>", []),
        ("<style>body { color: red }</style>", []),
    ],
)
def test_the_template_parser_reports_unmarked_text(template: str, expected: list[str]) -> None:
    assert [text.text for text in texts.unmarked_in_template(template, "x")] == expected


def test_the_template_parser_reports_texts_in_tags() -> None:
    template = (
        '{% chip "done" "Sudah sah" %}{% chip "done" _("Sudah sah") %}{{ a|default:"Belum ada" }}'
    )
    assert [text.text for text in texts.texts_in_tags(template, "x")] == [
        "done",
        "Sudah sah",
        "done",
        "Belum ada",
    ]


def test_the_python_parser_reports_labels_and_errors() -> None:
    import ast

    code = """
class A(models.Model):
    name = models.CharField("nama kantor", help_text=_("Ada"))
    kind = models.CharField(_("jenis"), help_text="Tidak ada")
def view(request):
    messages.error(request, f"Kuota {day} habis")
    raise InvalidInput("Salah tulis")
"""
    source = Source("booking/x.py", code, ast.parse(code))
    assert sorted(text.text for text in texts.unmarked_in_python(source)) == [
        "Kuota  habis",
        "Salah tulis",
        "Tidak ada",
        "nama kantor",
    ]
