"""Who a conversation belongs to, at the service."""

import asyncio

import pytest

from agents.conversations import attachments, proof, repository, service
from agents.conversations.pictures import Picture
from agents.conversations.tokens import token_hash
from knowledge.kit.errors import ConflictError, UnauthorizedError
from tests.support.desk import Desk


async def _open(desk: Desk) -> tuple[str, str]:
    async with desk.database.transaction(desk.shop_id) as scope:
        conversation, token = await service.open_conversation(scope)
    return conversation.id, token


async def _identify(desk: Desk, conversation_id: str, token: str, shopper_id: str = "anna", name: str = "") -> str:
    async with desk.database.transaction(desk.shop_id) as scope:
        _, fresh = await proof.identify(scope, conversation_id, token, shopper_id=shopper_id, name=name)
    return fresh


async def test_binding_tells_when_and_keeps_only_digests(desk: Desk) -> None:
    conversation_id, token = await _open(desk)
    fresh = await _identify(desk, conversation_id, token, name="安娜")
    bound = await desk.conversation(conversation_id)
    assert (bound.shopper_id, bound.shopper_name) == ("anna", "安娜")
    assert bound.identified_at is not None
    assert (bound.token_hash, bound.previous_token_hash) == (token_hash(fresh), token_hash(token))
    assert [event.kind for event in await desk.events(conversation_id)] == ["identified"]


async def test_the_old_token_renews_but_never_rebinds(desk: Desk) -> None:
    conversation_id, token = await _open(desk)
    await _identify(desk, conversation_id, token)
    fresh = await _identify(desk, conversation_id, token)
    with pytest.raises(UnauthorizedError):
        await _identify(desk, conversation_id, token, "eve")
    with pytest.raises(ConflictError):
        await _identify(desk, conversation_id, fresh, "eve")
    assert (await desk.conversation(conversation_id)).shopper_id == "anna"


async def test_the_old_token_of_a_guest_proves_nothing_before_a_proof(desk: Desk) -> None:
    """A conversation without a previous token has nothing that an empty or odd token could match."""
    conversation_id, _ = await _open(desk)
    for token in ("", "x"):
        with pytest.raises(UnauthorizedError):
            await _identify(desk, conversation_id, token)


async def test_a_name_once_told_stays_where_a_later_proof_tells_none(desk: Desk) -> None:
    conversation_id, token = await _open(desk)
    fresh = await _identify(desk, conversation_id, token, name="安娜")
    await _identify(desk, conversation_id, fresh)
    assert (await desk.conversation(conversation_id)).shopper_name == "安娜"


async def test_failures_count_for_the_living_token_only(desk: Desk) -> None:
    conversation_id, token = await _open(desk)

    async def fail(with_token: str) -> int:
        async with desk.database.transaction(desk.shop_id) as scope:
            await proof.proof_failed(scope, conversation_id, with_token)
        return (await desk.conversation(conversation_id)).identity_failures

    assert [await fail(token), await fail("x"), await fail(token)] == [1, 1, 2]
    await asyncio.gather(*(fail(token) for _ in range(4)))
    assert (await desk.conversation(conversation_id)).identity_failures == 6
    fresh = await _identify(desk, conversation_id, token)
    assert [await fail(token), await fail(fresh)] == [0, 1]


async def test_racing_messages_carry_a_picture_once(desk: Desk) -> None:
    conversation_id, _ = await _open(desk)
    async with desk.database.transaction(desk.shop_id) as scope:
        held = await attachments.attach(scope, conversation_id, Picture("image/png", 1, 1, b"x"))

    async def say(n: int) -> bool:
        async with desk.database.transaction(desk.shop_id) as scope:
            await service.accept_message(scope, conversation_id, f"看{n}", attachment_ids=[held.id])
        return True

    done = await asyncio.gather(*(say(n) for n in range(4)), return_exceptions=True)
    assert done.count(True) == 1
    async with desk.database.transaction(desk.shop_id) as scope:
        assert await repository.attached(scope, conversation_id, [held.id]) == {held.id}


async def test_racing_uploads_keep_the_limit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MAX_ATTACHMENTS", 3)
    conversation_id, _ = await _open(desk)

    async def upload(n: int) -> None:
        async with desk.database.transaction(desk.shop_id) as scope:
            await attachments.attach(scope, conversation_id, Picture("image/png", 1, 1, bytes([n])))

    done = await asyncio.gather(*(upload(n) for n in range(6)), return_exceptions=True)
    assert sum(isinstance(one, ConflictError) for one in done) == 3
