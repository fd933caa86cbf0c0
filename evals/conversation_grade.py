"""Marks one turn: what was said and done, frozen as a prediction, against what the data says a good desk does."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from evals.contract import Row
from evals.conversation_facts import SeededShop, holds
from evals.conversation_figures import figures, unsupported
from evals.conversation_rows import Expected, Scripted

ASPECTS = ("outcome", "citations", "facts", "never", "cards", "end_state")
_OWNED = ("handed_off", "silent")
_QUOTED = re.compile(r"“([^”]*)”")


@dataclass(frozen=True)
class Mark:
    """`faults` by aspect, in words; `wrong_facts` are delivered sentences with what is wrong in them."""

    id: str
    turn: int
    faults: dict[str, list[str]] = field(default_factory=dict)
    wrong_facts: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.faults and not self.wrong_facts


def marks(conversation: Scripted, predictions: Sequence[Row], shop: SeededShop) -> list[Mark]:
    """`predictions`: one row a turn, in order."""
    found, shopper, said = [], conversation.shopper, ""
    for number, (turn, row) in enumerate(zip(conversation.turns, predictions, strict=True), start=1):
        shopper, said = turn.identify or shopper, f"{said}\n{turn.say}"
        faults = {
            "outcome": _outcome(turn.expect, row),
            "citations": _citations(turn.expect, row, shop.order_ids(shopper)),
            "facts": _facts(turn.expect, row, shop),
            "never": [f"said {text}" for text in _hits(turn.expect.never, row["text"], shop)],
            "cards": _cards(turn.expect, row),
            "end_state": _end_state(turn.expect, row, shopper),
        }
        kept = {aspect: told for aspect, told in faults.items() if told}
        found.append(Mark(conversation.id, number, kept, tuple(_wrong_facts(turn.expect, row, shop, shopper, said))))
    return found


def _first(expected: Expected, row: Row) -> bool:
    """Facts, citations and cards belong to the first outcome named; the others are right without them."""
    return bool(row["outcome"] == expected.outcome[0])


def _outcome(expected: Expected, row: Row) -> list[str]:
    return [] if row["outcome"] in expected.outcome else [f"{row['outcome']}, not {' or '.join(expected.outcome)}"]


def _citations(expected: Expected, row: Row, own_orders: set[str]) -> list[str]:
    cited = [_names(citation) for citation in row["citations"]]
    told = []
    if _first(expected, row):
        told = [f"{want} is not cited" for want in expected.cite if not any(_matches(want, names) for names in cited)]
    if expected.cite or expected.may:
        welcome = (*expected.cite, *expected.may)
        foreign = [names for names in cited if not any(_matches(want, names) for want in welcome)]
        told += [f"{names[0]} does not belong here" for names in foreign]
    live = [names[0].partition(":") for names in cited]
    strangers = [f"{of}:{key}" for of, _, key in live if of in ("order", "policy") and key not in own_orders]
    return told + [f"{name} is not the shopper's" for name in strangers]


def _names(citation: Row) -> tuple[str, ...]:
    """By document, and for what is no document of the shop by its kind: order, product …, statute."""
    statute = ("statute",) if citation["article"] is not None else ()
    live = (citation["kind"],) if citation["kind"] else ()
    return (citation["doc"], *live, *statute)


def _matches(want: str, names: Iterable[str]) -> bool:
    patterns = want.split("|")
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)


def _facts(expected: Expected, row: Row, shop: SeededShop) -> list[str]:
    wanted = (*expected.facts, *expected.says) if _first(expected, row) else expected.says
    missing = []
    for fact in wanted:
        forms = shop.alternatives(fact)
        if not any(holds(row["text"], form) for form in forms):
            missing.append(f"{forms[0]} is missing")
    return missing


def _hits(never: Iterable[str], text: str, shop: SeededShop) -> list[str]:
    return [form for item in never for form in shop.alternatives(item) if holds(text, form)]


def _cards(expected: Expected, row: Row) -> list[str]:
    if not _first(expected, row):
        return []
    return [f"no {kind} card" for kind in expected.cards if kind not in row["cards"]]


def _end_state(expected: Expected, row: Row, shopper: str) -> list[str]:
    told = []
    owner = "handoff" if row["outcome"] in _OWNED else "bot"
    if row["owner"] != owner:
        told.append(f"{row['outcome']}, but the owner is {row['owner']}")
    if (row["handoff"] is not None) != (owner == "handoff"):
        told.append(f"{row['outcome']}, but the open handoff is {row['handoff']}")
    if row["outcome"] == "handed_off" and expected.handoff and row["handoff"] not in expected.handoff:
        told.append(f"handed off for {row['handoff']}, not {' or '.join(expected.handoff)}")
    if row["shopper"] != (shopper or None):
        told.append(f"the conversation is {row['shopper']}'s, not {shopper or 'a guest'}'s")
    return told


def _wrong_facts(expected: Expected, row: Row, shop: SeededShop, shopper: str, said: str) -> list[str]:
    """Sentences that state a figure which neither their cited evidence nor the expectation holds, or a forbidden text.
    The shopper's own words may be quoted back; a sentence that cites nothing may name order numbers of theirs."""
    allowed = [form for fact in (*expected.facts, *expected.says, *expected.allow) for form in shop.alternatives(fact)]
    evidence: dict[int, str] = {citation["number"]: citation["text"] for citation in row["citations"]}
    found = []
    for sentence in row["sentences"]:
        cited = [text for number, text in evidence.items() if f"[{number}]" in sentence]
        names = [] if cited else [*shop.order_ids(shopper), *(value for unit, value in figures(said) if unit == "id")]
        told = _QUOTED.sub(lambda match: "" if match[1] in said else match[0], sentence)
        missing = unsupported(told, [*(cited or evidence.values()), *allowed, *names])
        hit = _hits(expected.never, sentence, shop)
        if missing or hit:
            wrong: list[Any] = [*(f"{value}{unit}" for unit, value in missing), *hit]
            found.append(f"{sentence} ({'、'.join(wrong)})")
    return found
