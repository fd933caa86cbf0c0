from datetime import date

from knowledge.kit.db import Database
from knowledge.kit.errors import InvalidInputError
from knowledge.kit.storable import check_model
from knowledge.policies import repository
from knowledge.policies.terms import PolicyTerms, VersionedTerms


class PolicyTermsService:
    """Versions are added and never changed: what held on a past day stays what it was, unless a newer version says it
    held then too."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(
        self, shop_id: str, terms: PolicyTerms, effective_from: date, effective_to: date | None = None
    ) -> VersionedTerms:
        """Adds a version; the newest one is given back when it says the same for the same days.

        Raises: InvalidInputError.
        """
        if effective_to is not None and effective_to < effective_from:
            raise InvalidInputError(
                f"effective_to {effective_to} lies before effective_from {effective_from}",
                field="effective_to",
                rule="effective_to >= effective_from",
            )
        check_model(terms)
        async with self._database.transaction(shop_id) as scope:
            await repository.lock_terms(scope)
            row = await repository.newest(scope)
            newest = VersionedTerms.model_validate(row) if row else None
            version = newest.version + 1 if newest else 1
            made = VersionedTerms(
                version=version, terms=terms, effective_from=effective_from, effective_to=effective_to
            )  # fmt: skip
            if newest and newest.model_copy(update={"version": version}) == made:
                return newest
            await repository.add(
                scope, made.model_dump(mode="json", include={"terms"}) | made.model_dump(exclude={"terms"})
            )
        return made

    async def in_force(self, shop_id: str, day: date) -> VersionedTerms | None:
        """`day` is one of Asia/Shanghai; of those that hold then the newest version counts. None: the shop set none."""
        async with self._database.transaction(shop_id) as scope:
            found = await repository.in_force(scope, day)
        return VersionedTerms.model_validate(found) if found else None

    async def history(self, shop_id: str) -> list[VersionedTerms]:
        """Newest version first."""
        async with self._database.transaction(shop_id) as scope:
            return [VersionedTerms.model_validate(row) for row in await repository.history(scope)]
