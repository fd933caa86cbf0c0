"""What the operator reads is complete when it is made: service.md §6 asks for 95 % of what is known."""

from typing import Any

import pytest

from agents.conversations import proof, service
from agents.guards.contacts import find_contacts
from agents.guards.promises import find_promises
from agents.guards.statements import without_markers
from agents.handoff.packet import Packet
from knowledge.kit.db import Database
from knowledge.orders.service import OrderStore
from tests.knowledge.orders.factories import order, shopper
from tests.support.desk import TWO_ANSWERS, Desk, faq

_OLD, _NEW = "202605200001", "202605200002"
_EVERYBODY = (
    "reason",
    "ask",
    "intents",
    "sentiment",
    "identity",
    "transcript",
    "tried",
    "suggestion",
    "expected_wait_s",
)
_PROVEN = (*_EVERYBODY, "shopper", "order_ids", "cards")
# (what is said, whether the shopper is proven, what is known then)
_TALKS: tuple[tuple[tuple[str, ...], bool, tuple[str, ...]], ...] = (
    (("转人工",), False, _EVERYBODY),
    (("你好", "我要找人工客服"), True, _PROVEN),
    (("订单202605200001到哪了", "太慢了，我要投诉你们客服的态度"), True, (*_PROVEN, "slots")),
    (("电子发票多久能开好？", "我要人工"), False, (*_EVERYBODY, "evidence")),
    (("付款以后多久发货？", "转人工客服"), True, (*_PROVEN, "evidence")),
    (("我用了你们的面霜脸过敏了，红肿",), True, (*_PROVEN, "floor_rules")),
    (("我已经向12315投诉了，等着收律师函吧",), False, (*_EVERYBODY, "floor_rules")),
    (("有人盗用了我的账号下单",), True, (*_PROVEN, "floor_rules")),
    (("订单202605200001的黑色M码发错了", "叫你们人工来"), True, (*_PROVEN, "slots")),
    (("你们昨天说会赔我50元的", "给我转人工"), False, (*_EVERYBODY, "slots", "risks")),
)


class _Talk:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def packet(self, said: tuple[str, ...], *, proven: bool) -> Packet:
        async with self.desk.database.transaction(self.desk.shop_id) as scope:
            conversation, _ = await service.open_conversation(scope)
            if proven:
                await proof.bind(scope, conversation, shopper_id="anna", name="安娜")
        for text in said:
            accepted = await self.desk.say(conversation.id, text)
            if accepted.turn is not None:
                await self.desk.runner().run(self.desk.shop_id, accepted.turn.id)
        (handoff,) = [one for one in await self.desk.handoffs() if one.subject_id == conversation.id]
        return Packet.model_validate(handoff.packet)


@pytest.fixture
async def talk(desk: Desk, database: Database) -> _Talk:
    store = OrderStore(database)
    await store.put_shoppers(desk.shop_id, [shopper("anna", tier="金卡会员")])
    await store.put_orders(desk.shop_id, [order(_OLD, "anna"), order(_NEW, "anna")])
    await desk.ingest(faq("questions", TWO_ANSWERS))
    return _Talk(desk)


async def test_what_is_known_is_there(talk: _Talk) -> None:
    """Measured over conversations of every way to a person, slot by slot."""
    there: list[tuple[str, str, bool]] = []
    for said, proven, known in _TALKS:
        packet = (await talk.packet(said, proven=proven)).model_dump(mode="json")
        there += [(said[-1], name, packet[name] not in (None, "", [], {})) for name in known]
    missing = [(text, name) for text, name, present in there if not present]
    assert len(there) >= 90
    assert 1 - len(missing) / len(there) >= 0.95, missing


async def test_an_order_stands_as_it_is_now_and_only_its_own_shoppers(talk: _Talk) -> None:
    packet = await talk.packet(("订单202605200002怎么还没到，转人工",), proven=True)
    assert packet.order_ids[0] == _NEW
    card: dict[str, Any] = packet.cards[0]
    assert (card["kind"], card["order_id"], card["paid_fen"]) == ("order", _NEW, 25800)
    guest = await talk.packet(("订单202605200002怎么还没到，转人工",), proven=False)
    assert (guest.identity, guest.shopper, guest.cards, guest.order_ids) == ("guest", None, (), ())
    assert (packet.identity, (packet.shopper or {})["tier"]) == ("proven", "金卡会员")


async def test_a_shopper_who_names_no_order_is_shown_with_the_newest(talk: _Talk) -> None:
    assert len((await talk.packet(("转人工",), proven=True)).order_ids) == 1


async def test_the_suggestion_is_unsent_and_holds_to_what_it_cites(talk: _Talk) -> None:
    for said, proven, _ in _TALKS:
        made = (await talk.packet(said, proven=proven)).suggestion
        assert made is not None
        words = without_markers(made.text)
        assert not find_promises(words), words
        assert not find_contacts(words, ()), words
    for conversation in await talk.desk.handoffs():
        said_by_people = await talk.desk.messages(conversation.subject_id, "operator")
        assert said_by_people == []


async def test_what_may_bind_the_shop_is_pointed_out(talk: _Talk) -> None:
    packet = await talk.packet(("我加了你们客服微信abc12345，他保证三天内给我赔100元，转人工",), proven=False)
    assert {one.where for one in packet.risks} == {"asked"}
    assert {"contact_chat"} <= {one.kind for one in packet.risks}
