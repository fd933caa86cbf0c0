"""A process that ingests documents of four clauses: `python -m tests.support.ingest_some URL SHOP PREFIX COUNT`."""

import asyncio
import sys
import time
from collections.abc import Sequence

from knowledge.documents.service import DocumentService
from knowledge.index.embedders import FakeEmbedder
from knowledge.index.ports import Vectors
from knowledge.kit.db import Database
from tests.support.desk import policy


class SlowEmbedder(FakeEmbedder):
    """Slow enough that a kill lands somewhere in the middle."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        time.sleep(0.02)
        return super().embed_passages(texts)


def clauses(prefix: str, number: int) -> list[str]:
    return [f"{prefix}系列第{number}号商品的第{part}项约定是{number * 7 + part}天内办理。" for part in range(1, 5)]


async def main(url: str, shop_id: str, prefix: str, count: int) -> None:
    database = Database(url, pool_size=2)
    documents = DocumentService(database, SlowEmbedder())
    for number in range(count):
        added = await documents.add(shop_id, policy(f"{prefix}-{number}", "\n".join(clauses(prefix, number))))
        await documents.index(shop_id, added.document.id)
    await database.dispose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
