"""What the first look at a shopper's message yields: the words every later step speaks in."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from agents.handoff.reasons import HandoffReason

Sentiment = Literal["neg", "neu", "pos"]


class Intent(StrEnum):
    RETURN_EXCHANGE = "return_exchange"
    REFUND_STATUS = "refund_status"
    LOGISTICS = "logistics"
    INVOICE = "invoice"
    ADDRESS_CHANGE = "address_change"
    PRICE_PROTECTION = "price_protection"
    PRODUCT_QUESTION = "product_question"
    PRODUCT_COMPARE = "product_compare"
    COUPON_PROMO = "coupon_promo"
    COMPLAINT = "complaint"
    HUMAN_REQUEST = "human_request"
    SAFETY_INJURY = "safety_injury"
    LEGAL_THREAT = "legal_threat"
    ACCOUNT_SECURITY = "account_security"
    ORDER_CANCEL = "order_cancel"
    CHIT_CHAT = "chit_chat"
    OTHER = "other"


class Utterance(BaseModel):
    """One earlier entry of the conversation; `user` is the shopper."""

    model_config = ConfigDict(frozen=True)

    role: Literal["user", "bot"]
    text: str


class Triage(BaseModel):
    """`handoff_reason` set: a floor rule fired, nothing later may answer instead. `query` stands without history."""

    model_config = ConfigDict(frozen=True)

    handoff_reason: HandoffReason | None
    intents: tuple[Intent, ...]
    slots: dict[str, str] = Field(default_factory=dict)
    sentiment: Sentiment = "neu"
    query: str
    floor_rules: tuple[str, ...] = ()

    @property
    def must_handoff(self) -> bool:
        return self.handoff_reason is not None
