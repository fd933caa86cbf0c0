import asyncio
from datetime import date

import pytest

from knowledge.kit.db import Database
from knowledge.kit.errors import InvalidInputError
from knowledge.policies.service import PolicyTermsService
from knowledge.policies.terms import PolicyTerms
from tests.support.desk import new_shop


@pytest.fixture
def terms(database: Database) -> PolicyTermsService:
    return PolicyTermsService(database)


def protecting(days: int) -> PolicyTerms:
    return PolicyTerms(price_protection_days=days)


async def days_on(terms: PolicyTermsService, shop_id: str, day: date) -> int | None:
    found = await terms.in_force(shop_id, day)
    return found.terms.price_protection_days if found else None


async def test_of_those_in_force_on_a_day_the_newest_counts(terms: PolicyTermsService, shop_id: str) -> None:
    await terms.put(shop_id, protecting(7), date(2026, 1, 1))
    await terms.put(shop_id, protecting(15), date(2026, 11, 1), date(2026, 11, 11))
    await terms.put(shop_id, protecting(10), date(2026, 12, 1))
    told = {
        date(2025, 12, 31): None, date(2026, 1, 1): 7, date(2026, 10, 31): 7, date(2026, 11, 1): 15,
        date(2026, 11, 11): 15, date(2026, 11, 12): 7, date(2026, 11, 30): 7, date(2026, 12, 1): 10,
        date(2030, 1, 1): 10,
    }  # fmt: skip
    assert {day: await days_on(terms, shop_id, day) for day in told} == told


async def test_a_newer_version_corrects_the_past(terms: PolicyTermsService, shop_id: str) -> None:
    await terms.put(shop_id, protecting(7), date(2026, 6, 1))
    await terms.put(shop_id, protecting(8), date(2026, 1, 1))
    assert await days_on(terms, shop_id, date(2026, 7, 1)) == 8
    assert [one.version for one in await terms.history(shop_id)] == [2, 1]
    assert (await terms.history(shop_id))[1].terms == protecting(7)


async def test_the_same_terms_again_are_no_new_version(terms: PolicyTermsService, shop_id: str) -> None:
    first = await terms.put(shop_id, protecting(7), date(2026, 1, 1))
    assert await terms.put(shop_id, protecting(7), date(2026, 1, 1)) == first
    longer = await terms.put(shop_id, protecting(7), date(2026, 1, 1), date(2026, 12, 31))
    back = await terms.put(shop_id, protecting(7), date(2026, 1, 1))
    assert [first.version, longer.version, back.version] == [1, 2, 3]


async def test_an_end_before_the_start_is_refused(terms: PolicyTermsService, shop_id: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        await terms.put(shop_id, protecting(7), date(2026, 1, 2), date(2026, 1, 1))
    assert raised.value.data["field"] == "effective_to"
    with pytest.raises(InvalidInputError):
        await terms.put(shop_id, PolicyTerms(return_doc="退\x00货"), date(2026, 1, 2))
    assert await terms.history(shop_id) == []
    one_day = await terms.put(shop_id, protecting(7), date(2026, 1, 1), date(2026, 1, 1))
    assert one_day.version == 1


async def test_racing_puts_get_versions_of_their_own(terms: PolicyTermsService, shop_id: str) -> None:
    made = await asyncio.gather(*(terms.put(shop_id, protecting(n), date(2026, 1, 1)) for n in range(6)))
    assert sorted(one.version for one in made) == [1, 2, 3, 4, 5, 6]


async def test_another_shop_has_its_own_terms(terms: PolicyTermsService, database: Database, shop_id: str) -> None:
    other = await new_shop(database)
    await terms.put(shop_id, protecting(7), date(2026, 1, 1))
    assert await terms.history(other) == []
    assert await days_on(terms, other, date(2026, 2, 1)) is None
    assert (await terms.put(other, protecting(3), date(2026, 1, 1))).version == 1
