from collections.abc import Iterator

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher


@pytest.fixture(scope="package", autouse=True)
def _cheap_hashes() -> Iterator[None]:
    """Argon2 with the least it takes: what is tested is when a hash is compared, not how hard it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("api.auth.passwords._hasher", PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64),)))
        yield
