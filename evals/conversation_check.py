"""Does the oracle of wrong facts notice? Every figure of every delivered sentence is made wrong, one at a time."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from evals.contract import Row
from evals.conversation_facts import SeededShop
from evals.conversation_grade import marks
from evals.conversation_rows import Scripted

_FIGURE = re.compile(r"(?<!\[)\d+(?:\.\d+)?(?!\])")


def noticed(conversation: Scripted, predictions: Sequence[Row], shop: SeededShop) -> list[bool]:
    """One outcome a figure. Some changes cannot be noticed: they meet another true figure of the same evidence."""
    found = []
    for at, row in enumerate(predictions):
        for changed in _changed(row["sentences"]):
            told = [*predictions[:at], {**row, "sentences": changed}, *predictions[at + 1 :]]
            found.append(bool(marks(conversation, told, shop)[at].wrong_facts))
    return found


def _changed(sentences: Sequence[str]) -> Iterator[list[str]]:
    for place, sentence in enumerate(sentences):
        for match in _FIGURE.finditer(sentence):
            more = "0.3" if "." in match[0] else "1"
            wrong = f"{sentence[: match.start()]}{Decimal(match[0]) + Decimal(more)}{sentence[match.end() :]}"
            yield [*sentences[:place], wrong, *sentences[place + 1 :]]
