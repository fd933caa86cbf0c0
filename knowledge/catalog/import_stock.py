from knowledge.imports.kind import Counts, Staged
from knowledge.imports.upsert import count_verdicts
from knowledge.kit.db import Scope


class StockWriter:
    """A row whose count is the one known still tells that it was counted again."""

    async def prepare(self, _scope: Scope, _staged: Staged) -> None:
        return None

    async def plan(self, scope: Scope, _staged: Staged) -> Counts:
        await scope.run(
            "create temp table verdicts on commit drop as select i.sku_id, "
            "case when s.stock is distinct from i.stock then 'changed' else 'unchanged' end as verdict "
            "from incoming i join skus s on s.shop_id = :shop_id and s.sku_id = i.sku_id"
        )
        return await count_verdicts(scope)

    async def apply(self, scope: Scope, staged: Staged) -> None:
        told = "i.stock_at" if "stock_at" in staged.present else "null"
        at = (await scope.one("select livecrew_now() as now")).now
        await scope.run(
            f"update skus s set stock = i.stock, stock_at = coalesce({told}, :at) from incoming i "
            "where s.shop_id = :shop_id and s.sku_id = i.sku_id",
            at=at,
        )
