"""Canned replies of a shop: what it begins with, what it keeps, what it refuses."""

import pytest

from knowledge.kit.db import Database
from knowledge.kit.errors import InvalidInputError
from knowledge.shops.canned import FIRST_REPLIES, MOST_REPLIES, CannedReply, canned_replies, set_canned_replies
from knowledge.shops.models import Shop
from tests.support.desk import new_shop


async def test_a_shop_begins_with_some_and_keeps_what_it_writes(database: Database) -> None:
    shop_id = await new_shop(database)
    async with database.transaction(shop_id) as scope:
        assert await canned_replies(scope) == list(FIRST_REPLIES)
        shop = await scope.session.get_one(Shop, shop_id)
        shop.settings = {**shop.settings, "greeting": "您好"}
    own = [CannedReply(" 问候 ", "您好，这里是晴野小店。 ")]
    async with database.transaction(shop_id) as scope:
        await set_canned_replies(scope, own)
    async with database.transaction(shop_id) as scope:
        assert await canned_replies(scope) == [CannedReply("问候", "您好，这里是晴野小店。")]
        assert (await scope.session.get_one(Shop, shop_id)).settings["greeting"] == "您好"
        await set_canned_replies(scope, [])
    async with database.transaction(shop_id) as scope:
        assert await canned_replies(scope) == []


@pytest.mark.parametrize(
    ("title", "text", "field"), [("", "您好", "title"), ("问候", "  ", "text"), ("问候" * 11, "您好", "title")]
)
async def test_a_reply_that_is_not_one_names_its_row_and_changes_nothing(
    database: Database, title: str, text: str, field: str
) -> None:
    shop_id = await new_shop(database)
    with pytest.raises(InvalidInputError) as refused:
        async with database.transaction(shop_id) as scope:
            await set_canned_replies(scope, [CannedReply("好", "好"), CannedReply(title, text)])
    assert (refused.value.data["row"], refused.value.data["field"]) == (2, field)
    async with database.transaction(shop_id) as scope:
        assert await canned_replies(scope) == list(FIRST_REPLIES)


async def test_there_are_not_endless_many(database: Database) -> None:
    shop_id = await new_shop(database)
    with pytest.raises(InvalidInputError):
        async with database.transaction(shop_id) as scope:
            await set_canned_replies(scope, [CannedReply("好", "好")] * (MOST_REPLIES + 1))
