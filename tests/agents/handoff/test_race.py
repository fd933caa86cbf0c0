"""No word of the bot follows an operator's claim, whichever comes first by however little."""

from agents.handoff.presence import Presence
from agents.handoff.service import HandoffQueue
from agents.handoff.views import Actor
from evals.queue.race import interleave
from knowledge.kit.db import Database
from tests.support.desk import Desk


async def test_no_bot_message_follows_a_claim(database: Database, shop_id: str) -> None:
    found = await interleave(database, shop_id, 60, seed=11)
    assert found["race_bot_after_claim"] == 0
    assert 0 < found["race_bot_first"] < found["race_interleavings"] == 60


async def test_what_the_bot_drafted_before_a_claim_is_dropped(desk: Desk) -> None:
    accepted = await desk.say(conversation_id := await desk.open(), "能退货吗")
    assert accepted.turn is not None
    await Presence(desk.database).sign_in(desk.shop_id, "opr_1", name="坐席")
    await HandoffQueue(desk.database).take_over(desk.shop_id, conversation_id, Actor("opr_1"))
    assert await desk.runner().run(desk.shop_id, accepted.turn.id) is None
    assert (await desk.turn(accepted.turn.id)).state == "superseded"
    assert await desk.messages(conversation_id, "bot") == []
