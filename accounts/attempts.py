"""Limits on wrong passwords and codes of sign-in: by account and network, with known devices and networks counted apart.

Guesses from elsewhere therefore never lock the owner out. A device or network is known to an account for
half a year after a complete sign-in with it; the entries are in the table of the limits, under keyed hashes.
"""

from typing import Final

from allauth.core.internal import ratelimit
from allauth.core.internal.httpkit import get_client_ip
from allauth.core.internal.ratelimit import RateLimitUsage
from django.core.cache import cache
from django.http import HttpRequest

from accounts.devices import device_key

APP: Final = "accounts"
HALF_A_YEAR: Final = 60 * 60 * 24 * 183
RATES: Final = {
    # From one device or network against one account.
    "from_client": "5/300s/key",
    # Against one account, from all devices and networks that it has not used.
    "from_unknown_networks": "50/3600s/key",
    # From one network against all accounts, on devices that the account has not used.
    "from_network": "10/60s/ip",
    # The next one after these is reported to the owner.
    "unreported": "4/3600s/key",
    # Codes of passports with a birth date: against one code, and from one network.
    "followed_code": "10/86400s/key",
    "followed_network": "60/3600s/ip",
}


def begin_attempt(request: HttpRequest, *, login: str) -> RateLimitUsage | None:
    """Count an attempt before the password is checked; None if a limit is reached.

    Roll the count back after a right one. Counting first keeps parallel guesses within the limit.
    """
    login = _normal(login)
    device = device_key(request)
    if _is_known(login, "device", device):
        counted = [("from_client", f"{login}:device:{device}")]
    else:
        network = network_of(request)
        counted = [("from_client", f"{login}:network:{network}"), ("from_network", "")]
        if not _is_known(login, "network", network):
            counted.append(("from_unknown_networks", login))
    return _consume(request, counted)


def is_reportable(request: HttpRequest, *, login: str) -> bool:
    """Count a wrong password; True from the fifth one in an hour that is not from a known device."""
    login = _normal(login)
    is_own = _is_known(login, "device", device_key(request))
    return not is_own and _consume(request, [("unreported", login)]) is None


def is_code_reportable(request: HttpRequest, *, user_id: int) -> bool:
    """Count a wrong second factor after a right password; True from the fifth one in an hour."""
    return _consume(request, [("unreported", f"second-factor:{user_id}")]) is None


def begin_follow(request: HttpRequest, *, code: str) -> RateLimitUsage | None:
    """Count an attempt to open a passport's status by its code; None if a limit is reached.

    Roll the count back after a right birth date. A code that does not exist is counted like any other.
    """
    return _consume(request, [("followed_code", code), ("followed_network", "")])


def is_own_device(request: HttpRequest, *, login: str) -> bool:
    """True if the account has had a complete sign-in on this device."""
    return _is_known(_normal(login), "device", device_key(request))


def remember_client(request: HttpRequest, *, logins: list[str], device: str = "") -> None:
    """Record after a complete sign-in that the account uses this network and, if given, this device."""
    for login in map(_normal, logins):
        cache.set(_known_key(login, "network", network_of(request)), 1, HALF_A_YEAR)
        if device:
            cache.set(_known_key(login, "device", device), 1, HALF_A_YEAR)


def clear_attempts(request: HttpRequest, *, login: str) -> None:
    """Forget the wrong passwords against an account from this network, after a password reset."""
    login = _normal(login)
    keys = {"from_client": f"{login}:network:{network_of(request)}", "from_unknown_networks": login}
    for action, key in keys.items():
        ratelimit.clear(request, app=APP, action=action, config=RATES, key=key)


def network_of(request: HttpRequest) -> str:
    """Return the IPv4 address, or the /64 network of an IPv6 address, that a request comes from."""
    return str(ratelimit.truncate_ip(get_client_ip(request) or ""))


def _consume(request: HttpRequest, counted: list[tuple[str, str]]) -> RateLimitUsage | None:
    total = RateLimitUsage(usage=[])
    for action, key in counted:
        usage = ratelimit.consume(request, app=APP, action=action, config=RATES, key=key)
        if usage is None:
            total.rollback()
            return None
        total.usage += usage.usage
    return total


def _is_known(login: str, kind: str, client: str) -> bool:
    return bool(client) and cache.get(_known_key(login, kind, client)) is not None


def _known_key(login: str, kind: str, client: str) -> str:
    return f"known:{login}:{kind}:{client}"


def _normal(login: str) -> str:
    return login.strip().lower()
