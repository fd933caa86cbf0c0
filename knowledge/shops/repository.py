from sqlalchemy.dialects.postgresql import insert

from knowledge.kit.db import Scope
from knowledge.shops.models import Shop


async def ensure_shop(scope: Scope, name: str) -> Shop:
    """Makes the scope's shop if it is new; its name is set on the first call only."""
    await scope.session.execute(insert(Shop).values(id=scope.shop_id, name=name).on_conflict_do_nothing())
    return await scope.session.get_one(Shop, scope.shop_id)
