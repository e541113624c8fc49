"""Texts stored in several languages: `name` in the source language, `name_en` in English."""

import re
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils.translation import get_language, get_language_info

# Languages whose speakers read Indonesian rather than English: Malay, Sundanese, Javanese; and older codes, which
# old phones still send: "in" for Indonesian, "jw" for Javanese. `deploy/nginx.conf` has the same list.
READ_AS_INDONESIAN: Final = re.compile(r"(^|,\s*)(?:ms|su|jv|in|jw)\b", re.IGNORECASE)


class LanguageMiddleware(LocaleMiddleware):
    """Choose the language of a request; browsers that prefer a related language get Indonesian."""

    def process_request(self, request: HttpRequest) -> None:
        """Read related languages in the browser's list as Indonesian, then choose as Django does."""
        wanted = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
        if wanted:
            request.META["HTTP_ACCEPT_LANGUAGE"] = READ_AS_INDONESIAN.sub(r"\1id", wanted)
        super().process_request(request)


def known_language(code: str | None) -> str:
    """Return the code if it is in `settings.LANGUAGES`, else that of the source language."""
    short = (code or "")[:2]
    return short if short in dict(settings.LANGUAGES) else str(settings.LANGUAGE_CODE)


def language_choices() -> list[tuple[str, Any]]:
    """Return the languages as choices of a model field."""
    return list(settings.LANGUAGES)


def languages() -> list[tuple[str, str]]:
    """Return (code, name in that language) of each language."""
    return [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES]


def other_languages() -> list[tuple[str, str]]:
    """Return (code, name in that language) of each language except the reader's."""
    return [(code, name) for code, name in languages() if code != reader_language()]


def reader_language() -> str:
    """Return the language of the current request or message."""
    return known_language(get_language())


def localized(row: Any, field: str = "name", *, language: str | None = None) -> str:
    """Return a row's or mapping's text in a language (by default the reader's).

    Falls back to the source language where there is no text.
    """
    code = known_language(language or get_language())
    return _text(row, f"{field}_{code}") or _text(row, field)


def _text(row: Any, key: str) -> str:
    value = row.get(key) if isinstance(row, Mapping) else getattr(row, key, None)
    return str(value or "")
