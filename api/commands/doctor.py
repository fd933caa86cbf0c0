import argparse
import asyncio
import json
import sys
from typing import Any

from api.commands.settings import AllSettings, read_settings
from api.migrations import migrate
from knowledge.doctor import ShopHealth, examine
from knowledge.kit.clock import SystemClock
from knowledge.runtime import open_knowledge


def run(name: str, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog=f"livecrew {name}",
        description="Compares PostgreSQL with the index, shop by shop, and repairs the index. Stop `livecrew serve` "
        "first: the index has one owner.",
    )
    parser.add_argument("--no-repair", action="store_true", help="only tell; exit 1 where something has drifted")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(arguments)
    settings = read_settings()
    found, owned = asyncio.run(_examine(settings, repair=not given.no_repair))
    _show(settings, found, owned, as_json=given.json)
    sick = [health for health in found if not health.well]
    return 1 if (sick and given.no_repair) or not owned else 0


async def _examine(settings: AllSettings, *, repair: bool) -> tuple[list[ShopHealth], bool]:
    async with open_knowledge(settings.knowledge, SystemClock(), migrate) as knowledge:
        return await examine(knowledge, repair=repair), knowledge.owner is not None


def _show(settings: AllSettings, found: list[ShopHealth], owned: bool, *, as_json: bool) -> None:
    model = settings.agents.llm_model if settings.agents.llm_configured else "offline writer"
    if as_json:
        body: dict[str, Any] = {"owns_index": owned, "model": model, "shops": [vars(health) for health in found]}
        sys.stdout.write(json.dumps(body, ensure_ascii=False) + "\n")
        return
    sys.stdout.write(f"database  ok\nmodel     {model}\n")
    if not owned:
        sys.stdout.write("index     owned by another process; stop `livecrew serve` and run doctor again\n")
    for health in found:
        sys.stdout.write(f"{health.shop_id:<24} {health.summary}\n")
