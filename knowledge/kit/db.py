"""One database, one way to change it: `transaction()` is the sole committer, and it carries the shop.

Row-level security is the second lock: inside a transaction the server itself refuses rows of any other shop.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import URL, DateTime, Text, make_url, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from knowledge.kit.errors import ConfigurationError, InvalidInputError


class Base(DeclarativeBase):
    """All tables; migrations in api/migrations are the truth, a test holds both equal."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text(),
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB(),
        list[dict[str, Any]]: JSONB(),
        list[str]: ARRAY(Text()),
    }


@dataclass(frozen=True)
class Scope:
    """What a repository works in: an open transaction and the one shop it may see."""

    session: AsyncSession
    shop_id: str

    async def one(self, statement: str, **values: Any) -> Any:
        """First row of a textual statement, or None; `:shop_id` is bound for you."""
        return (await self.session.execute(text(statement), {"shop_id": self.shop_id, **values})).first()

    async def all(self, statement: str, **values: Any) -> list[Any]:
        return list((await self.session.execute(text(statement), {"shop_id": self.shop_id, **values})).all())

    async def run(self, statement: str, **values: Any) -> int:
        """Number of rows changed."""
        result = await self.session.execute(text(statement), {"shop_id": self.shop_id, **values})
        return int(getattr(result, "rowcount", 0))


def check_storable(field: str, value: str) -> None:
    """Raises: InvalidInputError for text PostgreSQL cannot hold: a NUL, or half of a surrogate pair."""
    if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise InvalidInputError("The text holds a character that cannot be stored.", field=field, rule="no NUL")


def sqlalchemy_url(url: str) -> URL:
    """Raises: ConfigurationError when `url` is no PostgreSQL URL; the message never shows the password."""
    try:
        parsed = make_url(url)
    except Exception as error:
        raise ConfigurationError(
            "LIVECREW_DATABASE_URL is not a URL like postgresql://user:password@host/name."
        ) from error
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise ConfigurationError(f"LIVECREW_DATABASE_URL must name PostgreSQL, not {parsed.get_backend_name()}.")
    return parsed.set(drivername="postgresql+psycopg")


class Database:
    """`now` freezes livecrew_now() on every connection; for tests and evals."""

    def __init__(self, url: str, *, pool_size: int = 10, now: datetime | None = None) -> None:
        self.url = url
        frozen = {"options": f"-c livecrew.now={now.isoformat()}"} if now else {}
        self.engine: AsyncEngine = create_async_engine(
            sqlalchemy_url(url),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=True,
            pool_recycle=1800,
            hide_parameters=True,  # errors end up in logs; what shoppers wrote must not
            connect_args={"connect_timeout": 10, **frozen},
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self, shop_id: str, *, snapshot: bool = False) -> AsyncIterator[Scope]:
        """Commits on leaving, rolls back on an error. An empty `shop_id` sees only tables without a shop; with
        `snapshot` all statements see one state, for reads that must agree with each other."""
        async with self._sessions() as session, session.begin():
            if snapshot:
                await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            await session.execute(text("select set_config('livecrew.shop_id', :shop, true)"), {"shop": shop_id})
            yield Scope(session, shop_id)

    async def check(self) -> None:
        """Raises: ConfigurationError in one sentence when the server does not answer or the role sees every shop."""
        try:
            async with self.transaction("") as scope:
                row = await scope.one(
                    "select rolsuper or rolbypassrls as unbound, rolname from pg_roles where rolname = current_user"
                )
        except OperationalError as error:
            reason = str(error.orig).strip().splitlines()[0] if error.orig else "no answer"
            raise ConfigurationError(f"PostgreSQL at {self._where()} cannot be reached: {reason}.") from error
        if row.unbound:
            raise ConfigurationError(
                f"The database role {row.rolname} bypasses row-level security; connect as an ordinary role."
            )

    def _where(self) -> str:
        url = sqlalchemy_url(self.url)
        return f"{url.host or url.query.get('host', 'the local socket')}:{url.port or 5432}/{url.database}"

    async def shop_ids(self) -> list[str]:
        async with self.transaction("") as scope:
            return [row.id for row in await scope.all("select id from shops order by id")]

    async def dispose(self) -> None:
        await self.engine.dispose()
