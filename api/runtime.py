"""Puts a running service together from settings."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from agents.handoff.sweep import QueueSweeper
from agents.llm.build import build_writer
from agents.llm.ports import OfflineWriter
from agents.llm.shop_writer import ShopWriter
from agents.llm.sql_ledger import SqlLedger
from agents.settings import AgentSettings
from agents.support.answerer import Answerer
from agents.support.learning.service import KnowledgeReview
from agents.support.learning.sweep import LearningSweeper
from agents.support.toolbox import Toolbox
from agents.support.turns import TurnRunner
from api.chatwoot.pump import ChatwootPump
from api.console.secret import console_secret
from api.limits import RateLimiter
from api.migrations import migrate
from api.services import Services
from api.settings import ApiSettings
from api.webhooks.sender import WebhookSender
from api.webhooks.targets import Targets
from knowledge.kit.clock import Clock
from knowledge.kit.events import EventListener
from knowledge.runtime import open_knowledge
from knowledge.settings import KnowledgeSettings

_SIGN_INS_PER_MINUTE = 20  # of one caller, right or wrong


@asynccontextmanager
async def open_services(
    knowledge: KnowledgeSettings, agents: AgentSettings, api: ApiSettings, clock: Clock, *, durable: bool = True
) -> AsyncIterator[Services]:
    """Raises: ConfigurationError in one sentence when the machine or a setting is at fault."""
    async with AsyncExitStack() as stack:
        facts = await stack.enter_async_context(open_knowledge(knowledge, clock, migrate, durable=durable))
        ledger = SqlLedger(facts.database)
        writer = build_writer(agents, ledger, clock)
        if not isinstance(writer, OfflineWriter):
            stack.push_async_callback(writer.aclose)
        shop_writer = ShopWriter(writer, agents, facts.database, ledger, clock)
        stack.push_async_callback(shop_writer.aclose)
        toolbox = Toolbox(facts.catalog, facts.oms, facts.terms, clock)
        answerer = Answerer(facts.retriever, shop_writer, toolbox=toolbox)
        turns = TurnRunner(facts.database, answerer)
        chatwoot = ChatwootPump(facts.database, turns)
        listener = EventListener(facts.database)
        worker = facts.worker()
        targets = Targets(private=api.webhooks_to_private)
        webhooks = WebhookSender(facts.database, targets)
        sweepers = (QueueSweeper(facts.database), LearningSweeper(facts.database))
        for part in (listener, worker, turns, *sweepers, webhooks, chatwoot):
            await part.start()
            stack.push_async_callback(part.stop)
        for shop_id in await facts.database.shop_ids():
            await facts.retriever.refresh(shop_id)
        yield Services(
            database=facts.database,
            documents=facts.documents,
            retriever=facts.retriever,
            catalog=facts.catalog,
            oms=facts.oms,
            terms=facts.terms,
            turns=turns,
            chatwoot=chatwoot,
            listener=listener,
            message_limit=RateLimiter(api.messages_per_minute),
            conversation_limit=RateLimiter(api.conversations_per_minute),
            writer_name="offline" if isinstance(writer, OfflineWriter) else agents.llm_model,
            answerer=answerer,
            shop_writer=shop_writer,
            ledger=ledger,
            clock=clock,
            home=knowledge.home_path,
            token_secret=console_secret(api.console_secret, knowledge.home_path),
            sign_in_limit=RateLimiter(_SIGN_INS_PER_MINUTE),
            webhook_targets=targets,
            review=KnowledgeReview(facts.database, facts.documents, facts.retriever, clock),
        )
