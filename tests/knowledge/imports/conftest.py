from pathlib import Path

import pytest

from knowledge.kit.db import Database
from tests.knowledge.imports.importing import Importer


@pytest.fixture
def importer(database: Database, shop_id: str, tmp_path: Path) -> Importer:
    return Importer(database, shop_id, tmp_path)
