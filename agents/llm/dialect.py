"""What one endpoint understands. Compatible servers differ in how structured output is asked for and in which sampling
fields they take; the difference is learnt from their 400s."""

import re
from dataclasses import dataclass, replace
from typing import Any, Literal

StructuredMode = Literal["json_schema", "json_object", "plain"]
TokenField = Literal["max_tokens", "max_completion_tokens", ""]

_NEXT_MODE: dict[StructuredMode, StructuredMode] = {"json_schema": "json_object", "json_object": "plain"}
_NEXT_FIELD: dict[TokenField, TokenField] = {"max_tokens": "max_completion_tokens", "max_completion_tokens": ""}
_STRUCTURE = re.compile(r"response_format|json_schema|json_object|json mode|guided|grammar|schema", re.IGNORECASE)
_THIS_REQUEST = re.compile(
    r"context.{0,12}(length|window|size)|too long|too many tokens|inspection|content.{0,3}(policy|filter)|sensitive"
    r"|insufficient|balance|quota|arrearage",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Dialect:
    mode: StructuredMode = "json_schema"
    token_field: TokenField = "max_tokens"
    takes_temperature: bool = True

    def body(self, schema: dict[str, Any] | None, *, name: str, max_tokens: int, temperature: float) -> dict[str, Any]:
        """Request fields beyond model and messages; `schema` None asks for plain text."""
        fields: dict[str, Any] = {}
        if self.token_field:
            fields[self.token_field] = max_tokens
        if self.takes_temperature:
            fields["temperature"] = temperature
        if schema is not None and self.mode == "json_schema":
            wanted = {"name": name, "schema": schema, "strict": is_closed(schema)}
            fields["response_format"] = {"type": "json_schema", "json_schema": wanted}
        elif schema is not None and self.mode == "json_object":
            fields["response_format"] = {"type": "json_object"}
        return fields

    def after_rejection(self, message: str, *, structured: bool) -> "Dialect | None":
        """The next thing to try, or None where the request itself was at fault."""
        names_structure = _STRUCTURE.search(message) is not None
        if not names_structure and _THIS_REQUEST.search(message):
            return None
        if not names_structure and self.takes_temperature and "temperature" in message:
            return replace(self, takes_temperature=False)
        if not names_structure and self.token_field and self.token_field in message:
            return replace(self, token_field=_NEXT_FIELD[self.token_field])
        if structured and self.mode in _NEXT_MODE:
            return replace(self, mode=_NEXT_MODE[self.mode])
        return None


def is_closed(schema: Any) -> bool:
    """Whether every object lists its fields: what OpenAI's strict mode asks for. A free mapping is not closed."""
    if isinstance(schema, list):
        return all(is_closed(item) for item in schema)
    if not isinstance(schema, dict):
        return True
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        return False
    return all(is_closed(value) for value in schema.values())


def close(schema: Any) -> Any:
    """A pydantic JSON schema with every field required and none beside, without titles and defaults."""
    if isinstance(schema, list):
        return [close(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: close(value) for key, value in schema.items() if key not in ("title", "default")}
    if "properties" in schema:
        closed["properties"] = {name: close(value) for name, value in schema["properties"].items()}
        closed["required"] = list(schema["properties"])
        closed["additionalProperties"] = False
    return closed
