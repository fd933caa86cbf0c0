"""Every floor rule carries its own examples: good lines must fire it, bad lines must not."""

import pytest

from agents.support.floor_rules import FloorRule, Reading, asks_law, floor_rules
from agents.support.floor_text import fold, without_product_talk

_GOOD = [(rule, line) for rule in floor_rules() for line in rule.good]
_BAD = [(rule, line) for rule in floor_rules() for line in rule.bad]


def _reading(line: str) -> Reading:
    folded = fold(line)
    return Reading(without_product_talk(folded), folded.replace("\n", ""), asks_law(folded), has_history=True)


@pytest.mark.parametrize(("rule", "line"), _GOOD, ids=[f"{rule.id}-{line}" for rule, line in _GOOD])
def test_good_line_fires_its_rule(rule: FloorRule, line: str) -> None:
    assert rule.fires(_reading(line))


@pytest.mark.parametrize(("rule", "line"), _BAD, ids=[f"{rule.id}-{line}" for rule, line in _BAD])
def test_bad_line_leaves_its_rule_silent(rule: FloorRule, line: str) -> None:
    assert not rule.fires(_reading(line))


def test_rule_ids_are_unique_and_every_rule_has_examples() -> None:
    rules = floor_rules()
    assert len({rule.id for rule in rules}) == len(rules)
    assert all(rule.good and rule.bad for rule in rules)
