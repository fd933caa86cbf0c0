from urllib.parse import urlsplit

from knowledge.kit.clock import Clock
from knowledge.kit.db import Database
from knowledge.kit.errors import ConfigurationError
from knowledge.orders.oms_http import HttpOms
from knowledge.orders.oms_local import LocalOms
from knowledge.settings import KnowledgeSettings

_SHORTEST_SECRET = 32
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def build_oms(settings: KnowledgeSettings, database: Database, clock: Clock) -> LocalOms | HttpOms:
    """Whoever builds it closes it. Raises: ConfigurationError."""
    if not settings.oms_base_url:
        return LocalOms(database)
    _check_address(settings.oms_base_url)
    secret = settings.oms_secret.get_secret_value()
    if not settings.oms_key_id.isascii() or not settings.oms_key_id.isprintable() or not settings.oms_key_id:
        raise ConfigurationError("LIVECREW_OMS_BASE_URL needs LIVECREW_OMS_KEY_ID beside it, in plain ASCII.")
    if len(secret) < _SHORTEST_SECRET:
        raise ConfigurationError(
            f"LIVECREW_OMS_BASE_URL needs LIVECREW_OMS_SECRET beside it, of {_SHORTEST_SECRET} characters or more."
        )
    return HttpOms(settings.oms_base_url, settings.oms_key_id, secret, clock, timeout_s=settings.oms_timeout_s)


def _check_address(base_url: str) -> None:
    """The signature keeps answers true, not secret; only TLS does, and orders are personal data."""
    try:
        parts = urlsplit(base_url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        host = None
    if not host or parts.query or parts.fragment or parts.username is not None:
        raise ConfigurationError("LIVECREW_OMS_BASE_URL is not a URL like https://shop.example/livecrew.")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise ConfigurationError("LIVECREW_OMS_BASE_URL must be https unless it is on this machine.")
