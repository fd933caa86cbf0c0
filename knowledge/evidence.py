"""Evidence: what an answer may rest on. Hits become evidence when admitted and numbered; markers [1] cite it."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

EvidenceKind = Literal[
    "clause", "faq", "card", "product", "comparison", "price_history", "policy_result", "order", "shipment",
    "broadcast_line",
]  # fmt: skip


class SourceRef(BaseModel):
    """Where a piece of evidence can be opened. `doc` is the document key (statutes: the file stem)."""

    model_config = ConfigDict(frozen=True)

    doc: str
    title: str
    article: int | None = None
    section: str = ""
    document_id: str = ""
    chunk_id: str = ""
    version: int = 1
    effective_from: date | None = None


class Evidence(BaseModel):
    """One numbered piece; `number` starts at 1 and is the marker in the words. `live` facts come from a tool and hold
    now: words that cite them may use no content word of their own."""

    model_config = ConfigDict(frozen=True)

    number: int
    kind: EvidenceKind
    text: str
    source: SourceRef
    score: float = 0.0
    live: bool = False
