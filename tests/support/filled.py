"""A shop with a row in every table, and words planted wherever somebody's words or secrets are kept."""

import io
from dataclasses import dataclass
from urllib.parse import quote

from PIL import Image

from agents.conversations import attachments, proof, ratings, service
from agents.conversations.pictures import cleaned
from agents.handoff.incidents import Incidents
from agents.handoff.presence import Presence
from agents.handoff.service import HandoffQueue
from agents.handoff.views import Actor
from agents.llm import shop_models
from agents.llm.ledger import LedgerRow, Outcome
from agents.llm.sql_ledger import SqlLedger
from agents.support.learning.proposals import propose
from agents.support.learning.sweep import learn
from api.auth import identity
from api.auth.identity import MadeKey
from api.auth.keys import SCOPES, create_key
from api.auth.operators import create_operator
from api.chatwoot import connections as chatwoot
from api.chatwoot import delivery_rows, step_rows
from api.chatwoot.models import ChatwootConversation
from api.webhooks import service as webhooks
from api.webhooks.targets import Targets
from knowledge.catalog.service import CatalogService
from knowledge.catalog.views import TraceView
from knowledge.documents import repository as documents
from knowledge.kit.clock import SystemClock, shanghai_date
from knowledge.kit.db import Database, Scope
from knowledge.kit.ids import new_id
from knowledge.orders.service import OrderStore
from knowledge.orders.views import ItemView, RefundView, ShipmentStep, ShipmentView
from knowledge.policies.service import PolicyTermsService
from knowledge.policies.terms import PolicyTerms
from tests.knowledge.catalog.factories import NOON, offer, product
from tests.knowledge.orders.factories import order, shopper
from tests.support.desk import Desk, policy

PLANTED = "芝麻开门"
"""Stands in everything that only this shop, or only this shopper, may read."""


def a_picture() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (32, 24), (200, 30, 30)).save(written, "JPEG")
    return written.getvalue()


@dataclass(frozen=True)
class Talked:
    """One proven shopper's conversation that went to a person. `token` is without its shop."""

    conversation_id: str
    token: str
    attachment_id: str


async def talk_of(desk: Desk, shopper_id: str, *, word: str = PLANTED) -> Talked:
    async with desk.database.transaction(desk.shop_id) as scope:
        conversation, token = await service.open_conversation(scope)
        await proof.bind(scope, conversation, shopper_id=shopper_id, name=f"{word}女士")
    picture = await cleaned(a_picture())
    async with desk.database.transaction(desk.shop_id) as scope:
        held = await attachments.attach(scope, conversation.id, picture)
    async with desk.database.transaction(desk.shop_id) as scope:
        accepted = await service.accept_message(
            scope, conversation.id, f"转人工，我的暗号是{word}", attachment_ids=[held.id]
        )
        assert accepted.turn is not None
    await desk.runner().run(desk.shop_id, accepted.turn.id)
    async with desk.database.transaction(desk.shop_id) as scope:
        await ratings.rate(scope, conversation.id, score=2, solved=False, comment=f"{word}没解决")
    return Talked(conversation.id, token, held.id)


async def put_orders_of(database: Database, shop_id: str, shopper_id: str, order_id: str, word: str = PLANTED) -> None:
    """The person stands wherever an order can tell them, in words of their own or of others."""
    store = OrderStore(database)
    person = shopper(
        shopper_id, name=f"{word}女士", phone=f"138{word}", email=f"{word}@example.com", address=f"{word}路1号"
    )
    await store.put_shoppers(shop_id, [person])
    given = order(
        order_id,
        shopper_id,
        address=f"{word}路1号",
        phone=f"138{word}",
        note=f"{word}收",
        items=(
            ItemView(
                line=1, title="钢笔", sku_name=f"刻字：{word}", quantity=1, unit_price_fen=1, paid_fen=1,
                customised=True,
            ),
        ),
        shipments=(
            ShipmentView(
                tracking_no=f"SF-{order_id}", courier="顺丰", state="in_transit",
                steps=(ShipmentStep(at=NOON, text=f"送往{word}路", place=f"{word}站"),),
            ),
        ),
        refunds=(
            RefundView(
                refund_id=f"R-{order_id}", line=1, kind="refund", state="requested", reason=f"我叫{word}",
                requested_at=NOON,
            ),
        ),
    )  # fmt: skip
    await store.put_orders(shop_id, [given])


async def work_on(desk: Desk, word: str = PLANTED) -> tuple[str, str]:
    """An operator claims what waits, notes something, and an incident drafts a reply for it; the ids of handoff and
    incident."""
    queue, incidents, operator = HandoffQueue(desk.database), Incidents(desk.database), Actor("opr_1")
    await Presence(desk.database).sign_in(desk.shop_id, operator.id, name=word)
    claimed = await queue.claim_next(desk.shop_id, operator)
    assert claimed is not None
    await queue.note(desk.shop_id, claimed.handoff_id, operator, claimed.fence, f"{word}来过")
    incident = await incidents.group(
        desk.shop_id, operator, cause=word, title=word, handoff_ids=[claimed.handoff_id]
    )  # fmt: skip
    await incidents.decide(desk.shop_id, incident.id, operator, f"{word}，我们查清后答复您。")
    return claimed.handoff_id, incident.id


async def taught(desk: Desk, word: str = PLANTED) -> tuple[str, str]:
    """An operator answers a guest, and the answer is proposed to be learned; the ids of handoff and candidate."""
    queue, operator = HandoffQueue(desk.database), Actor("opr_1")
    accepted = await desk.say(await desk.open(), f"转人工，{word}支持到店自提吗")
    assert accepted.turn is not None
    await desk.runner().run(desk.shop_id, accepted.turn.id)
    claimed = await queue.claim_next(desk.shop_id, operator)
    assert claimed is not None
    await queue.reply(
        desk.shop_id, claimed.handoff_id, operator, claimed.fence, f"{word}支持到店自提。", client_key="1"
    )
    await queue.resolve(desk.shop_id, claimed.handoff_id, operator, claimed.fence)
    await learn(desk.database, desk.shop_id)
    async with desk.database.transaction(desk.shop_id) as scope:
        candidate, _ = await propose(scope, claimed.handoff_id, operator)
    return claimed.handoff_id, candidate.id


async def told_by_webhook(scope: Scope, word: str) -> tuple[str, str]:
    """The ids of a webhook that is off, and of a delivery that waits for it."""
    made = await webhooks.create(scope, Targets(), url=f"https://hooks.example.com/{quote(word)}", topics=["handoff.*"])
    made.secret, made.enabled = f"whs_{word}", False
    delivery = await webhooks.send_test(scope, made.id)
    return made.id, delivery.id


async def connected_to_chatwoot(scope: Scope, conversation_id: str, word: str) -> str:
    """The conversation is one there too; a delivery waits, and a step."""
    connection = await chatwoot.connect(
        scope, base_url="https://127.0.0.1:9", account_id=1, name=word, bot_token="t", secret="s"
    )
    link = ChatwootConversation(
        conversation_id=conversation_id, shop_id=scope.shop_id, connection_id=connection.id, chatwoot_id=1,
        is_current=True, planned_offset=0,
    )  # fmt: skip
    scope.session.add(link)
    await scope.session.flush()
    said = await scope.one("select id from messages where conversation_id = :id limit 1", id=conversation_id)
    await delivery_rows.remember(scope, connection.id, 1, said.id)
    await step_rows.add(scope, link, "reply", said.id)
    await delivery_rows.store(
        scope, connection.id, "d-1", event="message_created", chatwoot_id=1, signed=True, payload={"content": word}
    )
    return connection.id


@dataclass(frozen=True)
class FilledShop:
    document_id: str
    identity_key: MadeKey
    talked: Talked
    order_id: str
    handoff_id: str
    incident_id: str
    webhook_id: str
    delivery_id: str
    taught_handoff_id: str
    candidate_id: str
    connection_id: str


async def fill_every_table(desk: Desk, word: str = PLANTED) -> FilledShop:
    """Through the services that write there; `word` is planted all over."""
    database, shop_id = desk.database, desk.shop_id
    (document,) = await desk.ingest(policy("rules", f"签收后七天内可以退货，暗号{word}。"))
    catalog = CatalogService(database, SystemClock())
    await catalog.put(shop_id, product("P1", 9900), source="test", stock={"P1-1": 3})
    await catalog.put_offers(shop_id, [offer("O1", name=f"{word}特惠")])
    await catalog.put_trace(shop_id, [TraceView(code="T1", product_id="P1", origin=word)])
    await PolicyTermsService(database).put(shop_id, PolicyTerms(), shanghai_date(NOON))
    await put_orders_of(database, shop_id, "anna", "A1", word)
    talked = await talk_of(desk, "anna", word=word)
    handoff_id, incident_id = await work_on(desk, word)
    taught_by, candidate_id = await taught(desk, word)
    await SqlLedger(database).record(
        LedgerRow(
            shop_id=shop_id, subject_id="trn_1", prompt="p", prompt_sha256="0", model="m", input_tokens=1,
            output_tokens=1, ms=1, cost_fen=0, outcome=Outcome.OK,
        )
    )  # fmt: skip
    async with database.transaction(shop_id) as scope:
        await create_key(scope, word, list(SCOPES))
        key = await identity.create_identity_key(scope)
        await documents.save_applied_version(scope, "collection", 1)
        await shop_models.save(scope, base_url="http://127.0.0.1:9/v1", model=word, api_key=word)
        await scope.run(
            "insert into imports (id, shop_id, kind, file_name, sha256, row_count, new_count, changed_count, "
            "unchanged_count, created_by) values (:id, :shop_id, 'products', :name, '0', 1, 1, 0, 0, :name)",
            id=new_id("imp"),
            name=word,
        )
    async with database.transaction(shop_id) as scope:
        login = f"boss-{shop_id[-10:].lower()}"
        await create_operator(scope, login, name=word, password="一个很长的口令 42", roles=["admin"])
        webhook_id, delivery_id = await told_by_webhook(scope, word)
        connection_id = await connected_to_chatwoot(scope, talked.conversation_id, word)
    return FilledShop(
        document.id,
        key,
        talked,
        "A1",
        handoff_id,
        incident_id,
        webhook_id,
        delivery_id,
        taught_by,
        candidate_id,
        connection_id,
    )
