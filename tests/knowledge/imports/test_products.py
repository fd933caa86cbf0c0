"""Products come in as revisions, exactly those the service would have written."""

import pytest

from knowledge.catalog.facts import Attribute, ProductFacts, Qualification, ReturnFacts, SkuFacts
from knowledge.catalog.service import CatalogService
from knowledge.kit.clock import SystemClock
from tests.knowledge.imports.importing import PRODUCTS, Importer, write_csv, write_json

TENT = ProductFacts(
    product_id="00123",
    title="山止帐篷",
    category="户外",
    skus=(
        SkuFacts(sku_id="00123-1", name="双人", price_fen=129900),
        SkuFacts(sku_id="00123-2", name="四人", price_fen=159900),
    ),
    attributes=(
        Attribute(name="重量", value="1.1公斤", number=1.1, unit="公斤"),
        Attribute(name="材质", value="尼龙"),
    ),
)
FULL = ProductFacts(
    product_id="P9",
    title="露营灯",
    category="户外",
    brand="山止",
    aliases=("营灯", "帐篷灯、挂灯"),
    skus=(SkuFacts(sku_id="P9-1", name="暖光", price_fen=8900, options={"颜色": "黄", "光": "暖"}),),
    attributes=(Attribute(name="续航", value="12小时", number=12, unit="小时"), Attribute(name="防水", value="IPX4")),
    selling_points=("一次充电，亮一整夜。",),
    scenes=("露营", "停电"),
    after_sales=("质保一年。",),
    qualifications=(Qualification(kind="检测报告", number="R-1"),),
    returns=ReturnFacts(sealed=True),
    warranty="一年",
    doc="product-lamp",
    on_sale=False,
)


async def _revisions(importer: Importer) -> list[tuple[object, ...]]:
    return await importer.all(
        "select product_id, revision, sha256, facts from product_revisions where shop_id = :shop_id order by 1, 2"
    )


async def test_rows_become_products_with_skus_attributes_and_prices(importer: Importer) -> None:
    assert await importer.rows("products", PRODUCTS) == (2, 0, 0)
    view = await CatalogService(importer.database, SystemClock()).product(importer.shop_id, "00123")
    assert view is not None
    assert view.facts == TENT
    assert [(sku.sku_id, sku.price_fen, sku.stock) for sku in view.skus] == [
        ("00123-1", 129900, 12), ("00123-2", 159900, None),
    ]  # fmt: skip
    assert await importer.all("select sku_id, price_fen from price_points where shop_id = :shop_id order by 1") == [
        ("00123-1", 129900), ("00123-2", 159900), ("P2-1", 1990),
    ]  # fmt: skip


async def test_the_report_says_which_column_was_taken_as_what(importer: Importer) -> None:
    report = await importer.file("products", write_csv(importer.folder, PRODUCTS), dry_run=True)
    assert {column.header: column.taken_as for column in report.columns} == {
        "商品编号": "product_id", "商品名称": "title", "类目": "category", "SKU编码": "sku_id", "规格": "sku_name",
        "售价": "price_fen", "库存": "stock", "属性:重量": "attributes:重量", "材质": "attributes:材质", "成本价": "",
    }  # fmt: skip


async def test_the_same_file_again_changes_nothing(importer: Importer) -> None:
    await importer.rows("products", PRODUCTS)
    before = await _revisions(importer)
    versions = "select catalog_version from shops where id = :shop_id"
    version = await importer.all(versions)
    assert await importer.rows("products", PRODUCTS) == (0, 0, 2)
    assert await _revisions(importer) == before
    assert await importer.all(versions) == version
    assert await importer.count("price_points") == 3


async def test_service_and_import_write_the_same_revision(importer: Importer) -> None:
    service = CatalogService(importer.database, SystemClock())
    await importer.rows("products", PRODUCTS)
    put = await service.put(importer.shop_id, TENT, source="desk")
    assert (put.revision, put.changed) == (1, False)
    await service.put(importer.shop_id, FULL, source="desk")
    path = write_json(importer.folder, [FULL.model_dump(mode="json")])
    report = await importer.file("products", path)
    assert (report.new_count, report.changed_count, report.unchanged_count) == (0, 0, 1)
    revisions = {row[0]: row[2] for row in await _revisions(importer)}
    assert (revisions["00123"], revisions["P9"]) == (TENT.sha256, FULL.sha256)


async def test_exported_facts_imported_into_an_empty_shop_have_their_sha(importer: Importer) -> None:
    await importer.file("products", write_json(importer.folder, [FULL.model_dump(mode="json")]))
    ((product_id, revision, sha256, facts),) = await _revisions(importer)
    assert (product_id, revision, sha256) == ("P9", 1, FULL.sha256)
    assert ProductFacts.model_validate(facts) == FULL
    assert not (await CatalogService(importer.database, SystemClock()).put(
        importer.shop_id, FULL, source="desk")).changed  # fmt: skip


async def test_a_new_price_makes_a_revision_and_a_price_point(importer: Importer) -> None:
    await importer.rows("products", PRODUCTS)
    dearer = [*PRODUCTS[:3], [*PRODUCTS[3][:5], "24.90", *PRODUCTS[3][6:]]]
    assert await importer.rows("products", dearer) == (0, 1, 1)
    prices = "select price_fen from price_points where shop_id = :shop_id and sku_id = 'P2-1' order by from_at"
    assert await importer.all(prices) == [(1990,), (2490,)]
    assert await importer.all("select revision from products where shop_id = :shop_id order by product_id") == [
        (1,), (2,),
    ]  # fmt: skip


async def test_stock_alone_is_a_change_without_a_revision(importer: Importer) -> None:
    await importer.rows("products", PRODUCTS)
    sold = [*PRODUCTS[:3], [*PRODUCTS[3][:6], "299", *PRODUCTS[3][7:]]]
    assert await importer.rows("products", sold) == (0, 1, 1)
    assert len(await _revisions(importer)) == 2
    assert await importer.all("select stock from skus where shop_id = :shop_id and sku_id = 'P2-1'") == [(299,)]


async def test_what_the_file_does_not_speak_of_stays(importer: Importer) -> None:
    await CatalogService(importer.database, SystemClock()).put(importer.shop_id, FULL, source="desk")
    rows = [["货号", "名称", "分类", "SKU", "价格"], ["P9", "露营灯", "户外", "P9-1", "89"]]
    assert await importer.rows("products", rows) == (0, 0, 1)
    rows = [["货号", "名称", "分类", "SKU", "价格", "卖点", "防水"], ["P9", "露营灯", "户外", "P9-1", "89", "", ""]]
    assert await importer.rows("products", rows) == (0, 1, 0)
    facts = await CatalogService(importer.database, SystemClock()).revision(importer.shop_id, "P9", 2)
    assert facts == FULL.model_copy(update={"selling_points": (), "attributes": FULL.attributes[:1]})


async def test_a_sku_that_is_not_listed_any_more_keeps_its_row_without_stock(importer: Importer) -> None:
    await importer.rows("products", PRODUCTS)
    single = [PRODUCTS[0], ["00123", "山止帐篷", "户外", *PRODUCTS[2][3:]]]
    assert await importer.rows("products", single) == (0, 1, 0)
    kept = "select sku_id, stock from skus where shop_id = :shop_id and product_id = '00123' order by sku_id"
    assert await importer.all(kept) == [("00123-1", None), ("00123-2", None)]
    assert await importer.count("price_points") == 3


@pytest.mark.parametrize("moved", [True, False])
async def test_a_sku_belongs_to_one_product(importer: Importer, moved: bool) -> None:
    head = ["货号", "名称", "分类", "SKU", "价格"]
    await importer.rows("products", [head, ["A", "甲", "居家", "s1", "1"], ["B", "乙", "居家", "s2", "1"]])
    if moved:  # its old product lists another one in the same file
        rows = [head, ["A", "甲", "居家", "s3", "1"], ["B", "乙", "居家", "s1", "1"]]
        assert await importer.rows("products", rows) == (0, 2, 0)
        assert await importer.all("select product_id from skus where shop_id = :shop_id and sku_id = 's1'") == [("B",)]
    else:
        (error,) = await importer.refused("products", [head, ["B", "乙", "居家", "s1", "1"]])
        assert (error["row"], error["field"], error["value"]) == (2, "sku_id", "s1")


async def test_a_product_without_sku_ids_has_one_of_its_own_id(importer: Importer) -> None:
    await importer.rows("products", [["货号", "名称", "分类", "价格"], ["A", "甲", "居家", "1"]])
    assert await importer.all("select sku_id from skus where shop_id = :shop_id") == [("A",)]
