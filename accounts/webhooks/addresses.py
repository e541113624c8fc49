"""Which addresses events may be sent to: public ones, by https and its own port.

An address is checked when it is stored, without a network, and again at each delivery after its name was
resolved: the connection goes to the checked number, so a name that changes in between does not help.
"""

import re
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.webhooks.errors import AddressRefused

LONGEST_URL: Final = 400
VISIBLE: Final = re.compile(r"[!-~]+")
LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# The last label is no number: "2130706433" and "127.1" are other spellings of 127.0.0.1.
HOST_NAME: Final = re.compile(rf"(?:{LABEL}\.)+(?![0-9])[a-z][a-z0-9-]*", re.IGNORECASE)
INSIDE: Final = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
# IPv6 networks that contain an IPv4 address, which may be a private one: NAT64, Teredo, 6to4.
TRANSLATED: Final = [
    ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16")
]
LOOPBACK: Final = "127.0.0.1"
PORTS: Final = {"https": 443, "http": 80}


class NotPublic(OSError):
    """The name leads to an address inside a network."""


def check_url(url: str) -> None:
    """Raise AddressRefused unless events may be sent to this address."""
    if reason := _fault(url):
        raise AddressRefused(fields={"url": [reason]})


def split_url(url: str) -> tuple[SplitResult, str, int]:
    """Return the parts of an address, its host and its port. Raises ValueError."""
    parts = urlsplit(url)
    return parts, parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)


def resolve(url: str) -> list[str]:
    """Return the numbers of an address's host. Raises NotPublic, or OSError for an unknown name."""
    parts, host, port = split_url(url)
    if _is_own_machine(parts.scheme, host):
        return [LOOPBACK]
    if parts.scheme != "https":
        raise NotPublic
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    numbers = list(dict.fromkeys(str(row[4][0]) for row in rows))
    if not numbers or not all(map(is_public, numbers)):
        raise NotPublic
    return numbers


def is_public(number: str) -> bool:
    """True for an IP address that belongs to no private, local or reserved network."""
    address: IPv4Address | IPv6Address = ip_address(number)
    if isinstance(address, IPv6Address):
        if any(address in network for network in TRANSLATED):
            return False
        address = address.ipv4_mapped or address
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _fault(url: str) -> str:
    try:
        parts, host, port = split_url(url)
    except ValueError:
        return _("Format alamat ini salah. Periksa lagi.")
    if len(url) > LONGEST_URL or not VISIBLE.fullmatch(url) or not host:
        return _("Format alamat ini salah. Periksa lagi.")
    if _is_own_machine(parts.scheme, host):
        return ""
    if parts.scheme != "https":
        return _("Alamat harus dimulai dengan https://.")
    if port != PORTS["https"]:
        return _("Alamat harus memakai port 443.")
    if "@" in parts.netloc or "#" in url:
        return _("Alamat tidak boleh memuat nama pengguna, kata sandi, atau tanda #.")
    return "" if _is_public_host(host) else _("Alamat ini bukan alamat publik.")


def _is_public_host(host: str) -> bool:
    try:
        return is_public(host)
    except ValueError:
        is_inside = f".{host.lower()}".endswith(INSIDE)
        return bool(HOST_NAME.fullmatch(host)) and not is_inside


def _is_own_machine(scheme: str, host: str) -> bool:
    """True for the demo's and the tests' receivers, which production refuses."""
    return settings.WEBHOOKS_TO_LOOPBACK and scheme == "http" and host == LOOPBACK
