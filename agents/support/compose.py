"""The offline writer of the service desk: it quotes. The source that fits best speaks first, by the sentences that
meet the question; another joins when it is nearly as near and meets it too, beside a pair only of the same document.
Every piece passed the checks alone."""

from collections.abc import Sequence

from agents.guards.statements import split_statements
from agents.support.answer_types import AnswerDraft, Gathered
from agents.support.compose_rank import Ranking, alike
from agents.support.compose_sentences import Piece, pieces_of
from agents.support.compose_sources import source_key
from agents.support.verify import verify
from knowledge.evidence import Evidence

BUDGET = 200  # characters of quoted words; with markers an answer stays under 240
LONGEST = 236  # characters of an answer with its markers
SECOND_FROM = 0.86  # share of the best score from which another source may speak
LEAD_FROM = 0.92  # share of the best score from which a source may speak first
SECOND_MEETS = 0.35  # share of the best sentence's weight that its sentences need
_SOURCES = 3
_SHARPNESS = 4  # how much more nearness counts than shared words for the lead
_LEAST_KEPT = 0.1  # share of the best sentence's weight below which a sentence says nothing to the question
_SHOP_KEPT, _SHOP_SECOND = 0.35, 0.85  # the same two shares for the shop\'s own documents
_SHORT_PAIR = 180  # characters of a question with its answer
_OTHER_SHARE = 3  # a later source gets this part of the budget at most
_LEAST_ROOM = 30

_MARKER = 3


def compose(gathered: Gathered) -> AnswerDraft:
    sources = _sources(gathered.evidence)
    if not sources:
        return AnswerDraft(answer="")
    ranking = Ranking(gathered)
    sources = _led(sources, ranking)
    best_score = max(item.score for source in sources for item in source)
    parts: list[Piece] = []
    best_weight, alone = 0.0, False
    for source in sources[:_SOURCES]:
        pool = [piece for item in source for piece in pieces_of(item.number, item.text)]
        room = BUDGET - _length(parts)
        if not parts:
            best_weight = max((ranking.weight(piece) for piece in pool), default=0.0)
            alone = ranking.was_asked(source[0].source.chunk_id)
            least = 0.0 if _is_pair(source) else (_LEAST_KEPT if _is_law(source) else _SHOP_KEPT) * best_weight
        else:
            near = not alone and max(item.score for item in source) >= SECOND_FROM * best_score
            near = near and (not _is_pair(sources[0]) or source[0].source.doc == sources[0][0].source.doc)
            room = min(room, BUDGET // _OTHER_SHARE) if near else 0
            least = (SECOND_MEETS if _is_law(source) else _SHOP_SECOND) * best_weight
            if _is_pair(source) and max((ranking.weight(piece) for piece in pool), default=0.0) >= least:
                room, least = (room if sum(map(len, pool)) <= room else 0), 0.0
        if room >= _LEAST_ROOM:
            parts += _chosen(pool, ranking, room, least, parts, gathered.evidence)
    return AnswerDraft(answer=_spoken(parts), citations=sorted({piece.number for piece in parts}))


def _is_law(source: Sequence[Evidence]) -> bool:
    """An article binds its sentences together; a shop's answer is read faster without its neighbours."""
    return source[0].source.article is not None


def _is_pair(source: Sequence[Evidence]) -> bool:
    """A question with its short answer: what limits the answer stands in it, so all of it is said."""
    return len(source) == 1 and source[0].kind == "faq" and len(source[0].text) <= _SHORT_PAIR


def _sources(evidence: Sequence[Evidence]) -> list[list[Evidence]]:
    grouped: dict[tuple[str, str], list[Evidence]] = {}
    for item in evidence:
        grouped.setdefault(source_key(item.source.doc, item.source.article, item.source.chunk_id), []).append(item)
    return list(grouped.values())


def _led(sources: list[list[Evidence]], ranking: Ranking) -> list[list[Evidence]]:
    """Among sources about as near, the one whose sentences meet the question speaks first."""

    def strength(source: list[Evidence]) -> float:
        meets = max((ranking.weight(p) for item in source for p in pieces_of(item.number, item.text)), default=0.0)
        return max(item.score for item in source) ** _SHARPNESS * meets

    best = max(item.score for source in sources for item in source)
    near = [source for source in sources if max(item.score for item in source) >= LEAD_FROM * best]
    return sorted(near, key=strength, reverse=True) + [source for source in sources if source not in near]


def _chosen(
    pool: Sequence[Piece],
    ranking: Ranking,
    room: int,
    least: float,
    said: Sequence[Piece],
    evidence: Sequence[Evidence],
) -> list[Piece]:
    """The weightiest that fit, each new thing once, in the order of their text; the weightiest piece's text first."""
    chosen: list[Piece] = []
    for piece in sorted(pool, key=lambda one: (-ranking.weight(one), one.number, one.place)):
        fits = _length([*chosen, piece]) <= room and _length([*said, *chosen, piece]) <= BUDGET
        alone = not said and not chosen and len(_spoken([piece])) <= LONGEST
        if (
            not (fits or alone)
            or ranking.weight(piece) < least
            or any(alike(piece.text, one.text) for one in [*said, *chosen])
        ):
            continue
        if verify(AnswerDraft(answer=_spoken([piece])), evidence, ()).passed:
            chosen.append(piece)
    order = list(dict.fromkeys(piece.number for piece in chosen))
    return sorted(chosen, key=lambda one: (order.index(one.number), one.place))


def _length(parts: Sequence[Piece]) -> int:
    """Characters of the words, each lead-in counted once, and of markers beyond what the budget leaves aside."""
    leads = {(piece.number, piece.lead) for piece in parts}
    said = sum(len(split_statements(piece.text)) for piece in parts)
    markers = max(0, _MARKER * said - (LONGEST - BUDGET))
    return sum(len(piece.text) for piece in parts) + sum(len(lead) for _, lead in leads) + markers


def _spoken(parts: Sequence[Piece]) -> str:
    words = ""
    lead = (0, "")
    for piece in parts:
        opening = piece.lead if (piece.number, piece.lead) != lead else ""
        lead = (piece.number, piece.lead)
        words += "".join(f"{_closed(one)}[{piece.number}]" for one in split_statements(opening + piece.text))
    return words


def _closed(text: str) -> str:
    """A piece without a stop would run into the next one."""
    return text if text.endswith(("。", "！", "；", ";")) else text + "。"
