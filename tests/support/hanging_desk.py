"""A service whose writer never finishes: `python -m tests.support.hanging_desk HOME APP_URL OWNER_URL PORT`."""

import asyncio
import sys
from pathlib import Path

import pytest
import uvicorn

from agents.llm.ports import OutputT, WriteTask, Written
from agents.support.gate import Answerability
from api.app import create_app
from api.settings import ApiSettings
from knowledge.kit.postgres import DatabaseUrls
from tests.support.gates import set_verdict
from tests.support.serving import wired, with_stand_ins


class Hanging:
    async def write(self, task: WriteTask[OutputT]) -> Written[OutputT]:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    async def aclose(self) -> None:
        return None


def main(home: str, app_url: str, owner_url: str, port: str) -> None:
    settings = ApiSettings()
    with pytest.MonkeyPatch.context() as patch:
        with_stand_ins(patch, Hanging())
        set_verdict(patch, Answerability("answer"))
        app = create_app(settings, lambda: wired(Path(home), DatabaseUrls(app_url, owner_url), settings))
        uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="error")


if __name__ == "__main__":
    main(*sys.argv[1:])
