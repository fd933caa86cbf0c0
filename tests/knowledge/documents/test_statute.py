from datetime import date

import pytest

from knowledge.documents.parse import parse
from knowledge.kit.errors import InvalidInputError

LAW = """\ufeff【法律名称】中华人民共和国试验法
【现行版本】2020年10月23日第二次修正
【数据源URL】https://example.invalid/2031年1月1日修正
【施行日期】2017年3月15日
【条款数】5

==== 正文开始 ====

中华人民共和国试验法

（2016年12月1日通过　根据2018年8月8日《关于修改〈试验法〉的决定》第一次修正　根据2020年10月23日《决定》第二次修正）

目　　录

　　第一章　总　　则

　　第二章　退货

　　　　第一节　一般规定

　　第三章　附　　则

第一章　总　　则

　　第一条　为了试验解析，制定本法。

　　第二条　下列商品除外：

　　（一）定作的；

　　（二）鲜活的。

　　依照第一条规定执行。

第二章　退货

　　第一节　一般规定

　　第三条　七日内退货。
　　第四条规定的情形除外。

第三章　附　　则

　　第四条　另行规定。

　　第五条　本法自2017年3月15日起施行。
==== 正文结束 ===="""


def test_each_article_is_one_section_under_its_own_chapter() -> None:
    document = parse("试验法.txt", LAW.encode())
    assert document.title == "中华人民共和国试验法"
    assert [section.article for section in document.sections] == [1, 2, 3, 4, 5]
    assert {section.kind for section in document.sections} == {"article"}
    assert [section.path for section in document.sections] == [
        ("第一章 总则",),
        ("第一章 总则",),
        ("第二章 退货", "第一节 一般规定"),
        ("第三章 附则",),
        ("第三章 附则",),
    ]


def test_items_and_later_paragraphs_stay_in_their_article() -> None:
    second, third = parse("试验法.txt", LAW.encode()).sections[1:3]
    assert second.text == "下列商品除外：\n（一）定作的；\n（二）鲜活的。\n依照第一条规定执行。"
    assert third.text == "七日内退货。\n第四条规定的情形除外。"


def test_a_gb18030_file_gives_the_same_articles() -> None:
    plain = LAW.removeprefix("\ufeff")
    assert parse("法.txt", plain.encode("gb18030")).sections == parse("法.txt", LAW.encode()).sections


@pytest.mark.parametrize(
    ("version", "commenced", "expected"),
    [
        ("2020年10月23日第二次修正", "2017年3月15日", date(2020, 10, 23)),
        ("2013年10月25日修正", "2014年3月15日", date(2014, 3, 15)),
        ("2022年4月14日公布，自2022年7月1日起施行", "", date(2022, 7, 1)),
        ("2018年8月31日通过", "2019年1月1日", date(2019, 1, 1)),
        ("现行有效", "2015年9月1日（2015年修订后施行）", date(2015, 9, 1)),
    ],
)
def test_a_version_holds_from_the_later_of_amendment_and_commencement(
    version: str, commenced: str, expected: date
) -> None:
    note_free = "\n".join(line for line in LAW.split("\n") if not line.startswith("（2016"))
    text = note_free.replace("2020年10月23日第二次修正", version).replace(
        "【施行日期】2017年3月15日", f"【施行日期】{commenced}"
    )
    assert parse("试验法.txt", text.encode()).effective_from == expected


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("【条款数】5", "【条款数】6条", "article count"),
        ("　　第四条　另行", "　　第二条　另行", "articles ascend"),
        ("　　第四条　另行规定。", "　　第四条", "article text"),
    ],
)
def test_a_statute_that_is_not_whole_is_refused(old: str, new: str, rule: str) -> None:
    assert old in LAW
    with pytest.raises(InvalidInputError) as caught:
        parse("试验法.txt", LAW.replace(old, new).encode())
    assert caught.value.data["rule"] == rule
    assert caught.value.data["file"] == "试验法.txt"


def test_a_shops_rules_in_articles_keep_their_opening_words_inserted_articles_and_annex() -> None:
    text = """某店服务规则
欢迎光临，请先阅读。
第一条 七天可退。
第二条 运费自理。
第二条之一 赠品一并退回。
第三条 自2026年5月1日起施行。
附件：名词解释
完好是指不影响再次销售。"""
    document = parse("规则.md", text.replace("\n", "\n\n").encode())
    assert document.effective_from == date(2026, 5, 1)
    assert [(s.kind, s.article) for s in document.sections] == [
        ("text", None),
        ("article", 1),
        ("article", 2),
        ("article", 2),
        ("article", 3),
        ("text", None),
    ]
    assert "欢迎光临" in document.sections[0].text
    assert document.sections[3].path == ("第二条之一",)
    assert document.sections[-1].text == "完好是指不影响再次销售。"


def test_two_mentions_of_articles_do_not_make_a_statute() -> None:
    text = "售后说明\n\n第一条 快递说明如下。\n\n依照消法第二十五条，七天可退。\n\n生鲜除外。"
    assert all(section.kind != "article" for section in parse("说明.txt", text.encode()).sections)
