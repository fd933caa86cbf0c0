"""Which bot was at work when something went to a person: the audit keeps it beside the move."""

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from knowledge.kit.db import Scope


def bot_version() -> str:
    try:
        return version("livecrew")
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "source"


async def made_by(scope: Scope, turn_id: str, writer: str) -> dict[str, Any]:
    """The release, the writer, and every prompt and model the turn called, in order."""
    rows = await scope.all(
        """select prompt, prompt_sha256, model, outcome from model_calls
        where shop_id = :shop_id and subject_id = :turn order by at, id""",
        turn=turn_id,
    )
    calls = [
        {"prompt": row.prompt, "prompt_sha256": row.prompt_sha256, "model": row.model, "outcome": row.outcome}
        for row in rows
    ]
    return {"version": bot_version(), "turn_id": turn_id, "writer": writer, "calls": calls}
