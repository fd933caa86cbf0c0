"""Step 2 of a turn: hits become numbered evidence. Tools return evidence, never prose."""

from collections.abc import Sequence

from agents.support.answer_types import Gathered
from agents.support.compose_sources import source_key
from knowledge.evidence import Evidence, EvidenceKind, SourceRef
from knowledge.retrieval import Hit, Retriever

RETRIEVED = 10
ADMITTED = 4
FELLOWS = 2  # further chunks of a source already admitted: its other cards, its own text

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
    """Numbered best first: the nearest chunks, then what else was found of the source that leads."""
    nearest = list(hits[:ADMITTED])
    leading = {_source(hit) for hit in nearest[:1]}
    fellows = [hit for hit in hits[ADMITTED:] if _source(hit) in leading][:FELLOWS]
    return tuple(_evidence(number, hit) for number, hit in enumerate([*nearest, *fellows], start=1))


def _source(hit: Hit) -> tuple[str, str]:
    return source_key(hit.doc, hit.article, hit.chunk_id)


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
