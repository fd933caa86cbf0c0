"""Finds what has drifted apart between PostgreSQL, the truth, and what is derived from it; and mends the latter."""

from dataclasses import dataclass

from knowledge.documents import repository
from knowledge.kit.db import Scope
from knowledge.runtime import Knowledge


@dataclass(frozen=True)
class ShopHealth:
    """Counts before any repair. `unembedded`: units without a vector; `lost`, `surplus`: rows Chroma lacks or should
    not have."""

    shop_id: str
    documents: int
    units: int
    unembedded: int
    pending: int
    lost: int
    surplus: int
    repaired: bool

    @property
    def well(self) -> bool:
        return not (self.unembedded or self.lost or self.surplus)

    @property
    def summary(self) -> str:
        state = "ok" if self.well else ("repaired" if self.repaired else "drifted")
        return (
            f"{state}: {self.documents} documents, {self.units} units, {self.pending} pending, "
            f"{self.unembedded} without vector, {self.lost} missing in Chroma, {self.surplus} surplus"
        )


async def examine(knowledge: Knowledge, *, repair: bool) -> list[ShopHealth]:
    return [await _examine_shop(knowledge, shop_id, repair=repair) for shop_id in await knowledge.database.shop_ids()]


async def _examine_shop(knowledge: Knowledge, shop_id: str, *, repair: bool) -> ShopHealth:
    async with knowledge.database.transaction(shop_id) as scope:
        ready = await repository.listed(scope, state="ready")
        pending = len(await repository.listed(scope, state="pending"))
        bare = await _unembedded(scope, [document.id for document in ready], knowledge.embedder.id)
    if bare and repair:
        for document in ready:
            await knowledge.documents.embed_again(shop_id, document.id)
    expected = await knowledge.retriever.expected_vectors(shop_id)
    lost, surplus = (0, 0)
    if knowledge.owner:
        lost, surplus = await knowledge.owner.drift(shop_id, expected, repair=repair)
    return ShopHealth(
        shop_id=shop_id,
        documents=len(ready),
        units=len(expected),
        unembedded=bare,
        pending=pending,
        lost=lost,
        surplus=surplus,
        repaired=repair and bool(bare or lost or surplus),
    )


async def _unembedded(scope: Scope, document_ids: list[str], embedder: str) -> int:
    rows = await repository.units_of(scope, document_ids, embedder)
    return sum(row.vector is None for row in rows)
