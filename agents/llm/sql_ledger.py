from dataclasses import asdict

from agents.llm.ledger import LedgerRow
from agents.llm.models import ModelCall
from knowledge.kit.db import Database
from knowledge.kit.ids import new_id


class SqlLedger:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, row: LedgerRow) -> None:
        async with self._database.transaction(row.shop_id) as scope:
            scope.session.add(ModelCall(id=new_id("mdl"), **asdict(row)))
