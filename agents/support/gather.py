"""Step 2 of a turn: hits become numbered evidence. Tools return evidence, never prose."""

from collections.abc import Sequence

from agents.support.answer_types import Gathered
from knowledge.evidence import Evidence, EvidenceKind, SourceRef
from knowledge.retrieval import Hit, Retriever

RETRIEVED = 10
ADMITTED = 4

_KINDS: dict[str, EvidenceKind] = {"faq": "faq", "card": "card", "table_row": "product"}


async def gather(retriever: Retriever, shop_id: str, query: str) -> Gathered:
    found = await retriever.search(shop_id, query, k=RETRIEVED)
    return Gathered(
        query=query,
        evidence=admit(found.hits),
        hits=found.hits,
        features=found.features,
        degraded=found.degraded,
        embed_ms=found.embed_ms,
    )


def admit(hits: Sequence[Hit]) -> tuple[Evidence, ...]:
    return tuple(_evidence(number, hit) for number, hit in enumerate(hits[:ADMITTED], start=1))


def _evidence(number: int, hit: Hit) -> Evidence:
    return Evidence(
        number=number,
        kind=_KINDS.get(hit.kind, "clause"),
        text=hit.text,
        score=hit.score,
        source=SourceRef(
            doc=hit.doc,
            title=hit.title,
            article=hit.article,
            section=" › ".join(hit.path),
            document_id=hit.document_id,
            chunk_id=hit.chunk_id,
            version=hit.version,
            effective_from=hit.effective_from,
        ),
    )
