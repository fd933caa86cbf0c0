import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.kit.errors import InvalidInputError
from knowledge.kit.text import (
    clean,
    collapse_spaces,
    count_characters,
    decode,
    int_to_numeral,
    join_lines,
    normalize,
    numeral_to_int,
    split_sentences,
    squeeze_cjk,
)

POLICY = "质量问题由卖家承担运费，非质量问题由买家承担运费。"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_files_in_either_encoding_read_the_same(encoding: str) -> None:
    assert decode(POLICY.encode(encoding)) == POLICY


@pytest.mark.parametrize(
    "data",
    [POLICY.encode()[:-1], b"\xff\xfe\x00\x81", "甲\x00乙".encode(), b"\xef\xbb\xbf\xc3\x28"],
    ids=["utf-8 cut off", "neither", "nul", "bom then garbage"],
)
def test_bytes_that_are_no_text_are_refused_with_the_rule(data: bytes) -> None:
    with pytest.raises(InvalidInputError) as caught:
        decode(data, "规则.txt")
    assert caught.value.data["file"] == "规则.txt"
    assert caught.value.data["rule"] == "utf-8 or gb18030"


def test_normalize_folds_widths_and_keeps_line_breaks() -> None:
    assert normalize("ＡＢＣ１２３，（①）\r\n下一行\u2028末") == "ABC123,(1)\n下一行\n末"


def test_clean_keeps_punctuation_as_written_and_drops_the_invisible() -> None:
    assert clean("满１００％，\u200b可退（①）\u3000。") == "满100%，可退（①） 。"


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("可以退货。运费自理！好吗？", ["可以退货。", "运费自理！", "好吗？"]),
        ("首重3.5元。续重v2.0计费。", ["首重3.5元。", "续重v2.0计费。"]),
        ("页面写着“七天无理由。可退”的都算。其余不算。", ["页面写着“七天无理由。可退”的都算。", "其余不算。"]),
        ("商品（含赠品。配件）须完好。", ["商品（含赠品。配件）须完好。"]),
        ("真的吗？！太好了！！", ["真的吗？！", "太好了！！"]),
        ("须完好；不完好的除外。", ["须完好；不完好的除外。"]),
        ("（一）定制商品；\n（二）生鲜。", ["（一）定制商品；", "（二）生鲜。"]),
        ("“没有收尾的引号。照样断句。", ["“没有收尾的引号。", "照样断句。"]),
        ("Ships in 2 days. Returns are free.", ["Ships in 2 days.", "Returns are free."]),
        ("他说“可以。”", ["他说“可以。”"]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


@given(st.text(alphabet='退货非质量。！？；，“”（）"3.5 a\n', max_size=80))
def test_splitting_loses_and_invents_nothing(text: str) -> None:
    joined = "".join(split_sentences(text))
    assert "".join(joined.split()) == "".join(text.split())


def test_splitting_nothing_but_brackets_stays_fast() -> None:
    text = "（" * 50_000 + "】" * 50_000
    assert split_sentences(text) == [text]


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("十", 10),
        ("十五", 15),
        ("二十五", 25),
        ("一百零三", 103),
        ("一千二百六十", 1260),
        ("二〇二四", 2024),
        ("两百", 200),
        ("２５", 25),
        ("〇", 0),
    ],
)
def test_chinese_numerals(numeral: str, value: int) -> None:
    assert numeral_to_int(numeral) == value


@pytest.mark.parametrize("numeral", ["", "条", "二十五条", "十百", "二三十", "百", "-1"])
def test_what_is_no_numeral_is_refused(numeral: str) -> None:
    with pytest.raises(ValueError, match="numeral"):
        numeral_to_int(numeral)


@given(st.integers(1, 9_999))
def test_numerals_survive_the_round_trip(value: int) -> None:
    assert numeral_to_int(int_to_numeral(value)) == value


def test_spaces() -> None:
    assert collapse_spaces("  七天\t 无理由 \n\u3000 退货 ") == "七天 无理由\n退货"
    assert squeeze_cjk("第一章　总　　则 A B") == "第一章总则 A B"
    assert count_characters("七 天\n退") == 3


def test_joining_wrapped_lines_puts_a_blank_only_between_latin_words() -> None:
    assert join_lines("非质量", "问题") == "非质量问题"
    assert join_lines("free", "returns") == "free returns"
    assert join_lines("支持 USB", "，即插即用") == "支持 USB，即插即用"
