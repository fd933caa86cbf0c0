from hypothesis import given
from hypothesis import strategies as st

from knowledge.documents.chunking import LONG, LOOSE, MERGED, Chunk, UnitKind, chunk, windows
from knowledge.documents.parsed import ParsedDocument, Section, SectionKind
from knowledge.kit.text import split_sentences


def one(kind: SectionKind, text: str, **more: object) -> Chunk:
    section = Section(("退货",), kind, text, **more)  # type: ignore[arg-type]
    return chunk(ParsedDocument("店规", (section,)))[0]


def units(item: Chunk, kind: UnitKind) -> list[str]:
    return [unit.text for unit in item.units if unit.kind == kind]


sentences = st.lists(st.integers(1, 120).map(lambda n: "货" * n + "。"), min_size=1, max_size=30)


@given(sentences)
def test_windows_are_runs_of_whole_sentences_that_miss_none(made: list[str]) -> None:
    numbered = [f"{index}号{sentence}" for index, sentence in enumerate(made)]
    found = [split_sentences(window) for window in windows("".join(numbered))]
    seen: list[str] = []
    for window in found:
        start = numbered.index(window[0])
        assert window == numbered[start : start + len(window)]
        assert start <= len(seen)
        seen += window[len(seen) - start :]
        assert len(window) == 1 or sum(map(len, window)) <= 150
    assert seen == numbered


def test_neighbouring_windows_share_a_sentence() -> None:
    text = "".join(f"第{index}点，买家须在签收后七天内提出申请并保持商品完好，否则不予受理。" for index in range(12))
    first, second = windows(text)[:2]
    assert split_sentences(first)[-1] == split_sentences(second)[0]
    assert 2 <= len(split_sentences(first)) <= 4


def test_the_turn_of_a_policy_is_never_cut() -> None:
    text = "质量问题由卖家承担，非质量问题由买家承担。" * 60
    for item in chunk(ParsedDocument("店规", (Section((), "text", text),))):
        for unit in item.units:
            assert unit.text.startswith("质量问题由卖家承担")
            assert unit.text.endswith("非质量问题由买家承担。")


def test_a_short_clause_is_one_body_and_a_long_one_gets_windows_beside_it() -> None:
    short, long = one("clause", "七天可退。"), one("clause", "签收后七天内商品完好的可以退货。" * 30)
    assert units(short, "window") == []
    assert len(long.text) > LONG
    assert units(long, "body") == [long.text]
    assert len(units(long, "window")) > 2


def test_an_article_stays_whole_however_long_and_its_title_names_it() -> None:
    item = one("article", "经营者应当说明。\n" * 300, article=25)
    assert item.article == 25
    assert units(item, "title") == ["店规 退货 第二十五条"]


def test_loose_neighbours_merge_up_to_a_bound_but_only_under_one_heading() -> None:
    sections = [Section(("甲",), "text", "七天可退，运费自理。" * 3) for _ in range(10)]
    sections.append(Section(("乙",), "text", "另一节。"))
    sections.append(Section(("乙",), "clause", "1. 自成一条。"))
    found = chunk(ParsedDocument("店规", tuple(sections)))
    assert [item.path for item in found[-2:]] == [("乙",), ("乙",)]
    merged = found[:-2]
    assert 1 < len(merged) < 10
    assert all(len(item.text.replace("\n", "")) <= MERGED for item in merged)
    assert [item.ordinal for item in found] == list(range(len(found)))


def test_long_loose_text_is_split_at_sentence_ends_and_nothing_is_lost() -> None:
    text = "".join(f"这是第{index}句说明文字，内容各不相同。" for index in range(120))
    found = chunk(ParsedDocument("说明", (Section((), "text", text),)))
    assert len(found) > 2
    assert all(len(item.text) <= LOOSE and item.text.endswith("。") for item in found)
    assert "".join(item.text for item in found) == text


def test_a_question_is_a_unit_and_its_answer_the_text() -> None:
    item = one("faq", "签收后七天内。", questions=("多久能退？", "退货期多长"))
    assert item.text == "签收后七天内。"
    assert item.path == ("退货", "多久能退？")
    assert units(item, "question") == ["多久能退？", "退货期多长"]
    assert units(item, "body") == ["多久能退？\n签收后七天内。"]


def test_rows_stay_apart() -> None:
    rows = tuple(Section((), "table_row", f"地区：{place}；运费：5元") for place in ("江苏", "浙江"))
    assert [item.text for item in chunk(ParsedDocument("运费", rows))] == [row.text for row in rows]
