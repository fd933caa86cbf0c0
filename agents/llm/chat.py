"""One call to one OpenAI-compatible chat endpoint, through LangChain, with nothing taken from the environment."""

import asyncio
import ipaddress
import logging
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import openai
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from langchain_core.outputs import ChatResult
from langchain_openai import ChatOpenAI
from langsmith import tracing_context
from pydantic import SecretStr

from agents.llm.ledger import Outcome
from agents.llm.switch import ensure_model_calls_allowed
from agents.settings import AgentSettings
from prompts.library import Rendered

OPENAI_URL = "https://api.openai.com/v1"
_REJECTIONS = frozenset({400, 413, 415, 422, 501})
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reply:
    """Token counts are 0 where the endpoint does not tell them; `model` is the name it gives itself."""

    text: str
    input_tokens: int
    output_tokens: int
    truncated: bool = False
    refused: bool = False
    model: str = ""


class CallFailedError(Exception):
    """`message` is the endpoint's own, for learning its dialect: never shown, never logged whole."""

    def __init__(self, outcome: Outcome, message: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome
        self.message = message
        self.retry_after_s = retry_after_s


class _BareChat(ChatOpenAI):
    async def generate_bare(self, messages: list[BaseMessage], body: dict[str, Any]) -> ChatResult:
        # Below the callback layer: LANGCHAIN_/LANGSMITH_ variables can neither trace the call nor make it fail there.
        # `extra_body` keeps LangChain from renaming max_tokens and from the SDK's own parsing of response_format.
        return await self._agenerate(messages, extra_body=body)


class ChatEndpoint:
    """Belongs to one event loop: its connections are pooled there. Close it."""

    def __init__(self, settings: AgentSettings) -> None:
        self.model = settings.llm_model
        self.base_url = settings.llm_base_url or OPENAI_URL
        self._http = openai.DefaultAsyncHttpxClient(
            timeout=settings.llm_timeout_s,
            trust_env=not _is_loopback(self.base_url),  # a proxy of the environment cannot reach our loopback
            follow_redirects=False,
            event_hooks={"request": [_drop_ambient_headers]},
        )
        self._chat = _BareChat(
            model=self.model,
            base_url=self.base_url,
            api_key=SecretStr(settings.llm_api_key.get_secret_value() or "none"),
            timeout=settings.llm_timeout_s,
            max_retries=0,
            http_async_client=self._http,
            openai_proxy=None,
            use_responses_api=False,
            cache=False,
        )

    @property
    def is_openai(self) -> bool:
        return urlsplit(self.base_url).hostname == "api.openai.com"

    async def call(self, prompt: Rendered, body: dict[str, Any], timeout_s: float) -> Reply:
        """Raises: CallFailedError; ModelCallForbiddenError under `forbid_model_calls`."""
        ensure_model_calls_allowed()
        messages: list[BaseMessage] = [SystemMessage(prompt.system)] if prompt.system else []
        messages.append(HumanMessage(prompt.user))
        try:
            # The client's own timeout is per read; a server that drips bytes would never reach it.
            async with asyncio.timeout(timeout_s):
                with tracing_context(enabled=False):
                    result = await self._chat.generate_bare(messages, body)
        except (TimeoutError, openai.APITimeoutError) as error:
            raise CallFailedError(Outcome.TIMEOUT) from error
        except openai.APIStatusError as error:
            raise _failed_status(error) from error
        except openai.APIConnectionError as error:
            raise CallFailedError(Outcome.CONNECTION) from error
        except Exception as error:  # a 200 that is no chat completion: a page, null choices, an error object
            _logger.warning("chat endpoint replied with no completion", extra={"error": type(error).__name__})
            raise CallFailedError(Outcome.SERVER_ERROR) from error
        return _reply(result)

    async def aclose(self) -> None:
        await self._http.aclose()


async def _drop_ambient_headers(request: Any) -> None:
    """The SDK takes these from OPENAI_ORG_ID and OPENAI_PROJECT_ID, whoever the endpoint is."""
    for name in ("OpenAI-Organization", "OpenAI-Project"):
        request.headers.pop(name, None)


def _reply(result: ChatResult) -> Reply:
    if not result.generations:
        raise CallFailedError(Outcome.SERVER_ERROR)
    generation = result.generations[0]
    usage = getattr(generation.message, "usage_metadata", None) or {}
    info = generation.generation_info or {}
    text = str(generation.message.text)
    refusal = generation.message.additional_kwargs.get("refusal")
    return Reply(
        text=text,
        input_tokens=int(usage.get("input_tokens") or 0),
        output_tokens=int(usage.get("output_tokens") or 0),
        truncated=info.get("finish_reason") == "length",
        refused=bool(refusal) or info.get("finish_reason") == "content_filter",
        model=str((result.llm_output or {}).get("model_name") or ""),
    )


def _failed_status(error: openai.APIStatusError) -> CallFailedError:
    status, message = error.status_code, error.message[:2_000]
    if status == 429:
        return CallFailedError(Outcome.RATE_LIMITED, message, _retry_after_s(error))
    if status in (401, 403):
        return CallFailedError(Outcome.UNAUTHORIZED)
    if status in (404, 405) or status < 400:
        return CallFailedError(Outcome.NOT_FOUND, message)
    if status == 408:
        return CallFailedError(Outcome.TIMEOUT)
    if status in _REJECTIONS or "response_format" in message or "grammar" in message:
        return CallFailedError(Outcome.REJECTED, message)
    if status >= 500:
        return CallFailedError(Outcome.SERVER_ERROR, message, _retry_after_s(error))
    return CallFailedError(Outcome.REJECTED, message)


def _retry_after_s(error: openai.APIStatusError) -> float | None:
    try:
        return max(0.0, float(error.response.headers.get("retry-after", "")))
    except ValueError:  # absent, or a date: our own back-off will do
        return None


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
