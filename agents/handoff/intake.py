"""How work enters the queue: one open handoff a subject, one effect a trigger."""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from agents.handoff import incident_rows, moves, repository
from agents.handoff.errors import KeyReusedError
from agents.handoff.lifecycle import HandoffAction, HandoffState, next_state
from agents.handoff.models import Handoff, HandoffTrigger
from agents.handoff.packet import Packet
from agents.handoff.priority import base_priority
from agents.handoff.reasons import HandoffReason, most_urgent
from agents.handoff.rules import QueueRules
from agents.handoff.standing import rules_for
from agents.handoff.streams import QUEUE_STREAM
from agents.handoff.views import BOT, Actor, Standing
from knowledge.kit.db import Scope
from knowledge.kit.events import append_event
from knowledge.kit.ids import new_id


@dataclass(frozen=True)
class Intake:
    """Work for a person. `trigger_id` with `subject_id` is the idempotency key: the message, line or candidate."""

    origin: str
    subject_id: str
    trigger_id: str
    reason: HandoffReason
    packet: Packet
    skills: tuple[str, ...] = ()

    @property
    def body_sha256(self) -> str:
        """Of what the caller asks for; what the desk gathers beside it may differ from one try to the next."""
        body = [self.origin, self.reason.value, self.packet.ask, sorted(self.skills)]
        return sha256(json.dumps(body, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class Taken:
    """`standing` None where no shopper waits, or nothing new was told."""

    handoff: Handoff
    merged: bool = False
    repeated: bool = False
    standing: Standing | None = None


async def enqueue(scope: Scope, asked: Intake, *, actor: Actor = BOT, made_by: dict[str, Any] | None = None) -> Taken:
    """A new trigger of a subject with an open handoff merges into it: its reason is added, its priority only rises.
    The same trigger again changes nothing. `made_by` tells the audit which bot, prompts and model were at work.

    A conversation's row must be locked by the caller. Raises: KeyReusedError when the trigger came with another body.
    """
    seen = await repository.trigger(scope, asked.subject_id, asked.trigger_id)
    if seen is not None:
        if seen.body_sha256 not in ("", asked.body_sha256):
            raise KeyReusedError(
                "This trigger was used for another handoff.", subject_id=asked.subject_id, trigger_id=asked.trigger_id
            )
        return Taken(await repository.get(scope, seen.handoff_id), repeated=True)
    rules = await rules_for(scope)
    current = await repository.unfinished_of(scope, asked.subject_id)
    handoff = current or await _made(scope, asked, rules)
    scope.session.add(
        HandoffTrigger(
            shop_id=scope.shop_id, subject_id=asked.subject_id, trigger_id=asked.trigger_id, handoff_id=handoff.id,
            reason=asked.reason.value, body_sha256=asked.body_sha256,
        )
    )  # fmt: skip
    if current is not None:
        _merge(current, asked, rules)
    await scope.session.flush()
    standing = await moves.tell_shopper(scope, handoff)
    if standing is not None:
        handoff.packet = {**handoff.packet, "expected_wait_s": standing.expected_wait_s}
    kind = "merged" if current else "enqueued"
    bot = {"made_by": made_by} if made_by else {}
    await moves.tell(scope, handoff, kind, actor, trigger_id=asked.trigger_id, asked=asked.reason.value, **bot)
    return Taken(handoff, merged=current is not None, standing=standing)


async def _made(scope: Scope, asked: Intake, rules: QueueRules) -> Handoff:
    skills = dict.fromkeys((*rules.skills_for(asked.reason), *asked.skills))
    made = Handoff(
        id=new_id("hnd"),
        shop_id=scope.shop_id,
        origin=asked.origin,
        subject_id=asked.subject_id,
        trigger_id=asked.trigger_id,
        reason=asked.reason.value,
        reasons=[asked.reason.value],
        state=HandoffState.QUEUED.value,
        priority=base_priority(asked.reason),
        vip=rules.is_vip(str((asked.packet.shopper or {}).get("tier") or "")),
        skills=list(skills),
        sticky_operator=await repository.last_operator_of(scope, asked.subject_id, days=rules.sticky_days),
        fence=0,
        packet=asked.packet.model_dump(mode="json"),
    )
    scope.session.add(made)
    await scope.session.flush()
    made.incident_id = await incident_rows.attach(scope, made.id)
    return made


def _merge(current: Handoff, asked: Intake, rules: QueueRules) -> None:
    """The packet that was there stays, with the new ask and the new reasons beside it."""
    next_state(HandoffState(current.state), HandoffAction.MERGE)
    known = [HandoffReason(name) for name in current.reasons]
    if asked.reason not in known:
        known.append(asked.reason)
    leading = most_urgent(known) or asked.reason
    current.reasons = [one.value for one in known]
    current.reason = leading.value
    current.priority = max(current.priority, base_priority(leading))
    current.skills = list(dict.fromkeys((*current.skills, *rules.skills_for(asked.reason), *asked.skills)))
    current.packet = {**current.packet, "merged": [*current.packet.get("merged", []), asked.packet.merged_as()]}


async def shopper_wrote(scope: Scope, conversation_id: str) -> None:
    """Wakes the desk; timers read the message itself."""
    handoff = await repository.unfinished_of(scope, conversation_id, lock=False)
    if handoff is not None:
        await append_event(scope, QUEUE_STREAM, "shopper_wrote", moves.facts(handoff))
