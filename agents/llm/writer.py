"""The LLM writer: render, call, read into the schema; whatever goes wrong, the task's own offline words."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from agents.llm.breaker import Breaker
from agents.llm.budget import render_within, variables_for
from agents.llm.chat import CallFailedError, ChatEndpoint, Reply
from agents.llm.dialect import Dialect, close
from agents.llm.ledger import OUTAGES, Ledger, LedgerRow, Outcome, cost_fen
from agents.llm.parse import UnusableReplyError, parse_output, parse_text
from agents.llm.ports import OutputT, WriteTask, Written
from agents.llm.switch import ModelCallForbiddenError, ensure_model_calls_allowed
from agents.settings import AgentSettings
from knowledge.kit.errors import LiveCrewError
from knowledge.kit.tokens import count_tokens
from prompts.library import Prompt, Rendered, load

Sleep = Callable[[float], Awaitable[None]]

_RETRIED = frozenset({Outcome.TIMEOUT, Outcome.RATE_LIMITED, Outcome.SERVER_ERROR, Outcome.CONNECTION})
_MAX_WAIT_S = 8.0
_MAX_LESSONS = 5  # 400s in one piece of writing from which the dialect is learnt
_logger = logging.getLogger(__name__)


class _StopError(Exception):
    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


class LLMWriter:
    """One for the process: it remembers what its endpoint understands and whether it is well."""

    def __init__(
        self,
        endpoint: ChatEndpoint,
        settings: AgentSettings,
        ledger: Ledger,
        breaker: Breaker,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._endpoint = endpoint
        self._settings = settings
        self._ledger = ledger
        self._sleep = sleep
        self.breaker = breaker
        self.dialect = Dialect(token_field="max_completion_tokens" if endpoint.is_openai else "max_tokens")

    async def write(self, task: WriteTask[OutputT]) -> Written[OutputT]:
        """Raises only what `task.offline` raises, and ModelCallForbiddenError in tests."""
        ensure_model_calls_allowed()
        try:
            output = await self._write(task)
        except _StopError as stop:
            return Written(task.offline(), writer="offline", degraded=stop.outcome.value)
        except ModelCallForbiddenError:
            raise
        except Exception:
            _logger.exception("writer failed on prompt %s", task.prompt)
            return Written(task.offline(), writer="offline", degraded=Outcome.INTERNAL.value)
        return Written(output, writer=self._endpoint.model)

    async def aclose(self) -> None:
        await self._endpoint.aclose()

    async def _write(self, task: WriteTask[OutputT]) -> OutputT:
        try:
            prompt = load(task.prompt)
            variables = variables_for(prompt, task)
            rendered = render_within(prompt, variables, self._settings.llm_max_input_tokens, self._endpoint.model)
        except LiveCrewError as error:
            _logger.exception("prompt %s cannot be rendered", task.prompt)
            raise _StopError(Outcome.BAD_PROMPT) from error
        if rendered is None:
            raise _StopError(Outcome.OVER_BUDGET)
        if not self.breaker.allow():
            raise _StopError(Outcome.BREAKER_OPEN)
        try:
            output = await self._converse(task, prompt, rendered)
        except _StopError as stop:
            if stop.outcome in OUTAGES:
                self.breaker.failed()
            else:
                self.breaker.succeeded()
            raise
        except BaseException:
            self.breaker.abandoned()
            raise
        self.breaker.succeeded()
        return output

    async def _converse(self, task: WriteTask[OutputT], prompt: Prompt, rendered: Rendered) -> OutputT:
        """Attempts until words that fit: back-off for a sick endpoint, another dialect for one that says 400."""
        deadline = time.monotonic() + self._settings.llm_total_timeout_s
        schema = close(task.output.model_json_schema()) if prompt.output == "json" else None
        dialect, retries, lessons = self.dialect, 0, 0
        while True:
            body = dialect.body(
                schema,
                name=prompt.name,
                max_tokens=self._settings.llm_max_output_tokens,
                temperature=self._settings.llm_temperature,
            )
            timeout_s = min(self._settings.llm_timeout_s, deadline - time.monotonic())
            try:
                output = await self._attempt(task, prompt, rendered, body, timeout_s)
            except CallFailedError as failure:
                learnt = self._learn(dialect, failure, structured=schema is not None)
                if learnt is not None and lessons < _MAX_LESSONS:
                    dialect, lessons = learnt, lessons + 1
                    continue
                wait_s = self._wait_s(failure, retries)
                if wait_s is None or time.monotonic() + wait_s >= deadline:
                    raise _StopError(failure.outcome) from failure
                retries += 1
                await self._sleep(wait_s)
            except UnusableReplyError as unusable:
                self._remember(dialect)
                raise _StopError(unusable.outcome) from unusable
            else:
                self._remember(dialect)
                return output

    def _learn(self, dialect: Dialect, failure: CallFailedError, *, structured: bool) -> Dialect | None:
        if failure.outcome is not Outcome.REJECTED:
            return None
        return dialect.after_rejection(failure.message, structured=structured)

    def _remember(self, dialect: Dialect) -> None:
        """Only what was answered counts: a request refused in every dialect was itself at fault."""
        if dialect != self.dialect:
            _logger.info("chat endpoint dialect: %s", dialect)
            self.dialect = dialect

    def _wait_s(self, failure: CallFailedError, retries: int) -> float | None:
        if failure.outcome not in _RETRIED or retries >= self._settings.llm_max_retries:
            return None
        if failure.retry_after_s is not None:
            return failure.retry_after_s if failure.retry_after_s <= _MAX_WAIT_S else None
        return min(_MAX_WAIT_S, 0.5 * 2.0**retries) * random.uniform(0.75, 1.25)

    async def _attempt(
        self,
        task: WriteTask[OutputT],
        prompt: Prompt,
        rendered: Rendered,
        body: dict[str, Any],
        timeout_s: float,
    ) -> OutputT:
        started = time.perf_counter()
        reply, outcome = Reply("", 0, 0), Outcome.INTERNAL
        try:
            reply = await self._endpoint.call(rendered, body, timeout_s)
            if reply.refused:
                raise UnusableReplyError(Outcome.REFUSED)
            if reply.truncated:
                raise UnusableReplyError(Outcome.TRUNCATED)
            read = parse_output if prompt.output == "json" else parse_text
            output = read(reply.text, task.output)
            outcome = Outcome.OK
            return output
        except asyncio.CancelledError:
            outcome = Outcome.CANCELLED
            raise
        except (CallFailedError, UnusableReplyError) as error:
            outcome = error.outcome
            raise
        finally:
            ms = round((time.perf_counter() - started) * 1_000)
            await self._record(task, prompt, rendered, reply, outcome, ms)

    async def _record(
        self,
        task: WriteTask[OutputT],
        prompt: Prompt,
        rendered: Rendered,
        reply: Reply,
        outcome: Outcome,
        ms: int,
    ) -> None:
        model, settings = self._endpoint.model, self._settings
        counted = replace(
            reply,
            input_tokens=reply.input_tokens or count_tokens(rendered.system + rendered.user, model),
            output_tokens=reply.output_tokens or count_tokens(reply.text, model),
        )
        prices = settings.llm_input_price_fen_per_mtok, settings.llm_output_price_fen_per_mtok
        row = LedgerRow(
            prompt=prompt.name,
            prompt_sha256=prompt.sha256,
            model=model,
            input_tokens=counted.input_tokens,
            output_tokens=counted.output_tokens,
            ms=ms,
            cost_fen=cost_fen(counted.input_tokens, counted.output_tokens, *prices),
            outcome=outcome,
            shop_id=task.shop_id,
            subject_id=task.subject_id,
        )
        try:
            await self._ledger.record(row)
        except Exception:  # a lost row is better than a lost answer
            _logger.exception("ledger row lost for prompt %s", prompt.name)
