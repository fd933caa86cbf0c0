"""Which pieces of an order a question means to send back, by its own words."""

import re
from collections.abc import Sequence
from functools import partial

from agents.support.floor_text import fold, pattern_in
from agents.support.slots import amount_value
from knowledge.orders.views import ItemView

_pattern = partial(pattern_in, "policy_asks.yaml")
_TURN = re.compile(r"(?<=留着)|(?<=留下)|(?<=不退)|(?<=要了)|(?=[只就光单]退)|(?=[只就光单]想退)")
_STEM = re.compile(r"([\u4e00-\u9fff])子")


def pieces_back(question: str, items: Sequence[ItemView], product_ids: Sequence[str] = ()) -> dict[int, int]:
    """Line → pieces. Those said to be kept stay; `product_ids` are those the question names; without any word on it,
    everything."""
    everything = {item.line: item.quantity for item in items}
    if _pattern("whole").search(question):
        return everything
    clauses = _TURN.sub("\n", fold(question)).split("\n")
    kept = _named(items, [one for one in clauses if _pattern("kept").search(one)])
    back = _named(items, [one for one in clauses if _pattern("back").search(one) and not _pattern("kept").search(one)])
    if kept:
        meant = back - kept or set(everything) - kept
    else:
        meant = {item.line for item in items if item.product_id in product_ids} or back or set(everything)
    pieces = {line: everything[line] for line in sorted(meant or everything)}
    counted = _pattern("back_count").search(question)
    if counted and len(pieces) == 1:
        (line,) = pieces
        pieces[line] = min(pieces[line], int(amount_value(counted["count"]))) or pieces[line]
    return pieces


def _named(items: Sequence[ItemView], clauses: Sequence[str]) -> set[int]:
    return {item.line for item in items for clause in clauses if _names(clause, item, items)}


def _names(clause: str, item: ItemView, items: Sequence[ItemView]) -> bool:
    """Two characters in a row of the title, or the stem of 桌子, 椅子, that no other title of the order has."""
    others = "\n".join(other.title for other in items if other.line != item.line)
    pairs = {item.title[at : at + 2] for at in range(len(item.title) - 1)}
    pairs |= {item.title[-1:]} if "\u4e00" <= item.title[-1:] <= "\u9fff" else set()
    stems = {f"{found[1]}子" for found in _STEM.finditer(clause) if found[1] in item.title and found[1] not in others}
    return bool(stems) or any(pair in clause for pair in pairs if pair not in others)
