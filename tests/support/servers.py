"""Databases inside the run's one server."""

import json
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import make_url

from knowledge.kit.postgres import DatabaseUrls, EmbeddedPostgres

_TEMPLATE = "pristine"


@dataclass(frozen=True)
class Cluster:
    server: EmbeddedPostgres
    urls: DatabaseUrls

    @property
    def superuser_url(self) -> str:
        password = json.loads((self.server.root / "credentials.json").read_text())["postgres"]
        return _with(self.urls.app, username="postgres", password=password)

    def remember(self) -> None:
        """Keeps the database as it is now as the template of clones; nobody may be connected to it."""
        self._run(f"create database {_TEMPLATE} template livecrew owner livecrew_owner")

    def clone(self, name: str) -> DatabaseUrls:
        self._run(f"create database {name} template {_TEMPLATE} owner livecrew_owner")
        return DatabaseUrls(app=_with(self.urls.app, database=name), owner=_with(self.urls.owner, database=name))

    def empty(self, name: str) -> DatabaseUrls:
        self._run(f"create database {name} owner livecrew_owner")
        return DatabaseUrls(app=_with(self.urls.app, database=name), owner=_with(self.urls.owner, database=name))

    def drop(self, name: str) -> None:
        self._run(f"drop database if exists {name} with (force)")

    def _run(self, statement: str) -> None:
        with psycopg.connect(_with(self.superuser_url, database="postgres"), autocommit=True) as connection:
            connection.execute(statement)


def _with(url: str, **parts: Any) -> str:
    return make_url(url).set(**parts).render_as_string(hide_password=False)
