"""The rows of one product laid over the facts in force: what the file does not speak of stays as it is."""

import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from knowledge.catalog.facts import Attribute, ProductFacts, Qualification
from knowledge.imports.instants import day
from knowledge.imports.refusal import BrokenRuleError
from knowledge.imports.values import sentences

_MEASURE = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*([^\d\s.,，、;；:：]{1,8})", re.ASCII)
_PLAIN = ("title", "category", "brand", "aliases", "selling_points", "scenes", "after_sales", "qualifications",
          "warranty", "doc", "on_sale")  # fmt: skip
_RETURNS = ("excluded", "hygiene", "sealed", "near_expiry")
_TILL = re.compile(r"^(?:有效期至|有效期到|至)?\s*")


def build_facts(row: Mapping[str, Any], skus: list[dict[str, Any]], current: ProductFacts | None) -> ProductFacts:
    """`row`: values by field, of the fields that the file has. Raises: pydantic.ValidationError."""
    known: dict[str, Any] = current.model_dump() if current else {}
    stated = known | {name: row[name] for name in _PLAIN if name in row}
    stated["product_id"] = row["product_id"]
    stated["returns"] = known.get("returns", {}) | {name: row[name] for name in _RETURNS if name in row}
    if "attributes" in row:
        stated["attributes"] = _attributes(row["attributes"], current.attributes if current else ())
    before = {sku["sku_id"]: sku for sku in known.get("skus", ())}
    stated["skus"] = [_sku(sku, before.get(sku["sku_id"], {})) for sku in skus]
    return ProductFacts.model_validate(stated)


def _sku(given: dict[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    options = {**given.get("options", {})}
    options |= {name: value for name, value in before.get("options", {}).items() if name not in options}
    told = {name: value for name, value in options.items() if value}
    return {"name": before.get("name", ""), **given, "options": told}


def _attributes(given: Mapping[str, str], before: tuple[Attribute, ...]) -> list[Attribute]:
    """Known ones keep their place; an empty cell takes one away."""
    found = {attribute.name: attribute for attribute in before}
    for name, value in given.items():
        if not value:
            found.pop(name, None)
        elif name not in found or found[name].value != value:
            found[name] = attribute(name, value)
    return list(found.values())


def attribute(name: str, value: str) -> Attribute:
    """`1.1公斤` is a measure: a number and its unit, so that it can be compared. JSON may state them itself."""
    if value.startswith("{"):
        return Attribute.model_validate_json(json.dumps({**_object(value), "name": name}))
    if (measure := _MEASURE.fullmatch(value)) is None:
        return Attribute(name=name, value=value)
    return Attribute(name=name, value=value, number=float(measure[1]), unit=measure[2])


def _object(value: str) -> dict[str, Any]:
    """Empty where it only looks like JSON, so that the model names what is missing."""
    try:
        found = json.loads(value)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def qualifications(raw: str) -> list[dict[str, Any]]:
    """`生产许可证:SC106…:2027-05-01; 检测报告:…`, number and last day optional; or a JSON list.

    Raises: BrokenRuleError.
    """
    try:
        items = json.loads(raw) if raw.startswith("[") else [_qualification(part) for part in sentences(raw)]
        return [Qualification.model_validate(item).model_dump(mode="json") for item in items]
    except (ValidationError, ValueError, TypeError) as error:
        if isinstance(error, BrokenRuleError):
            raise
        raise BrokenRuleError(
            "a list of kind:number:last day, such as 生产许可证:SC10633010100001:2027-05-01"
        ) from error


def _qualification(part: str) -> dict[str, Any]:
    kind, *more = (piece.strip() for piece in re.split("[:：]", part, maxsplit=2))
    found: dict[str, Any] = {"kind": kind, "number": more[0] if more else ""}
    if len(more) > 1:
        found["valid_to"] = day(_TILL.sub("", more[1]))
    return found
