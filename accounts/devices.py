"""Recognises a browser by a random number in a signed cookie, and a network by its address; both as keyed hashes."""

import ipaddress
import secrets
from typing import Final

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from accounts.loopback import is_spared
from core.crypto import keyed_hash

COOKIE: Final = "device"
SALT: Final = "booking.device"
TWO_YEARS: Final = 60 * 60 * 24 * 730


def device_key(request: HttpRequest) -> str:
    """Return the keyed hash of the browser's number, or an empty string without a valid cookie."""
    number = _number_of(request)
    return keyed_hash("device", number) if number else ""


def network_key(request: HttpRequest) -> str:
    """Return the keyed hash of the client's network: an IPv4 address, or the /64 of an IPv6 address.

    Empty for a wrong address and for the demo's own machine. For broker signals and message budgets, never to refuse a
    booking: many people share a network.
    """
    try:
        address = ipaddress.ip_address(DefaultAccountAdapter().get_client_ip(request))
    except (ValueError, PermissionDenied):
        return ""
    if is_spared(str(address)):
        return ""
    network = ipaddress.ip_network((address, 64 if address.version == 6 else 32), strict=False)
    return keyed_hash("network", str(network))


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
