"""Whole conversations on the demo shop: told, cited, asked back, silent or handed on as a good desk would?

Live facts and identity are the shop's own; what is expected is computed from the seeded data, never by the product.
"""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import select

from agents.conversations import attachments, pictures, proof, repository, service
from agents.conversations.models import Conversation, Turn
from agents.handoff.models import Handoff
from agents.support.answer_types import Decision
from api.demo import demo_uploads
from evals.contract import Options, Outcome, Row
from evals.conversation_check import noticed
from evals.conversation_facts import SeededShop
from evals.conversation_grade import ASPECTS, Mark, marks
from evals.conversation_rows import Said, Scripted, read_conversations
from evals.figures import percentile, rate
from evals.home import EvalHome, drafting, open_home
from knowledge.demo.seed import seed_facts
from knowledge.demo.shop import DEMO_SHOP_ID
from knowledge.documents.law_cards import card_uploads
from knowledge.kit.clock import FrozenClock
from knowledge.kit.db import Scope

DATA = Path(__file__).parents[1] / "conversations"
_OPEN = ("queued", "claimed")


async def run(options: Options) -> Outcome:
    path = DATA if options.data == Path() else options.data
    conversations = read_conversations(path)[: options.limit]
    async with open_home(options.now, options.writer) as home:
        await home.shop(DEMO_SHOP_ID)
        clock = FrozenClock(options.now)
        await seed_facts(home.knowledge.database, clock)
        await home.ingest(DEMO_SHOP_ID, [*demo_uploads(clock), *card_uploads()], options.progress)
        predictions: list[Row] = []
        for number, conversation in enumerate(conversations, start=1):
            predictions += await hold(home, conversation)
            options.progress(f"conversation {number}/{len(conversations)}")
        drafts = home.drafts(predictions)
    shop = SeededShop(options.now)
    metrics = {**score(conversations, predictions, shop), **drafts}
    notes = [] if options.writer != "raw" else ["the raw baseline has no tools; --writer raw ran as offline"]
    return Outcome(metrics, predictions, worst=worst(conversations, predictions, shop), notes=notes)


async def hold(home: EvalHome, conversation: Scripted) -> list[Row]:
    """Only who asks, their words and their photos reach the desk."""
    async with home.knowledge.database.transaction(DEMO_SHOP_ID) as scope:
        opened, _ = await service.open_conversation(scope, channel="eval")
        if conversation.shopper:
            await proof.bind(scope, opened, shopper_id=conversation.shopper, name="")
    return [
        {"id": conversation.id, "turn": number, **await _turn(home, opened.id, said)}
        for number, said in enumerate(conversation.turns, start=1)
    ]


async def _turn(home: EvalHome, conversation_id: str, said: Said) -> Row:
    photo = await pictures.cleaned(_photo()) if said.picture else None
    async with home.knowledge.database.transaction(DEMO_SHOP_ID) as scope:
        if said.identify:
            conversation = await repository.get(scope, conversation_id, lock=True)
            await proof.bind(scope, conversation, shopper_id=said.identify, name="")
        attached = [await attachments.attach(scope, conversation_id, photo)] if photo else []
        ids = [one.id for one in attached]
        accepted = await service.accept_message(scope, conversation_id, said.say, attachment_ids=ids)
    decision = await home.turns.run(DEMO_SHOP_ID, accepted.turn.id) if accepted.turn else None
    async with home.knowledge.database.transaction(DEMO_SHOP_ID) as scope:
        state = await _state(scope, conversation_id)
        turn = await scope.session.get_one(Turn, accepted.turn.id) if accepted.turn else None
    return {**_said(decision), **state, "ms": turn.record["ms"] if turn else 0.0}


def _said(decision: Decision | None) -> Row:
    if decision is None:
        return {
            "outcome": "silent", "text": "", "sentences": [], "citations": [], "cards": [], "tools": [],
            "writer": None, "drafted": False, "rejected": [],
        }  # fmt: skip
    texts = {item.source.chunk_id: item.text for item in decision.gathered.evidence}
    return {
        "outcome": decision.outcome,
        "text": decision.text,
        "sentences": list(decision.sentences),
        "citations": [
            {
                "number": cited["number"],
                "doc": cited["doc"],
                "kind": cited.get("kind", ""),
                "article": cited["article"],
                "text": cited.get("text") or texts.get(cited["chunk_id"], ""),
            }
            for cited in decision.citations
        ],
        "cards": [card.kind for card in decision.cards],
        "tools": [list(one) for one in decision.tools],
        **drafting(decision),
    }


async def _state(scope: Scope, conversation_id: str) -> Row:
    conversation = await scope.session.get_one(Conversation, conversation_id)
    handoff = await scope.session.scalar(
        select(Handoff).where(
            Handoff.shop_id == scope.shop_id, Handoff.subject_id == conversation_id, Handoff.state.in_(_OPEN)
        )
    )
    return {
        "owner": conversation.owner,
        "handoff": handoff.reason if handoff else None,
        "shopper": conversation.shopper_id,
    }


def _photo() -> bytes:
    """Any picture does: nobody here looks at it."""
    file = io.BytesIO()
    Image.new("RGB", (64, 48), (168, 120, 90)).save(file, "JPEG")
    return file.getvalue()


def score(conversations: Sequence[Scripted], predictions: Sequence[Row], shop: SeededShop) -> dict[str, Any]:
    """A conversation passes when every turn does; an aspect is right in a turn or not."""
    marked = _marked(conversations, predictions, shop)
    turns = [mark for each in marked.values() for mark in each]
    passed = {key: all(mark.passed for mark in each) for key, each in marked.items()}
    capabilities = sorted({name for each in conversations for name in each.capabilities})
    return {
        "n": len(conversations),
        "turns": len(turns),
        **rate("passed", list(passed.values())),
        "wrong_facts": sum(len(mark.wrong_facts) for mark in turns),
        **rate("wrong_facts_noticed", _noticed(conversations, predictions, shop)),
        **rate("turns_passed", [mark.passed for mark in turns]),
        **{name: value for aspect in ASPECTS for name, value in rate(aspect, _right(turns, aspect)).items()},
        "by_split": {
            split: rate("passed", [passed[each.id] for each in conversations if each.split == split])
            for split in ("dev", "held")
        },
        "by_capability": {
            name: rate("passed", [passed[each.id] for each in conversations if name in each.capabilities])
            for name in capabilities
        },
        "p50_ms": percentile([row["ms"] for row in predictions if row["ms"]], 50),
        "p95_ms": percentile([row["ms"] for row in predictions if row["ms"]], 95),
    }


def _noticed(conversations: Sequence[Scripted], predictions: Sequence[Row], shop: SeededShop) -> list[bool]:
    rows = _by_id(predictions)
    return [outcome for each in conversations for outcome in noticed(each, rows[each.id], shop)]


def _right(turns: Sequence[Mark], aspect: str) -> list[bool]:
    return [aspect not in mark.faults for mark in turns]


def _marked(conversations: Sequence[Scripted], predictions: Sequence[Row], shop: SeededShop) -> dict[str, list[Mark]]:
    rows = _by_id(predictions)
    return {each.id: marks(each, rows[each.id], shop) for each in conversations}


def _by_id(predictions: Sequence[Row]) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {}
    for row in predictions:
        rows.setdefault(row["id"], []).append(row)
    return rows


def worst(conversations: Sequence[Scripted], predictions: Sequence[Row], shop: SeededShop) -> list[Row]:
    """Turns that failed, wrong facts first. Held-out conversations are counted, not shown: reading them would use
    them up."""
    said = {(row["id"], row["turn"]): row for row in predictions}
    marked = _marked(conversations, predictions, shop)
    shown = []
    for each in conversations:
        for mark in marked[each.id]:
            if mark.passed or each.split == "held":
                continue
            problem = "；".join(
                [*(f"{key}: {', '.join(told)}" for key, told in mark.faults.items()), *mark.wrong_facts]
            )
            turn, row = each.turns[mark.turn - 1], said[each.id, mark.turn]
            expected = turn.expect.model_dump(exclude_defaults=True)
            shown.append(
                {"id": f"{each.id}#{mark.turn}", "question": turn.say or "（图片）", "problem": problem,
                 "gold": expected, "answer": row["text"] or row["outcome"], "wrong": bool(mark.wrong_facts)}
            )  # fmt: skip
    return sorted(shown, key=lambda case: not case["wrong"])
