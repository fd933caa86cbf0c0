"""The guard against sentences written for it, and against its own evidence changed after the fact."""

import json
import time
from pathlib import Path

import pytest

from agents.guards.grounding import check_statement
from agents.guards.quantities import quantities
from agents.guards.text import fold
from evals.suites.grounding import perturb, run

DATA = Path(__file__).parent / "data"
SENTENCES = [
    "签收后7天内可申请无理由退货，退货运费由买家承担。",
    "现货商品付款后48小时内发货，超时未发货的可申请退款。",
    "定制商品不支持无理由退货。",
    "质量问题退货的运费由店铺承担。",
    "电子发票在确认收货后24小时内开具。",
    "整机保修2年，自签收次日起计算。",
    "会员日满300元减40元，每人限用1张优惠券。",
    "消费者应当自收到商品之日起七日内向经营者发出退货通知。",
    "净重350g，保质期18个月。",
    "换货运费由卖家承担，每笔订单限换1次。",
    "生鲜商品不参与满减活动。",
    "退款审核通过后5个工作日内到账。",
]


def rows(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_verbatim_evidence_is_supported(sentence: str) -> None:
    grounding = check_statement([sentence, "订单A100：帆布鞋，实付129元。"], sentence)
    assert grounding.passed, grounding.findings


@pytest.mark.parametrize("sentence", SENTENCES)
def test_perturbed_evidence_is_rejected(sentence: str) -> None:
    changed = perturb(sentence)
    assert changed
    accepted = [(kind, text) for kind, text in changed if check_statement([sentence], text).passed]
    assert not accepted


@pytest.mark.parametrize("name", ["own_grounding.jsonl", "own2.jsonl"])
def test_rates_on_the_sentences_written_for_the_guard(name: str) -> None:
    metrics, _ = run(rows(name))
    assert metrics["unsupported_caught"] >= 0.85
    assert metrics["supported_passed"] >= 0.85


def test_labels_do_not_reach_the_guard() -> None:
    some = rows("own_grounding.jsonl")[:20]
    flipped = [{**row, "supported": not row["supported"], "kind": "x", "twin": None} for row in some]
    assert run(some)[1] == run(flipped)[1]


def test_no_evidence_is_undecided() -> None:
    assert check_statement([], "七天内可以退货。").verdict == "undecided"


def test_a_statement_takes_a_few_milliseconds() -> None:
    some = rows("own_grounding.jsonl")
    run(some[:20])
    started = time.perf_counter()
    run(some)
    assert (time.perf_counter() - started) / len(some) < 0.02


@pytest.mark.parametrize(
    ("text", "dim", "low", "high"),
    [
        ("五十六块八", "money", 5680, 5680),
        ("19块9", "money", 1990, 1990),
        ("七斤六两", "mass", 3800, 3800),
        ("一米六五", "length", 1650, 1650),
        ("一百三到一百五十斤", "mass", 65000, 75000),
        ("1—5个工作日", "workday", 1, 5),
        ("两个半小时", "clock", 150, 150),
        ("八五折", "ratio", 0.85, 0.85),
        ("百分之七十八", "ratio", 0.78, 0.78),
        ("晚上8点半", "time", 1230, 1230),
        ("11月3号", "date", 1103, 1103),
        ("３６个月", "calendar", 36, 36),
    ],
)
def test_quantities_are_read_in_their_base_unit(text: str, dim: str, low: float, high: float) -> None:
    (quantity,) = quantities(fold(text))
    assert (quantity.dim, float(quantity.low), float(quantity.high)) == (dim, low, high)


@pytest.mark.parametrize("text", ["一定要一起来", "第十条", "XM-45", "双十一", "七天无理由"])
def test_words_with_digits_are_no_quantities(text: str) -> None:
    assert quantities(fold(text)) == ()
