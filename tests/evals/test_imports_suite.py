"""The files the bench imports are files a shop can import, and its bad row is the last one."""

from pathlib import Path

from evals.suites.import_files import write_orders, write_products, write_shoppers
from evals.suites.imports import spoil_last_row
from knowledge.kit.db import Database
from tests.knowledge.imports.importing import Importer


async def test_the_synthetic_shop_can_be_imported(database: Database, shop_id: str, tmp_path: Path) -> None:
    importer = Importer(database, shop_id, tmp_path)
    assert (await importer.file("shoppers", write_shoppers(tmp_path, 20))).new_count == 20
    for kind, path in (("products", write_products(tmp_path, 20, 7)), ("orders", write_orders(tmp_path, 20, 7))):
        rows = len(path.read_text(encoding="utf-8").splitlines())
        assert rows > 21
        assert (await importer.file(kind, path)).new_count == 20
        (error,) = await importer.refused_file(kind, spoil_last_row(path))
        assert (error["row"], error["rule"]) == (rows, "not negative")
