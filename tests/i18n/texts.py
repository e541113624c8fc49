"""Finds texts for users in our sources, marked or not."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from django.template.base import Lexer, TokenType

from devtools.catalogues import KEYWORDS
from tests.architecture.sources import ROOT, Source, called_name, sources

TAG = "\ufffc"  # replaces a template tag of Django
WORD = re.compile(r"[^\W\d_]{2,}")
READ_ATTRIBUTES = frozenset(
    {"alt", "title", "placeholder", "aria-label", "aria-description", "aria-roledescription"}
)
SILENT = frozenset({"style", "script", "pre", "code"})  # a mail style sheet; a script's code
CLASSES = re.compile(r"block (bodyclass|coltype)\b")
BUTTON_TYPES = frozenset({"submit", "button", "reset"})
SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH|CREATE|ALTER|DROP)\b")
TEXT_IN_TAG = re.compile(r"""(?<![\w(])(_\()?("[^"]*"|'[^']*')""")


@dataclass(frozen=True)
class Text:
    """A piece of text in a source file, and where."""

    at: str
    text: str

    def __str__(self) -> str:
        return f"{self.at} {self.text!r}"


# --- Templates ----------------------------------------------------------------------------------
class _Reader(HTMLParser):
    """Collects a page's texts outside Django's template tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.heard: list[tuple[int, str]] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self.silent += 1
        values = {name: value or "" for name, value in attrs}
        read = [value for name, value in values.items() if name in READ_ATTRIBUTES]
        if tag == "input" and values.get("type") in BUTTON_TYPES:
            read.append(values.get("value", ""))
        if tag == "meta" and values.get("name") == "description":
            read.append(values.get("content", ""))
        self.heard += [(self.getpos()[0], text) for text in read]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT and self.silent:
            self.silent -= 1

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.heard.append((self.getpos()[0], data))


def template_files() -> list[Path]:
    return sorted(
        path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt"}
    )


def unmarked_in_template(source: str, name: str) -> Iterator[Text]:
    """Yield a template's texts outside `translate` and `blocktranslate`."""
    reader = _Reader()
    reader.feed(_without_tags(source))
    reader.close()
    for line, text in reader.heard:
        visible = " ".join(text.replace(TAG, " ").split())
        if WORD.search(visible):
            yield Text(f"{name}:{line}", visible)


def _without_tags(source: str) -> str:
    """Return a template's own text: each tag becomes one character; marked text and comments are removed."""
    kept: list[str] = []
    inside = ""
    for token in Lexer(source).tokenize():
        first = token.contents.split(" ")[0] if token.token_type is TokenType.BLOCK else ""
        if inside:
            kept.append("\n" * token.contents.count("\n"))
            inside = "" if first in {f"end{inside}", f"end{inside}late"} else inside
        elif first in {"comment", "blocktranslate", "blocktrans"}:
            inside = first
        elif CLASSES.match(token.contents):
            inside = "block"
        elif token.token_type is TokenType.TEXT:
            kept.append(token.contents)
        elif token.token_type is not TokenType.COMMENT:
            kept.append(TAG)
    return "".join(kept)


def texts_in_tags(source: str, name: str) -> Iterator[Text]:
    """Yield unmarked strings that a template passes to its tags."""
    for token in Lexer(source).tokenize():
        if token.token_type not in {TokenType.BLOCK, TokenType.VAR}:
            continue
        if token.contents.split(" ")[0] in {"translate", "trans", "url", "load", "comment"}:
            continue
        for match in TEXT_IN_TAG.finditer(token.contents):
            if match[1] is None:
                yield Text(f"{name}:{token.lineno}", match[2][1:-1])


# --- Python -------------------------------------------------------------------------------------
# Arguments of these are shown to users.
SPEAKING_KEYWORDS = frozenset(
    {
        "verbose_name",
        "verbose_name_plural",
        "help_text",
        "label",
        "empty_label",
        "empty_value_display",
        "short_description",
        "violation_error_message",
    }
)
SPEAKING_NAMES = frozenset(
    {
        "verbose_name",
        "verbose_name_plural",
        "message",
        "short_description",
        "site_title",
        "site_header",
        "index_title",
    }
)
SPEAKING_CALLS = frozenset({"ValidationError", "InvalidInput"})
MESSAGE_CALLS = frozenset({"success", "error", "warning", "info", "add_message"})
# For operators, in the language of the code.
FOR_OPERATORS = (
    "devtools/stack/",
    "core/management/",
    "booking/management/",
    "scenarios/management/",
    "ops/management/",
    "devtools/management/",
    "benchmarks/",
    "passport_office/settings/",
    "pages/api_schema.py",
    "pages/api_docs.py",
    "devtools/catalogues.py",
    "ops/verification/",
    "devtools/preset_tables.py",
)


def our_sources() -> list[Source]:
    return [source for source in sources() if not source.path.startswith(FOR_OPERATORS)]


def unmarked_in_python(source: Source) -> Iterator[Text]:
    """Yield bare strings used as a label, help text, message or error."""
    # A serializer's help texts are API documentation, in English like its names.
    speaking = SPEAKING_KEYWORDS - ({"help_text"} if source.in_layer("api") else set())
    for node in ast.walk(source.tree):
        for value in _spoken(node, speaking):
            text = _bare(value)
            if text and WORD.search(text):
                yield Text(f"{source.path}:{value.lineno}", text)


def _spoken(node: ast.AST, speaking: frozenset[str]) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call):
        yield from (item.value for item in node.keywords if item.arg in speaking)
        name = called_name(node)
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        if name in SPEAKING_CALLS or (isinstance(owner, ast.Name) and owner.id == "models"):
            yield from node.args[:1]
        if name in MESSAGE_CALLS and isinstance(owner, ast.Name) and owner.id == "messages":
            yield from node.args[1:]
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(item, ast.Name) and item.id in SPEAKING_NAMES for item in targets):
            yield node.value


def _bare(value: ast.expr) -> str:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return "" if value.value.isidentifier() and value.value.islower() else value.value
    if isinstance(value, ast.JoinedStr):
        return "".join(str(part.value) for part in value.values if isinstance(part, ast.Constant))
    return ""


def literals(source: Source) -> Iterator[Text]:
    """Yield every string of a module that is neither marked nor a docstring."""
    marked: set[int] = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and called_name(node) in KEYWORDS:
            marked |= {id(inner) for argument in node.args for inner in ast.walk(argument)}
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            marked.add(id(node.value))
        if isinstance(node, ast.Constant) and SQL.match(str(node.value)):
            marked.add(id(node))
    for node in ast.walk(source.tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in marked
        ):
            yield Text(f"{source.path}:{node.lineno}", node.value)


def words(text: str) -> set[str]:
    return {word.casefold() for word in WORD.findall(text)}
