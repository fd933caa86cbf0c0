from datetime import date
from typing import Any

from sqlalchemy import func, or_, select

from knowledge.kit.db import Scope
from knowledge.policies.models import PolicyTermsRow


async def lock_terms(scope: Scope) -> None:
    """Writers of one shop's terms take turns until this transaction ends, so that versions count up."""
    await scope.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{scope.shop_id} terms", 4))))


async def newest(scope: Scope) -> PolicyTermsRow | None:
    statement = select(PolicyTermsRow).where(PolicyTermsRow.shop_id == scope.shop_id)
    return (await scope.session.scalars(statement.order_by(PolicyTermsRow.version.desc()).limit(1))).first()


async def in_force(scope: Scope, day: date) -> PolicyTermsRow | None:
    """Of those whose days hold `day`, the newest version."""
    ends = PolicyTermsRow.effective_to
    statement = select(PolicyTermsRow).where(
        PolicyTermsRow.shop_id == scope.shop_id,
        PolicyTermsRow.effective_from <= day,
        or_(ends.is_(None), ends >= day),
    )
    return (await scope.session.scalars(statement.order_by(PolicyTermsRow.version.desc()).limit(1))).first()


async def history(scope: Scope) -> list[PolicyTermsRow]:
    """Newest version first."""
    statement = select(PolicyTermsRow).where(PolicyTermsRow.shop_id == scope.shop_id)
    return list(await scope.session.scalars(statement.order_by(PolicyTermsRow.version.desc())))


async def add(scope: Scope, values: dict[str, Any]) -> PolicyTermsRow:
    row = PolicyTermsRow(shop_id=scope.shop_id, **values)
    scope.session.add(row)
    await scope.session.flush()
    return row
