"""One and the same shop's file in every format and encoding; and files that are broken."""

import csv
import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from knowledge.kit.errors import InvalidInputError
from tests.knowledge.imports.importing import PRODUCTS, SHOPPERS, Importer, write_csv, write_json, write_xlsx

SKUS = "select product_id, sku_id, name, price_fen, stock from skus where shop_id = :shop_id order by sku_id"
EXPECTED = [
    ("00123", "00123-1", "双人", 129900, 12), ("00123", "00123-2", "四人", 159900, None),
    ("P2", "P2-1", "白", 1990, 300),
]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_csv_in_every_encoding(importer: Importer, encoding: str) -> None:
    await importer.file("products", write_csv(importer.folder, PRODUCTS, encoding=encoding))
    assert await importer.all(SKUS) == EXPECTED


@pytest.mark.parametrize("delimiter", ["\t", ";"])
async def test_csv_with_other_delimiters(importer: Importer, delimiter: str) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(PRODUCTS)
    path = importer.folder / "file.txt"
    path.write_text(f"\n{buffer.getvalue()}\n\n", encoding="utf-8", newline="")
    await importer.file("products", path)
    assert await importer.all(SKUS) == EXPECTED


async def test_xlsx_shows_what_it_shows(importer: Importer) -> None:
    rows: list[list[Any]] = [list(row) for row in PRODUCTS]
    rows[1][6], rows[3][5], rows[3][6] = 12, 19.9, 300
    rows.insert(3, [None] * 10)
    await importer.file("products", write_xlsx(importer.folder, rows))
    assert await importer.all(SKUS) == EXPECTED


async def test_a_numeric_id_of_a_sheet_is_no_fraction(importer: Importer) -> None:
    people = [["会员编号", "姓名", "手机"], [10023, "林小满", 13800138000], [10024.0, "周舟", "139 0013 9000"]]
    await importer.file("shoppers", write_xlsx(importer.folder, people))
    assert await importer.all("select shopper_id, phone from shoppers where shop_id = :shop_id order by 1") == [
        ("10023", "13800138000"), ("10024", "139 0013 9000"),
    ]  # fmt: skip
    long = [["会员编号", "姓名"], [1234567890123456789, "甲"]]
    (first, *_) = await importer.refused_file("shoppers", write_xlsx(importer.folder, long))
    assert (first["row"], "15 digits" in first["rule"]) == (2, True)


async def test_dates_of_a_sheet_are_shanghai_days(importer: Importer) -> None:
    await importer.rows("products", PRODUCTS)
    offers = [
        ["活动编号", "活动类型", "活动名称", "商品编号", "活动价", "开始时间", "结束时间"],
        ["a1", "秒杀", "双十一", "P2", 15.5, _cell("2026-11-01T20:00"), _cell("2026-11-11")],
    ]
    path = write_xlsx(importer.folder, offers)
    await importer.file("offers", _as_date(path, "G2"))
    found = await importer.all("select starts_at::text, ends_at::text, price_fen from offers where shop_id = :shop_id")
    assert found == [("2026-11-01 12:00:00+00", "2026-11-11 16:00:00+00", 1550)]


def _cell(wall_clock: str) -> datetime:
    """A cell of a sheet knows no zone."""
    return datetime.fromisoformat(wall_clock)


def _as_date(path: Path, cell: str) -> Path:
    import openpyxl

    book = openpyxl.load_workbook(path)
    book.active[cell].number_format = "yyyy/m/d"
    book.save(path)
    return path


async def test_json_as_an_array_or_an_object_a_line(importer: Importer) -> None:
    tent = {
        "product_id": "00123", "title": "山止帐篷", "category": "户外",
        "attributes": {"重量": "1.1公斤", "材质": "尼龙"},
        "skus": [{"sku_id": "00123-1", "name": "双人", "price": 1299.0, "stock": 12},
                 {"sku_id": "00123-2", "name": "四人", "price": "1599"}],
    }  # fmt: skip
    towel = {
        "商品编号": "P2",
        "标题": "棉毛巾",
        "类目": "居家",
        "sku_id": "P2-1",
        "规格": "白",
        "售价": "19.9",
        "库存": 300,
    }
    same = {"product_id": "P2", "title": "棉毛巾", "category": "居家", "attributes": {"材质": "棉"},
            "skus": [{"sku_id": "P2-1", "name": "白", "price": 19.9, "stock": 300}]}  # fmt: skip
    await importer.file("products", write_json(importer.folder, [tent, same]))
    assert await importer.all(SKUS) == EXPECTED
    lines = importer.folder / "file.jsonl"
    lines.write_bytes(b"\xef\xbb\xbf" + "\n".join(json.dumps(one) for one in (tent, same)).encode())
    report = await importer.file("products", lines)
    assert (report.row_count, report.unchanged_count) == (3, 2)
    chinese = await importer.file("products", write_json(importer.folder, [towel]))
    assert chinese.unchanged_count == 1


@pytest.mark.parametrize(
    ("name", "content", "where"),
    [
        ("a.csv", "会员编号,姓名\nu1,\"没有关上\n", "csv"),
        ("a.csv", "会员编号,姓名\nu1,甲,多了\n", "2 cells"),
        ("a.csv", "会员编号,姓名\nu1\n", "2 cells"),
        ("a.csv", "会员编号,姓名\n", "at least one row"),
        ("a.json", '[{"shopper_id": "u1"}, {"shopper_id"', "JSON"),
        ("a.json", '[{"shopper_id": "u1"}, 5]', "an object"),
        ("a.json", '[{"shopper_id": "u1", "name": "nul\\u0000"}]', "stored"),
        ("a.json", "[]", "a column is needed"),
    ],
)  # fmt: skip
async def test_a_broken_file_is_told_where(importer: Importer, name: str, content: str, where: str) -> None:
    path = importer.folder / name
    path.write_text(content, encoding="utf-8")
    (error,) = await importer.refused_file("shoppers", path)
    assert where in error["rule"]
    assert await importer.count("shoppers") == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b""),
        ("a.pdf", b"%PDF"),
        ("a.xls", b"\xd0\xcf\x11\xe0"),
        ("a.xlsx", b"PK but no workbook"),
        ("a.csv", "会员编号,姓名\nu1,这里有八个以上汉字".encode() + b"\xff\xfe\n"),
        ("a.csv", b"\xef\xbb\xbfid\xff\n"),
        ("a.csv", b"shopper_id\nu\x001\n"),
        ("a.csv", b"\xff\xfeu\x001\x00"),
        ("a.json", '[{"会员编号": "u1"}]'.encode("gb18030")),
    ],
)
async def test_what_cannot_be_read_at_all_is_refused(importer: Importer, name: str, content: bytes) -> None:
    path = importer.folder / name
    path.write_bytes(content)
    with pytest.raises(InvalidInputError):
        await importer.file("shoppers", path)
    assert await importer.count("shoppers") == 0


async def test_an_endless_number_is_no_trap(importer: Importer) -> None:
    path = importer.folder / "a.json"
    path.write_text('[{"shopper_id": 1e999999999}]', encoding="utf-8")
    (error,) = await importer.refused_file("shoppers", path)
    assert error["field"] == "shopper_id"


async def test_a_quoted_line_break_stays_one_cell(importer: Importer) -> None:
    path = importer.folder / "a.csv"
    path.write_text('会员编号,地址\nu1,"合成路1号\n后门, \\N ""左"""\n', encoding="utf-8")
    await importer.file("shoppers", path)
    assert await importer.all("select address from shoppers where shop_id = :shop_id") == [
        ('合成路1号\n后门, \\N "左"',)
    ]  # fmt: skip
    assert len(SHOPPERS) == 3
