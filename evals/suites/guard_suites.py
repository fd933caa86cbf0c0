"""The suites that need no home: the guard alone, the guard against altered drafts, the triage alone."""

import random

from agents.guards.grounding import check_statement
from agents.guards.statements import split_statements
from agents.support.triage import triage
from evals.contract import Options, Outcome, Row
from evals.figures import rate, read_rows
from evals.suites import grounding as guard
from evals.suites import support_messages as messages


async def grounding(options: Options) -> Outcome:
    rows = read_rows(options.data)[: options.limit]
    metrics, predictions = guard.run(rows)
    said = {prediction["id"]: prediction["verdict"] for prediction in predictions}
    passed = {key: verdict == "supported" for key, verdict in said.items()}
    wrong = [
        {"id": row["id"], "question": " ／ ".join(row["evidence"]), "problem": f"{row['kind']}: said {said[row['id']]}",
         "gold": "supported" if row["supported"] else "unsupported", "answer": row["statement"]}
        for row in rows
        if passed[row["id"]] != row["supported"]
    ]  # fmt: skip
    intervals = {
        **rate("unsupported_caught", [not passed[row["id"]] for row in rows if not row["supported"]]),
        **rate("supported_passed", [passed[row["id"]] for row in rows if row["supported"]]),
    }
    return Outcome({**metrics, **intervals}, predictions, worst=wrong)


async def perturbation(options: Options) -> Outcome:
    """Sentences that stand in the evidence are altered *after* drafting; the guard must then reject them, and must
    have passed them before. `--data`: any JSONL with `evidence`."""
    clauses = dict.fromkeys(
        sentence for row in read_rows(options.data) for text in row["evidence"] for sentence in split_statements(text)
    )
    chosen = list(clauses)
    random.Random(options.seed).shuffle(chosen)
    cases: list[Row] = []
    for clause in chosen[: options.limit]:
        cases.append({"kind": "verbatim", "clause": clause, "statement": clause})
        cases += [{"kind": kind, "clause": clause, "statement": altered} for kind, altered in guard.perturb(clause)]
    for number, case in enumerate(cases):
        case["id"] = f"prt-{number}"
        case["verdict"] = check_statement([case["clause"]], case["statement"]).verdict
    kinds = sorted({case["kind"] for case in cases} - {"verbatim"})
    verdicts = {kind: [c["verdict"] != "supported" for c in cases if c["kind"] == kind] for kind in kinds}
    metrics = {
        "n": len(cases),
        **rate("verbatim_passed", [c["verdict"] == "supported" for c in cases if c["kind"] == "verbatim"]),
        **rate("caught", [caught for many in verdicts.values() for caught in many]),
        "by_kind": {kind: rate("caught", many) for kind, many in verdicts.items()},
    }
    worst = [
        {"id": c["id"], "question": c["clause"], "problem": c["kind"], "gold": "rejected", "answer": c["statement"]}
        for c in cases
        if (c["verdict"] == "supported") != (c["kind"] == "verbatim")
    ]
    return Outcome(metrics, cases, worst=worst)


async def support_messages(options: Options) -> Outcome:
    rows = read_rows(options.data)[: options.limit]
    metrics, predictions = messages.run(rows, triage)
    said = {prediction["id"]: prediction for prediction in predictions}
    asked = [row for row in rows if row["must_handoff"] and row["handoff_reason"] == "customer_request"]
    metrics |= rate("explicit_request_recall", [said[row["id"]]["must_handoff"] for row in asked])
    worst = [
        {"id": row["id"], "question": row["message"], "problem": f"said {said[row['id']]['handoff_reason']}",
         "gold": str(row["handoff_reason"]), "answer": ""}
        for row in rows
        if said[row["id"]]["must_handoff"] != row["must_handoff"]
    ]  # fmt: skip
    return Outcome(metrics, predictions, worst=worst)
