from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from agents.llm.switch import allow_model_calls
from tests.agents.llm.endpoint import FakeEndpoint, Rig


@pytest.fixture
def server() -> Iterator[FakeEndpoint]:
    fake = FakeEndpoint()
    with allow_model_calls():
        yield fake
    fake.close()


@pytest.fixture
async def make_rig(server: FakeEndpoint) -> AsyncIterator[Callable[..., Rig]]:
    made: list[Rig] = []

    def make(**settings: Any) -> Rig:
        made.append(Rig(server, **settings))
        return made[-1]

    yield make
    for rig in made:
        await rig.writer.aclose()
