"""How LiveCrew and the shop's own order system prove themselves to each other.

Both sides hold one secret and put the hex HMAC-SHA256 of these lines, joined by `\\n`, in `X-LiveCrew-Signature`:

    question: `livecrew-oms-1 question`, timestamp, nonce, method, path as sent, body
    answer:   `livecrew-oms-1 answer`, timestamp, nonce of the question, status, body

`X-LiveCrew-Timestamp` is Unix seconds, of whoever signs; neither side takes one further off than `SKEW_S`.
`X-LiveCrew-Nonce` comes with the question and is used once: since the answer is signed over it, no other answer can
stand in, however genuine. `X-LiveCrew-Key` names the secret, so that it can be changed without a gap.
"""

import hmac

TIMESTAMP = "X-LiveCrew-Timestamp"
NONCE = "X-LiveCrew-Nonce"
KEY = "X-LiveCrew-Key"
SIGNATURE = "X-LiveCrew-Signature"
SKEW_S = 300


def question_signature(secret: str, *, timestamp: str, nonce: str, method: str, path: str, body: bytes) -> str:
    return _sign(secret, ["livecrew-oms-1 question", timestamp, nonce, method, path], body)


def answer_signature(secret: str, *, timestamp: str, nonce: str, status: int, body: bytes) -> str:
    return _sign(secret, ["livecrew-oms-1 answer", timestamp, nonce, str(status)], body)


def is_fresh(timestamp: str, now_s: float) -> bool:
    digits = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12
    return digits and abs(int(timestamp) - now_s) <= SKEW_S


def same(one: str, other: str) -> bool:
    """In a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def _sign(secret: str, lines: list[str], body: bytes) -> str:
    return hmac.digest(secret.encode(), "\n".join([*lines, ""]).encode() + body, "sha256").hex()
