"""English is complete, and library texts are Indonesian on Indonesian pages."""

import re
from collections import Counter
from pathlib import Path

import django
import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract
from django.utils import translation

from core.management.commands.compile_messages import compile_catalogue
from devtools import catalogues

pytestmark = pytest.mark.xdist_group("catalogue")  # one process reads the texts

SAME_IN_BOTH = {
    "%(name)s: %(month_name)s",
    "%(group)s: %(reason)s",
    "model",
    "webhook",
    "API",
    "Drive-thru",
    "Preset",
    "Status",
    "supervisor",
    "%(product)s, %(fee)s",
    "Antrean Paspor",
    "Data",
    "No.",
    "Bahasa Indonesia",
    "English",
    "Booking",
    "NIK",
    "Umrah",
    "SMS",
    "WhatsApp",
    "booking",
    "e-mail",
    "online",
    "rupiah",
    "status",
}
PACKAGES = Path(django.__file__).parents[1]
OTHERS = [
    PACKAGES / name
    for name in (
        "allauth/account",
        "allauth/mfa",
        "allauth/usersessions",
        "rest_framework/exceptions.py",
        "rest_framework/fields.py",
        "rest_framework/serializers.py",
        "rest_framework/validators.py",
        "rest_framework/relations.py",
        "rest_framework/pagination.py",
        "rest_framework/authentication.py",
        "knox",
        "django/forms/fields.py",
        "django/forms/models.py",
        "django/core/validators.py",
        "django/contrib/auth/password_validation.py",
        "django/contrib/admin",
    )
]
# The same in Indonesian, or never shown.
NAMES_OF_OTHERS = {
    "MFA",
    "WebAuthn",
    "URL",
    "IPv4",
    "IPv6",
    "%(class_name)s %(instance)s",
    "None",
    "addedname",
    "changedname",
    "deletedname",  # How Babel reads gettext(row["added"]["name"])
}
UNWANTED = re.compile(r"!|\b(kamu|maaf|submit|sorry|oops|please|silahkan)\b", re.IGNORECASE)
PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?[sdif]|\{(\w*)\}|%%")


@pytest.fixture(scope="module")
def english() -> list[Message]:
    return [message for message in catalogues.read_catalogue("en") if message.id]


@pytest.fixture(scope="module")
def marked() -> list[catalogues.MarkedText]:
    return catalogues.marked_texts()


@pytest.fixture(scope="module")
def updated(marked: list[catalogues.MarkedText]) -> str:
    return catalogues.updated_text("en", marked)


def strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def ids(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def test_the_catalogue_matches_the_sources(updated: str) -> None:
    """If this fails: run `make messages`, then write the English of what it lists."""
    assert catalogues.catalogue_path("en").read_text() == updated


def test_every_text_has_an_english_translation(english: list[Message]) -> None:
    missing = [message.id for message in english if message.fuzzy or not all(strings(message))]
    assert not missing, "\n".join(map(str, missing))


def placeholders(text: str) -> Counter[str]:
    return Counter(match.group() for match in PLACEHOLDER.finditer(text))


def test_a_text_and_its_translation_have_the_same_placeholders(english: list[Message]) -> None:
    wrong = []
    for message in english:
        # The Indonesian plural form contains all placeholders; the English singular may leave the number out.
        given = placeholders(ids(message)[-1])
        first, *others = map(placeholders, reversed(strings(message)))
        if first != given or any(other - given for other in others):
            wrong.append(f"{message.id} -> {message.string}")
    assert not wrong, "\n".join(wrong)


def test_no_translation_repeats_the_indonesian(english: list[Message]) -> None:
    """Apart from names and words of both languages, an unchanged text is untranslated."""
    same = {message.id for message in english if message.string == message.id}
    assert same <= SAME_IN_BOTH, same - SAME_IN_BOTH


def test_texts_avoid_capitals_and_submit(english: list[Message]) -> None:
    """The style of texts: no exclamation marks, no *kamu*, no empty apologies."""
    wrong = [
        text
        for message in english
        for text in [*ids(message), *strings(message)]
        if "LAPOR!" not in text and UNWANTED.search(text)
    ]
    assert not wrong, "\n".join(wrong)


def _marked_by_others() -> set[tuple[str, str | None]]:
    """Return the texts of allauth, REST framework and Django's forms on our pages."""
    marked = set()
    for path in OTHERS:
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            if {"tests", "migrations"} & set(file.parts):
                continue
            with file.open("rb") as source:
                for _line, message, _comments, context in extract(
                    "python", source, keywords=catalogues.KEYWORDS
                ):
                    marked.add((message if isinstance(message, str) else message[0], context))
    return {(text, context) for text, context in marked if text}


def _translated(text: str, context: str | None) -> str:
    return translation.pgettext(context, text) if context else translation.gettext(text)


def test_library_texts_are_indonesian_on_indonesian_pages() -> None:
    """Their own catalogues contain most of them; locale/id/ the rest."""
    with translation.override("id"):
        english = {
            text for text, context in _marked_by_others() if _translated(text, context) == text
        }
    assert english <= NAMES_OF_OTHERS, english - NAMES_OF_OTHERS


def test_english_pages_do_not_fall_back_to_indonesian(english: list[Message]) -> None:
    """Pages read the compiled catalogue."""
    with translation.override("en"):
        for message in english:
            if isinstance(message.id, str) and not message.context:
                assert translation.gettext(message.id) == message.string


def test_plural_forms_follow_the_number() -> None:
    one, many = "%(n)d menit", "%(n)d menit"
    with translation.override("en"):
        assert [translation.ngettext(one, many, n) % {"n": n} for n in (0, 1, 2)] == [
            "0 minutes",
            "1 minute",
            "2 minutes",
        ]
    with translation.override("id"):
        assert translation.ngettext(one, many, 2) % {"n": 2} == "2 menit"


def test_writing_the_catalogue_twice_changes_nothing(tmp_path: Path) -> None:
    for language in ("en", "id"):
        catalogue = catalogues.read_catalogue(language)
        text = catalogues.as_text(catalogue, language)
        assert text == catalogues.catalogue_path(language).read_text()
        copy = tmp_path / language / "LC_MESSAGES" / "django.po"
        copy.parent.mkdir(parents=True)
        copy.write_text(text)
        assert compile_catalogue(copy)


def test_a_changed_text_loses_only_its_own_translation(
    marked: list[catalogues.MarkedText], updated: str
) -> None:
    gone, *others = marked
    changed = catalogues.MarkedText(gone.path, "Kalimat yang baru saja ditulis", None)
    after = catalogues.updated_text("en", [changed, *others])
    added = set(after.splitlines()) - set(updated.splitlines())
    assert added == {'msgid "Kalimat yang baru saja ditulis"'}
