"""One row for each call that left the machine, failed ones and retries included."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol


class Outcome(StrEnum):
    """Also the words of `Written.degraded`. From BREAKER_OPEN on no call was made, so no row says so."""

    OK = "ok"
    TIMEOUT = "timeout"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    CONNECTION = "connection"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "not_found"
    REJECTED = "rejected"
    TRUNCATED = "truncated"
    REFUSED = "refused"
    UNPARSABLE = "unparsable"
    WRONG_SCHEMA = "wrong_schema"
    CANCELLED = "cancelled"
    INTERNAL = "internal"
    BREAKER_OPEN = "breaker_open"
    OVER_BUDGET = "over_budget"
    BAD_PROMPT = "bad_prompt"


OUTAGES = frozenset(
    {
        Outcome.TIMEOUT,
        Outcome.RATE_LIMITED,
        Outcome.SERVER_ERROR,
        Outcome.CONNECTION,
        Outcome.UNAUTHORIZED,
        Outcome.NOT_FOUND,
    }
)
"""What says something of the endpoint and not of this one request."""


@dataclass(frozen=True)
class LedgerRow:
    """Tokens are the endpoint's own count, or our estimate where it gives none; a failed call has no output tokens.
    `cost_fen` has four decimals: one call usually costs less than a fen."""

    prompt: str
    prompt_sha256: str
    model: str
    input_tokens: int
    output_tokens: int
    ms: int
    cost_fen: Decimal
    outcome: Outcome
    shop_id: str
    subject_id: str


class Ledger(Protocol):
    async def record(self, row: LedgerRow) -> None: ...


class MemoryLedger:
    def __init__(self) -> None:
        self.rows: list[LedgerRow] = []

    async def record(self, row: LedgerRow) -> None:
        self.rows.append(row)


def cost_fen(tokens_in: int, tokens_out: int, in_fen_per_mtok: int, out_fen_per_mtok: int) -> Decimal:
    total = Decimal(tokens_in * in_fen_per_mtok + tokens_out * out_fen_per_mtok) / 1_000_000
    return total.quantize(Decimal("0.0001"))
