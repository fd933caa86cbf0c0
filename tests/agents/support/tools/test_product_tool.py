"""What the product tools say, on the shelf of the demo shop: what was asked in the words of shoppers, or nothing."""

import pytest

from agents.guards.closed_words import check_closed
from agents.guards.statements import split_statements
from agents.support.tools.base import ToolContext
from agents.support.tools.products import product, said_of
from knowledge.catalog.service import CatalogService
from knowledge.kit.clock import FrozenClock
from knowledge.kit.db import Database
from tests.agents.support.tools.conftest import NOW
from tests.agents.support.tools.shelf import compared, said, view


@pytest.mark.parametrize(
    ("product_id", "question", "told", "untold"),
    [
        ("P1005", "晚上开着会不会很吵，孩子睡得浅", "32分贝", "尺寸"),
        ("P1009", "一壶水要多长时间能烧开啊", "约6分钟", "尺寸"),
        ("P6009", "两岁半的娃能玩不", "3岁及以上", "价"),
        ("P6003", "刚满六个月能用了不", "6个月及以上", "重量"),
        ("P6003", "吸管要多久换一根", "每2个月更换", "材质"),
        ("P4006", "开了能用多久", "开封后6个月", "续航"),
        ("P1011", "质保多长时间", "质保24个月", "尺寸"),
        ("P2002", "坐着高不高，我膝盖不好", "36厘米", "展开"),
        ("P2001", "胖子坐会不会压坏", "120公斤", "1.1公斤"),
        ("P3004", "会不会打湿里面的东西", "防泼水", "重量"),
        ("P3001", "保温能保多久", "6小时", "颜色"),
        ("P5003", "客户花生过敏，里面有花生没", "加工设备可能处理花生", "适用人群"),
        ("P5003", "加糖了吗", "蔓越莓干", "价"),
        ("P5502", "冰箱里能放几天", "冷藏可放7天", "规格"),
        ("P5502", "要先洗了再放吗", "吃之前再洗", "规格"),
        ("P6009", "老往嘴里塞，掉不掉漆啊", "水性漆", "适用人群"),
        ("P3009", "伞面多大", "105厘米", "重量"),
        ("P1006", "有遥控器吗", "遥控器1个", "价"),
        ("P1003", "能机洗不", "机洗", "颜色"),
        ("P2004", "搭起来要多久", "约3分钟", "防水"),
    ],
)
def test_everyday_words_find_the_attribute(product_id: str, question: str, told: str, untold: str) -> None:
    answer = said(product_id, question)
    assert told in answer
    assert untold not in answer


@pytest.mark.parametrize(
    ("product_id", "question"),
    [
        ("P4001", "敏感皮能用吗"),
        ("P4001", "能顺便卸妆不"),
        ("P4004", "孕妇能用吗"),
        ("P4004", "油皮能用吗"),
        ("P4004", "能美白不"),
        ("P1005", "能滴精油不"),
        ("P1009", "能一直保着温不"),
        ("P5003", "一岁半的宝宝能吃点不"),
        ("P5003", "里面不会放价格单吧"),
        ("P6003", "放包里会不会漏"),
        ("P3006", "能带上飞机不"),
        ("P3006", "密码忘了怎么办"),
        ("P3003", "吸管能喝热水吗"),
        ("P2001", "太大了想退"),
        ("P2001", "包邮吗"),
        ("P2001", "发什么快递"),
    ],
)
def test_what_the_catalogue_does_not_state_is_left_to_the_documents(product_id: str, question: str) -> None:
    assert said(product_id, question) == ""


def test_an_order_number_names_no_steel() -> None:
    assert said("P2003", "LC2610013040能补差吗") == ""


@pytest.mark.parametrize(
    ("product_id", "question", "expected"),
    [
        ("P3002", "有没有深灰的", "“途小简轻量保温杯”深灰目前有货。"),
        ("P1009", "绿的有货不", "“栖木集电热水壶”雾绿目前有货。"),
        ("P1003", "豆沙1.8的有货没", "“栖木集水洗棉四件套”豆沙 1.8米床款目前缺货。"),
        ("P3004", "藏青还有吗", "“途小简双肩包18升款”藏青目前有货。"),
    ],
)
def test_the_stock_of_the_colour_and_size_asked_for(product_id: str, question: str, expected: str) -> None:
    assert said(product_id, question).startswith(expected)


def test_the_price_of_the_size_asked_for() -> None:
    answer = said("P1003", "豆沙1.5的多少钱")
    assert answer == "“栖木集水洗棉四件套”目前的售价：豆沙 1.5米床款269元。"


@pytest.mark.parametrize(
    ("product_ids", "question", "told", "untold"),
    [
        ("P2004 P2005", "下雨的话哪个靠谱", "3000毫米", "价格"),
        ("P2004 P2005", "都多少钱", "459元", "规格"),
        ("P2004 P2005", "哪个搭起来快", "约3分钟", "重量"),
        ("P1005 P1006", "声音哪个小，怕吵醒娃", "36分贝", "尺寸"),
        ("P1005 P1006", "房间12平买大的还是小的", "10到15平方米", "价格"),
        ("P2002 P2003", "哪个坐着高点", "36厘米", "展开"),
        ("P5001 P5002", "哪个省事", "搅拌即溶", "规格"),
        ("P3001 P3002 P3003", "哪个更保温", "65℃", "重量"),
        ("P3001 P3002", "保温杯和轻量保温杯哪个轻", "0.19公斤", "℃"),
        ("P4004 P4005", "大油皮用哪个", "油性和混合性", "价格"),
        ("P2001 P2002 P2003", "钓鱼坐哪款合适", "钓鱼", "规格"),
        ("P6001 P6002", "摔了会碎不", "耐摔", "规格"),
        ("P2001 P2002", "质保多久", "质保12个月", "价格"),
    ],
)
def test_a_comparison_tells_the_row_asked_for(product_ids: str, question: str, told: str, untold: str) -> None:
    answer = compared(product_ids, question)
    assert told in answer
    assert untold not in answer


def test_an_open_comparison_tells_what_matters_first() -> None:
    answer = compared("P2001 P2002 P2003", "这三款有啥区别")
    assert [piece for piece in ("价格：", "重量：", "承重：") if piece not in answer] == []
    assert not [piece for piece in ("规格：", "颜色：", "包装清单：") if piece in answer]


@pytest.mark.parametrize("question", ["哪个能跑马拉松", "晚上再拍会咋样", "哪个能带上飞机", "孕妇用哪个"])
def test_a_comparison_is_silent_on_what_no_row_tells(question: str) -> None:
    assert compared("P4006 P4007", question) == ""


@pytest.mark.parametrize(
    "question", ["多少钱", "两把到手多少", "有什么券", "沙色有货吗", "坐高多少", "质保多久", "承重和重量"]
)
async def test_every_sentence_stands_in_the_evidence(question: str, database: Database, demo_facts: str) -> None:
    catalog = CatalogService(database, FrozenClock(NOW))
    found = await product(catalog, ToolContext(demo_facts, NOW), "P2001", question)
    (fact,) = found.facts
    assert fact.say
    for sentence in fact.say:
        assert len(split_statements(sentence)) == 1
        assert check_closed([fact.text], sentence) == []
        assert "晴野纪折叠椅标准款" in sentence


@pytest.mark.parametrize(
    ("question", "told", "untold"),
    [
        ("多重啊", "1.1公斤", "120公斤"),
        ("标准款呢", "120公斤", "1.1公斤"),
        ("沙色那把", "120公斤", "1.1公斤"),
        ("第二款", "120公斤", "1.1公斤"),
    ],
)
async def test_what_was_asked_before_counts_where_a_message_asks_nothing(
    question: str, told: str, untold: str, database: Database, demo_facts: str
) -> None:
    catalog = CatalogService(database, FrozenClock(NOW))
    context = ToolContext(demo_facts, NOW)
    found = await product(catalog, context, "P2001", question, leaning=f"承重多少 {question}")
    said_now = "".join(found.facts[0].say)
    assert told in said_now
    assert untold not in said_now


async def test_a_message_that_asks_what_nothing_states_is_not_answered_with_what_was_asked_before(
    database: Database, demo_facts: str
) -> None:
    catalog = CatalogService(database, FrozenClock(NOW))
    found = await product(
        catalog, ToolContext(demo_facts, NOW), "P2001", "能带上飞机不", leaning="承重多少 能带上飞机不"
    )
    assert found.facts[0].say == ()


def test_a_product_off_the_shelf_has_no_price() -> None:
    shown = view("P2001")
    gone = shown.model_copy(update={"facts": shown.facts.model_copy(update={"on_sale": False})})
    assert said_of(gone, ToolContext("shp_demo", NOW), "两把到手多少") == ("“晴野纪折叠椅标准款”目前已下架。",)
