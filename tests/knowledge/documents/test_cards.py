from datetime import date

import pytest

from knowledge.documents.cards import load_cards, parse_cards, to_document
from knowledge.documents.chunking import chunk
from knowledge.kit.errors import InvalidInputError

CARDS = """
doc: 试验法
title: 中华人民共和国试验法
effective_from: 2020-10-23
cards:
  - article: 3
    topic: 退货期限
    says: [签收次日起七天内可以退。, 超过七天就不行了。]
    ask: [几天内能退, 过了一周还能退吗]
  - article: 3
    topic: 例外
    says: [定做的不能退。]
    ask: [定做的能退吗]
"""


def test_a_card_becomes_one_chunk_with_a_unit_for_each_sentence_and_question() -> None:
    first, second = chunk(to_document(parse_cards("试验法.yaml", CARDS)))
    assert (first.article, first.kind) == (3, "card")
    assert first.text == "签收次日起七天内可以退。超过七天就不行了。"
    assert [(unit.kind, unit.text) for unit in first.units] == [
        ("title", "退货期限"),
        ("body", first.text),
        ("says", "签收次日起七天内可以退。"),
        ("says", "超过七天就不行了。"),
        ("question", "几天内能退"),
        ("question", "过了一周还能退吗"),
    ]
    assert second.path == ("例外",)


def test_the_document_keeps_key_title_and_day() -> None:
    document = to_document(parse_cards("试验法.yaml", CARDS))
    assert (document.title, document.effective_from) == ("中华人民共和国试验法", date(2020, 10, 23))
    assert document.meta["doc"] == "试验法"


@pytest.mark.parametrize(
    ("old", "new", "row", "field"),
    [
        ("topic: 例外", "topic: 例外\n    note: x", 2, "note"),
        ("topic: 例外", "topic: 退货期限", 2, "topic"),
        ("says: [定做的不能退。]", "says: []", 2, "says"),
        ("ask: [定做的能退吗]", "ask: ['  ']", 2, "ask.0"),
        ("ask: [定做的能退吗]", "ask: [甲, 甲]", 2, "ask"),
        ("    says: [定做的不能退。]\n", "", 2, "says"),
        ("article: 3\n    topic: 退货期限", "article: 0\n    topic: 退货期限", 1, "article"),
        ("effective_from: 2020-10-23", "effective_from: 某天", None, "effective_from"),
        ("doc: 试验法\n", "", None, "doc"),
    ],
)
def test_a_bad_card_is_refused_by_file_card_and_field(old: str, new: str, row: int | None, field: str) -> None:
    assert old in CARDS
    with pytest.raises(InvalidInputError) as caught:
        parse_cards("试验法.yaml", CARDS.replace(old, new, 1))
    assert caught.value.data["file"] == "试验法.yaml"
    assert caught.value.data.get("row") == row
    assert caught.value.data["field"] == field


def test_a_key_given_twice_is_refused_not_dropped() -> None:
    with pytest.raises(InvalidInputError, match="given twice"):
        parse_cards("试验法.yaml", CARDS.replace("    topic: 例外\n", "    topic: 例外\n    topic: 另一\n"))


@pytest.mark.parametrize("text", ["", "- a\n- b", "doc: [", "a: " + "[" * 5000])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_cards("坏.yaml", text)


def test_the_shipped_cards_load_and_each_makes_a_chunk() -> None:
    for card_file in load_cards():
        assert len(chunk(to_document(card_file))) == len(card_file.cards)
