"""The conversations suite: expectations are true of the seeded shop and unseen by the desk, and marks can be lost."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from evals.contract import Row
from evals.conversation_facts import SeededShop, holds
from evals.conversation_figures import figures, unsupported
from evals.conversation_grade import Mark, marks
from evals.conversation_rows import Scripted, read_conversations, split_of
from evals.gates import failures
from evals.home import EvalHome, open_home
from evals.suites import conversations
from knowledge.demo.seed import seed_facts
from knowledge.kit.clock import FrozenClock
from knowledge.kit.errors import InvalidInputError

_NOW = datetime.fromisoformat("2026-11-01T12:00:00+08:00")
_ORDER = "LC2610011043"


@pytest.fixture(scope="module")
def shop() -> SeededShop:
    return SeededShop(_NOW)


def _script(**expect: Any) -> Scripted:
    turn = {"say": f"{_ORDER}到哪了", "expect": {"outcome": ["answered", "clarified"], **expect}}
    row = {"id": "c001", "about": "", "capabilities": ["shipment"], "shopper": "S1001", "turns": [turn]}
    return Scripted.model_validate(row)


def _said(text: str, evidence: str, **more: Any) -> Row:
    cited = {"number": 1, "doc": f"order:{_ORDER}", "kind": "shipment", "article": None, "text": evidence}
    row = {"outcome": "answered", "text": text, "sentences": [text], "citations": [cited], "cards": ["order"]}
    return {**row, "owner": "bot", "handoff": None, "shopper": "S1001", **more}


def _mark(script: Scripted, row: Row, shop: SeededShop) -> Mark:
    (mark,) = marks(script, [row], shop)
    return mark


# --- the committed data -----------------------------------------------------------------------------------------------


def test_the_committed_conversations_are_many_and_spread_over_every_capability() -> None:
    rows = read_conversations(conversations.DATA)
    assert len(rows) >= 60
    assert len({row.id for row in rows}) == len(rows)
    capabilities = {name for row in rows for name in row.capabilities}
    assert capabilities == {
        "order", "shipment", "product", "compare_products", "price_history", "policy_for_order", "documents",
        "identity", "handoff",
    }  # fmt: skip
    outcomes = {outcome for row in rows for turn in row.turns for outcome in turn.expect.outcome[:1]}
    assert outcomes == {"answered", "clarified", "abstained", "handed_off", "silent"}


def test_a_conversation_lies_in_the_file_its_id_decides() -> None:
    for split in ("dev", "held"):
        rows = read_conversations(conversations.DATA / f"{split}.jsonl")
        assert {split_of(row.id) for row in rows} == {split}


@pytest.mark.parametrize("now", ["2026-11-01T12:00:00+08:00", "2027-02-28T23:30:00+08:00", "2028-03-01T00:10:00+08:00"])
def test_every_expectation_can_be_computed_on_any_day(now: str) -> None:
    shop = SeededShop(datetime.fromisoformat(now))
    for row in read_conversations(conversations.DATA):
        for turn in row.turns:
            for text in (*turn.expect.facts, *turn.expect.says, *turn.expect.never, *turn.expect.allow):
                assert all(shop.alternatives(text)), f"{row.id}: {text}"


def test_no_expectation_asks_for_what_it_forbids(shop: SeededShop) -> None:
    for row in read_conversations(conversations.DATA):
        for turn in row.turns:
            for fact in (*turn.expect.facts, *turn.expect.says):
                forbidden = [form for text in turn.expect.never for form in shop.alternatives(text)]
                sayable = [f for f in shop.alternatives(fact) if not any(holds(f, form) for form in forbidden)]
                assert sayable, f"{row.id}: {fact}"


def test_a_bad_row_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"id": "c001", "about": "", "capabilities": ["order"], "turns": [{"say": "在吗"}]}\n', "utf-8")
    with pytest.raises(InvalidInputError, match=r"x\.jsonl row 1: turns\.0\.expect"):
        read_conversations(path)
    with pytest.raises(InvalidInputError, match="names nothing"):
        SeededShop(_NOW).alternatives("{order:LC0.paid}")


# --- the expectation language -----------------------------------------------------------------------------------------


def test_templates_are_computed_from_the_seeded_shop(shop: SeededShop) -> None:
    assert shop.alternatives("{order:LC2610011102.signed_on + 7}")[0] == "11月7日"
    assert shop.alternatives("{day:-3}|昨天") == ["10月29日", "10月29号", "10-29", "10/29", "昨天"]
    assert "¥89" in shop.alternatives("{now:P1005-1}")
    assert shop.alternatives("{price:P1005-1}")[0] == "99元"
    assert shop.alternatives("{order:LC2610011287.item1.unit_price - now:P2003-1}")[0] == "20元"
    assert shop.alternatives("重{attr:P2001.重量}") == ["重1.1公斤"]


def test_a_number_is_not_found_inside_another() -> None:
    assert holds("实付 ￥ 129．5 元", "¥129.5")
    assert not holds("实付1129元", "129元")
    assert not holds("1.129元", "129元")
    assert not holds("重1.16公斤", "1.1")


# --- marks ------------------------------------------------------------------------------------------------------------


def test_a_turn_passes_and_each_aspect_can_fail(shop: SeededShop) -> None:
    expected = {"facts": ["运输|在途"], "cite": ["shipment"], "cards": ["order"], "never": ["已签收"]}
    good = _said("目前运输途中。[1]", "目前运输途中。")
    script = _script(**expected)
    assert _mark(script, good, shop).passed
    for change, aspect in (
        ({"outcome": "abstained"}, "outcome"),
        ({"text": "还没有发货。"}, "facts"),
        ({"text": "运输途中，已签收。"}, "never"),
        ({"cards": []}, "cards"),
        ({"citations": []}, "citations"),
        ({"owner": "handoff"}, "end_state"),
        ({"shopper": None}, "end_state"),
    ):
        assert aspect in _mark(script, good | change, shop).faults, aspect


def test_facts_belong_to_the_first_outcome_and_says_to_all(shop: SeededShop) -> None:
    asked = _said("您问的是哪一单？", "", outcome="clarified", citations=[], cards=[])
    assert _mark(_script(facts=["运输"], cards=["order"], cite=["shipment"]), asked, shop).passed
    assert "facts" in _mark(_script(says=["登录"]), asked, shop).faults


def test_a_citation_of_somebody_elses_order_never_passes(shop: SeededShop) -> None:
    row = _said("目前派送中。[1]", "目前派送中。")
    row["citations"][0]["doc"] = "order:LC2610033105"
    assert _mark(_script(), row, shop).faults["citations"] == ["order:LC2610033105 is not the shopper's"]


def test_a_handoff_needs_an_open_one_with_its_reason(shop: SeededShop) -> None:
    script = _script(outcome=["handed_off"], handoff=["safety"])
    row = _said("已转人工。", "", outcome="handed_off", citations=[], owner="handoff", handoff="safety")
    assert _mark(script, row, shop).passed
    assert "end_state" in _mark(script, row | {"handoff": None}, shop).faults
    assert "end_state" in _mark(script, row | {"handoff": "complaint"}, shop).faults


@pytest.mark.parametrize(
    ("sentence", "evidence"),
    [
        ("签收次日起8天内可退。[1]", "签收次日起7天内可退。"),
        ("预计11月4日送达。[1]", "预计11月3日送达。"),
        ("活动价89元。[1]", "活动价98元，89天内有效。"),
        ("十五天内可以价保。[1]", "付款次日起7天内可以价保。"),
        ("快递单号YT668677449522。[1]", "快递单号YT668677449521。"),
        ("19点开播。[1]", "每天19:30开播。"),
        ("重1.2公斤。[1]", "重1.1公斤。"),
    ],
)
def test_a_wrong_figure_is_a_wrong_fact(sentence: str, evidence: str, shop: SeededShop) -> None:
    assert _mark(_script(), _said(sentence, evidence), shop).wrong_facts
    assert not _mark(_script(), _said(f"{evidence}[1]", evidence), shop).wrong_facts


@pytest.mark.parametrize(
    ("sentence", "evidence"),
    [
        ("十五天内。[1]", "15天内。"),
        ("重1100克。[1]", "重1.1公斤。"),
        ("11月3号下午到。[1]", "预计2026-11-03送达。"),
        ("30块。[1]", "￥30.00"),
        ("19点半。[1]", "19:30"),
        ("您可以再问一次，七天无理由退货照常。", ""),
    ],
)
def test_another_way_of_writing_is_no_wrong_fact(sentence: str, evidence: str, shop: SeededShop) -> None:
    assert not _mark(_script(), _said(sentence, evidence), shop).wrong_facts


def test_only_own_order_numbers_may_be_said_without_evidence(shop: SeededShop) -> None:
    own = _said(f"您问的是{_ORDER}还是LC2610011069？", "", outcome="clarified", citations=[])
    other = _said("您问的是LC2610033105？", "", outcome="clarified", citations=[])
    assert not _mark(_script(), own, shop).wrong_facts
    assert _mark(_script(), other, shop).wrong_facts


def test_figures_are_read_with_their_units() -> None:
    assert figures("展开120cm×75cm，一样轻三百克") == [("毫米", "1200"), ("毫米", "750"), ("克", "300")]
    assert unsupported("满2件打8折", ["满2件打9折"]) == [("折", "8")]


# --- the run ----------------------------------------------------------------------------------------------------------


async def _held(home: EvalHome, scripts: list[Scripted]) -> list[Row]:
    rows = [row for script in scripts for row in await conversations.hold(home, script)]
    return [{**row, "ms": 0} for row in rows]


def _written(number: int, shopper: str, words: Sequence[Mapping[str, Any]], expected: list[dict[str, Any]]) -> Scripted:
    turns = [{**said, "expect": expect} for said, expect in zip(words, expected, strict=True)]
    row = {"id": f"c{number:03d}", "about": "", "capabilities": ["order"], "shopper": shopper, "turns": turns}
    return Scripted.model_validate(row)


async def test_expectations_do_not_reach_the_desk(shop: SeededShop) -> None:
    asks = {"outcome": ["clarified"], "says": ["登录"], "never": ["圆通"]}
    tells = {"outcome": ["answered"], "facts": ["运输|在途|途中"], "cite": ["shipment|order"], "cards": ["order"]}
    person = {"outcome": ["handed_off"], "handoff": ["customer_request"]}
    nothing = {"outcome": ["silent"]}
    guest: list[dict[str, Any]] = [{"say": f"{_ORDER}到哪了"}, {"say": f"{_ORDER}到哪了", "identify": "S1001"}]
    known: list[dict[str, Any]] = [{"say": "转人工"}, {"say": "", "picture": True}]
    honest = [_written(1, "", guest, [asks, tells]), _written(2, "S1002", known, [person, nothing])]
    blind = [_written(1, "", guest, [nothing, person]), _written(2, "S1002", known, [tells, asks])]
    async with open_home(_NOW, "offline") as home:
        await seed_facts(home.knowledge.database, FrozenClock(_NOW))
        seen, unseen = await _held(home, honest), await _held(home, blind)
    assert seen == unseen
    assert [row["outcome"] for row in seen] == ["clarified", "answered", "handed_off", "silent"]
    assert [row["shopper"] for row in seen] == [None, "S1001", "S1002", "S1002"]
    good, bad = conversations.score(honest, seen, shop), conversations.score(blind, seen, shop)
    assert (good["passed"], bad["passed"]) == (1.0, 0.0)
    assert good["wrong_facts_noticed"] >= 0.9
    assert failures("conversations", "conversations", good) == []
    assert failures("conversations", "conversations", bad)
    shown = [case["id"] for case in conversations.worst(blind, seen, shop)]
    assert shown == [f"{each.id}#{turn}" for each in blind if each.split == "dev" for turn in (1, 2)]
