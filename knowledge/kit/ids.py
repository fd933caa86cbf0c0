"""Ids are prefixed, time-sortable text: `hnd_01J…`; ids made later sort later within a millisecond's resolution."""

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32: sorts as it counts


def _encode(value: int, length: int) -> str:
    digits = []
    for _ in range(length):
        value, index = divmod(value, 32)
        digits.append(_ALPHABET[index])
    return "".join(reversed(digits))


def new_id(prefix: str) -> str:
    """`prefix` is 3 lower-case letters; the result is 30 characters, 80 of its bits random."""
    return f"{prefix}_{_encode(time.time_ns() // 1_000_000, 10)}{_encode(secrets.randbits(80), 16)}"
