"""One real short call with settings a shop is about to choose, along the way every answer takes."""

import time
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field

from agents.llm.breaker import Breaker
from agents.llm.chat import ChatEndpoint, Reply
from agents.llm.dialect import StructuredMode
from agents.llm.ledger import Ledger
from agents.llm.ports import WriteTask
from agents.llm.shop_writer import ShopModel, ShopWriter
from agents.llm.writer import LLMWriter
from agents.settings import AgentSettings
from knowledge.kit.clock import Clock
from prompts.fences import evidence_block
from prompts.library import Rendered

_CLAUSE = "电子普通发票在提交申请后48小时内开具。"
_QUESTION = "电子发票多久开好？"
_LIMITS = {"llm_max_retries": 0, "llm_timeout_s": 20.0, "llm_total_timeout_s": 40.0}


class _Checked(BaseModel):
    answer: str
    citations: list[int] = Field(min_length=1)


@dataclass(frozen=True)
class ModelCheck:
    """`problem` is blank or an outcome word of agents/llm/ledger.py; `answered_as` is the name the endpoint gives
    itself; `cited` tells whether it marked its source when told to."""

    model: str
    ms: int
    problem: str = ""
    answered_as: str = ""
    structure: StructuredMode = "plain"
    answer: str = ""
    cited: bool = False
    output_tokens: int = 0


class _Listening(ChatEndpoint):
    """Keeps what the endpoint said of itself."""

    def __init__(self, settings: AgentSettings) -> None:
        super().__init__(settings)
        self.heard: Reply | None = None

    async def call(self, prompt: Rendered, body: dict[str, Any], timeout_s: float) -> Reply:
        self.heard = await super().call(prompt, body, timeout_s)
        return self.heard


async def check_model(writer: ShopWriter, shop_id: str, chosen: ShopModel, ledger: Ledger, clock: Clock) -> ModelCheck:
    """Raises: InvalidInputError where the settings themselves are at fault. A failed call is a result."""
    await writer.check(chosen)
    settings = AgentSettings.model_validate(writer.settings_for(chosen).model_dump() | _LIMITS)
    endpoint = _Listening(settings)
    caller = LLMWriter(endpoint, settings, ledger, Breaker(1, 1.0, clock))
    task = WriteTask(
        prompt="model_check",
        variables={"question": _QUESTION, "evidence": evidence_block([(1, _CLAUSE)])},
        output=_Checked,
        offline=lambda: _Checked.model_construct(answer="", citations=[]),
        shop_id=shop_id,
        subject_id="model_check",
    )
    started = time.perf_counter()
    try:
        written = await caller.write(task)
    finally:
        await caller.aclose()
    heard = endpoint.heard
    return ModelCheck(
        model=settings.llm_model,
        ms=round((time.perf_counter() - started) * 1000),
        problem=written.degraded,
        answered_as=heard.model if heard else "",
        structure=caller.dialect.mode,
        answer=written.output.answer or (heard.text[:200] if heard else ""),
        cited=bool(written.output.citations) or "[1]" in written.output.answer,
        output_tokens=heard.output_tokens if heard else 0,
    )
