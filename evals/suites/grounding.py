"""The grounding guard alone: evidence and statement in, verdict out. Also the perturbations that must be rejected."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from agents.guards.grounding import check_statement
from agents.guards.numerals import parse_number

Row = dict[str, Any]


def run(rows: list[Row]) -> tuple[dict[str, Any], list[Row]]:
    """Metrics and one prediction per row. Undecided counts as rejected; a rate without rows is None."""
    predictions = []
    for row in rows:
        grounding = check_statement(row["evidence"], row["statement"])
        findings = [finding.model_dump() for finding in grounding.findings]
        predictions.append({"id": row["id"], "verdict": grounding.verdict, "findings": findings})
    return score(rows, predictions), predictions


def score(rows: list[Row], predictions: list[Row]) -> dict[str, Any]:
    passed = {p["id"]: p["verdict"] == "supported" for p in predictions}
    right = {row["id"]: passed[row["id"]] == row["supported"] for row in rows}
    kinds: dict[str, list[bool]] = defaultdict(list)
    for row in rows:
        kinds[f"{row['kind']}/{'supported' if row['supported'] else 'unsupported'}"].append(right[row["id"]])
    twins = [(row["id"], row["twin"]) for row in rows if row.get("twin") in right]
    return {
        "n": len(rows),
        "unsupported_caught": _rate(right[row["id"]] for row in rows if not row["supported"]),
        "supported_passed": _rate(right[row["id"]] for row in rows if row["supported"]),
        "pair_accuracy": _rate(right[a] and right[b] for a, b in twins),
        "by_kind": {kind: {"n": len(many), "accuracy": _rate(many)} for kind, many in sorted(kinds.items())},
    }


def _rate(outcomes: Iterable[bool]) -> float | None:
    listed = list(outcomes)
    return sum(listed) / len(listed) if listed else None


_PARTY = {
    "买家": "卖家",
    "卖家": "买家",
    "消费者": "经营者",
    "经营者": "消费者",
    "店铺": "买家",
    "商家": "顾客",
    "顾客": "商家",
}
_POLARITY = (
    (r"不支持", "支持"),
    (r"不可以?", "可以"),
    (r"不能", "能"),
    (r"不参与", "参与"),
    (r"不在", "在"),
    (r"(?<!不)支持(?!不)", "不支持"),
    (r"(?<!不)可以", "不可以"),
    (r"(?<![不可])可(?=[申使用退换选])", "不可"),
    (r"(?<!不)应当", "可以不"),
)
_DURATION = re.compile(r"(\d+|[一二三四五六七八九十两]+)(个?工作日|天|日(?!期)|个?小时|个月|年)(?!月)")
_PRICE = re.compile(r"(\d+(?:\.\d+)?)(元|块)")
_NUMBER = re.compile(r"(?<![\da-zA-Z.—–~-])(\d+)(cm|kg|g|ml|mm|m|l|w|%|件|张|次|个)(?![a-z])", re.IGNORECASE)


def perturb(sentence: str) -> list[tuple[str, str]]:
    """(kind, sentence) with one number, duration, price, party or negation changed; the result is not supported."""
    out: list[tuple[str, str]] = []
    for kind, expression in (("days", _DURATION), ("price", _PRICE), ("number", _NUMBER)):
        for match in expression.finditer(sentence):
            if sentence[match.end(1) :].startswith("日") and sentence[: match.start()].endswith("月"):
                continue
            value = parse_number(match[1])
            if value is not None:
                changed = f"{float(value) + 7:g}"
                out.append((kind, sentence[: match.start(1)] + changed + sentence[match.end(1) :]))
    named = re.search("|".join(_PARTY), sentence)
    if named:
        out.append(("party", sentence[: named.start()] + _PARTY[named[0]] + sentence[named.end() :]))
    for expression_text, replacement in _POLARITY:
        flipped = re.search(expression_text, sentence)
        if flipped:
            out.append(("negation", sentence[: flipped.start()] + replacement + sentence[flipped.end() :]))
            break
    return out
