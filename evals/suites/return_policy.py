"""The policy engine alone: facts of one purchase in, entitlement out. `discretion` is an answer of its own."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from agents.support.policy.engine import decide
from agents.support.policy.purchase import PurchaseFacts, Rule
from agents.support.policy.result import PolicyResult
from agents.support.policy.wording import undercuts
from evals.contract import Options, Outcome, Row
from evals.figures import rate, read_rows
from knowledge.kit.clock import SHANGHAI

_FIELDS = ("eligible", "deadline", "return_freight", "compensation", "compensation_fen", "refund_fen")


async def run(options: Options) -> Outcome:
    rows = read_rows(options.data)[: options.limit]
    predictions = [predict(row) for row in rows]
    return Outcome(score(rows, predictions), predictions, worst=_wrong(rows, predictions))


def predict(row: Row) -> Row:
    """Reads `order`, `asked_at` and `reason`; never `expect`."""
    result = decide(purchase(row["order"]), row["reason"], datetime.fromisoformat(row["asked_at"]))
    return {"id": row["id"], **_stated(result)}


def purchase(order: Row) -> PurchaseFacts:
    """`business_purchase` is read as an established purchase for business, not for living consumption."""
    flags = order.get("flags") or {}
    plain = {key: value for key, value in order.items() if value is not None}
    plain |= {"rules": _rules(order), "buyer": "reseller" if flags.get("business_purchase") else "person"}
    return PurchaseFacts.model_validate(plain)


def _rules(order: Row) -> tuple[Rule, ...]:
    rules = []
    days, text = order.get("shop_promise_days"), order.get("shop_rule") or ""
    if days is not None:
        rules.append(Rule(layer="promise", no_reason_days=days, covers_excluded=days > 0))
    if text:
        rules.append(Rule(layer="shop", refuses=undercuts(text), text=text))
    if order.get("freight_agreement") == "seller":
        rules.append(Rule(layer="promise", return_freight="seller"))
    return tuple(rules)


def _stated(result: PolicyResult) -> Row:
    deadline = result.deadline and result.deadline.astimezone(SHANGHAI).isoformat(timespec="seconds")
    return {
        "eligible": "discretion" if result.eligible is None else result.eligible,
        "deadline": deadline,
        "return_freight": result.return_freight,
        "compensation": result.compensation,
        "compensation_fen": result.compensation_fen,
        "refund_fen": result.refund_fen,
        "return_coupon": "coupon" in result.returns_in_kind,
        "return_points": "points" in result.returns_in_kind,
        "articles": [{"doc": doc, "article": number} for doc, number in result.articles],
    }


def misses(expect: Row, said: Row) -> list[str]:
    """The asserted fields that are not right; articles may be a superset."""
    wrong = [key for key in expect if key != "articles" and not _same(key, expect[key], said.get(key))]
    named = {(a["doc"], a["article"]) for a in said["articles"]}
    lacking = {(a["doc"], a["article"]) for a in expect.get("articles", [])} - named
    return wrong + (["articles"] if lacking else [])


def _same(key: str, gold: Any, said: Any) -> bool:
    if key == "deadline" and gold and said:
        return datetime.fromisoformat(gold) == datetime.fromisoformat(said)
    return type(gold) is type(said) and bool(gold == said)


def score(rows: list[Row], predictions: list[Row]) -> dict[str, Any]:
    said = {prediction["id"]: prediction for prediction in predictions}
    missed = {row["id"]: misses(row["expect"], said[row["id"]]) for row in rows}

    def share(key: str, name: str, chosen: Callable[[Row], bool] = lambda _: True) -> dict[str, Any]:
        asked = [row for row in rows if name in row["expect"] and chosen(row)]
        return rate(key, [name not in missed[row["id"]] for row in asked])

    open_rows = [row for row in rows if row["expect"]["eligible"] == "discretion"]
    return {
        "n": len(rows),
        **rate("exact", [not missed[row["id"]] for row in rows]),
        **rate("exact_no_borderline", [not missed[row["id"]] for row in rows if not row.get("borderline")]),
        **share("eligible_acc", "eligible"),
        **share("deadline_acc", "deadline"),
        **share("freight_acc", "return_freight"),
        **share("compensation_acc", "compensation"),
        **share("refund_acc", "refund_fen"),
        **share("articles_acc", "articles"),
        **rate("decided_when_discretion", [said[row["id"]]["eligible"] != "discretion" for row in open_rows]),
    }


def _wrong(rows: list[Row], predictions: list[Row]) -> list[Row]:
    said = {prediction["id"]: prediction for prediction in predictions}
    return [
        {"id": row["id"], "question": row.get("why", ""), "problem": ", ".join(fields),
         "gold": str(row["expect"]), "answer": str({key: said[row["id"]][key] for key in _FIELDS})}
        for row in rows
        if (fields := misses(row["expect"], said[row["id"]]))
    ]  # fmt: skip
