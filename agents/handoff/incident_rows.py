"""The SQL of incidents. The cause of a handoff is its reason and what the shopper asks about: the intent that leads,
and the product or courier named in its slots."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from agents.handoff.models import HandoffDraft, Incident
from agents.handoff.views import Cluster, Draft, IncidentView
from knowledge.kit.db import Scope
from knowledge.kit.errors import NotFoundError

# A request for a person says nothing of its cause: the intent beside it does, where there is one.
CAUSE = """concat_ws('/', h.reason,
    coalesce((select i from jsonb_array_elements_text(coalesce(h.packet->'intents', '[]')) with ordinality as e(i, n)
              where i <> 'human_request' order by n limit 1), 'unknown'),
    coalesce(h.packet->'slots'->>'product', h.packet->'slots'->>'product_id', h.packet->'slots'->>'courier'))"""
_VIEW = """select i.*, array(select h.id from handoffs h where h.shop_id = i.shop_id and h.incident_id = i.id
    order by h.enqueued_at, h.id) as handoff_ids,
    (select count(*) from handoff_drafts d where d.incident_id = i.id and d.state = 'draft') as drafts,
    (select count(*) from handoff_drafts d where d.incident_id = i.id and d.state = 'sent') as sent
    from incidents i where i.shop_id = :shop_id"""


async def clusters(scope: Scope, *, least: int, within_s: int) -> list[Cluster]:
    rows = await scope.all(
        f"""select {CAUSE} as cause, array_agg(h.id order by h.enqueued_at, h.id) as ids,
        (array_agg(h.packet->>'ask' order by h.enqueued_at desc))[1] as ask
        from handoffs h where h.shop_id = :shop_id and h.state in ('queued', 'claimed') and h.origin = 'support'
        and h.incident_id is null and h.enqueued_at > livecrew_now() - make_interval(secs => :within_s)
        group by 1 having count(*) >= :least order by count(*) desc, 1""",
        least=least, within_s=within_s,
    )  # fmt: skip
    return [Cluster(row.cause, tuple(row.ids), row.ask or row.cause) for row in rows]


async def open_of(scope: Scope, cause: str) -> Incident | None:
    found: Incident | None = await scope.session.scalar(
        select(Incident).where(Incident.shop_id == scope.shop_id, Incident.cause == cause, Incident.state == "open")
    )
    return found


async def locked(scope: Scope, incident_id: str) -> Incident:
    """Raises: NotFoundError."""
    statement = select(Incident).where(Incident.shop_id == scope.shop_id, Incident.id == incident_id)
    found = await scope.session.scalar(statement.with_for_update().execution_options(populate_existing=True))
    if found is None:
        raise NotFoundError("There is no such incident.", incident_id=incident_id)
    return found


async def add(scope: Scope, incident_id: str, handoff_ids: Sequence[str]) -> None:
    """Rows in the order of their ids, as every transaction that takes several."""
    await scope.run(
        """update handoffs h set incident_id = :incident where h.shop_id = :shop_id and h.id in (
          select id from handoffs where shop_id = :shop_id and id = any(:ids) and incident_id is null
          and state in ('queued', 'claimed') order by id for update)""",
        incident=incident_id, ids=list(handoff_ids),
    )  # fmt: skip


async def view(scope: Scope, incident_id: str) -> IncidentView:
    """Raises: NotFoundError."""
    row = await scope.one(f"{_VIEW} and i.id = :id", id=incident_id)
    if row is None:
        raise NotFoundError("There is no such incident.", incident_id=incident_id)
    return _view(row)


async def listed(scope: Scope, *, state: str | None) -> list[IncidentView]:
    rows = await scope.all(
        f"{_VIEW} and (cast(:state as text) is null or i.state = :state) order by i.created_at desc, i.id", state=state
    )
    return [_view(row) for row in rows]


def _view(row: Any) -> IncidentView:
    names = IncidentView.__dataclass_fields__
    return IncidentView(**{name: getattr(row, name) for name in names if name != "handoff_ids"},
                        handoff_ids=tuple(row.handoff_ids))  # fmt: skip


async def redraft(scope: Scope, incident_id: str, text: str) -> list[Draft]:
    rows = await scope.all(
        """insert into handoff_drafts as d (shop_id, handoff_id, incident_id, text)
        select :shop_id, id, :incident, :text from handoffs
        where shop_id = :shop_id and incident_id = :incident and state in ('queued', 'claimed') order by id
        on conflict (handoff_id, incident_id) do update set text = excluded.text, state = 'draft'
          where d.state <> 'sent' returning d.handoff_id, d.incident_id, d.text, d.state""",
        incident=incident_id, text=text,
    )  # fmt: skip
    return [Draft(row.handoff_id, row.incident_id, row.text, row.state) for row in rows]


async def draft_of(scope: Scope, handoff_id: str) -> Draft | None:
    row = await scope.one(
        """select handoff_id, incident_id, text, state from handoff_drafts
        where shop_id = :shop_id and handoff_id = :handoff and state = 'draft' order by created_at desc limit 1""",
        handoff=handoff_id,
    )
    return Draft(row.handoff_id, row.incident_id, row.text, row.state) if row else None


async def draft_locked(scope: Scope, incident_id: str, handoff_id: str) -> HandoffDraft | None:
    statement = select(HandoffDraft).where(
        HandoffDraft.shop_id == scope.shop_id, HandoffDraft.incident_id == incident_id,
        HandoffDraft.handoff_id == handoff_id,
    )  # fmt: skip
    found: HandoffDraft | None = await scope.session.scalar(statement.with_for_update())
    return found


async def drop_drafts(scope: Scope, incident_id: str) -> None:
    await scope.run(
        """update handoff_drafts set state = 'dropped'
        where shop_id = :shop_id and incident_id = :id and state = 'draft'""",
        id=incident_id,
    )


async def attach(scope: Scope, handoff_id: str) -> str | None:
    """A new handoff joins the open incident of its cause, with a draft where it was decided already."""
    row = await scope.one(
        f"""with joined as (
          update handoffs h set incident_id = i.id from incidents i
          where h.shop_id = :shop_id and h.id = :id and i.shop_id = :shop_id and i.state = 'open' and i.cause = {CAUSE}
          returning h.id, i.id as incident_id, i.decision),
        drafted as (
          insert into handoff_drafts (shop_id, handoff_id, incident_id, text)
          select :shop_id, id, incident_id, decision from joined where decision <> '' returning handoff_id)
        select incident_id from joined""",
        id=handoff_id,
    )
    return row.incident_id if row else None
