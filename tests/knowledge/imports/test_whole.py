"""All or nothing: refusals, dry runs, repetition, shops apart, and a process that is killed."""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from knowledge.imports.refusal import LISTED, ImportRefusedError
from knowledge.imports.registry import KINDS
from knowledge.imports.service import ImportFile, ImportReport, Progress
from knowledge.kit.db import Database
from knowledge.kit.errors import ConflictError, InvalidInputError
from tests.knowledge.imports.importing import ORDERS, PRODUCTS, SHOPPERS, Importer, write_csv
from tests.support.desk import new_shop
from tests.support.waiting import until

_TABLES = ("products", "product_revisions", "skus", "price_points", "shoppers", "orders", "order_items", "imports")


async def _counts(importer: Importer) -> dict[str, int]:
    return {table: await importer.count(table) for table in _TABLES}


async def _many(importer: Importer, count: int, last: str) -> Path:
    rows = [["商品编号", "商品名称", "类目", "售价"]]
    rows += [[f"P{n}", f"商品{n}", "居家", "9.9"] for n in range(count)]
    return write_csv(importer.folder, [*rows, ["P-last", "最后一件", "居家", last]])


async def test_a_bad_last_row_imports_nothing_and_is_named(importer: Importer) -> None:
    errors = await importer.refused_file("products", await _many(importer, 5_200, "9.999"))
    assert errors == [{"row": 5_202, "field": "price_fen", "rule": "at most 2 decimals", "value": "9.999"}]
    assert set((await _counts(importer)).values()) == {0}
    report = await importer.file("products", await _many(importer, 5_200, "9.99"))
    assert (report.row_count, report.new_count) == (5_201, 5_201)


async def test_all_errors_are_counted_and_the_first_are_told(importer: Importer) -> None:
    rows = [["会员编号", "手机"], *([f"u{n}", "not a phone"] for n in range(LISTED + 50))]
    with pytest.raises(ImportRefusedError) as refused:
        await importer.rows("shoppers", rows)
    assert refused.value.data["error_count"] == LISTED + 50
    assert [error["row"] for error in refused.value.data["errors"]] == list(range(2, LISTED + 2))
    assert "row 2, phone" in refused.value.detail


async def test_personal_values_are_masked_in_errors(importer: Importer) -> None:
    rows = [["会员编号", "姓名", "手机", "邮箱", "地址"], ["u1", "林" * 81, "138 wrong", "wrong mail", "合" * 401]]
    errors = await importer.refused("shoppers", rows)
    assert {error["field"]: error["value"] for error in errors} == {
        "name": "林***", "phone": "1***", "email": "w***", "address": "合***",
    }  # fmt: skip


async def test_errors_within_and_between_rows_are_told_together(importer: Importer) -> None:
    await importer.rows("shoppers", SHOPPERS)
    bad = [*ORDERS, ["o3", "u9", "已签收", "2026-10-02", "1", "", "毛巾", "1", "1"],
           ["o4", "u1", "飞走了", "2026-10-02", "1", "", "毛巾", "0", "1"]]  # fmt: skip
    errors = await importer.refused("orders", bad)
    assert [(error["row"], error["field"]) for error in errors] == [(5, "shopper_id"), (6, "state"), (6, "quantity")]
    assert await importer.count("orders") == 0


async def test_a_dry_run_counts_and_changes_nothing(importer: Importer) -> None:
    before = await _counts(importer)
    assert await importer.rows("products", PRODUCTS, dry_run=True) == (2, 0, 0)
    assert await _counts(importer) == before
    await importer.rows("products", PRODUCTS)
    dearer = [*PRODUCTS[:3], [*PRODUCTS[3][:5], "24.90", *PRODUCTS[3][6:]]]
    before = await _counts(importer)
    assert await importer.rows("products", dearer, dry_run=True) == (0, 1, 1)
    assert await _counts(importer) == before
    with pytest.raises(ImportRefusedError):
        await importer.rows("products", [PRODUCTS[0], ["X"] * 10], dry_run=True)


async def test_a_finished_import_is_recorded(importer: Importer) -> None:
    await importer.rows("shoppers", SHOPPERS, created_by="op_1")
    await importer.rows("shoppers", SHOPPERS)
    await importer.rows("shoppers", SHOPPERS, dry_run=True)
    second, first = await importer.service.listed(importer.shop_id)
    assert (first.kind, first.file_name, first.row_count, first.new_count, first.created_by) == (
        "shoppers", "file.csv", 2, 2, "op_1",
    )  # fmt: skip
    assert (second.new_count, second.unchanged_count, second.sha256) == (0, 2, first.sha256)
    assert await importer.service.listed(importer.shop_id, kinds=["orders"]) == []


async def test_shops_do_not_meet(importer: Importer, database: Database, tmp_path: Path) -> None:
    other = Importer(database, await new_shop(database), tmp_path)
    await importer.rows("products", PRODUCTS)
    await importer.rows("shoppers", SHOPPERS)
    assert await other.rows("products", PRODUCTS) == (2, 0, 0)
    errors = await other.refused("orders", ORDERS)
    assert {error["field"] for error in errors} == {"shopper_id"}
    cheaper = [*PRODUCTS[:3], [*PRODUCTS[3][:5], "1", *PRODUCTS[3][6:]]]
    await other.rows("products", cheaper)
    prices = "select price_fen from skus where shop_id = :shop_id and sku_id = 'P2-1'"
    assert (await importer.all(prices), await other.all(prices)) == ([(1990,)], [(100,)])
    assert len(await importer.service.listed(importer.shop_id)) == 2


async def test_a_second_import_of_the_shop_is_told_to_come_back(importer: Importer) -> None:
    path = write_csv(importer.folder, PRODUCTS)
    ended = await asyncio.gather(*(importer.file("products", path) for _ in range(4)), return_exceptions=True)
    refused = [one for one in ended if isinstance(one, ConflictError)]
    assert 1 <= len(refused) <= 3
    assert {one.new_count for one in ended if not isinstance(one, BaseException)} <= {0, 2}
    assert await importer.count("products") == 2
    assert await importer.count("imports") == 4 - len(refused)


async def test_progress_goes_forward(importer: Importer) -> None:
    seen: list[Progress] = []
    await importer.file("products", await _many(importer, 5_200, "9.99"), progress=seen.append)
    assert [one.stage for one in seen if one.stage != "reading"] == ["checking", "writing", "written"]
    read = [(one.rows, one.share) for one in seen if one.stage == "reading"]
    assert read == sorted(read)
    assert len(read) == 2
    assert read[-1] == (5_201, 1.0)


async def test_an_unknown_kind_is_refused(importer: Importer) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await importer.service.run(importer.shop_id, ImportFile("reviews", Path("x.csv"), "x.csv"))
    assert next(iter(KINDS)) in refused.value.data["rule"]


async def _once_free(importer: Importer, path: Path) -> ImportReport | None:
    """None while the server has not noticed yet that the other side is dead."""
    with suppress(ConflictError):
        return await importer.file("products", path)
    return None


@pytest.mark.parametrize("stage", ["reading", "checking", "writing", "written"])
async def test_a_killed_import_leaves_nothing(importer: Importer, stage: str) -> None:
    path = await _many(importer, 5_200, "9.99")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.import_slowly", importer.database.url, importer.shop_id, str(path), stage,
        cwd=Path(__file__).parents[3], stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert (await asyncio.wait_for(process.stdout.readline(), 60)).decode().strip() == stage
    process.kill()
    assert await process.wait() == -9
    report = await until(lambda: _once_free(importer, path), within_s=30)
    assert (report.new_count, report.unchanged_count) == (5_201, 0)
    assert await importer.count("imports") == 1
