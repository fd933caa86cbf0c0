"""From an ended handoff to a candidate, in one transaction of the caller's."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from agents.conversations import repository as conversations
from agents.handoff import audit
from agents.handoff import repository as handoffs
from agents.handoff.lifecycle import HandoffState
from agents.handoff.models import Handoff
from agents.handoff.views import Actor
from agents.support.learning.flags import CaseFacts, flags_of
from agents.support.learning.points import GAPS, Point, Talk, point_of, shoppers_words
from knowledge.candidates import repository
from knowledge.candidates.models import Candidate
from knowledge.kit.db import Scope
from knowledge.kit.errors import ConflictError, NotFoundError
from knowledge.kit.ids import new_id

ENDED = frozenset({HandoffState.RESOLVED.value, HandoffState.RETURNED_TO_BOT.value})
_MONEY = "_fen"
_CASE_IDS = frozenset({"order_id", "tracking_no", "refund_id"})
_NAMED_FROM = 2  # characters of a name that is looked for as it stands


async def talk_of(scope: Scope, handoff: Handoff) -> Talk:
    """Who replied is told by the audit: messages do not carry their operator."""
    entries = await audit.entries(scope, handoff_id=handoff.id, limit=10_000)
    replies = {str(one.detail["message_id"]): one.actor.partition(":")[2] for one in entries if one.action == "replied"}
    return Talk(
        reasons=tuple(handoff.reasons),
        triggers=frozenset(await handoffs.triggers_of(scope, handoff.id)),
        messages=tuple(await conversations.messages(scope, handoff.subject_id)),
        turns=tuple(await conversations.turns(scope, handoff.subject_id)),
        replies=replies,
        facts=facts_of(handoff.packet),
    )


def facts_of(packet: Mapping[str, Any]) -> CaseFacts:
    """What the packet tells of this shopper alone: of their orders, not of the shop's goods."""
    shopper = packet.get("shopper") or {}
    cards = [card for card in packet.get("cards") or () if card.get("kind") == "order"]
    leaves = [leaf for card in cards for leaf in _leaves(card)]
    ids = {str(value) for name, value in leaves if name in _CASE_IDS}
    ids |= {str(one) for one in packet.get("order_ids") or ()} | {str(shopper.get("shopper_id") or "")}
    ids |= {str(value) for name, value in (packet.get("slots") or {}).items() if name in _CASE_IDS}
    name = str(shopper.get("name") or "")
    return CaseFacts(
        ids=frozenset(filter(None, ids)),
        names=frozenset({name} if len(name) >= _NAMED_FROM else ()),
        amounts_fen=frozenset(int(value) for field, value in leaves if field.endswith(_MONEY) and value),
    )


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, str(key))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner, name)
    else:
        yield name, value


async def facts_for(scope: Scope, candidate: Candidate) -> CaseFacts:
    """Nothing once the shopper was erased: there is nobody left whose data it could be."""
    try:
        return facts_of((await handoffs.get(scope, candidate.handoff_id)).packet)
    except NotFoundError:
        return CaseFacts()


async def propose(
    scope: Scope, handoff_id: str, actor: Actor, *, question_id: str = "", answer_ids: Collection[str] = ()
) -> tuple[Candidate, bool]:
    """By hand, from any ended handoff; with the candidate whether it is a new one: a point is proposed once.

    Raises: NotFoundError, ConflictError with `reason` open, origin or nothing when there is nothing to propose.
    """
    handoff = await handoffs.get(scope, handoff_id)
    if handoff.origin != "support":
        raise ConflictError("This handoff was with no shopper.", handoff_id=handoff_id, reason="origin")
    if handoff.state not in ENDED:
        raise ConflictError("This handoff has not been resolved yet.", handoff_id=handoff_id, reason="open")
    talk = await talk_of(scope, handoff)
    point = point_of(talk, question_id=question_id, answer_ids=answer_ids)
    if point is None:
        raise ConflictError("Nobody answered anything that lasts.", handoff_id=handoff_id, reason="nothing")
    return await _kept(scope, handoff, talk, point, actor)


async def consider(scope: Scope, handoff_id: str, actor: Actor) -> str:
    """Once a handoff, unasked: proposes where the bot had no answer. Returns what came of it."""
    handoff = await handoffs.get(scope, handoff_id)
    talk = await talk_of(scope, handoff)
    point = point_of(talk)
    if point is None:
        return "nothing"
    if not point.missed and not GAPS.intersection(handoff.reasons):
        return "known"
    _, made = await _kept(scope, handoff, talk, point, actor)
    return "proposed" if made else "repeated"


async def _kept(scope: Scope, handoff: Handoff, talk: Talk, point: Point, actor: Actor) -> tuple[Candidate, bool]:
    question = shoppers_words(point.question, talk.facts)
    flags = flags_of(question, point.wordings, point.answer, talk.facts)
    made = await repository.insert_new(
        scope, id=new_id("cnd"), question=question, wordings=list(point.wordings), answer=point.answer,
        proposed_question=question, proposed_answer=point.answer, findings=[one.told for one in flags],
        handoff_id=handoff.id, subject_id=handoff.subject_id, reason=handoff.reason, operator_id=point.operator_id,
        question_message_id=point.question.id, answer_message_ids=[one.id for one in point.answer_messages],
        proposed_by=actor.told,
    )  # fmt: skip
    if made is None:
        known = await repository.of_point(scope, handoff.id, point.question.id)
        assert known is not None
        return known, False
    await audit.record(
        scope, handoff_id=handoff.id, subject_id=handoff.subject_id, action="candidate_proposed", actor=actor,
        fence=handoff.fence, candidate_id=made, flags=sorted({one.kind for one in flags}),
    )  # fmt: skip
    return await repository.get(scope, made), True
