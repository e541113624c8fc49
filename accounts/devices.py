"""Recognises a browser by a random number in a signed cookie, and by nothing else."""

import secrets
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core.crypto import keyed_hash

COOKIE: Final = "device"
SALT: Final = "booking.device"
TWO_YEARS: Final = 60 * 60 * 24 * 730


def device_key(request: HttpRequest) -> str:
    """Return the keyed hash of the browser's number, or an empty string without a valid cookie."""
    number = _number_of(request)
    return keyed_hash("device", number) if number else ""


def remember_device(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Set the cookie if it is missing or forged."""
    set_device(request, answer)
    return answer


def set_device(request: HttpRequest, answer: HttpResponse) -> str:
    """Set the cookie if it is missing or forged, and return the keyed hash of the browser's number."""
    number = _number_of(request)
    if not number:
        number = secrets.token_hex(16)
        answer.set_signed_cookie(
            COOKIE,
            number,
            salt=SALT,
            max_age=TWO_YEARS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return keyed_hash("device", number)


def _number_of(request: HttpRequest) -> str:
    number = request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=TWO_YEARS)
    return str(number or "")
