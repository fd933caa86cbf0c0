"""All SQL of operators."""

from datetime import datetime

from sqlalchemy import case, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from api.auth.models import Operator
from knowledge.kit.db import Scope
from knowledge.kit.errors import NotFoundError
from knowledge.kit.ids import new_id

_NOW = text("livecrew_now()")


async def now(scope: Scope) -> datetime:
    found: datetime = (await scope.one("select livecrew_now() as now")).now
    return found


async def insert_operator(
    scope: Scope, *, login: str, name: str, password_hash: str, roles: list[str]
) -> Operator | None:
    """None when the login is taken, in whichever shop."""
    values = {"id": new_id("opr"), "shop_id": scope.shop_id, "login": login, "name": name,
              "password_hash": password_hash, "roles": roles}  # fmt: skip
    statement = insert(Operator).values(values).on_conflict_do_nothing(index_elements=["login"]).returning(Operator)
    return (await scope.session.scalars(statement)).first()


async def get(scope: Scope, operator_id: str) -> Operator | None:
    found: Operator | None = await scope.session.scalar(
        select(Operator).where(Operator.shop_id == scope.shop_id, Operator.id == operator_id)
    )
    return found


async def lock(scope: Scope, operator_id: str) -> Operator:
    """Changes of a shop's operators take turns, so that two cannot each remove the other admin.

    Raises: NotFoundError.
    """
    await scope.session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"{scope.shop_id} operators", 3)))
    )
    found = await get(scope, operator_id)
    if found is None:
        raise NotFoundError("There is no such operator.", operator_id=operator_id)
    return found


async def listed(scope: Scope) -> list[Operator]:
    """Active ones first, then by login."""
    statement = select(Operator).where(Operator.shop_id == scope.shop_id)
    order = (Operator.disabled_at.is_not(None), Operator.login)
    return list(await scope.session.scalars(statement.order_by(*order)))


async def has_admin(scope: Scope) -> bool:
    statement = select(Operator.id).where(
        Operator.shop_id == scope.shop_id, Operator.disabled_at.is_(None), Operator.roles.contains(["admin"])
    )
    return await scope.session.scalar(statement.limit(1)) is not None


async def take_try(scope: Scope, operator_id: str, tries: int, locked_s: int) -> str | None:
    """Counts one try and returns the hash to compare with; None while locked or disabled. The last of `tries` locks the
    account as it is taken; a lock that ran out starts the count anew."""
    over = Operator.locked_until <= _NOW
    count = case((over, 1), else_=Operator.failed_logins + 1)
    until = text("livecrew_now() + make_interval(secs => :locked_s)").bindparams(locked_s=locked_s)
    statement = (
        update(Operator)
        .where(Operator.shop_id == scope.shop_id, Operator.id == operator_id, Operator.disabled_at.is_(None))
        .where(Operator.locked_until.is_(None) | over)
        .values(failed_logins=count, locked_until=case((count >= tries, until), else_=None))
        .returning(Operator.password_hash)
    )
    found: str | None = await scope.session.scalar(statement)
    return found


async def signed_in(scope: Scope, operator_id: str, password_hash: str) -> Operator | None:
    """None when the account was disabled or its password changed while this one was compared."""
    statement = (
        update(Operator)
        .where(Operator.shop_id == scope.shop_id, Operator.id == operator_id, Operator.disabled_at.is_(None))
        .where(Operator.password_hash == password_hash)
        .values(failed_logins=0, locked_until=None, last_login_at=_NOW)
        .returning(Operator)
    )
    return (await scope.session.scalars(statement)).first()
