"""The model you control: a function instead of an endpoint."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from agents.llm.budget import variables_for
from agents.llm.ports import OutputT, WriteTask, Written
from prompts.library import Rendered, load


class WriterDownError(Exception):
    """Raised by a script to play a failed model: the task's offline words come instead, `reason` in `degraded`."""

    def __init__(self, reason: str = "server_error") -> None:
        super().__init__(reason)
        self.reason = reason


class ScriptedWriter:
    """Renders each prompt as the real writer does, so a missing or surplus variable fails the test; `tasks` and `sent`
    hold what was asked, in order. Any exception of the script but WriterDownError goes through."""

    def __init__(self, script: Callable[[WriteTask[Any]], BaseModel], *, name: str = "scripted") -> None:
        self._script = script
        self._name = name
        self.tasks: list[WriteTask[Any]] = []
        self.sent: list[Rendered] = []

    async def write(self, task: WriteTask[OutputT]) -> Written[OutputT]:
        prompt = load(task.prompt)
        self.tasks.append(task)
        self.sent.append(prompt.render_parts(variables_for(prompt, task)))
        try:
            output = self._script(task)
        except WriterDownError as down:
            return Written(task.offline(), writer="offline", degraded=down.reason)
        if not isinstance(output, task.output):
            raise TypeError(f"The script wrote {type(output).__name__} where {task.output.__name__} was asked for.")
        return Written(output, writer=self._name)
