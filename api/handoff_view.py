"""Handoffs as the API tells them: personal data hidden until somebody who may asks for it, on record."""

from collections.abc import Mapping
from typing import Any

from agents.handoff.views import HandoffView
from agents.support.screen import masked
from api.schemas.handoffs import HandoffOut
from knowledge.kit.masking import mask_address, mask_email, mask_name, mask_phone

_BY_FIELD = {"phone": mask_phone, "email": mask_email, "address": mask_address, "receiver": mask_name}
_AS_THEY_ARE = frozenset({"evidence", "citations", "policies", "intents", "floor_rules", "tried", "order_ids",
                          "attachment_ids", "reason", "identity", "at"})  # fmt: skip
"""Clauses of the shop, ids and codes; live facts of orders were masked by the tool that told them."""


def line_of(view: HandoffView) -> dict[str, Any]:
    """What HandoffOut says of it."""
    told = {name: getattr(view, name) for name in HandoffOut.model_fields if name != "ask"}
    return {**told, "ask": masked(str(view.packet.get("ask") or ""))}


def masked_packet(packet: Mapping[str, Any]) -> dict[str, Any]:
    told = {key: _hidden(key, value) for key, value in packet.items()}
    if isinstance(shopper := told.get("shopper"), dict) and shopper.get("name"):
        told["shopper"] = {**shopper, "name": mask_name(str(packet["shopper"]["name"]))}
    return told


def masked_event(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """An event of a conversation: what the shopper wrote is screened, the bot's words were checked before."""
    if kind == "message" and data.get("author") == "shopper":
        return {**data, "text": masked(str(data.get("text") or ""))}
    if kind == "identified" and isinstance(shopper := data.get("shopper"), dict):
        return {**data, "shopper": {**shopper, "name": mask_name(str(shopper.get("name") or ""))}}
    return dict(data)


def _hidden(key: str, value: Any) -> Any:
    if key in _AS_THEY_ARE or key.endswith("_id"):
        return value
    if key == "slots":  # what was read out of the shopper's words: a number taken for an order's may be a phone's
        return {name: masked(str(inner)) for name, inner in value.items()}
    if isinstance(value, str):
        return _BY_FIELD.get(key, masked)(value)
    if isinstance(value, Mapping):
        return {name: _hidden(name, inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden(key, inner) for inner in value]
    return value
