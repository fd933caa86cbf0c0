"""What stands before every byte of the console: same origin, and a cookie we signed."""

from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Scope, Send

COOKIE = "livecrew_console"
PATH = "/console"
_SAFE = frozenset({"GET", "HEAD"})
# Vue compiles templates in the browser, hence eval; everything else comes from this server or not at all.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def same_origin(scope: Scope) -> bool:
    """A socket always tells its origin, so does a form; a plain read may come without one."""
    origin, host = _header(scope, b"origin"), _header(scope, b"host")
    if origin:
        return urlsplit(origin).netloc == host
    if scope["type"] == "websocket":
        return False
    return scope["method"] in _SAFE or _header(scope, b"sec-fetch-site") == "same-origin"


def cookie_of(scope: Scope) -> str:
    try:
        found = SimpleCookie(_header(scope, b"cookie")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def guarded(send: Send) -> Send:
    """Adds the headers that keep a page from loading, framing or leaking anything foreign."""

    async def watched(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            # Its socket server would let any origin read; nothing here is for another origin.
            del headers["Access-Control-Allow-Origin"], headers["Access-Control-Allow-Credentials"]
        await send(message)

    return watched
