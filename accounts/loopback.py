"""The demo's own machine, to which limits by address do not apply."""

import ipaddress

from django.conf import settings


def is_spared(address: str) -> bool:
    """True if limits by address do not apply to this address (the demo's own machine)."""
    if settings.RATE_LIMIT_LOOPBACK:
        return False
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
