"""What a running service consists of; built once by the composition root and handed to the routes."""

from dataclasses import dataclass
from pathlib import Path

from fastapi import Request
from pydantic import SecretStr

from agents.llm.ledger import Ledger
from agents.llm.shop_writer import ShopWriter
from agents.support.answerer import Answerer
from agents.support.learning.service import KnowledgeReview
from agents.support.turns import TurnRunner
from api.auth.desk import DeskCaller, identify
from api.auth.keys import Principal, authenticate
from api.chatwoot.pump import ChatwootPump
from api.limits import RateLimiter
from api.webhooks.targets import Targets
from knowledge.catalog.service import CatalogService
from knowledge.documents.service import DocumentService
from knowledge.kit.clock import Clock
from knowledge.kit.db import Database
from knowledge.kit.errors import UnauthorizedError
from knowledge.kit.events import EventListener
from knowledge.orders.oms import Oms
from knowledge.policies.service import PolicyTermsService
from knowledge.retrieval import Retriever


@dataclass(frozen=True)
class Services:
    database: Database
    documents: DocumentService
    retriever: Retriever
    catalog: CatalogService
    oms: Oms
    terms: PolicyTermsService
    turns: TurnRunner
    chatwoot: ChatwootPump
    listener: EventListener
    message_limit: RateLimiter
    conversation_limit: RateLimiter
    writer_name: str
    answerer: Answerer
    shop_writer: ShopWriter
    ledger: Ledger
    clock: Clock
    home: Path
    token_secret: SecretStr
    """Signs operators' tokens of the API, as it signs the console's cookies."""
    sign_in_limit: RateLimiter
    webhook_targets: Targets
    review: KnowledgeReview


def services(request: Request) -> Services:
    found: Services = request.app.state.services
    return found


def bearer(request: Request) -> str:
    """Raises: UnauthorizedError."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise UnauthorizedError("An Authorization header with a Bearer token is needed.")
    return token


def caller(request: Request) -> str:
    return request.client.host if request.client else "unknown"


async def principal(request: Request) -> Principal:
    """The shop whose API key came with the request. Raises: UnauthorizedError."""
    return await authenticate(services(request).database, bearer(request))


async def desk_caller(request: Request) -> DeskCaller:
    """The operator or the API key that came with the request. Raises: UnauthorizedError."""
    wired = services(request)
    return await identify(wired.database, wired.token_secret, wired.clock, bearer(request))
