"""Where a shop may point its model at. Its admin is not the machine's: addresses that answer only to the machine itself
with its own credentials are refused, the loopback of a local model server is not."""

from urllib.parse import urlsplit

from knowledge.kit.addresses import looked_up, refused
from knowledge.kit.errors import InvalidInputError

_METADATA_NAMES = ("metadata.google.internal", "metadata.goog", "metadata")


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
    for found in await looked_up(host, port or 443):
        if refused(found):
            raise _error("This address belongs to the machine's own network services.", "no link-local or metadata")


def _error(detail: str, rule: str) -> InvalidInputError:
    return InvalidInputError(detail, field="base_url", rule=rule)
