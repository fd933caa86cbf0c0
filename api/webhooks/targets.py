"""Where a shop may have its webhooks sent. Its admin is not the machine's: nothing inside the machine's own network is
reached for them. A name is looked up at every try, and the connection goes to the very address that was judged."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from knowledge.kit.addresses import Address, looked_up, refused
from knowledge.kit.errors import InvalidInputError

MOST_URL = 2000
_NAT64 = ipaddress.IPv6Network("64:ff9b::/32")


class RefusedTargetError(Exception):
    """The address is not to be reached; the text is a word for the delivery's record."""


@dataclass(frozen=True)
class Target:
    """`address` is where to connect, `host` whom to ask for and whose certificate to expect."""

    scheme: str
    host: str
    port: int
    path: str
    address: str

    @property
    def url(self) -> str:
        bracketed = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.scheme}://{bracketed}:{self.port}{self.path}"

    @property
    def authority(self) -> str:
        plain = self.port == (443 if self.scheme == "https" else 80)
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if plain else f"{host}:{self.port}"


@dataclass(frozen=True)
class Targets:
    """`private`: also private addresses, and plain http."""

    private: bool = False

    def checked(self, url: str) -> str:
        """What can be told without looking a name up. Raises: InvalidInputError naming the rule."""
        scheme, host, _port, _path = _parts(url)
        if scheme != "https" and not (scheme == "http" and self.private):
            raise _error("A webhook's address starts with https://.", "https")
        try:
            literal = ipaddress.ip_address(host)
        except ValueError:
            literal = None
        if literal is not None and not self._admits(literal):
            raise _error("This address is not one of the public internet.", "a public address")
        return url

    async def admitted(self, url: str) -> None:
        """As `checked`, and by where the name leads now; one that leads nowhere yet may still be set up.

        Raises: InvalidInputError naming the rule.
        """
        _scheme, host, port, _path = _parts(self.checked(url))
        if not all(self._admits(one) for one in await looked_up(host, port)):
            raise _error("This address is not one of the public internet.", "a public address")

    async def resolved(self, url: str) -> Target:
        """Raises: RefusedTargetError when the name is unknown, or any of its addresses is not to be reached."""
        try:
            self.checked(url)
        except InvalidInputError as error:
            raise RefusedTargetError("address_refused") from error
        scheme, host, port, path = _parts(url)
        found = await looked_up(host, port)
        if not found:
            raise RefusedTargetError("name_unknown")
        if not all(self._admits(one) for one in found):
            raise RefusedTargetError("address_refused")
        return Target(scheme, host, port, path, str(found[0]))

    def _admits(self, address: Address) -> bool:
        plain = getattr(address, "ipv4_mapped", None) or address
        if refused(plain):
            return False
        return bool(self.private or (plain.is_global and not _leads_to_ipv4(plain)))


def _leads_to_ipv4(address: Address) -> bool:
    """IPv6 that a gateway turns into an IPv4 address of its choice: NAT64, 6to4, Teredo."""
    if isinstance(address, ipaddress.IPv4Address):
        return False
    return address in _NAT64 or address.sixtofour is not None or address.teredo is not None


def _parts(url: str) -> tuple[str, str, int, str]:
    if len(url) > MOST_URL or not url.isascii() or any(char <= " " for char in url):
        raise _error("This is no address.", f"https://host/…, at most {MOST_URL} characters")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _error("This is no address.", "https://host/…") from error
    if parts.scheme not in ("http", "https") or not host:
        raise _error("A webhook's address starts with https://.", "https")
    if parts.username or parts.password or parts.fragment:
        raise _error("The address holds neither a login nor a fragment.", "no login or fragment")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path


def _error(detail: str, rule: str) -> InvalidInputError:
    return InvalidInputError(detail, field="url", rule=rule)
