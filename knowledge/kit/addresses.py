"""Addresses a shop may name for us to call. Its admin is not the machine's: what answers only to the machine itself
with its own credentials is never called for them."""

import asyncio
import ipaddress
import socket

_METADATA = frozenset(
    map(ipaddress.ip_address, ("100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254"))
)
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def refused(address: Address) -> bool:
    plain = getattr(address, "ipv4_mapped", None) or address
    return bool(
        plain.is_link_local or plain.is_multicast or plain.is_unspecified or plain in _METADATA
        or (plain.is_reserved and not plain.is_loopback)
    )  # fmt: skip


async def looked_up(host: str, port: int) -> list[Address]:
    """Every address a name leads to now; empty for one that is not known."""
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        pass
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
