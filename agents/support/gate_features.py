"""How well evidence fits a question, as numbers a fitted line can weigh. Everything is read from the hits."""

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from agents.support.answer_types import Gathered
from agents.support.compose_sources import source_key
from knowledge.index.cut import cut, normalise
from knowledge.index.expand import meanings, shipped_groups
from knowledge.index.near_miss import content_terms, function_words
from knowledge.retrieval import Hit

_HERE = Path(__file__).parent
_READ = 5  # hits whose words count as what the evidence holds
_ASKED = ("question", "says")
_DENSE_SCALE = 0.6  # below this no cosine of the shipped embedder lies: another embedder, or none


@dataclass(frozen=True)
class Target:
    """`asks` and `holds`: of what kind the answer is, and how text that could hold it looks."""

    kind: str
    asks: re.Pattern[str]
    holds: re.Pattern[str]


@functools.cache
def _targets() -> tuple[Target, ...]:
    rows = yaml.safe_load((_HERE / "gate_targets.yaml").read_text(encoding="utf-8"))
    return tuple(Target(row["kind"], re.compile(row["asks"]), re.compile(row["holds"])) for row in rows)


@functools.cache
def cue_families() -> Mapping[str, tuple[str, ...]]:
    rows = yaml.safe_load((_HERE / "gate_cues.yaml").read_text(encoding="utf-8"))
    return {name: tuple(map(normalise, words)) for name, words in rows.items()}


def target_of(query: str) -> Target | None:
    text = normalise(query)
    return next((target for target in _targets() if target.asks.search(text)), None)


def dense_usable(gathered: Gathered) -> bool:
    """Whether cosines lie on the scale the weights were fitted on."""
    return gathered.features.top_dense >= _DENSE_SCALE


def foil_of(gathered: Gathered) -> float | None:
    """Cosine of the nearest question that shop documents do not answer; None when it could not be told."""
    return gathered.foil


def features_of(gathered: Gathered) -> dict[str, float]:
    """Name → value; needs at least one hit."""
    hits, query = gathered.hits, gathered.query
    first = [hit for hit in hits if source_key(hit.doc, hit.article, hit.chunk_id) == _key(hits[0])]
    terms = content_terms(query)
    dense = sorted((hit.dense for hit in hits), reverse=True)
    target = target_of(query)
    evidence = _held(gathered)
    read = first + [hit for hit in hits[:2] if hit not in first]
    return {
        "dense": gathered.features.top_dense,
        "foil": foil_of(gathered) or 0.0,
        "dense_rest": sum(dense[1:]) / max(1, len(dense) - 1),
        "asked_share": sum(hit.unit_kind in _ASKED for hit in hits) / len(hits),
        "lexical": gathered.features.top_lexical,
        "coverage": gathered.features.coverage,
        "characters": _characters(terms, read),
        "margin": gathered.features.margin,
        "target_missing": float(target is not None and not any(target.holds.search(hit.text) for hit in first)),
        **{f"cue_{name}": float(bool(unheld(words, query, evidence))) for name, words in cue_families().items()},
    }  # fmt: skip


def says_something(text: str) -> bool:
    """Whether the text has a word of its own beside those that say how it is asked."""
    return any(term not in function_words() and len(term) > 1 for term in content_terms(text))


def words_met(text: str, gathered: Gathered) -> float:
    """Share of the text's content words that the source which speaks first holds, by characters."""
    terms = [term for term in content_terms(text) if term not in function_words()]
    if not terms or not gathered.evidence:
        return 1.0
    first = gathered.evidence[0].source
    key = source_key(first.doc, first.article, first.chunk_id)
    return _characters(terms, [hit for hit in gathered.hits if _key(hit) == key])


def _held(gathered: Gathered) -> str:
    return normalise("\n".join(f"{hit.title} {' '.join(hit.path)} {hit.text}" for hit in gathered.hits[:_READ]))


def unheld_cues(gathered: Gathered) -> tuple[str, ...]:
    """The things named that the evidence does not speak of, longest name of each."""
    evidence = _held(gathered)
    found = [word for words in cue_families().values() for word in unheld(words, gathered.query, evidence)]
    return tuple(word for word in found if not any(word != other and word in other for other in found))


def unheld(words: Iterable[str], query: str, evidence: str) -> list[str]:
    """Which of the words the question names and the evidence, normalised, does not."""
    text = normalise(query)
    named = [word for word in words if _stands(word, text) and not _stands(word, evidence)]
    return [word for word in named if not any(other in evidence for other in meanings(word, shipped_groups()))]


def _stands(word: str, text: str) -> bool:
    if word.isascii():
        return re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z])", text) is not None
    return word in text


def _key(hit: Hit) -> tuple[str, str]:
    return source_key(hit.doc, hit.article, hit.chunk_id)


def _characters(terms: list[str], hits: list[Hit]) -> float:
    """Share of the content words the evidence and its nearest wording hold, by characters; a synonym held counts."""
    held = set(normalise("".join(f"{hit.text}{hit.unit_text}{''.join(hit.path)}" for hit in hits)))
    shares = []
    for term in terms:
        share = sum(char in held for char in term) / len(term)
        other = [word for word in meanings(term, shipped_groups()) if set(cut(word)) and set(word) <= held]
        shares.append(1.0 if other else share)
    return sum(shares) / len(shares) if shares else 0.0
