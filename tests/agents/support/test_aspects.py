"""Which attribute a question is after."""

import pytest

from agents.support.aspects import asked, aspects, echoed, told_of
from knowledge.catalog.facts import Attribute


def _attributes(**values: str) -> list[Attribute]:
    return [Attribute(name=name, value=value) for name, value in values.items()]


CUP = _attributes(容量="500毫升", 尺寸="高22厘米", 保温="四档", 重量="0.3公斤", 成分="甘油、泛醇", 配料="花生、盐")


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("容量多大", ["容量"]),
        ("多大容量的", ["容量"]),
        ("有多大", ["尺寸"]),
        ("尺寸和重量", ["尺寸", "重量"]),
        ("会不会太重", ["重量"]),
        ("保温多久", []),
        ("保温效果好吗", ["保温"]),
        ("重要吗", []),
        ("里面有花生吗", ["配料"]),
        ("里面有芝麻吗", ["成分", "配料"]),
        ("能用多大的宝宝", []),
    ],
)
def test_the_narrower_aspect_is_meant(question: str, names: list[str]) -> None:
    assert [one.name for one in told_of(question, CUP).attributes] == names


@pytest.mark.parametrize(
    "question",
    ["退款多久到账", "我的快递到哪了", "能开发票吗", "什么时候发货", "地址改一下", "客服几点上班", "4号前必须到手",
     "是不是就不给保修了", "买贵了能退差价吗", "收到就裂开了", "审核要几天"],
)  # fmt: skip
def test_questions_on_orders_and_rules_are_after_no_attribute(question: str) -> None:
    assert asked(question) == ()


def test_a_sentence_of_the_product_tells_what_no_attribute_does() -> None:
    told = told_of("烧开要多久", CUP, ["某水壶烧开一壶水约6分钟。", "某水壶好看。"])
    assert told.sentences == ("某水壶烧开一壶水约6分钟。",)
    assert told.attributes == ()


def test_words_of_no_aspect_point_only_at_the_statement_that_holds_them_all() -> None:
    sentences = ["某杯带提绳，可以挂在背包上。", "某杯带吸管。"]
    assert echoed("有提绳吗", CUP, sentences).sentences == (sentences[0],)
    assert not echoed("提绳能换颜料吗", CUP, sentences)
    assert not echoed("提绳坏了怎么办", CUP, sentences)


def test_yielding_aspects_exist() -> None:
    known = {aspect.name for aspect in aspects()}
    assert {other for aspect in aspects() for other in aspect.yields} <= known
