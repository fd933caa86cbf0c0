"""How a delivery proves that it is Chatwoot's: `X-Chatwoot-Signature: sha256=<hex>`, the HMAC-SHA256 with the bot's
secret over `X-Chatwoot-Timestamp`, a dot and the body as it came. Each attempt has a timestamp of its own."""

import hmac
from enum import StrEnum

SIGNATURE = "X-Chatwoot-Signature"
TIMESTAMP = "X-Chatwoot-Timestamp"
DELIVERY = "X-Chatwoot-Delivery"
SKEW_S = 300
_SCHEME = "sha256="


class Verdict(StrEnum):
    GOOD = "good"
    ABSENT = "absent"
    BAD = "bad"
    STALE = "stale"


def judge(secret: str, given: str, timestamp: str, body: bytes, now_s: float) -> Verdict:
    """`given` and `timestamp` are the headers, empty where there was none. Without a secret nothing can be judged: that
    is as good as no signature, never as good as a good one."""
    if not given or not secret:
        return Verdict.ABSENT
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return Verdict.BAD
    if not hmac.compare_digest(given.encode(), signed(secret, timestamp, body).encode()):
        return Verdict.BAD
    return Verdict.GOOD if abs(int(timestamp) - now_s) <= SKEW_S else Verdict.STALE


def signed(secret: str, timestamp: str, body: bytes) -> str:
    return _SCHEME + hmac.digest(secret.encode(), timestamp.encode() + b"." + body, "sha256").hex()
