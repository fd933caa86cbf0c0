"""What a conversation with a person teaches: which question, and the one point that answers it. Pure."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import partial

from agents.conversations.models import Message, Turn
from agents.guards.statements import is_courtesy, split_statements
from agents.handoff.reasons import HandoffReason
from agents.support.floor_text import pattern_in
from agents.support.learning.flags import CaseFacts
from agents.support.screen import masked, screen
from agents.support.triage import triage
from agents.support.triage_types import Intent
from knowledge.candidates.duplicates import shared

GAPS = frozenset({HandoffReason.KNOWLEDGE_GAP.value, HandoffReason.REPEATED_FAILURE.value})
SAME = 0.5  # share of common terms from which two messages put one question
_SAYS_NOTHING = frozenset({Intent.HUMAN_REQUEST, Intent.CHIT_CHAT})
_MOST_SENTENCES = 4
_MOST_WORDINGS = 8
_MOST_CHARACTERS = 200
_ASKS = ("？", "?", "吗", "呢")
_NAME = "[姓名]"
_MARKS = re.compile(r"(?<=[\u4e00-\u9fff\]])[,?!:;]")
_WIDE = str.maketrans(",?!:;", "，？！：；")
_pattern = partial(pattern_in, "learning.yaml")
_unresolved = partial(pattern_in, "history.yaml", "unresolved")


@dataclass(frozen=True)
class Talk:
    """A conversation as far as one handoff reaches. `replies` are its operators' messages, id to operator."""

    reasons: tuple[str, ...]
    triggers: frozenset[str]
    messages: tuple[Message, ...]
    turns: tuple[Turn, ...]
    replies: dict[str, str]
    facts: CaseFacts = field(default_factory=CaseFacts)


@dataclass(frozen=True)
class Point:
    """`missed`: the bot could not answer this question, so that it is worth learning without being told."""

    question: Message
    wordings: tuple[str, ...]
    answer: str
    answer_messages: tuple[Message, ...]
    operator_id: str
    missed: bool


def point_of(talk: Talk, *, question_id: str = "", answer_ids: Collection[str] = ()) -> Point | None:
    """None where nobody asked or nobody answered anything that lasts. Ids choose by hand."""
    asked, missed = _chosen(talk, question_id) if question_id else _asked(talk)
    if asked is None:
        return None
    run = _run_chosen(talk, answer_ids) if answer_ids else _best_run(talk, asked)
    sentences = _one_point([(message, one) for message in run for one in lasting(message.text)])
    if not sentences:
        return None
    used = tuple(dict.fromkeys(message for message, _ in sentences))
    answer = without_person("".join(text for _, text in sentences), talk.facts)
    return Point(asked, _wordings(talk, asked), answer, used, talk.replies[used[-1].id], missed)


def shoppers_words(message: Message, facts: CaseFacts) -> str:
    """The question as it may be kept: personal data masked, one line."""
    return without_person(" ".join(message.text.split()), facts)[:_MOST_CHARACTERS]


def without_person(text: str, facts: CaseFacts) -> str:
    text = hidden(text)
    for name in sorted(filter(None, facts.names), key=len, reverse=True):
        text = text.replace(name, _NAME)
    return _pattern("named_person").sub(_NAME, text)


def hidden(text: str) -> str:
    """Personal data masked; masking writes the marks of Chinese in ASCII, which are written back."""
    if not screen(text).pii:
        return text
    return _MARKS.sub(lambda found: found[0].translate(_WIDE), masked(text))


def lasting(text: str) -> list[str]:
    """Sentences of a reply that tell something: no greeting, no question back, no talk about the work."""
    found = []
    for sentence in split_statements(text):
        bare = _pattern("greeting").sub("", sentence.strip()).strip()
        plain = bare.rstrip("。！!~～ ")
        if not plain or plain.endswith(_ASKS) or is_courtesy(bare) or _pattern("work_talk").search(plain):
            continue
        found.append(bare if bare[-1] in "。！？；!?;" else f"{bare}。")
    return found


def _chosen(talk: Talk, question_id: str) -> tuple[Message | None, bool]:
    found = next((one for one in talk.messages if one.id == question_id and one.author == "shopper"), None)
    return found, bool(found) and question_id in _missed(talk)


def _asked(talk: Talk) -> tuple[Message | None, bool]:
    """The question the handoff is about: what triggered it, or, where that only called a person, what was last missed
    before it."""
    told = [one for one in talk.messages if one.author == "shopper" and _tells(one.text)]
    before = [one for one in told if one.position < _first_reply(talk)]
    missed = _missed(talk)
    trigger = next((one for one in reversed(before) if one.id in _trigger_messages(talk)), None)
    others = [one for one in before if one.id in missed and one is not trigger]
    if trigger is not None and others and _unresolved().search(trigger.text):
        return others[-1], True
    if trigger is None:
        last = before[-1] if before else (told[0] if told else None)
        return last, last is not None and last.id in missed
    earlier = [one for one in before if one.id in missed and shared(one.text, trigger.text) >= SAME]
    return (earlier[0] if earlier else trigger), bool(earlier) or trigger.id in missed


def _missed(talk: Talk) -> set[str]:
    """Messages that the bot had no answer to."""
    gap = bool(GAPS.intersection(talk.reasons))
    return {
        one.message_id
        for one in talk.turns
        if one.outcome == "abstained"
        or (one.outcome == "clarified" and gap)
        or (one.outcome == "handed_off" and gap and {one.id, one.message_id} & talk.triggers)
    }


def _trigger_messages(talk: Talk) -> set[str]:
    turned = {one.message_id for one in talk.turns if one.id in talk.triggers}
    return turned | set(talk.triggers)


def _tells(text: str) -> bool:
    return bool(text.strip()) and not set(triage(text).intents) <= _SAYS_NOTHING


def _first_reply(talk: Talk) -> int:
    return min((one.position for one in talk.messages if one.id in talk.replies), default=0)


def _runs(talk: Talk, after: int) -> list[list[Message]]:
    """Replies that follow each other without a word of the shopper's."""
    runs: list[list[Message]] = [[]]
    for message in talk.messages:
        if message.position <= after:
            continue
        if message.id in talk.replies:
            runs[-1].append(message)
        elif message.author == "shopper" and runs[-1]:
            runs.append([])
    return [run for run in runs if any(lasting(one.text) for one in run)]


def _best_run(talk: Talk, asked: Message) -> list[Message]:
    """The one that shares most with the question; of equals the first."""
    runs = _runs(talk, asked.position)
    return max(runs, key=lambda run: shared(asked.text, "".join(one.text for one in run)), default=[])


def _run_chosen(talk: Talk, answer_ids: Collection[str]) -> list[Message]:
    return [one for one in talk.messages if one.id in answer_ids and one.id in talk.replies]


def _one_point(sentences: Sequence[tuple[Message, str]]) -> list[tuple[Message, str]]:
    """Up to where another point begins."""
    for at, (_, text) in enumerate(sentences):
        if at and _pattern("another_point").search(text):
            return list(sentences[:at])
    return list(sentences[:_MOST_SENTENCES])


def _wordings(talk: Talk, asked: Message) -> tuple[str, ...]:
    """How the shopper put it otherwise: other messages the bot missed that are alike."""
    missed = _missed(talk)
    others = (one for one in talk.messages if one.id in missed and one.id != asked.id)
    alike = [shoppers_words(one, talk.facts) for one in others if shared(one.text, asked.text) >= SAME]
    first = shoppers_words(asked, talk.facts)
    return tuple(one for one in dict.fromkeys(alike) if one != first)[:_MOST_WORDINGS]
