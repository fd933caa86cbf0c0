"""The samples read by hand: labels of their form, said in the development files, counted right in the README."""

import json
from pathlib import Path
from typing import Any

import pytest

import evals
from evals.conversation_rows import read_conversations
from evals.stats import wilson

_EVALS = Path(evals.__file__).parent
_SAMPLES = _EVALS / "samples"
_LABELS = {
    "delivered": ({"true", "distorted", "false"}, {"direct", "related", "off_topic"}),
    "conversations": ({"true", "misleading", "false"}, {"direct", "related", "beside"}),
}


def _rows(name: str) -> list[dict[str, Any]]:
    lines = (_SAMPLES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("name", _LABELS)
def test_a_sample_has_a_hundred_labelled_sentences(name: str) -> None:
    rows = _rows(name)
    truths, fits = _LABELS[name]
    assert len({row["id"] for row in rows}) == len(rows) == 100
    assert {row["truth"] for row in rows} <= truths
    assert {row["fit"] for row in rows} <= fits
    assert not [row["id"] for row in rows if (row["truth"], row["fit"]) != ("true", "direct") and not row["note"]]


def test_sampled_turns_stand_in_the_development_conversations() -> None:
    files = [_EVALS / folder / "dev.jsonl" for folder in ("conversations", "voices")]
    scripts = {each.id: each for file in files for each in read_conversations(file)}
    rows = _rows("conversations")
    for row in rows:
        conversation, turn, _ = row["id"].split("#")
        said = [each.say for each in scripts[conversation].turns[: int(turn)]]
        assert (row["before"], row["question"]) == (said[:-1], said[-1]), row["id"]
    assert len({row["id"].rpartition("#")[0] for row in rows}) == len(rows), "one sentence a turn"


def test_the_readme_counts_the_conversations_as_they_are_labelled() -> None:
    readme = (_SAMPLES / "README.md").read_text(encoding="utf-8").partition("\n# Sentences on live facts")[2]
    rows = _rows("conversations")
    live = [row for row in rows if row["kind"] != "document"]
    documents = [row for row in rows if row["kind"] == "document"]
    for key, labels in zip(("truth", "fit"), _LABELS["conversations"], strict=True):
        for label in labels:
            counts = [sum(row[key] == label for row in group) for group in (live, documents)]
            cells = [f"{k}: {_interval(k, 50)}" for k in counts] + [_interval(sum(counts), 100)]
            assert f"| {label} | {' | '.join(cells)} |" in readme
    for kind in {row["kind"] for row in rows}:
        of_kind = [row for row in rows if row["kind"] == kind]
        told = [
            sum(row[key] == label for row in of_kind)
            for key, labels in (("truth", ("true", "misleading", "false")), ("fit", ("direct", "related", "beside")))
            for label in labels
        ]
        assert f"| {kind} | {len(of_kind)} | {' | '.join(map(str, told))} |" in readme


def _interval(k: int, n: int) -> str:
    low, high = wilson(k, n)
    return f"{100 * k / n:.0f} % [{100 * low:.1f}, {100 * high:.1f}]"
