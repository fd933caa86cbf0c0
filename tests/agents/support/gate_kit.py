"""Hits and what was gathered, made by hand for the gate and the writer."""

from collections.abc import Sequence

from agents.support.answer_types import Gathered
from agents.support.gather import admit
from knowledge.index.hybrid import Features
from knowledge.retrieval import Hit


def hit(
    text: str,
    *,
    doc: str = "returns",
    article: int | None = None,
    score: float = 1.0,
    dense: float = 0.93,
    lexical: float = 20.0,
    unit: tuple[str, str] = ("body", ""),
    path: tuple[str, ...] = (),
    chunk: str = "",
) -> Hit:
    return Hit(
        chunk_id=chunk or f"{doc}-{article}-{text[:12]}",
        document_id=doc,
        doc=doc,
        title=doc,
        kind="policy",
        version=1,
        effective_from=None,
        article=article,
        path=path,
        text=text,
        score=score,
        dense=dense,
        lexical=lexical,
        unit_kind=unit[0],
        unit_text=unit[1] or text,
    )


def gathered(query: str, hits: Sequence[Hit], *, coverage: float = 0.7, missing: tuple[str, ...] = ()) -> Gathered:
    features = Features(
        top_dense=max((one.dense for one in hits), default=0.0),
        top_lexical=max((one.lexical for one in hits), default=0.0),
        margin=hits[0].score - hits[1].score if len(hits) > 1 else 0.0,
        coverage=coverage,
        missing=missing,
    )
    return Gathered(query=query, evidence=admit(hits), hits=tuple(hits), features=features)
