"""Which browser asks: a random number in a signed cookie, read from nothing else about the machine."""

import secrets
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core.crypto import keyed_hash

COOKIE: Final = "device"
SALT: Final = "booking.device"
TWO_YEARS: Final = 60 * 60 * 24 * 730


def device_key(request: HttpRequest) -> str:
    """Return the keyed hash by which a browser is known, or nothing for one without our cookie."""
    number = request.get_signed_cookie(COOKIE, default="", salt=SALT)
    return keyed_hash("device", number) if number else ""


def remember_device(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Give a browser its number, once; a forged one is replaced."""
    if not request.get_signed_cookie(COOKIE, default="", salt=SALT):
        answer.set_signed_cookie(
            COOKIE,
            secrets.token_hex(16),
            salt=SALT,
            max_age=TWO_YEARS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return answer
