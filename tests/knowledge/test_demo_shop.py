"""The demo shop is one world: it parses, quotes well, stays the same from day to day and never contradicts itself."""

import re
from collections import Counter
from datetime import date
from importlib.resources import files

import pytest
import yaml

from knowledge.demo.shop import DEMO_SHOP_NAME, DemoDocument, demo_documents, greeting, suggestions
from knowledge.documents.chunking import chunk
from knowledge.documents.parse import parse
from knowledge.documents.parsed import ParsedDocument
from knowledge.kit.text import split_sentences

TODAY = date(2026, 3, 1)
DOCUMENTS = demo_documents(TODAY)
PARSED = {item.doc: parse(item.file_name, item.content) for item in DOCUMENTS}

# What a number near these words must be, wherever it is said.
FACTS = {
    r"每单最高赔(\d+)元": {"12"},
    r"(?:满|不满)(\d+)元(?:包邮|的订单收|的，从退款)": {"59"},
    r"订单收(\d+)元运费": {"8"},
    r"每单收(\d+)元运费": {"20"},
    r"补(\d+)元运费差价": {"15"},
    r"付款后(\d+)小时内发货": {"48"},
    r"付款次日起(\d+)天": {"15"},
    r"价保期同样是(\d+)天": {"15"},
    r"签收退货后(\d+)小时内完成验货": {"48"},
    r"(?:专用发票|专票).{0,12}?(\d+)个工作日": {"5"},
    r"换开在提交后(\d+)个工作日": {"3"},
    r"付款之日起(\d+)天": {"365"},
    r"(\d+)积分抵1元": {"100"},
    r"(\d+)分钟内首次回复": {"3"},
    r"每天(\d+:00)到23:00": {"8:00"},
    r"(\d+)分钟内(?:付款|没有付款)": {"30"},
    r"不足(\d+)元的，按500元": {"500"},
    r"实付满(\d+)元，升级": {"1000", "3000"},
    r"签收后(\d+)小时内(?:可以)?(?:上传3张照片)?申请坏单包赔": {"24"},
    r"签收次日起(\d+)天(?:内|无理由)": {"7", "15"},
}
DISPOSABLE = {"product-cotton-tissue", "product-baby-wipes"}
ABSOLUTE = re.compile(
    r"最[好佳优强低大新]|第一|顶级|极致|国家级|唯一|永久|绝对|完美|全网|万能|零风险|治疗|美白|祛斑|抗敏"
)


def texts(doc: str) -> list[str]:
    return [section.text for section in PARSED[doc].sections]


def sentences(parsed: ParsedDocument) -> list[str]:
    return [one for section in parsed.sections for one in split_sentences(section.text)]


def table(parsed: ParsedDocument) -> dict[str, str]:
    """Attribute → value of a product page, whose rows read `某商品的价格：99元。`"""
    rows = [section.text for section in parsed.sections if section.kind == "table_row"]
    found = {}
    for row in rows:
        label, value = row.removesuffix("。").split("：", 1)
        found[label.rpartition("的")[2]] = value
    return found


def of_kind(kind: str) -> list[DemoDocument]:
    return [item for item in DOCUMENTS if item.kind == kind]


def test_there_is_enough_of_each_kind() -> None:
    assert len(of_kind("policy")) >= 15
    assert len(of_kind("product")) == 60
    pairs = [section for item in of_kind("faq") for section in PARSED[item.doc].sections]
    assert len(pairs) >= 80
    assert all(section.kind == "faq" and len(section.questions) >= 3 for section in pairs)
    categories = Counter(PARSED[item.doc].meta["category"] for item in of_kind("product"))
    assert len(categories) == 7
    assert min(categories.values()) >= 3


def test_keys_and_titles_are_unique() -> None:
    for field in ("doc", "title", "file_name"):
        assert max(Counter(getattr(item, field) for item in DOCUMENTS).values()) == 1


def test_title_given_is_the_title_written() -> None:
    for item in DOCUMENTS:
        if item.file_name.endswith(".md"):
            assert PARSED[item.doc].title == item.title


def test_only_the_effective_day_moves_with_the_clock() -> None:
    later = demo_documents(date(2027, 3, 1))
    assert [item.content for item in later] == [item.content for item in DOCUMENTS]
    assert {(b.effective_from - a.effective_from).days for a, b in zip(DOCUMENTS, later, strict=True)} == {365}
    assert all(item.effective_from < TODAY for item in DOCUMENTS)
    assert all(PARSED[item.doc].effective_from is None for item in DOCUMENTS)


def test_a_policy_clause_is_one_short_chunk_under_its_heading() -> None:
    for item in of_kind("policy"):
        chunks = chunk(PARSED[item.doc])
        headings = [one.path[-1] for one in chunks]
        assert len(headings) == len(set(headings)), item.doc
        assert all(len(split_sentences(one.text)) <= 5 for one in chunks), item.doc


@pytest.mark.parametrize("item", DOCUMENTS, ids=lambda item: item.doc)
def test_each_sentence_is_short_and_whole(item: DemoDocument) -> None:
    spoken = [s for s in sentences(PARSED[item.doc]) if "；" not in s]
    assert [s for s in spoken if len(s) > 60] == []
    if item.kind != "product":
        assert [s for s in spoken if not s.endswith("。")] == []
    assert [s for s in spoken if re.match(r"其中|此外|另外|这样|它|该", s)] == []


@pytest.mark.parametrize("pattern", FACTS)
def test_one_number_for_one_fact(pattern: str) -> None:
    found = {hit for parsed in PARSED.values() for s in sentences(parsed) for hit in re.findall(pattern, s)}
    assert found == FACTS[pattern]


def test_prices_and_weights_said_anywhere_are_those_of_the_product_page() -> None:
    products = {item.title: table(PARSED[item.doc]) for item in of_kind("product")}
    said = [s for parsed in PARSED.values() for s in sentences(parsed) if "；" not in s]
    checked = 0
    for name, attributes in products.items():
        for sentence in (s for s in said if s.startswith(name)):
            for value in re.findall(r"售价(\d+元)", sentence):
                assert value in attributes["价格"], sentence
                checked += 1
            for value in re.findall(r"(?<!承)重([\d.]+公斤)", sentence):
                assert value in attributes["重量"], sentence
    assert checked >= len(products) + 10


def test_every_product_can_be_asked_for_price_return_and_warranty() -> None:
    for item in of_kind("product"):
        parsed = PARSED[item.doc]
        asked = {question for section in parsed.sections for question in section.questions}
        for ending in ("多少钱？", "能退货吗？", "质保多久？"):
            assert f"{item.title}{ending}" in asked
        assert {"价格", "规格", "尺寸", "重量", "适用人群", "保养", "包装清单", "质保"} <= set(table(parsed))


def test_every_product_is_asked_much_and_each_wording_means_one_answer() -> None:
    asked: Counter[str] = Counter()
    for item in of_kind("product"):
        pairs = [section for section in PARSED[item.doc].sections if section.kind == "faq"]
        assert 8 <= len(pairs) <= 14, item.doc
        assert sum(len(pair.questions) > 1 for pair in pairs) >= 8, item.doc
        assert all(len(split_sentences(pair.text)) <= 2 for pair in pairs), item.doc
        asked.update(question for pair in pairs for question in pair.questions)
    assert [question for question, times in asked.items() if times > 1] == []


def test_product_warranty_equals_the_policy() -> None:
    """The policy's own list of categories gives the months; a product page may not say another."""
    policy = next(s.text for s in PARSED["policy-warranty"].sections if s.path[-1] == "各类商品的质保期")
    months = dict(re.findall(r"(小家电|家具|户外装备|通勤用品|母婴用品)质保(\d+个月)", policy))
    assert {name for name, span in months.items() if span == "12个月"} == {"小家电", "户外装备", "通勤用品"}
    assert (months["家具"], months["母婴用品"]) == ("24个月", "6个月")
    own = {"户外": "户外装备", "通勤": "通勤用品", "母婴": "母婴用品"}
    for item in of_kind("product"):
        category = PARSED[item.doc].meta["category"]
        warranty = table(PARSED[item.doc])["质保"]
        if category in own and item.doc not in DISPOSABLE:
            assert warranty == f"签收次日起{months[own[category]]}"
        elif category in ("食品", "生鲜", "美妆"):
            assert "不设质保期" in warranty


def test_product_copy_has_no_absolute_or_medical_words() -> None:
    assert [hit for item in of_kind("product") for text in texts(item.doc) for hit in ABSOLUTE.findall(text)] == []


def test_no_contact_outside_the_shop() -> None:
    every = "".join(text for doc in PARSED for text in texts(doc))
    assert not re.search(r"https?://|www\.|1[3-9]\d{9}|400-?\d{3}|@", every)


def test_smoke_questions_point_at_documents() -> None:
    listed = yaml.safe_load((files("knowledge.demo") / "questions.yaml").read_text(encoding="utf-8"))["questions"]
    assert len(listed) == len({item["question"] for item in listed}) == 70
    assert sum(item["doc"] is None for item in listed) == 10
    named = {doc for item in listed for doc in item["doc"] or ()}
    assert named <= set(PARSED)
    assert {item.doc for item in of_kind("policy")} <= named
    asked = {q for parsed in PARSED.values() for section in parsed.sections for q in section.questions}
    assert not asked & {item["question"] for item in listed}


def test_greeting_names_the_shop_and_starters_are_six_questions() -> None:
    assert DEMO_SHOP_NAME in greeting()
    assert len(set(suggestions())) == 6
    assert all(one.endswith("？") for one in suggestions())
