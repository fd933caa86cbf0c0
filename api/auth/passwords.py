"""Password hashes: argon2id through pwdlib, off the event loop, a few at a time because each takes 64 MB."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from pwdlib import PasswordHash

from knowledge.kit.errors import InvalidInputError

LEAST, MOST = 10, 256
_AT_ONCE = 4
_hasher = PasswordHash.recommended()
_threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="password")


@cache
def _decoy() -> str:
    return _hasher.hash(secrets.token_urlsafe(16))


async def hashed(password: str) -> str:
    """Raises: InvalidInputError naming the rule."""
    if not LEAST <= len(password) <= MOST or not password.strip():
        raise InvalidInputError(
            f"A password has {LEAST} to {MOST} characters.", field="password", rule=f"{LEAST} to {MOST} characters"
        )
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def matches(password: str, password_hash: str | None) -> bool:
    """Takes as long for a login nobody has (`password_hash` None) as for a wrong password."""
    compared = asyncio.get_running_loop().run_in_executor(_threads, _verified, password[: MOST + 1], password_hash)
    right = await compared
    return right and password_hash is not None


def _verified(password: str, password_hash: str | None) -> bool:
    return _hasher.verify(password, password_hash or _decoy())


def random_password() -> str:
    return secrets.token_urlsafe(12)
