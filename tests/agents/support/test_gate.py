from pathlib import Path

import pytest
import yaml

from agents.support import gate
from agents.support.gate import judge, line_for
from agents.support.gate_features import features_of, target_of, unheld
from knowledge.retrieval import Hit
from tests.agents.support.gate_kit import gathered, hit

RETURNS = "签收次日起七日内可以申请无理由退货，退货运费由买家承担。"
INVOICE = "订单发货后可以申请电子发票。"


def near(text: str = RETURNS, dense: float = 0.94, lexical: float = 24.0) -> list[Hit]:
    return [
        hit(text, dense=dense, lexical=lexical),
        hit(INVOICE, doc="invoice", score=0.5, dense=dense - 0.02, lexical=5.0),
    ]


def test_a_question_the_evidence_meets_is_answered() -> None:
    assert judge(gathered("七天无理由退货的运费谁承担", near())).verdict == "answer"


def test_a_far_question_is_not_answered() -> None:
    far = [hit(RETURNS, dense=0.85, lexical=2.0), hit(INVOICE, doc="invoice", score=0.9, dense=0.845, lexical=1.0)]
    assert judge(gathered("月亮离地球有多远", far, coverage=0.0)).verdict == "abstain"


def test_nothing_found_is_no_answer() -> None:
    assert judge(gathered("七天无理由退货的运费谁承担", [])).verdict == "abstain"


def test_a_named_thing_the_evidence_lacks_counts_against_it_and_is_named() -> None:
    query = "退货以后增值税税率怎么算"
    without = gathered(query, near(dense=0.89, lexical=9.0), missing=("税率", "增值税"))
    told = judge(without)
    assert told.verdict == "abstain"
    assert "增值税" in told.missing
    held = gathered(query, near(RETURNS + "增值税税率按发票上的税率算。", dense=0.89, lexical=9.0))
    line = line_for(held)
    assert line.score(features_of(held)) > line.score(features_of(without)) + 1


def test_a_synonym_in_the_evidence_holds_what_the_question_names() -> None:
    assert unheld(["邮费"], "寄到新疆邮费多少", "寄往偏远地区的运费是15元") == []
    assert unheld(["邮费"], "寄到新疆邮费多少", "发票在发货后申请") == ["邮费"]


def test_latin_names_count_as_whole_words() -> None:
    assert unheld(["ems"], "能发EMS吗", "") == ["ems"]
    assert unheld(["ems"], "items怎么选", "") == []


def test_without_cosines_words_alone_decide() -> None:
    words_only = [hit(RETURNS, dense=0.0, lexical=30.0), hit(INVOICE, doc="invoice", score=0.3, dense=0.0, lexical=1.0)]
    found = gathered("七天无理由退货的运费谁承担", words_only, coverage=1.0)
    assert line_for(found) is gate._lines()["words"]
    assert judge(found).verdict == "answer"


@pytest.mark.parametrize("query", ["这个怎么弄", "那个呢", "怎么办"])
def test_a_question_that_names_nothing_is_asked_back_with_what_is_near(query: str) -> None:
    hits = [hit(RETURNS, path=("退换货", "怎么申请退货")), hit(INVOICE, doc="invoice", path=("发票多久开好",))]
    told = judge(gathered(query, hits))
    assert told.verdict == "clarify"
    assert told.options == ("怎么申请退货", "发票多久开好")


@pytest.mark.parametrize("query", ["能退吗", "运费呢", "发票怎么开"])
def test_a_short_question_with_a_topic_is_not_vague(query: str) -> None:
    assert judge(gathered(query, near())).verdict != "clarify"


@pytest.mark.parametrize(
    ("query", "kind"),
    [("多久能到账", "duration"), ("要赔多少钱", "amount"), ("这样合法吗", "yes_no"), ("客服电话多少", "contact")],
)
def test_what_kind_of_thing_is_asked_for(query: str, kind: str) -> None:
    target = target_of(query)
    assert target is not None
    assert target.kind == kind


def test_weights_name_only_features_there_are() -> None:
    path = Path(gate.__file__).with_name("gate_weights.yaml")
    features = features_of(gathered("退货", near()))
    for line in yaml.safe_load(path.read_text(encoding="utf-8")).values():
        assert line["weights"].keys() <= features.keys()
