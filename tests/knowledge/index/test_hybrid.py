import numpy as np
import pytest

from knowledge.index.embedders import FakeEmbedder
from knowledge.index.expand import SynonymGroup, meanings, shipped_groups, weighted_terms
from knowledge.index.fusion import DENSE_WEIGHT, TITLE_DENSE_WEIGHT, dense_weight, fuse
from knowledge.index.hybrid import Found, HybridIndex
from knowledge.index.units import Unit
from knowledge.kit.errors import InvalidInputError


def units_of(chunk_id: str, text: str) -> list[Unit]:
    return [Unit(f"{chunk_id}#0", chunk_id, "body", text)]


FAKE = FakeEmbedder(64)
TEXTS = {
    "freight": "退回商品产生的运费由买家承担。",
    "invoice": "发票会在确认收货后寄到邮箱。",
    "delivery": "付款之后四十八小时内安排发货。",
}


def built(texts: dict[str, str], extra: tuple[Unit, ...] = ()) -> HybridIndex:
    units = [unit for chunk_id, text in texts.items() for unit in units_of(chunk_id, text)] + list(extra)
    index = HybridIndex(64)
    rows = FAKE.embed_passages([unit.text for unit in units])
    index.replace(units, {unit.id: row for unit, row in zip(units, rows, strict=True)}, version=1)
    return index


def asked(index: HybridIndex, query: str, k: int = 8) -> Found:
    return index.search(query, FAKE.embed_queries([query])[0], k)


def test_finds_by_both_legs_and_reports_what_refusal_needs() -> None:
    found = asked(built(TEXTS), "运费由谁承担")
    best = found.ranked[0]
    assert (best.chunk_id, best.unit_id, found.legs, found.degraded) == ("freight", "freight#0", "both", False)
    assert 0.9 < best.score <= 1.0
    assert found.features.top_dense == best.dense
    assert found.features.margin == pytest.approx(best.score - found.ranked[1].score)


def test_missing_words_name_the_topic_not_the_way_of_asking() -> None:
    found = asked(built(TEXTS), "请问运费可以用积分抵吗")
    assert "积分" in found.features.missing
    assert not {"请问", "可以", "吗", "运费"} & set(found.features.missing)
    assert found.features.coverage < 1


def test_without_a_query_vector_words_alone_serve_and_say_so() -> None:
    found = built(TEXTS).search("发票", None)
    assert (found.ranked[0].chunk_id, found.legs, found.degraded) == ("invoice", "lexical", True)


def test_chunks_whose_vectors_are_still_missing_are_found_by_words() -> None:
    index = HybridIndex(64)
    index.replace([unit for chunk_id, text in TEXTS.items() for unit in units_of(chunk_id, text)], {})
    found = asked(index, "多久发货")
    assert (found.ranked[0].chunk_id, found.legs) == ("delivery", "lexical")


def test_another_wording_of_a_chunk_leads_to_it() -> None:
    question = Unit("invoice#q1", "invoice", "question", "抬头写错能不能换开")
    found = asked(built(TEXTS, (question,)), "抬头写错能不能换开")
    assert (found.ranked[0].chunk_id, found.ranked[0].unit_id) == ("invoice", "invoice#q1")
    assert [hit.chunk_id for hit in found.ranked].count("invoice") == 1


def test_a_fact_deep_in_a_long_passage_counts_through_its_window() -> None:
    filler = "".join(f"第{n}项说明与本店日常经营安排有关。" for n in range(30))
    texts = TEXTS | {"long": filler + "冰箱压缩机保修十年。" + filler}
    query = FAKE.embed_queries(["冰箱压缩机保修十年"])[0]
    window = Unit("long#w1", "long", "window", "冰箱压缩机保修十年。")
    hit = next(hit for hit in asked(built(texts, (window,)), "冰箱压缩机保修十年").ranked if hit.chunk_id == "long")
    assert hit.unit_id == window.id
    assert hit.dense > float(FAKE.embed_passages([texts["long"]])[0] @ query)


def test_changes_apply_incrementally_and_equal_a_full_replace() -> None:
    index = built(TEXTS)
    fresh = units_of("freight", "质量问题退货的运费由店铺承担。")
    rows = {unit.id: FAKE.embed_passages([unit.text])[0] for unit in fresh}
    index.apply(fresh, ["invoice", "unknown"], rows, version=2)
    same = built({"freight": "质量问题退货的运费由店铺承担。", "delivery": TEXTS["delivery"]})
    assert (len(index), index.version) == (2, 2)
    for query in ("质量问题谁承担", "发票", "发货"):
        assert asked(index, query) == asked(same, query)


def test_an_empty_index_finds_nothing_and_a_wrong_dimension_is_refused() -> None:
    index = HybridIndex(64)
    assert asked(index, "退货") == Found()
    with pytest.raises(InvalidInputError):
        index.replace(units_of("a", "退货"), {"a#0": np.zeros(8, dtype=np.float32)})


def test_fusion_weighs_titles_towards_words_and_survives_a_missing_leg() -> None:
    assert dense_weight("加绒连衣裙女2024秋冬新款宽松大码") == TITLE_DENSE_WEIGHT
    assert dense_weight("签收后七天内可以退货。运费由买家承担。") == DENSE_WEIGHT
    dense, lexical = np.array([0.8, 0.9], dtype=np.float32), np.array([4.0, 0.0], dtype=np.float32)
    half = np.array([0.5, 0.5], dtype=np.float32)
    assert fuse(dense, lexical, half).scores == pytest.approx([0.5, 0.5])
    assert (fuse(dense, None, half).legs, fuse(None, lexical, half).legs) == ("dense", "lexical")
    assert fuse(dense, np.zeros(2, dtype=np.float32), half).legs == "both"


def test_expansion_adds_lighter_terms_and_never_replaces() -> None:
    groups = (SynonymGroup(("邮费",), ("运费",)),)
    terms = weighted_terms("邮费多少", groups)
    assert terms["邮费"] == 1.0
    assert 0 < terms["运费"] < 1
    assert meanings("运费和邮费", groups) == []
    assert len(shipped_groups()) >= 120
