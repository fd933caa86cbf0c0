from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from tests.api.browsing import chromium
from tests.api.console.desk_kit import People
from tests.api.console.running import Running


@pytest.fixture(scope="package", autouse=True)
def _cheap_hashes() -> Iterator[None]:
    """Argon2 with the least it takes: what is tested is when a hash is compared, not how hard it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("api.auth.passwords._hasher", PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64),)))
        yield


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture
def people(browser: Browser, server: Running) -> Iterator[People]:
    """At the desk of the module's `server`; at the end no page may have failed."""
    made = People(browser, server)
    yield made
    made.close()
    assert not made.faults
