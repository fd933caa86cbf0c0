"""Where a shop may point its model at. Its admin is not the machine's: addresses that answer only to the machine itself
with its own credentials are refused, the loopback of a local model server is not."""

import asyncio
import ipaddress
import socket
from urllib.parse import urlsplit

from knowledge.kit.errors import InvalidInputError

_METADATA = frozenset(
    map(ipaddress.ip_address, ("100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254"))
)
_METADATA_NAMES = ("metadata.google.internal", "metadata.goog", "metadata")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def refused(address: Address) -> bool:
    plain = getattr(address, "ipv4_mapped", None) or address
    return bool(
        plain.is_link_local or plain.is_multicast or plain.is_unspecified or plain in _METADATA
        or (plain.is_reserved and not plain.is_loopback)
    )  # fmt: skip


async def check_base_url(url: str) -> None:
    """Looks a name up, so call it again before use. Raises: InvalidInputError naming the rule."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _error("This is no address.", "http(s)://host/…") from error
    if parts.scheme not in ("http", "https") or not host:
        raise _error("The address starts with http:// or https://.", "http or https")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise _error("The address holds neither a login nor a query.", "no login, query or fragment")
    if host.rstrip(".").lower() in _METADATA_NAMES:
        raise _error("This address belongs to the machine's own cloud services.", "no metadata service")
    for found in await _addresses(host, port or 443):
        if refused(found):
            raise _error("This address belongs to the machine's own network services.", "no link-local or metadata")


async def _addresses(host: str, port: int) -> list[Address]:
    """Empty for a name that is not known: the call will say so in its own words."""
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        pass
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]


def _error(detail: str, rule: str) -> InvalidInputError:
    return InvalidInputError(detail, field="base_url", rule=rule)
