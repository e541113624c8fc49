"""The message catalogues: updates `locale/` from the texts in the sources, without GNU gettext."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGES: Final = (
    "core",
    "notices",
    "accounts",
    "offices",
    "quotas",
    "booking",
    "counters",
    "reports",
    "privacy",
    "pages",
    "scenarios",
    "ops",
    "devtools",
    "passport_office",
)
TEMPLATES: Final = "templates"
# The arguments with the text and its plural; "c" marks the one with the context.
KEYWORDS: Final = {
    "_": None,
    "_now": None,  # gettext in a module where `_` is lazy
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_TEXT: Final = r"""(?:u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))"""
# The output of templatize() for a template's tags; all other text is blanked out.
MARKED: Final = re.compile(
    rf"(?<![\w.])(_|gettext|ngettext|pgettext|npgettext)\(\s*({_TEXT})(?:,\s*({_TEXT}))?(?:,\s*({_TEXT}))?"
)
# No dates and no names: a catalogue changes only with its texts.
HEADER: Final = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""
PLURAL_FORMS: Final = {
    "en": "nplurals=2; plural=(n != 1);",
    "id": "nplurals=1; plural=0;",
}


@dataclass(frozen=True)
class MarkedText:
    """A text that a source file marks for translation."""

    path: str
    id: str | tuple[str, str]
    context: str | None

    @property
    def key(self) -> tuple[str, str | None]:
        return (self.id if isinstance(self.id, str) else self.id[0]), self.context


def marked_texts() -> list[MarkedText]:
    """Return every marked text of our templates and Python files, in the order of the file names."""
    texts: list[MarkedText] = []
    for path in sorted((ROOT / TEMPLATES).rglob("*")):
        if path.suffix in {".html", ".txt"}:
            texts += _in_template(path)
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                texts += _in_python(path)
    return texts


def _in_python(path: Path) -> Iterator[MarkedText]:
    name = str(path.relative_to(ROOT))
    with path.open("rb") as file:
        for _line, message, _comments, context in extract("python", file, keywords=KEYWORDS):
            yield MarkedText(name, message, context)  # type: ignore[arg-type]


def _in_template(path: Path) -> Iterator[MarkedText]:
    name = str(path.relative_to(ROOT))
    for match in MARKED.finditer(templatize(path.read_text(encoding="utf-8"), origin=name)):
        function, *literals = match.groups()
        texts = [ast.literal_eval(literal) for literal in literals if literal is not None]
        context = texts.pop(0) if function in {"pgettext", "npgettext"} else None
        is_plural = function in {"ngettext", "npgettext"}
        yield MarkedText(name, (texts[0], texts[1]) if is_plural else texts[0], context)


def catalogue_path(language: str) -> Path:
    """Return the path of the catalogue of a language."""
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def read_catalogue(language: str) -> Catalog:
    """Return a catalogue; an empty one if there is none yet."""
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def updated_text(language: str, texts: list[MarkedText]) -> str:
    """Return the catalogue's text with exactly these texts: known translations kept, new ones empty."""
    known = read_catalogue(language)
    where: dict[tuple[str, str | None], set[str]] = defaultdict(set)
    ids: dict[tuple[str, str | None], str | tuple[str, str]] = {}
    for item in texts:
        where[item.key].add(item.path)
        # The same text may have a plural in one file and none in another.
        if item.key not in ids or not isinstance(item.id, str):
            ids[item.key] = item.id
    fresh = Catalog(locale=language)
    for key in sorted(ids, key=lambda pair: (pair[0].casefold(), pair[0], pair[1] or "")):
        old = known.get(key[0], key[1])
        string = old.string if old and isinstance(old.id, str) is isinstance(ids[key], str) else ""
        fresh.add(
            ids[key],
            string,
            locations=[(path, None) for path in sorted(where[key])],  # type: ignore[misc]
            user_comments=list(old.user_comments) if old else [],
            flags={"fuzzy"} if old and old.fuzzy else set(),
            context=key[1],
        )
    return as_text(fresh, language)


def as_text(catalogue: Catalog, language: str) -> str:
    """Format a catalogue the same way each time: no dates, no line numbers, one text a line."""
    file = BytesIO()
    write = partial(write_po, omit_header=True, include_lineno=False, width=0)
    write(file, catalogue)
    head = HEADER.format(language=language, plural_forms=PLURAL_FORMS[language])
    return head + file.getvalue().decode("utf-8").strip() + "\n"
