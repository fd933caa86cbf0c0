from datetime import datetime

from sqlalchemy import FetchedValue
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.db import Base


class ApiKey(Base):
    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    name: Mapped[str]
    key_hash: Mapped[str]
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    revoked_at: Mapped[datetime | None]


class IdentityKey(Base):
    """Signs shopper tokens: the shop's server holds the same secret. A retired key no longer opens anything."""

    __tablename__ = "identity_keys"

    shop_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    secret: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    retired_at: Mapped[datetime | None]


class Operator(Base):
    """A person who works in the console. `epoch` grows when rights or password change: older sign-ins end."""

    __tablename__ = "operators"

    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    login: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str]
    roles: Mapped[list[str]]
    epoch: Mapped[int] = mapped_column(server_default="1")
    failed_logins: Mapped[int] = mapped_column(server_default="0")
    locked_until: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    last_login_at: Mapped[datetime | None]
