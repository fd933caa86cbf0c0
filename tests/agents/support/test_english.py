"""What shoppers write in English, and the Chinese that the desk reads it as."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.handoff.reasons import HandoffReason
from agents.llm.ports import OfflineWriter
from agents.support.answer_types import Question
from agents.support.answerer import Answerer
from agents.support.english import in_chinese, question_in_chinese
from agents.support.floor import assess
from agents.support.triage import triage
from agents.support.triage_types import Utterance
from tests.support.desk import Desk, faq

ROOT = Path(__file__).parents[3]
READ = {
    "Could you ship this to Macau?": "能发货到澳门吗",
    "do you guys deliver to Taiwan": "能发货到台湾吗",
    "Do you offer international shipping?": "能发货到海外吗",
    "How much is the shipping fee to Tibet?": "到西藏运费多少",
    "is delivery free to Inner Mongolia": "到内蒙古包邮吗",
    "how long does delivery to Urumqi take": "到乌鲁木齐要几天能到",
    "Good morning, when will my parcel arrive?": "什么时候能到",
    "where is the backpack I ordered last week": "我上周买的双肩包到哪了",
    "WHERE IS MY ORDER": "我的订单到哪了",
    "why is my order still not shipped": "还没发货",
    "I still haven't received my package": "我还没收到快递",
    "it says delivered but I never got it": "显示签收",
    "whats the tracking number pls": "快递单号",
    "which courier do you use": "什么快递",
    "can you ship with SF Express?": "顺丰",
    "Can I return the desk lamp?": "台灯能退货吗",
    "can i still send back the suitcase i bought last week": "行李箱",
    "Can the almonds be returned if opened?": "巴旦木拆开了能退货吗",
    "I changed my mind, I want to return the kettle": "电热水壶我想退货",
    "who will pay the return shipping?": "退货运费谁承担",
    "do i have to pay for return shipping": "退货运费谁承担",
    "how many days do I have to return it": "几天内可以退货",
    "what's your return policy": "退换货规则",
    "What is the return address?": "退货地址",
    "How do I apply for a refund?": "怎么申请退款",
    "When will I get my refund?": "退款什么时候到账",
    "how long will it take to get my money back": "退款多久到账",
    "I haven't got my refund yet": "我还没收到退款",
    "has my refund been processed?": "退款进度到哪了",
    "which account will the refund go to": "退款退到哪里",
    "can I exchange it for a larger size?": "能换成大一码吗",
    "You sent me the wrong item": "发错货",
    "my thermos arrived broken": "保温杯坏了",
    "the humidifier stopped working": "加湿器坏了",
    "one is missing from the box": "少发",
    "Can I get an invoice?": "能开发票吗",
    "i need a fapiao for my company": "公司开发票",
    "can you send the invoice to my email": "发票能发到邮箱吗",
    "please cancel my order": "取消订单",
    "can i still cancel it": "能取消订单吗",
    "I want to change my delivery address": "能改收货地址吗",
    "I put the wrong address": "收货地址填错了",
    "Do you accept credit cards?": "支持信用卡吗",
    "can I pay when it arrives": "货到付款",
    "how can I pay?": "付款方式",
    "price dropped after I bought it yesterday": "昨天买的，现在降价了",
    "can you refund me the difference?": "补差价",
    "any discount on the sleeping bag?": "睡袋有优惠吗",
    "How do I use the coupon": "优惠券怎么用",
    "is it cheaper in the live room": "直播间",
    "what time is the livestream tonight?": "今晚直播几点开始",
    "how much is the 20 inch suitcase": "20寸行李箱多少钱",
    "is the memory foam pillow in stock?": "记忆枕有货吗",
    "what is the difference between the tent and the automatic tent": "帐篷和自动帐篷有什么区别",
    "which chair is lighter": "哪个椅子轻",
    "how heavy is the camping table": "露营桌多重",
    "is this umbrella waterproof": "防水",
    "how do I clean the straw cup": "吸管杯怎么清洗",
    "Is the sunscreen safe for pregnant women?": "防晒霜孕妇能用吗",
    "what is the shelf life of the mixed nuts": "坚果的保质期",
    "how long is the warranty": "质保多久",
    "are these genuine?": "是正品吗",
    "can you engrave the thermos": "保温杯能刻字吗",
    "can I take the power bank on the plane": "充电宝能带上飞机吗",
    "do you have a store in Shanghai": "上海有实体店吗",
    "how do I become a member": "成为会员",
    "what about Hainan?": "海南呢",
    "这个 tent 防水吗": "这个帐篷防水吗",
    "我要 cancel 订单": "取消订单",
    "请问有 coupon 吗": "请问有优惠券吗",
    "shipping fee 谁付": "运费谁付",
    "my refund 怎么还没到": "退款怎么还没到",
}
FLOOR = {
    "I will sue you": HandoffReason.LEGAL,
    "I'm going to call my lawyer": HandoffReason.LEGAL,
    "The kettle burned my hand": HandoffReason.SAFETY,
    "the sunscreen gave me a rash on my face": HandoffReason.SAFETY,
    "my son swallowed a piece of the toy": HandoffReason.SAFETY,
    "I found a worm in the porridge": HandoffReason.SAFETY,
    "my wife went to hospital after eating the nuts": HandoffReason.SAFETY,
    "I got an allergic reaction after using the face cream": HandoffReason.SAFETY,
    "the power bank exploded": HandoffReason.SAFETY,
    "the charger caught fire last night": HandoffReason.SAFETY,
    "let me talk to a human": HandoffReason.CUSTOMER_REQUEST,
    "agent please": HandoffReason.CUSTOMER_REQUEST,
    "I want to complain about your service": HandoffReason.COMPLAINT,
}


@pytest.mark.parametrize(("said", "read"), READ.items())
def test_english_is_read_as_a_chinese_shopper_would_put_it(said: str, read: str) -> None:
    assert read in in_chinese(said)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Can I pay with Apple Pay?", "Apple Pay"), ("do you sell The North Face jackets", "North Face"),
        ("is the PPSU bottle ok", "PPSU"), ("SPF50+ sunscreen how much", "SPF50+"), ("does it charge by USB", "USB"),
        ("order LC2610011043 please", "LC2610011043"), ("is it Type-C", "Type-C"), ("do you sell tyres", "tyres"),
        ("mail the invoice to shop.order@price.com", "shop.order@price.com"), ("do you take PayPal", "PayPal"),
        ("see https://shop.com/order?refund=when", "https://shop.com/order?refund=when"),
    ],
)  # fmt: skip
def test_names_numbers_and_words_it_does_not_know_are_left_standing(said: str, kept: str) -> None:
    assert kept in in_chinese(said)


@pytest.mark.parametrize(
    "said",
    ["iPhone 15 Pro Max 手机壳有货吗", "PPSU奶瓶", "A款和B款", "U盘多大", "xyzzy plugh", "", "12345", "logo可以定制吗"],
)
def test_a_message_without_english_that_is_known_is_left_as_it_is(said: str) -> None:
    assert in_chinese(said) == said


def test_chinese_messages_pass_unchanged() -> None:
    said = [
        turn["say"]
        for name in ("conversations", "voices")
        for line in (ROOT / "evals" / name / "dev.jsonl").read_text(encoding="utf-8").splitlines()
        for turn in json.loads(line)["turns"]
    ]
    chinese = [line for line in said if not re.search("[a-z]{2}", line)]
    assert len(chinese) > 200
    assert [line for line in chinese if in_chinese(line) != line] == []


@given(st.text(alphabet=st.characters(exclude_categories=("Lu", "Ll", "Lm", "Cs")), max_size=60))
def test_text_without_letters_is_never_touched(text: str) -> None:
    assert in_chinese(text) == text


_WORDS = st.sampled_from(
    ["can i", "return", "the tent", "if opened", "and", "when do", "you", "ship", "to", "新疆", "LC2610011043", "blorf"]
)
_MORE = st.sampled_from([",", "?", ".", "it's", "my refund", "A款", "how much", "is"])


@given(st.lists(_WORDS | _MORE, min_size=1, max_size=14).map(" ".join))
def test_numbers_unknown_words_and_chinese_survive_any_sentence(text: str) -> None:
    read = in_chinese(text)
    assert read.strip()
    for word in ("LC2610011043", "blorf", "新疆", "A款"):
        assert (word in read) == (word in text), read


@given(st.text(max_size=80))
def test_any_text_is_read_into_something(text: str) -> None:
    assert bool(in_chinese(text).strip()) == bool(text.strip())


@pytest.mark.parametrize(
    "said", ["does it cause allergies?", "is there any risk of burns", "I am allergic to nuts, can I eat the crackers"]
)
def test_a_question_of_what_might_happen_is_no_injury(said: str) -> None:
    assert assess(in_chinese(said)).reason is None


@pytest.mark.parametrize(("said", "reason"), FLOOR.items())
def test_the_floor_holds_in_english(said: str, reason: HandoffReason) -> None:
    assert assess(in_chinese(said)).reason is reason


def test_what_the_shopper_said_before_is_read_too_and_what_the_desk_said_is_not() -> None:
    before = (Utterance(role="user", text="is shipping free"), Utterance(role="bot", text="order over 99 包邮"))
    read = question_in_chinese(Question("s", "t", "and to Tibet?", before))
    assert [entry.text for entry in read.history] == ["包邮吗", "order over 99 包邮"]
    assert triage(read.text, read.history).slots["region"] == "西藏"
    chinese = Question("s", "t", "到西藏呢", before[1:])
    assert question_in_chinese(chinese) is chinese


async def test_the_desk_answers_an_english_question_and_hands_off_an_english_threat(desk: Desk) -> None:
    await desk.ingest(faq("shipping", {"能发货到香港吗？": "暂不支持发货到香港。", "退货运费谁承担？": "由您承担。"}))
    answerer = Answerer(desk.retriever, OfflineWriter())
    decision = await answerer.answer(Question(desk.shop_id, "t", "Hello, could you deliver to Hong Kong?"))
    assert decision.triage.query == "能发货到香港吗?"
    assert [hit.text for hit in decision.gathered.hits[:1]] == ["暂不支持发货到香港。"]
    threat = await answerer.answer(Question(desk.shop_id, "t", "if I don't get my money back I will sue you"))
    assert threat.reason is HandoffReason.LEGAL
