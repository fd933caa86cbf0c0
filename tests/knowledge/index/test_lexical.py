import math
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.index.cut import cut, words
from knowledge.index.lexical import K1, B, LexicalIndex


def reference(docs: dict[str, list[str]], terms: dict[str, float]) -> dict[str, float]:
    mean = sum(map(len, docs.values())) / len(docs)
    scores = {}
    for doc_id, doc in docs.items():
        counts, score = Counter(doc), 0.0
        for term, weight in terms.items():
            df = sum(term in other for other in docs.values())
            idf = math.log(1 + (len(docs) - df + 0.5) / (df + 0.5))
            score += weight * idf * counts[term] / (counts[term] + K1 * (1 - B + B * len(doc) / mean))
        scores[doc_id] = score
    return {doc_id: score for doc_id, score in scores.items() if score > 0}


documents = st.dictionaries(
    st.sampled_from([f"d{n}" for n in range(120)]), st.lists(st.sampled_from("abcdefgh"), min_size=1), min_size=1
)


@settings(max_examples=60, deadline=None)
@given(documents, documents, st.sets(st.sampled_from([f"d{n}" for n in range(120)])))
def test_after_any_changes_scores_equal_an_index_built_afresh(
    first: dict[str, list[str]], second: dict[str, list[str]], gone: set[str]
) -> None:
    index = LexicalIndex()
    index.replace(first)
    index.top({"a": 1.0}, 3)  # fills what is kept between queries
    index.upsert(second)
    index.delete(gone)
    held = {doc_id: terms for doc_id, terms in (first | second).items() if doc_id not in gone}
    assert index.ids() == set(held)
    terms = {"a": 1.0, "b": 0.4, "z": 1.0}
    expected = reference(held, terms) if held else {}
    assert dict(index.top(terms, 200)) == pytest.approx(expected, rel=1e-4)


def test_many_deletions_compact_without_changing_scores() -> None:
    docs = {f"d{n}": ["common", f"t{n % 7}"] for n in range(400)}
    index = LexicalIndex(version=3)
    index.replace(docs)
    index.delete([f"d{n}" for n in range(300)])
    left = {doc_id: docs[doc_id] for doc_id in list(docs)[300:]}
    assert dict(index.top({"t3": 1.0, "common": 1.0}, 500)) == pytest.approx(
        reference(left, {"t3": 1.0, "common": 1.0}), rel=1e-4
    )
    assert index.version == 3


def test_ties_are_broken_by_id_whatever_the_order_of_insertion() -> None:
    index = LexicalIndex()
    index.replace({"b": ["x"], "c": ["x"], "a": ["x"]})
    assert [doc_id for doc_id, _ in index.top({"x": 1.0}, 2)] == ["a", "b"]


def test_coverage_names_what_the_document_lacks() -> None:
    index = LexicalIndex()
    index.replace({"returns": cut("退货运费由买家承担"), "other": cut("发票")})
    cover = index.idf_coverage(["运费", "保价"], "returns")
    assert cover.missing == ("保价",)
    assert 0 < cover.share < 1
    assert index.idf_coverage(["运费"], "returns").share == 1.0
    assert index.idf_coverage(["运费"], "nowhere").share == 0.0
    assert index.idf_coverage([], "returns").share == 0.0


def test_a_word_the_segmenter_cuts_across_still_matches() -> None:
    index = LexicalIndex()
    index.replace({"insured": cut("本店赠送退货运费险"), "other": cut("本店支持开发票")})
    hits = index.top(dict.fromkeys(cut("退货"), 1.0), 2)
    assert [doc_id for doc_id, _ in hits] == ["insured"]


@pytest.mark.parametrize("asked", ["LC-J-KX202", "ｌｃ-ｊ-ｋｘ202", "kx202", "202"])
def test_model_numbers_match_whole_and_in_parts(asked: str) -> None:
    assert set(cut(asked)) & set(cut("电烤箱 LC-J-KX202")) - {"j"}


def test_own_words_stay_whole() -> None:
    assert "运费险" in words("运费险怎么赔")
    assert "小黑瓶" in cut("兰蔻小黑瓶")
