"""The one small port behind which words are made: an offline writer, an LLM writer, a scripted one for tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

OutputT = TypeVar("OutputT", bound=BaseModel)


@dataclass(frozen=True)
class WriteTask(Generic[OutputT]):
    """What is to be written. `prompt` names a file in prompts/; `variables` fill it; `output` is the schema the words
    must fit; `offline` composes the same output from facts alone and is what every failure falls back to."""

    prompt: str
    variables: Mapping[str, str]
    output: type[OutputT]
    offline: Callable[[], OutputT]
    shop_id: str = ""
    subject_id: str = ""  # what the ledger row belongs to: a turn, a line, a draft
    findings: tuple[str, ...] = field(default=())  # why the previous draft was rejected


@dataclass(frozen=True)
class Written(Generic[OutputT]):
    """`writer` is `offline` or the model's name; `degraded` says why a model was not used although one is set."""

    output: OutputT
    writer: str
    degraded: str = ""


class Writer(Protocol):
    async def write(self, task: WriteTask[OutputT]) -> Written[OutputT]:
        """Never raises for a weak or absent model: falls back to `task.offline()` and says so in `degraded`."""
        ...


class OfflineWriter:
    """No key, no network: the task's own composition."""

    async def write(self, task: WriteTask[OutputT]) -> Written[OutputT]:
        return Written(task.offline(), writer="offline")
