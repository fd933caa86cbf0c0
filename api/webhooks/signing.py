"""What a receiver checks. Pure.

LiveCrew-Delivery    dlv_…  the same with every try of one delivery: drop what was seen before
LiveCrew-Topic       handoff.claimed
LiveCrew-Timestamp   seconds since 1970, of this try: refuse what is older than five minutes
LiveCrew-Signature   v1=HEX[, v1=HEX]  HMAC-SHA256(secret, TIMESTAMP + "." + the body as it came); while a secret is
                     being changed, one with each: any that fits will do
"""

import hmac
from collections.abc import Sequence
from hashlib import sha256

DELIVERY, TOPIC, TIMESTAMP, SIGNATURE = (
    "LiveCrew-Delivery", "LiveCrew-Topic", "LiveCrew-Timestamp", "LiveCrew-Signature",
)  # fmt: skip
TOLERANCE_S = 300


def signature(secret: str, timestamp: int, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, sha256).hexdigest()


def headers(delivery_id: str, topic: str, timestamp: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "User-Agent": "LiveCrew-Webhooks/1",
        DELIVERY: delivery_id,
        TOPIC: topic,
        TIMESTAMP: str(timestamp),
        SIGNATURE: ", ".join(f"v1={signature(secret, timestamp, body)}" for secret in secrets),
    }


def verify(secret: str, given: str, timestamp: int, body: bytes, *, now: int) -> bool:
    """The receiver's side, as the documentation tells it."""
    if abs(now - timestamp) > TOLERANCE_S:
        return False
    wanted = f"v1={signature(secret, timestamp, body)}"
    return any(hmac.compare_digest(wanted, one.strip()) for one in given.split(","))
