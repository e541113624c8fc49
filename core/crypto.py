"""Personal data at rest: encrypted text, and keyed hashes for lookups by equality."""

import hashlib
import hmac
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(text: str) -> str:
    """Encrypt with the newest of `settings.FIELD_KEYS`."""
    return _fernet(tuple(settings.FIELD_KEYS)).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Decrypt with the fitting key of `settings.FIELD_KEYS`. Raises ValueError if there is none."""
    try:
        return _fernet(tuple(settings.FIELD_KEYS)).decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise ValueError("none of FIELD_KEYS decrypts this value") from error


def encrypt_bytes(data: bytes) -> str:
    """Encrypt a file with the newest of `settings.FIELD_KEYS`."""
    return _fernet(tuple(settings.FIELD_KEYS)).encrypt(data).decode()


def decrypt_bytes(token: str) -> bytes:
    """Decrypt a file. Raises ValueError if none of `settings.FIELD_KEYS` fits."""
    try:
        return _fernet(tuple(settings.FIELD_KEYS)).decrypt(token.encode())
    except InvalidToken as error:
        raise ValueError("none of FIELD_KEYS decrypts this value") from error


def rotate(token: str) -> str:
    """Encrypt the same text again with the newest key. Raises ValueError if no key fits."""
    try:
        return _fernet(tuple(settings.FIELD_KEYS)).rotate(token.encode()).decode()
    except InvalidToken as error:
        raise ValueError("none of FIELD_KEYS decrypts this value") from error


def keyed_hash(*parts: str, key: str = "") -> str:
    """Return 64 hex digits, equal for equal parts, by their own key (PERSON_KEY unless given)."""
    text = "\x1f".join(part.strip().upper() for part in parts)
    return hmac.new(
        (key or settings.PERSON_KEY).encode(), text.encode(), hashlib.sha256
    ).hexdigest()


class EncryptedTextField(models.TextField):
    """Text that is encrypted in the table. It cannot be searched; use a keyed hash for that.

    `rows_at_once` is how many rows the command that changes the key reads at a time.
    """

    rows_at_once = 500

    def get_prep_value(self, value: Any) -> Any:
        return value if value in (None, "") else encrypt(str(value))

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Any:
        return value if value in (None, "") else decrypt(value)


class EncryptedBytesField(EncryptedTextField):
    """A file of a few megabytes, encrypted in the table. An empty value is an erased file."""

    rows_at_once = 10

    def get_prep_value(self, value: Any) -> Any:
        return "" if not value else encrypt_bytes(bytes(value))

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Any:
        return decrypt_bytes(value) if value else b""


def seal(text: str) -> str:
    """Return the SHA-256 that is published before the text itself, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
