"""Whole models checked for what PostgreSQL cannot hold, before anything is written."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from knowledge.kit.db import check_storable
from knowledge.kit.errors import InvalidInputError


def is_storable(text: str) -> bool:
    """For look-ups by text from outside: what cannot be stored is not there."""
    try:
        check_storable("text", text)
    except InvalidInputError:
        return False
    return True


def check_model(model: BaseModel) -> None:
    """Raises: InvalidInputError naming the field, dotted, whose text cannot be stored."""
    if "\\u0000" in model.model_dump_json():  # pydantic refuses half a surrogate pair by itself
        for field, text in _texts(model.model_dump(), ""):
            check_storable(field, text)


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield path or "key", str(key)
            yield from _texts(inner, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{path}.{index}")
