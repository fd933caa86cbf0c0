"""All SQL of the model a shop chose for itself."""

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from agents.llm.models import ModelSettingsRow
from knowledge.kit.db import Scope


async def find(scope: Scope) -> ModelSettingsRow | None:
    found: ModelSettingsRow | None = await scope.session.scalar(
        select(ModelSettingsRow).where(ModelSettingsRow.shop_id == scope.shop_id)
    )
    return found


async def save(scope: Scope, *, base_url: str, model: str, api_key: str) -> None:
    values = {"base_url": base_url, "model": model, "api_key": api_key, "updated_at": text("livecrew_now()")}
    statement = insert(ModelSettingsRow).values(shop_id=scope.shop_id, **values)
    await scope.session.execute(statement.on_conflict_do_update(index_elements=["shop_id"], set_=values))


async def remove(scope: Scope) -> None:
    await scope.run("delete from model_settings where shop_id = :shop_id")
