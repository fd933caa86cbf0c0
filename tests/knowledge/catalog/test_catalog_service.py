import asyncio
from datetime import UTC, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from knowledge.catalog.facts import ProductFacts, SkuFacts
from knowledge.catalog.pricing import ListPrice
from knowledge.catalog.service import CatalogService
from knowledge.catalog.views import TraceStep, TraceView
from knowledge.kit.clock import FrozenClock
from knowledge.kit.db import Database
from knowledge.kit.errors import ConflictError, InvalidInputError, NotFoundError
from tests.knowledge.catalog.factories import DAY, NOON, offer, product
from tests.support.desk import new_shop


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOON)


@pytest.fixture
def catalog(database: Database, clock: FrozenClock) -> CatalogService:
    return CatalogService(database, clock)


async def points(database: Database, shop_id: str, sku_id: str) -> list[tuple[object, int]]:
    async with database.transaction(shop_id) as scope:
        rows = await scope.all(
            "select from_at, price_fen from price_points where shop_id = :shop_id and sku_id = :sku order by from_at",
            sku=sku_id,
        )
    return [(row.from_at.astimezone(UTC), row.price_fen) for row in rows]


async def test_only_other_facts_make_a_revision(catalog: CatalogService, shop_id: str) -> None:
    first = await catalog.put(shop_id, product(), source="import")
    again = await catalog.put(shop_id, product(), source="console")
    third = await catalog.put(shop_id, product(title="折叠椅 高背款"), source="import")
    assert [(put.revision, put.changed) for put in (first, again, third)] == [(1, True), (1, False), (2, True)]
    found = await catalog.product(shop_id, "P1")
    assert found is not None
    assert (found.title, found.revision, found.category) == ("折叠椅 高背款", 2, "户外")
    assert found.attributes[0].number == 1.1
    assert await catalog.revision(shop_id, "P1", 1) == product()
    with pytest.raises(NotFoundError):
        await catalog.revision(shop_id, "P1", 3)


async def test_a_revision_cannot_be_changed_even_by_hand(
    catalog: CatalogService, database: Database, shop_id: str
) -> None:
    await catalog.put(shop_id, product(), source="import")
    with pytest.raises(DBAPIError, match="never change"):
        async with database.transaction(shop_id) as scope:
            await scope.run("update product_revisions set source = 'forged' where shop_id = :shop_id")


async def test_stock_moves_without_a_revision_and_survives_one(
    catalog: CatalogService, clock: FrozenClock, shop_id: str
) -> None:
    await catalog.put(shop_id, product("P1", 100, 200), source="import", stock={"P1-1": 3})
    clock.at += DAY
    put = await catalog.put(shop_id, product("P1", 100, 200), source="import", stock={"P1-2": 0})
    await catalog.put(shop_id, product("P1", 110, 200, title="新"), source="import")
    found = await catalog.product(shop_id, "P1")
    assert found is not None
    assert not put.changed
    assert [(sku.stock, sku.stock_at) for sku in found.skus] == [(3, NOON), (0, NOON + DAY)]
    assert (found.stock, found.in_stock, found.stock_at) == (3, True, NOON)
    await catalog.put_stock(shop_id, {"P1-1": 0})
    found = await catalog.product(shop_id, "P1")
    assert found is not None
    assert (found.stock, found.in_stock) == (0, False)


async def test_stock_that_is_not_told_is_not_zero(catalog: CatalogService, shop_id: str) -> None:
    await catalog.put(shop_id, product("P1", 100, 200), source="import", stock={"P1-1": 0})
    found = await catalog.product(shop_id, "P1")
    assert found is not None
    assert (found.stock, found.in_stock) == (None, None)


@pytest.mark.parametrize("stock", [{"P1-1": -1}, {"P1-1": 2**31}, {"P9-1": 1}])
async def test_impossible_stock_is_refused_and_writes_nothing(
    catalog: CatalogService, shop_id: str, stock: dict[str, int]
) -> None:
    with pytest.raises(InvalidInputError):
        await catalog.put(shop_id, product(), source="import", stock=stock)
    assert await catalog.product(shop_id, "P1") is None


async def test_a_sku_that_left_is_hidden_and_keeps_its_prices(
    catalog: CatalogService, database: Database, shop_id: str
) -> None:
    await catalog.put(shop_id, product("P1", 100, 200), source="import", stock={"P1-2": 5})
    await catalog.put(shop_id, product("P1", 100), source="import")
    found = await catalog.product(shop_id, "P1")
    assert found is not None
    assert [sku.sku_id for sku in found.skus] == ["P1-1"]
    assert await points(database, shop_id, "P1-2") == [(NOON, 200)]
    await catalog.put(shop_id, product("P1", 100, 200), source="import")
    found = await catalog.product(shop_id, "P1")
    assert found is not None
    assert [(sku.sku_id, sku.stock) for sku in found.skus] == [("P1-1", None), ("P1-2", None)]


async def test_a_sku_has_one_product_at_a_time(catalog: CatalogService, shop_id: str) -> None:
    shared = (SkuFacts(sku_id="S", price_fen=100),)
    other = (SkuFacts(sku_id="T", price_fen=100),)
    await catalog.put(shop_id, product("P1", skus=shared), source="import")
    with pytest.raises(ConflictError) as raised:
        await catalog.put(shop_id, product("P2", skus=shared), source="import")
    assert raised.value.data == {"field": "sku_id", "sku_id": "S", "product_id": "P1"}
    await catalog.put_many(shop_id, [product("P2", skus=shared), product("P1", skus=other)], source="import")
    assert [p.skus[0].sku_id for p in await catalog.products(shop_id, ["P1", "P2"])] == ["T", "S"]
    await catalog.put(shop_id, product("P2", skus=(SkuFacts(sku_id="U", price_fen=1),)), source="import")
    await catalog.put(shop_id, product("P3", skus=shared), source="import")
    assert (await catalog.products(shop_id, ["P3"]))[0].skus[0].sku_id == "S"


async def test_one_bad_product_of_many_writes_none(catalog: CatalogService, shop_id: str) -> None:
    for bad in (product("P1"), product("P2", skus=product("P1").skus), product("P2", title="空\x00字")):
        with pytest.raises(InvalidInputError):
            await catalog.put_many(shop_id, [product("P1"), bad], source="import")
    assert await catalog.listed(shop_id) == []


async def test_racing_puts_of_one_product_make_one_history(catalog: CatalogService, shop_id: str) -> None:
    """First inserts, changes and equal facts at once, single and many in opposite orders."""
    one, two = product("P1"), product("P2")
    puts = [catalog.put(shop_id, product("P1", title=f"第{n % 3}版"), source="import") for n in range(6)]
    many = [catalog.put_many(shop_id, order, source="import") for order in ([one, two], [two, one])]
    done = await asyncio.gather(*puts, *many)
    made = [put.revision for result in done for put in (result if isinstance(result, list) else [result])
            if put.changed and put.product_id == "P1"]  # fmt: skip
    found = await catalog.product(shop_id, "P1")
    assert found is not None
    assert sorted(made) == list(range(1, found.revision + 1))


async def test_a_price_point_is_written_when_the_list_price_moves(
    catalog: CatalogService, clock: FrozenClock, database: Database, shop_id: str
) -> None:
    for fen, later in ((100, 0), (100, 1), (90, 2), (100, 3)):
        clock.at = NOON + later * DAY
        await catalog.put(shop_id, product("P1", fen, title=f"第{later}天"), source="import")
    clock.at = NOON  # a process whose clock is behind writes no price into the past
    await catalog.put(shop_id, product("P1", 80), source="import")
    assert await points(database, shop_id, "P1-1") == [(NOON, 100), (NOON + 2 * DAY, 90), (NOON + 3 * DAY, 80)]


async def test_past_prices_can_be_filled_in_but_not_the_present_one(
    catalog: CatalogService, database: Database, shop_id: str
) -> None:
    await catalog.put(shop_id, product("P1", 100), source="demo")
    past = [ListPrice(sku_id="P1-1", from_at=NOON - n * DAY, price_fen=100 + n) for n in (1, 5)]
    await catalog.put_prices(shop_id, past, source="demo")
    await catalog.put_prices(shop_id, past, source="demo")
    assert [fen for _, fen in await points(database, shop_id, "P1-1")] == [105, 101, 100]
    for bad in (past[0].model_copy(update={"from_at": NOON}), past[0].model_copy(update={"sku_id": "P9"})):
        with pytest.raises(InvalidInputError):
            await catalog.put_prices(shop_id, [past[0], bad], source="demo")


async def test_price_history_counts_public_offers_only(
    catalog: CatalogService, clock: FrozenClock, shop_id: str
) -> None:
    await catalog.put(shop_id, product("P1", 100, 300), source="import")
    await catalog.put_offers(
        shop_id,
        [
            offer("sale", price_fen=80, starts_at=NOON + DAY, ends_at=NOON + 2 * DAY),
            offer("room", kind="live", price_fen=1, starts_at=NOON, ends_at=NOON + 9 * DAY),
            offer("new", audience="new", price_fen=2, starts_at=NOON, ends_at=NOON + 9 * DAY),
            offer("later", price_fen=3, starts_at=NOON + 5 * DAY, ends_at=NOON + 9 * DAY),
            offer("big", price_fen=250, sku_id="P1-2", starts_at=NOON, ends_at=NOON + 9 * DAY),
        ],
    )
    clock.at = NOON + 4 * DAY
    history = await catalog.price_history(shop_id, "P1", days=30)
    assert [(point.on.day, point.list_price_fen, point.public_price_fen) for point in history.points] == [
        (20, 100, 100), (21, 100, 80), (22, 100, 80), (23, 100, 100), (24, 100, 100),
    ]  # fmt: skip
    assert history.lowest_fen == 80
    assert [sku.lowest_fen for sku in history.skus] == [80, 80]
    assert (await catalog.price_history(shop_id, "P1", days=2)).lowest_fen == 100
    with pytest.raises(NotFoundError):
        await catalog.price_history(shop_id, "P9", days=30)
    with pytest.raises(InvalidInputError):
        await catalog.price_history(shop_id, "P1", days=0)


async def test_offers_are_shown_from_now_on(catalog: CatalogService, clock: FrozenClock, shop_id: str) -> None:
    await catalog.put_many(shop_id, [product("P1", 100), product("P2", 100)], source="import")
    over = offer("over", price_fen=10, starts_at=NOON - 2 * DAY, ends_at=NOON)
    whole = offer("cut", kind="threshold", product_id=None, price_fen=None, off_fen=20, threshold_fen=150)
    await catalog.put_offers(shop_id, [over, offer("now", price_fen=80), whole])
    first, second = await catalog.products(shop_id, ["P1", "P2"])
    assert [one.offer_id for one in first.offers] == ["cut", "now"]
    assert [one.offer_id for one in second.offers] == ["cut"]
    assert (first.public_price_fen(NOON), second.public_price_fen(NOON)) == (80, 100)
    named = first.public_offer(NOON)
    assert named is not None
    assert named.offer_id == "now"
    assert first.public_price_fen(NOON + DAY) == 100
    assert len(first.running_offers(NOON)) == 2
    await catalog.put_offers(shop_id, [offer("now", price_fen=80, ends_at=NOON)])
    assert (await catalog.products(shop_id, ["P1"]))[0].public_price_fen(NOON) == 100


async def test_offers_and_traces_of_strangers_are_refused(catalog: CatalogService, shop_id: str) -> None:
    await catalog.put_many(shop_id, [product("P1"), product("P2")], source="import")
    for bad in (offer("o", product_id="P9"), offer("o", sku_id="P2-1"), offer("o", sku_id="P1-9")):
        with pytest.raises(InvalidInputError):
            await catalog.put_offers(shop_id, [offer("good"), bad])
    with pytest.raises(InvalidInputError):
        await catalog.put_trace(shop_id, [TraceView(code="C", product_id="P9")])
    assert (await catalog.products(shop_id, ["P1"]))[0].offers == ()


async def test_a_trace_record_is_read_by_its_code(catalog: CatalogService, shop_id: str) -> None:
    await catalog.put(shop_id, product(), source="import")
    steps = tuple(TraceStep(on=(NOON + n * DAY).date(), what=f"第{n}步") for n in (2, 1))
    record = TraceView(code="C-1", product_id="P1", sku_id="P1-1", batch="B7", origin="浙江安吉", steps=steps)
    await catalog.put_trace(shop_id, [record])
    found = await catalog.trace(shop_id, "C-1")
    assert found is not None
    assert [step.what for step in found.steps] == ["第1步", "第2步"]
    assert (found.batch, found.origin) == ("B7", "浙江安吉")
    assert await catalog.trace(shop_id, "C-2") is None


async def test_listed_searches_words_as_they_stand(catalog: CatalogService, shop_id: str) -> None:
    await catalog.put_many(
        shop_id,
        [product("P1"), product("P2", title="100%纯棉毛巾", category="居家", aliases=(), brand="云朵"), product("P3")],
        source="import",
    )

    async def ids(**asked: str) -> list[str]:
        found = [view.product_id for view in await catalog.listed(shop_id, **asked)]
        assert await catalog.counted(shop_id, **asked) == len(found)
        return found

    assert await ids() == ["P1", "P2", "P3"]
    assert await ids(search="露营椅") == ["P1", "P3"]
    assert await ids(search="100%纯") == ["P2"]
    assert await ids(search="%") == ["P2"]
    assert await ids(search="云朵", category="户外") == []
    assert await ids(category="居家") == ["P2"]
    assert [view.product_id for view in await catalog.listed(shop_id, limit=1, offset=1)] == ["P2"]


async def test_names_are_read_again_only_after_a_change(catalog: CatalogService, shop_id: str) -> None:
    assert (await catalog.names(shop_id)).rows == ()
    await catalog.put(shop_id, product(), source="import")
    first = await catalog.names(shop_id)
    await catalog.put(shop_id, product(), source="import", stock={"P1-1": 4})
    assert await catalog.names(shop_id) is first
    await catalog.put(shop_id, product(aliases=("月亮椅",), on_sale=False), source="import")
    second = await catalog.names(shop_id)
    assert second.version > first.version
    assert [(row.title, row.aliases, row.on_sale) for row in second.rows] == [("折叠椅 P1", ("月亮椅",), False)]


async def test_names_notice_products_written_by_others(
    catalog: CatalogService, database: Database, clock: FrozenClock, shop_id: str
) -> None:
    await catalog.put(shop_id, product(), source="import")
    first = await catalog.names(shop_id)
    await CatalogService(database, clock).put(shop_id, product("P2"), source="import")
    assert [row.product_id for row in (await catalog.names(shop_id)).rows] == ["P1", "P2"]
    async with database.transaction(shop_id) as scope:
        await scope.run("delete from products where shop_id = :shop_id and product_id = 'P1'")
    assert [row.product_id for row in (await catalog.names(shop_id)).rows] == ["P2"]
    assert len(first.rows) == 1


async def test_another_shop_sees_nothing_and_may_use_the_same_ids(
    catalog: CatalogService, database: Database, shop_id: str
) -> None:
    other = await new_shop(database)
    await catalog.put(shop_id, product(), source="import", stock={"P1-1": 1})
    await catalog.put_offers(shop_id, [offer()])
    await catalog.put_trace(shop_id, [TraceView(code="C", product_id="P1")])
    version = (await catalog.names(other)).version
    assert await catalog.product(other, "P1") is None
    assert await catalog.listed(other) == []
    assert (await catalog.names(other)).rows == ()
    assert await catalog.trace(other, "C") is None
    with pytest.raises(NotFoundError):
        await catalog.price_history(other, "P1", days=7)
    with pytest.raises(NotFoundError):
        await catalog.revision(other, "P1", 1)
    theirs = product("P1", 500, title="别家的椅子")
    assert (await catalog.put(other, theirs, source="import")).revision == 1
    ours = await catalog.product(shop_id, "P1")
    assert ours is not None
    assert (ours.title, ours.skus[0].price_fen) == ("折叠椅 P1", 9900)
    assert version == 0


async def test_the_demo_shop_comes_in_a_fixed_number_of_statements(catalog: CatalogService, shop_id: str) -> None:
    many = [product(f"P{n:03}", 100 + n, 200 + n) for n in range(60)]
    stock = {sku.sku_id: n for n, facts in enumerate(many) for sku in facts.skus}
    await catalog.put_many(shop_id, many, source="demo", stock=stock)
    changed = [
        facts if n % 2 else ProductFacts(**{**facts.model_dump(), "title": "改"}) for n, facts in enumerate(many)
    ]
    puts = await catalog.put_many(shop_id, changed, source="demo")
    assert [put.changed for put in puts] == [n % 2 == 0 for n in range(60)]
    views = await catalog.products(shop_id, [facts.product_id for facts in reversed(many)])
    assert [view.product_id for view in views] == [facts.product_id for facts in reversed(many)]
    assert views[0].stock == 118
    assert NOON - timedelta(0) == views[0].stock_at


async def test_a_transaction_counts_as_one_change_however_many_statements(
    catalog: CatalogService, database: Database, shop_id: str
) -> None:
    """A row updated for each of many statements is walked ever longer: 20,000 products took minutes."""
    before = (await catalog.names(shop_id)).version
    await catalog.put_many(shop_id, [product(f"P{n}") for n in range(30)], source="import")
    assert (await catalog.names(shop_id)).version == before + 1
    async with database.transaction(shop_id) as scope:
        for title in ("一", "二"):
            await scope.run("update products set title = :title where shop_id = :shop_id", title=title)
    assert (await catalog.names(shop_id)).version == before + 2
