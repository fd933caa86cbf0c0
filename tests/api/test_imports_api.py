"""Imports over HTTP: scopes, refusals row by row, dry runs, shops apart, large files."""

from typing import Any

import httpx
import pytest

from api.services import Services
from tests.api.conftest import SETTINGS, key_for
from tests.support.desk import new_shop

SHOPPERS = "会员编号,姓名,手机\nu1,林小满,13800138000\nu2,周舟,13900139000\n".encode()
PRODUCTS = "商品编号,商品名称,类目,售价\nA,帐篷,户外,129\n".encode("gb18030")


async def _post(
    client: httpx.AsyncClient, headers: dict[str, str], kind: str, content: bytes, name: str = "a.csv", **fields: Any
) -> httpx.Response:
    return await client.post(
        "/v1/imports", headers=headers, data={"kind": kind, **fields}, files={"file": (name, content)}
    )


async def _listed(client: httpx.AsyncClient, headers: dict[str, str]) -> list[dict[str, Any]]:
    answer = await client.get("/v1/imports", headers=headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def test_a_file_is_tried_and_then_imported(client: httpx.AsyncClient, running: Services) -> None:
    headers = await key_for(running, await new_shop(running.database))
    tried = await _post(client, headers, "products", PRODUCTS, dry_run="true")
    assert tried.status_code == 200, tried.text
    assert (tried.json()["dry_run"], tried.json()["import_id"], tried.json()["new_count"]) == (True, "", 1)
    assert await _listed(client, headers) == []
    done = (await _post(client, headers, "products", PRODUCTS)).json()
    assert (done["row_count"], done["new_count"], done["dry_run"]) == (1, 1, False)
    assert {"header": "售价", "taken_as": "price_fen"} in done["columns"]
    (listed,) = await _listed(client, headers)
    assert (listed["id"], listed["kind"], listed["file_name"], listed["created_by"]) == (
        done["import_id"], "products", "a.csv", "api",
    )  # fmt: skip
    assert (await _post(client, headers, "products", PRODUCTS)).json()["unchanged_count"] == 1


async def test_a_refused_file_names_rows_fields_and_rules(client: httpx.AsyncClient, running: Services) -> None:
    headers = await key_for(running, await new_shop(running.database))
    answer = await _post(client, headers, "shoppers", SHOPPERS + b"u3,x,not-a-phone\n")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert answer.json()["data"] == {
        "kind": "shoppers",
        "error_count": 1,
        "errors": [{"row": 4, "field": "phone", "rule": "a phone number", "value": "n***"}],
    }
    assert await _listed(client, headers) == []


async def test_each_kind_needs_the_scope_of_its_area(client: httpx.AsyncClient, running: Services) -> None:
    shop_id = await new_shop(running.database)
    catalog = await key_for(running, shop_id, "catalog:write")
    orders = await key_for(running, shop_id, "orders:write")
    reading = await key_for(running, shop_id, "orders:read")
    nothing = await key_for(running, shop_id, "documents:write")
    for refused in (
        await _post(client, catalog, "shoppers", SHOPPERS),
        await _post(client, orders, "products", PRODUCTS),
        await _post(client, reading, "shoppers", SHOPPERS),
        await _post(client, nothing, "products", PRODUCTS),
        await client.get("/v1/imports", headers=nothing),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert (await _post(client, {}, "products", PRODUCTS)).status_code == 401
    assert (await _post(client, orders, "shoppers", SHOPPERS)).status_code == 200
    assert (await _post(client, catalog, "products", PRODUCTS)).status_code == 200
    assert [one["kind"] for one in await _listed(client, reading)] == ["shoppers"]
    assert [one["kind"] for one in await _listed(client, catalog)] == ["products"]
    stranger = await key_for(running, await new_shop(running.database))
    assert await _listed(client, stranger) == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"kind": "reviews"}, "kind"), ({"kind": "products", "dry_run": "maybe"}, "dry_run"),
     ({"kind": "products"}, "file")],
)  # fmt: skip
async def test_a_bad_form_is_told_its_field(
    client: httpx.AsyncClient, running: Services, fields: dict[str, str], field: str
) -> None:
    headers = await key_for(running, await new_shop(running.database))
    files = {} if field == "file" else {"file": ("a.csv", PRODUCTS)}
    answer = await client.post("/v1/imports", headers=headers, data=fields, files=files or None)
    assert (answer.status_code, answer.json()["data"].get("field")) == (422, field)


async def test_a_file_larger_than_other_bodies_may_be_is_taken(client: httpx.AsyncClient, running: Services) -> None:
    headers = await key_for(running, await new_shop(running.database))
    rows = "".join(f"u{n},购物者{n},13800138000\n" for n in range(60_000))
    content = f"会员编号,姓名,手机\n{rows}".encode()
    assert SETTINGS.max_body_bytes < 1 << 20 < len(content) < SETTINGS.max_import_bytes
    answer = await _post(client, headers, "shoppers", content)
    assert (answer.status_code, answer.json()["new_count"]) == (200, 60_000)
