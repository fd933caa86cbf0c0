"""What holds for the whole run: no model is called, and no LIVECREW_ variable of the developer's shell is read."""

import os
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from agents.llm.switch import forbid_model_calls

pytest_plugins = (
    ["tests.support.fixtures"] if find_spec("tests.support") and find_spec("tests.support.fixtures") else []
)


def pytest_configure() -> None:
    forbid_model_calls()


@pytest.fixture(autouse=True, scope="session")
def _default_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every LIVECREW_ variable is away, so defaults are what is tested, and `home` is a folder of this run."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.upper().startswith("LIVECREW_")]:
            patch.delenv(name)
        patch.setenv("LIVECREW_HOME", str(tmp_path_factory.mktemp("home")))
        yield
