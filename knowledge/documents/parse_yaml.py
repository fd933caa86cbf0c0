"""YAML that refuses what plain safe_load swallows: a key given twice silently drops the first."""

from collections.abc import Hashable
from typing import Any

import yaml

from knowledge.documents.parse_blocks import refuse


class _StrictLoader(yaml.SafeLoader):
    pass


def _mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Hashable, Any]:
    seen: set[str] = set()
    for key, _ in node.value:
        if key.value in seen:
            raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} is given twice", key.start_mark)
        if isinstance(key.value, str):
            seen.add(key.value)
    return loader.construct_mapping(node, deep=True)


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def load_mapping(name: str, text: str, *, first_row: int = 1) -> dict[str, Any]:
    """`first_row` is the file's line on which `text` starts. Raises InvalidInputError unless it is one mapping."""
    try:
        value = yaml.load(text, Loader=_StrictLoader)
    except yaml.MarkedYAMLError as error:
        row = first_row + error.problem_mark.line if error.problem_mark else None
        refuse(name, f"YAML is broken: {error.problem}", rule="valid YAML", row=row, cause=error)
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        refuse(name, f"YAML is broken: {error}", rule="valid YAML", row=first_row, cause=error)
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        refuse(name, "YAML must be one mapping with text keys", rule="mapping", row=first_row)
    return value
