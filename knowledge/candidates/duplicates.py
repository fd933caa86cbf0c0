"""Pairs the shop has already that may answer the same: by meaning, and by the words they share."""

from dataclasses import dataclass

from knowledge.candidates.publishing import DOC
from knowledge.index.cut import cut
from knowledge.retrieval import Hit, Retriever

_LOOKED_AT = 12
_MOST = 3
_NEAR = 0.9  # cosine of the shipped embedder: other wordings of one question lie above, other questions below
_SHARED = 0.6  # share of common terms from which two questions read alike, whatever the embedder
_FILLER = frozenset("的了吗呢啊吧么呀我你您们请问想要是有可以能这那个一下怎什")


@dataclass(frozen=True)
class Duplicate:
    """`asked` is the wording that is nearest; `nearness` its cosine."""

    chunk_id: str
    doc: str
    title: str
    question: str
    asked: str
    answer: str
    nearness: float


async def duplicates_of(retriever: Retriever, shop_id: str, question: str, *, own: str = "") -> list[Duplicate]:
    """Nearest first. `own` is the candidate's published question, which is no duplicate of itself."""
    found = await retriever.search(shop_id, question, k=_LOOKED_AT)
    same = [hit for hit in found.hits if hit.kind == "faq" and _alike(question, hit) and not _is_own(hit, own)]
    same.sort(key=lambda hit: -hit.dense)
    return [_duplicate(hit) for hit in same[:_MOST]]


def _is_own(hit: Hit, own: str) -> bool:
    return bool(own) and hit.doc == DOC and hit.path[-1:] == (own,)


def _alike(question: str, hit: Hit) -> bool:
    asked = [hit.unit_text] if hit.unit_kind == "question" else []
    return hit.dense >= _NEAR or any(shared(question, one) >= _SHARED for one in (*asked, *hit.path[-1:]))


def shared(one: str, other: str) -> float:
    """Share of common terms, 0 to 1."""
    left, right = (frozenset(cut(text)) - _FILLER for text in (one, other))
    return 2 * len(left & right) / (len(left) + len(right)) if left and right else 0.0


def _duplicate(hit: Hit) -> Duplicate:
    question = hit.path[-1] if hit.path else hit.title
    asked = hit.unit_text if hit.unit_kind == "question" else question
    return Duplicate(hit.chunk_id, hit.doc, hit.title, question, asked, hit.text, round(hit.dense, 3))
