"""The packet of a turn that goes to a person: all the conversation has told so far, and a reply nobody was sent."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from agents.conversations.models import Message
from agents.guards.contacts import find_contacts
from agents.guards.promises import find_promises
from agents.guards.statements import without_markers
from agents.handoff.packet import Packet, Risk, Suggestion, TranscriptEntry
from agents.handoff.reasons import HandoffReason
from agents.support.answer_types import AnswerDraft, Decision
from agents.support.compose import compose
from agents.support.decisions import citation
from agents.support.focus import order_ids_in
from agents.support.slots import slots_of
from agents.support.verify import renumbered, verify
from knowledge.orders.views import ShopperView

_ASK = 120
_CARDS = 6
_GREETING = "您好，我是人工客服，您前面说的我都看到了。"


def stated_orders(entries: Sequence[Message]) -> tuple[str, ...]:
    """Numbers of orders that anybody wrote or a card showed, the latest first."""
    found: dict[str, None] = {}
    for entry in reversed(entries):
        found |= dict.fromkeys(card["order_id"] for card in entry.cards if card.get("kind") == "order")
        found |= dict.fromkeys(order_ids_in(entry.text))
    return tuple(found)


def packet_of(
    decision: Decision, entries: Sequence[Message], shopper: ShopperView | None, orders: Sequence[dict[str, Any]]
) -> Packet:
    """`orders` are cards of the shopper's own orders, as they stand now."""
    words = [entry.text for entry in entries if entry.author == "shopper"]
    understood = decision.triage
    cards = _cards([card.model_dump(mode="json") for card in decision.cards], orders, entries)
    return Packet(
        reason=decision.reason.value if decision.reason else "",
        ask=" ".join(words[-1].split())[:_ASK] if words else "",
        intents=tuple(understood.intents),
        slots=_slots(words, understood.slots),
        sentiment=understood.sentiment,
        floor_rules=understood.floor_rules,
        transcript=tuple(
            TranscriptEntry(author=entry.author, text=entry.text, at=entry.created_at.isoformat()) for entry in entries
        ),
        evidence=_evidence(decision, entries),
        tried=_tried(decision),
        missing=decision.missing,
        shopper=shopper.model_dump() if shopper else None,
        identity="proven" if shopper else "failed" if decision.reason is HandoffReason.IDENTITY else "guest",
        order_ids=tuple(card["order_id"] for card in cards if card["kind"] == "order"),
        cards=cards,
        policies=tuple(card for card in cards if card["kind"] == "policy"),
        attachment_ids=tuple(one for entry in entries for one in entry.attachment_ids),
        suggestion=suggestion(decision),
        risks=_risks(entries, cards),
    )


def _slots(words: Iterable[str], latest: dict[str, str]) -> dict[str, str]:
    """What was said later replaces what was said before."""
    slots: dict[str, str] = {}
    for text in words:
        slots |= slots_of(text)
    return slots | latest


def _cards(
    now: Sequence[dict[str, Any]], orders: Sequence[dict[str, Any]], entries: Sequence[Message]
) -> tuple[dict[str, Any], ...]:
    """Newest first: one of each order, product and rule."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for card in (*now, *orders, *(card for entry in reversed(entries) for card in entry.cards)):
        name = card.get("order_id") or card.get("product_id") or card.get("title") or ""
        found.setdefault((card["kind"], name), card)
    return tuple(found.values())[:_CARDS]


def _evidence(decision: Decision, entries: Sequence[Message]) -> tuple[dict[str, Any], ...]:
    """What this turn gathered, and what the bot cited before."""
    now = [{**citation(item.number, item), "text": item.text} for item in decision.gathered.evidence]
    known = {one["chunk_id"] for one in now}
    for entry in reversed(entries):
        for cited in entry.citations:
            if cited["chunk_id"] not in known:
                known.add(cited["chunk_id"])
                now.append(cited)
    return tuple(now)


def _tried(decision: Decision) -> tuple[str, ...]:
    """`tool:what it came to`, documents found, and what the guards refused of a draft; at least that it was read."""
    steps = [f"{tool}:{status}" for tool, status in decision.tools]
    if decision.gathered.hits:
        steps.append(f"documents:{len(decision.gathered.hits)}")
    steps += [f"rejected:{kind}" for kind in sorted({finding.kind for finding in decision.rejected})]
    steps += [f"rule:{rule}" for rule in decision.triage.floor_rules]
    return tuple(dict.fromkeys(steps)) or ("understood",)


def suggestion(decision: Decision) -> Suggestion:
    """Grounded in what was gathered and held against it by the guards; else a greeting that says nothing they could
    object to."""
    evidence = decision.gathered.evidence
    for draft in _drafts(decision):
        checked = verify(draft, evidence, ())
        if checked.passed:
            sentences, cited = renumbered(checked, evidence)
            return Suggestion(
                text="".join(sentences),
                citations=tuple(citation(number, item) for number, item in enumerate(cited, start=1)),
            )
    return Suggestion(text=_GREETING)


def _drafts(decision: Decision) -> Iterator[AnswerDraft]:
    """Documents quoted; then the first of the facts that tools told."""
    gathered = decision.gathered
    documents = tuple(item for item in gathered.evidence if not item.live)
    if documents:
        yield compose(replace(gathered, evidence=documents))
    for item in gathered.evidence:
        if item.live:
            yield AnswerDraft(answer=f"{item.text.rstrip('。')}。[{item.number}]")
            return


def _risks(entries: Sequence[Message], cards: Sequence[dict[str, Any]]) -> tuple[Risk, ...]:
    """Words that may bind the shop, said by the bot or asked for by the shopper; and rights the shop must decide on."""
    found = [
        Risk(where="said" if entry.author == "bot" else "asked", kind=one.detail, span=one.span)
        for entry in entries
        if entry.author in ("bot", "shopper")
        for one in find_promises(without_markers(entry.text))
    ]
    found += [
        Risk(where="asked", kind=f"contact_{one.detail}", span=one.span)
        for entry in entries
        if entry.author == "shopper"
        for one in find_contacts(entry.text, ())
    ]
    found += [
        Risk(where="computed", kind="discretion", span=card["title"])
        for card in cards
        if card["kind"] == "policy" and card["result"] == "discretion"
    ]
    return tuple(dict.fromkeys(found))
