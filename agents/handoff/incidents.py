"""Burst: many conversations with one cause become an incident. One decision drafts a reply for all of them; each draft
is sent by whoever holds its handoff, under that handoff's own fence."""

from collections.abc import Sequence
from typing import Any

from agents.handoff import acts, audit, incident_rows, replies, repository
from agents.handoff.models import Incident
from agents.handoff.streams import QUEUE_STREAM
from agents.handoff.views import Actor, Cluster, Draft, IncidentView, Sent
from knowledge.kit.db import Database, Scope
from knowledge.kit.errors import ConflictError, NotFoundError
from knowledge.kit.events import append_event
from knowledge.kit.ids import new_id


class Incidents:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def clusters(self, shop_id: str, *, least: int = 3, within_s: int = 1800) -> list[Cluster]:
        """Causes that at least so many open handoffs of the latest time share, the largest first."""
        async with self._database.transaction(shop_id) as scope:
            return await incident_rows.clusters(scope, least=least, within_s=within_s)

    async def group(
        self, shop_id: str, actor: Actor, *, cause: str, title: str, handoff_ids: Sequence[str]
    ) -> IncidentView:
        """Opens the cause's incident, or adds to the one open. What another incident holds, or has ended, is left out.

        Raises: InvalidInputError.
        """
        acts.checked("title", title, required=True)
        acts.checked("cause", cause, required=True)
        async with self._database.transaction(shop_id) as scope:
            incident = await incident_rows.open_of(scope, cause)
            if incident is None:
                incident = Incident(
                    id=new_id("inc"), shop_id=shop_id, title=title, cause=cause, created_by=actor.told
                )  # fmt: skip
                scope.session.add(incident)
                await scope.session.flush()
            await incident_rows.add(scope, incident.id, handoff_ids)
            view = await incident_rows.view(scope, incident.id)
            await _tell(scope, view, actor)
            return view

    async def listed(self, shop_id: str, *, state: str | None = None) -> list[IncidentView]:
        """Newest first."""
        async with self._database.transaction(shop_id) as scope:
            return await incident_rows.listed(scope, state=state)

    async def read(self, shop_id: str, incident_id: str) -> IncidentView:
        async with self._database.transaction(shop_id) as scope:
            return await incident_rows.view(scope, incident_id)

    async def decide(self, shop_id: str, incident_id: str, actor: Actor, text: str) -> list[Draft]:
        """The decision becomes a draft for every open handoff of the incident; an earlier decision's unsent drafts are
        replaced. Nothing is sent. Raises: NotFoundError, ConflictError once ended, InvalidInputError."""
        acts.checked("text", text, required=True)
        async with self._database.transaction(shop_id) as scope:
            incident = await incident_rows.locked(scope, incident_id)
            _check_open(incident)
            incident.decision, incident.decided_by = text, actor.told
            incident.decided_at = await repository.now(scope)
            await scope.session.flush()
            drafts = await incident_rows.redraft(scope, incident_id, text)
            await _tell(scope, await incident_rows.view(scope, incident_id), actor, kind="drafted")
        return drafts

    async def draft_of(self, shop_id: str, handoff_id: str) -> Draft | None:
        """The unsent draft of its incident's decision."""
        async with self._database.transaction(shop_id) as scope:
            return await incident_rows.draft_of(scope, handoff_id)

    async def send(self, shop_id: str, incident_id: str, handoff_id: str, actor: Actor, fence: int) -> Sent:
        """Sends the draft as this operator's reply, once: a second call tells the message that was sent.

        Raises: NotFoundError without a draft, StaleFenceError.
        """
        async with self._database.transaction(shop_id) as scope:
            await repository.get(scope, handoff_id, lock=True)  # before the draft: the order of all moves
            draft = await incident_rows.draft_locked(scope, incident_id, handoff_id)
            if draft is None or draft.state == "dropped":
                raise NotFoundError("There is no draft to send.", incident_id=incident_id, handoff_id=handoff_id)
            sent = await replies.reply(
                scope, handoff_id, actor, fence, draft.text, client_key=f"{incident_id}:{handoff_id}",
                incident_id=incident_id,
            )  # fmt: skip
            draft.state, draft.message_id = "sent", sent.message_id
        return sent

    async def end(self, shop_id: str, incident_id: str, actor: Actor) -> IncidentView:
        """Unsent drafts are dropped; the handoffs go on by themselves. Ending again changes nothing."""
        async with self._database.transaction(shop_id) as scope:
            incident = await incident_rows.locked(scope, incident_id)
            if incident.state == "open":
                incident.state, incident.ended_at = "ended", await repository.now(scope)
                await scope.session.flush()
                await incident_rows.drop_drafts(scope, incident_id)
                await _tell(scope, await incident_rows.view(scope, incident_id), actor)
            return await incident_rows.view(scope, incident_id)


def _check_open(incident: Incident) -> None:
    if incident.state != "open":
        raise ConflictError("This incident has ended.", incident_id=incident.id)


async def _tell(scope: Scope, view: IncidentView, actor: Actor, *, kind: str = "incident") -> None:
    data: dict[str, Any] = {
        "incident_id": view.id,
        "state": view.state,
        "handoffs": len(view.handoff_ids),
        "drafts": view.drafts,
    }
    words = {"decision_sha256": acts.digest(view.decision)} if view.decision else {}
    await audit.record(scope, handoff_id="", subject_id=view.id, action=kind, actor=actor, fence=0, **data, **words)
    await append_event(scope, QUEUE_STREAM, kind, {**data, "actor": actor.told})
