"""The desk's own words: greetings, abstaining, clarifying, handing over."""

from functools import cache
from importlib import resources
from typing import Any

import yaml

from agents.handoff.reasons import HandoffReason


@cache
def _replies() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((resources.files(__package__) / "replies.yaml").read_text("utf-8"))
    return loaded


def chit_chat(*, thanks: bool) -> tuple[str, ...]:
    return tuple(_replies()["thanks" if thanks else "chit_chat"])


def abstain(missing: tuple[str, ...]) -> tuple[str, ...]:
    """Names up to three words the shop's knowledge lacks."""
    named = "、".join(f"“{word}”" for word in missing[:3])
    about = f"关于{named}的说明" if named else _replies()["abstain_unnamed"]
    return tuple(line.format(missing=about) for line in _replies()["abstain"])


def clarify(options: tuple[str, ...]) -> str:
    if len(options) < 2:
        return str(_replies()["clarify_open"])
    named = "、".join(f"“{option}”" for option in options[:-1]) + f"，还是“{options[-1]}”"
    return str(_replies()["clarify"].format(options=named))


def sign_in() -> str:
    return str(_replies()["sign_in"])


def absent_order(order_id: str = "") -> str:
    return str(_replies()["absent_order"].format(order_id=order_id) if order_id else _replies()["absent_orders"])


def absent_refund() -> str:
    return str(_replies()["absent_refund"])


def choose_order(options: tuple[str, ...]) -> str:
    return str(_replies()["choose_order"].format(options="、".join(options)))


def choose_product(options: tuple[str, ...]) -> str:
    named = "、".join(f"“{option}”" for option in options[:-1]) + f"，还是“{options[-1]}”"
    return str(_replies()["choose_product"].format(options=named))


def handoff(reason: HandoffReason) -> str:
    return str(_replies()["handoff"][reason.value])


def suggestions(outcome: str) -> tuple[str, ...]:
    return tuple(_replies()["suggestions"].get(outcome, ()))
