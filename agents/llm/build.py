"""Which writer this process has."""

from agents.llm.breaker import Breaker
from agents.llm.chat import ChatEndpoint
from agents.llm.ledger import Ledger
from agents.llm.ports import OfflineWriter
from agents.llm.writer import LLMWriter
from agents.settings import AgentSettings
from knowledge.kit.clock import Clock


def build_writer(settings: AgentSettings, ledger: Ledger, clock: Clock) -> LLMWriter | OfflineWriter:
    """Makes no call. An LLMWriter holds connections: `aclose()` it in the event loop that used it."""
    if not settings.llm_configured:
        return OfflineWriter()
    breaker = Breaker(settings.llm_breaker_threshold, settings.llm_breaker_cooldown_s, clock)
    return LLMWriter(ChatEndpoint(settings), settings, ledger, breaker)
