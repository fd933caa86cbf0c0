"""Headers: every synonym, what is doubtful, what is missing, what is taken as what."""

import pytest

from knowledge.imports.columns import map_columns
from knowledge.imports.headers import fold
from knowledge.imports.refusal import Refusals
from knowledge.imports.registry import KINDS
from tests.knowledge.imports.importing import Importer


@pytest.mark.parametrize("name", KINDS)
def test_every_word_of_the_data_files_leads_to_its_field(name: str) -> None:
    kind = KINDS[name]
    fields = {field.name for field in (*kind.fields, *kind.lines)}
    assert set(kind.headers.words) == {field for field in fields if field not in ("attributes", "options")}
    for word, field in kind.headers.keywords.items():
        columns = map_columns(kind, [word], 1, Refusals())
        assert list(columns.at) == [field]


@pytest.mark.parametrize(
    "header",
    ["商品编号", " 商品 编号 ", "*商品编号", "商品编号（必填）", "Product ID", "product_id", "PRODUCT-ID", "货号"],
)
def test_a_header_is_known_in_any_dress(header: str) -> None:
    assert list(map_columns(KINDS["products"], [header], 1, Refusals()).at) == ["product_id"]


def test_folding_is_idempotent() -> None:
    assert fold(fold("＊ 商品_编号 （必填）")) == fold("商品编号")


@pytest.mark.parametrize(
    ("header", "counts_fen"),
    [
        ("售价", False),
        ("售价(元)", False),
        ("售价（分）", True),
        ("price_fen", True),
        ("price", False),
        ("售价[分]", True),
    ],
)
async def test_the_unit_of_money_stands_in_the_header(importer: Importer, header: str, counts_fen: bool) -> None:
    rows = [["商品编号", "名称", "分类", header], ["A", "甲", "居家", "1290"]]
    assert await importer.rows("products", rows) == (1, 0, 0)
    expected = 1290 if counts_fen else 129000
    assert await importer.all("select price_fen from skus where shop_id = :shop_id") == [(expected,)]


async def test_two_columns_for_one_field_are_an_error_that_names_both(importer: Importer) -> None:
    rows = [["商品编号", "名称", "分类", "售价", "价格"], ["A", "甲", "居家", "1", "2"]]
    (error,) = await importer.refused("products", rows)
    assert (error["row"], error["field"]) == (1, "price_fen")
    assert "售价" in error["rule"]
    assert "价格" in error["rule"]


async def test_a_missing_column_is_named_with_words_for_it(importer: Importer) -> None:
    errors = await importer.refused("orders", [["订单号", "商品名称"], ["o1", "帐篷"]])
    assert {error["field"] for error in errors} == {
        "shopper_id", "state", "placed_at", "paid_fen", "quantity", "unit_price_fen",
    }  # fmt: skip
    assert "会员编号" in next(error["rule"] for error in errors if error["field"] == "shopper_id")


async def test_what_shoppers_must_not_see_never_becomes_an_attribute(importer: Importer) -> None:
    secret = ["成本价", "供应商名称", "佣金比例", "市场价", "内部备注", "商品图片", "cost price"]
    rows = [
        ["商品编号", "名称", "分类", "价格", *secret, "面料", "重量(g)"],
        ["A", "甲", "居家", "1", *"abcdefg", "棉", "120"],
    ]
    await importer.rows("products", rows)
    ((facts,),) = await importer.all("select facts -> 'attributes' from product_revisions where shop_id = :shop_id")
    assert [(one["name"], one["value"], one["number"], one["unit"]) for one in facts] == [
        ("面料", "棉", None, ""), ("重量", "120g", 120.0, "g"),
    ]  # fmt: skip


async def test_options_of_a_sku_are_columns_with_a_prefix(importer: Importer) -> None:
    rows = [["商品编号", "名称", "分类", "SKU", "价格", "规格:颜色", "规格:尺码"],
            ["A", "甲", "居家", "s1", "1", "红", "L"],
            ["A", "甲", "居家", "s2", "1", "蓝", ""]]  # fmt: skip
    await importer.rows("products", rows)
    ((skus,),) = await importer.all("select facts -> 'skus' from product_revisions where shop_id = :shop_id")
    assert [sku["options"] for sku in skus] == [{"颜色": "红", "尺码": "L"}, {"颜色": "蓝"}]


async def test_an_attribute_that_differs_between_skus_is_named_with_the_way_out(importer: Importer) -> None:
    rows = [["商品编号", "名称", "分类", "SKU", "价格", "颜色", "面料"], ["A", "甲", "居家", "s1", "1", "红", "棉"],
            ["A", "甲", "居家", "s2", "1", "蓝", "棉"]]  # fmt: skip
    (error,) = await importer.refused("products", rows)
    assert (error["row"], error["field"], error["value"]) == (3, "attributes", "颜色=蓝")
    assert "规格:" in error["rule"]


async def test_a_column_that_comes_twice_is_doubtful(importer: Importer) -> None:
    rows = [["商品编号", "名称", "分类", "价格", "材质", "属性:材质"], ["A", "甲", "居家", "1", "棉", "麻"]]
    (error,) = await importer.refused("products", rows)
    assert (error["field"], error["value"]) == ("attributes", "属性:材质")


async def test_other_kinds_ignore_and_report_what_they_do_not_know(importer: Importer) -> None:
    await importer.rows("shoppers", [["会员编号", "生日"], ["u1", "1990-01-01"]])
    report = await importer.file("shoppers", importer.folder / "file.csv")
    assert [(one.header, one.taken_as) for one in report.columns] == [("会员编号", "shopper_id"), ("生日", "")]
