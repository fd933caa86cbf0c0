"""Step 2 of a turn: hits become numbered evidence. Tools return evidence, never prose."""

from collections.abc import Callable, Sequence

from agents.support.answer_types import Gathered
from agents.support.compose_sources import source_key
from agents.support.floor_rules import asks_law
from agents.support.floor_text import fold
from agents.support.wordings import FOILS, TOOLS
from knowledge.documents.models import Document
from knowledge.evidence import Evidence, EvidenceKind, SourceRef
from knowledge.retrieval import Hit, Retriever

RETRIEVED = 10
ADMITTED = 4
OWN_FROM = 0.6  # share of the best score from which the shop's own documents speak before the law
FELLOWS = 2  # further chunks of a source already admitted: its other cards, its own text

_KINDS: dict[str, EvidenceKind] = {"faq": "faq", "card": "card", "table_row": "product"}


async def gather(
    retriever: Retriever, shop_id: str, query: str, within: Callable[[Document], bool] | None = None
) -> Gathered:
    found = await retriever.search(shop_id, query, k=RETRIEVED, within=within)
    foils = FOILS.nearness(found.vector, retriever.embedder_id)
    return Gathered(
        query=query,
        evidence=admit(found.hits, asks_law=asks_law(fold(query))),
        hits=found.hits,
        features=found.features,
        degraded=found.degraded,
        embed_ms=found.embed_ms,
        foil=max(foils.values(), default=None),
        near=TOOLS.nearness(found.vector, retriever.embedder_id),
    )


def admit(hits: Sequence[Hit], *, asks_law: bool = True) -> tuple[Evidence, ...]:
    """Numbered best first: the nearest chunks, then what else was found of the source that leads. Where the shop's own
    documents are near, they alone speak, unless it is the law that is asked about."""
    hits = hits if asks_law else _own_first(hits)
    nearest = list(hits[:ADMITTED])
    leading = {_source(hit) for hit in nearest[:1]}
    fellows = [hit for hit in hits[ADMITTED:] if _source(hit) in leading][:FELLOWS]
    return tuple(_evidence(number, hit) for number, hit in enumerate([*nearest, *fellows], start=1))


def _own_first(hits: Sequence[Hit]) -> Sequence[Hit]:
    own = [hit for hit in hits if hit.article is None]
    return own if own and own[0].score >= OWN_FROM * hits[0].score else hits


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
