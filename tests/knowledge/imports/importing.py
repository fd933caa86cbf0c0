"""Files as a shop would export them, and the service that imports them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from knowledge.imports.refusal import ImportRefusedError
from knowledge.imports.service import ImportFile, ImportReport, ImportService
from knowledge.kit.db import Database

PRODUCTS = [
    ["商品编号", "商品名称", "类目", "SKU编码", "规格", "售价", "库存", "属性:重量", "材质", "成本价"],
    ["00123", "山止帐篷", "户外", "00123-1", "双人", "¥1,299.00", "12", "1.1公斤", "尼龙", "400"],
    ["00123", "", "", "00123-2", "四人", "1599元", "", "", "", "500"],
    ["P2", "棉毛巾", "居家", "P2-1", "白", "19.9", "300", "", "棉", "3"],
]
SHOPPERS = [["会员编号", "姓名", "手机"], ["u1", "林小满", "13800138000"], ["u2", "周舟", "13900139000"]]
ORDERS = [
    ["订单号", "会员编号", "订单状态", "下单时间", "实付金额", "运费", "商品名称", "数量", "单价"],
    ["o1", "u1", "待发货", "2026/10/1 9:05", "100.00", "10", "帐篷", "1", "60"],
    ["o1", "", "", "", "", "", "毛巾", "2", "30"],
    ["o2", "u2", "已签收", "2026年10月2日 12:00", "¥59.9", "", "毛巾", "3", "19.97"],
]


def write_csv(folder: Path, rows: Sequence[Sequence[Any]], name: str = "file.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    lines = (",".join(f'"{cell}"' if "," in str(cell) else str(cell) for cell in row) for row in rows)
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode(encoding))
    return path


def write_json(folder: Path, objects: Sequence[Any], name: str = "file.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(objects, ensure_ascii=False), encoding="utf-8")
    return path


def write_xlsx(folder: Path, rows: Sequence[Sequence[Any]], name: str = "file.xlsx") -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    book.save(folder / name)
    return folder / name


class Importer:
    def __init__(self, database: Database, shop_id: str, folder: Path) -> None:
        self.database, self.shop_id, self.folder = database, shop_id, folder
        self.service = ImportService(database)

    async def file(self, kind: str, path: Path, **more: Any) -> ImportReport:
        return await self.service.run(self.shop_id, ImportFile(kind, path, path.name), **more)

    async def rows(self, kind: str, rows: Sequence[Sequence[Any]], **more: Any) -> tuple[int, int, int]:
        """(new, changed, unchanged) of a csv of these rows."""
        report = await self.file(kind, write_csv(self.folder, rows), **more)
        return report.new_count, report.changed_count, report.unchanged_count

    async def refused(self, kind: str, rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
        return await self.refused_file(kind, write_csv(self.folder, rows))

    async def refused_file(self, kind: str, path: Path) -> list[dict[str, Any]]:
        with pytest.raises(ImportRefusedError) as refused:
            await self.file(kind, path)
        errors: list[dict[str, Any]] = refused.value.data["errors"]
        assert refused.value.data["error_count"] >= len(errors)
        return errors

    async def all(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        async with self.database.transaction(self.shop_id) as scope:
            return [tuple(row) for row in await scope.all(statement, **values)]

    async def count(self, table: str) -> int:
        ((found,),) = await self.all(f"select count(*) from {table} where shop_id = :shop_id")
        return int(found)
