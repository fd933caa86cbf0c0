"""`livecrew import`: what it prints and how it ends."""

from pathlib import Path

import pytest

from api.commands import import_
from knowledge.kit.db import Database
from knowledge.kit.errors import NotFoundError
from knowledge.kit.postgres import DatabaseUrls
from tests.support.desk import new_shop

_GOOD = "会员编号,姓名,手机,生日\nu1,林小满,13800138000,x\n"


@pytest.fixture
def environment(own_urls: DatabaseUrls, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVECREW_HOME", str(home))
    monkeypatch.setenv("LIVECREW_DATABASE_URL", own_urls.app)
    monkeypatch.setenv("LIVECREW_DATABASE_OWNER_URL", own_urls.owner)


async def _run(*arguments: str) -> int:
    import asyncio

    return await asyncio.to_thread(import_.run, "import", list(arguments))


@pytest.mark.usefixtures("environment")
async def test_the_command_tries_imports_and_refuses(
    own_database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop_id = await new_shop(own_database)
    path = tmp_path / "shoppers.csv"
    path.write_text(_GOOD, encoding="utf-8")
    assert await _run("shoppers", str(path), "--shop", shop_id, "--dry-run") == 0
    tried = capsys.readouterr().out
    assert "ignored: 生日" in tried
    assert "会员编号 → shopper_id" in tried
    assert "1 rows would be imported: 1 new, 0 changed, 0 unchanged" in tried
    assert await _run("shoppers", str(path), "--shop", shop_id) == 0
    assert "1 rows imported: 1 new" in capsys.readouterr().out
    assert await _run("shoppers", str(path), "--shop", shop_id) == 0
    assert "0 new, 0 changed, 1 unchanged" in capsys.readouterr().out
    path.write_text(f"{_GOOD}u2,周舟,call me,x\n", encoding="utf-8")
    assert await _run("shoppers", str(path), "--shop", shop_id) == 1
    assert capsys.readouterr().err == "row 3: phone: a phone number (c***)\nnothing was imported\n"


@pytest.mark.usefixtures("environment")
async def test_an_unknown_shop_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "shoppers.csv"
    path.write_text(_GOOD, encoding="utf-8")
    with pytest.raises(NotFoundError):
        await _run("shoppers", str(path), "--shop", "shp_nowhere")
