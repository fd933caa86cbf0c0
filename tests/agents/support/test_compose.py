from agents.guards.statements import split_statements, without_markers
from agents.support.compose import LONGEST, compose
from agents.support.compose_rank import Ranking
from agents.support.compose_sentences import pieces_of
from agents.support.verify import verify
from tests.agents.support.gate_kit import gathered, hit

RULE = "签收次日起七日内可以申请无理由退货。但是定制商品除外。"


def test_words_are_quoted_and_pass_the_checks() -> None:
    found = gathered("七天无理由怎么退", [hit(RULE)])
    draft = compose(found)
    assert draft.citations == [1]
    assert verify(draft, found.evidence, ()).passed
    for sentence in split_statements(draft.answer):
        assert without_markers(sentence) in RULE


def test_nothing_gathered_gives_nothing() -> None:
    assert compose(gathered("退货", [])).answer == ""


def test_an_exception_stays_with_its_rule() -> None:
    filler = "".join(f"第{n}种情况请按页面提示联系客服说明商品状况并等候处理。" for n in range(12))
    draft = compose(gathered("无理由退货几天内申请", [hit(filler + RULE)]))
    assert "七日内" in draft.answer
    assert "定制商品除外" in draft.answer


def test_the_other_side_of_a_rule_stays_with_it() -> None:
    text = "能恢复原样的退货商品可以当作新品再次销售。不能恢复原样的退货商品再次销售的，应当标明实际情况。"
    assert [piece.text for piece in pieces_of(1, text)] == [text]


def test_every_statement_carries_its_marker() -> None:
    draft = compose(gathered("无理由退货几天内申请", [hit(RULE)]))
    assert all(sentence.endswith("[1]") for sentence in split_statements(draft.answer))


def test_a_list_item_is_told_under_its_lead_in() -> None:
    lead = "下列商品不适用无理由退货规定："
    items = [
        f"（{n}）{what}；"
        for n, what in zip("一二三四", ["定作的商品", "鲜活易腐的商品", "拆封的软件", "交付的报纸"], strict=True)
    ]
    pieces = pieces_of(1, lead + "\n" + "\n".join(items))
    assert [piece.text for piece in pieces] == items
    assert {piece.lead for piece in pieces} == {lead}
    draft = compose(gathered("软件拆封了能退吗", [hit(lead + "\n" + "\n".join(items))]))
    assert draft.answer.startswith(lead)
    assert draft.answer.count(lead) == 1


def test_long_evidence_is_cut_to_the_sentences_that_meet_the_question() -> None:
    filler = "".join(f"第{n}条说明与包装外观和颜色有关，请以实物为准，拍照仅供参考。" for n in range(20))
    draft = compose(gathered("发票多久开好", [hit(filler + "电子发票在提交申请后48小时内开好。")]))
    assert "48小时" in draft.answer
    assert len(draft.answer) <= LONGEST


def test_chunks_of_one_article_speak_as_one_source() -> None:
    found = gathered(
        "退货运费谁承担",
        [
            hit("退货运费由买家承担。", doc="law-cards/某法", article=3, score=1.0),
            hit("电子商务平台应当公示规则。", doc="别的法", article=9, score=0.6),
            hit("退货运费另有约定的，按照约定。", doc="某法", article=3, score=0.5),
        ],
    )
    draft = compose(found)
    assert draft.citations == [1, 3]


def test_a_twin_in_another_statute_is_cited_too_and_a_far_one_not() -> None:
    twin = hit("网络购物退货的运费由买家承担，另有约定的除外。", doc="乙法", article=8, score=0.95)
    far = hit("商家应当公示营业执照信息。", doc="丙法", article=1, score=0.4)
    draft = compose(gathered("退货运费谁承担", [hit("退货的运费，由消费者付。", doc="甲法", article=5), twin, far]))
    assert draft.citations == [1, 2]


def test_the_kind_of_thing_asked_for_decides_between_sentences() -> None:
    found = gathered("退款多久到账", [hit("退款到账以银行为准。退款七日到账为限。")])
    ranking = Ranking(found)
    open_ended, dated = pieces_of(1, found.evidence[0].text)
    assert ranking.weight(dated) > ranking.weight(open_ended)


def test_the_question_of_a_pair_is_not_quoted() -> None:
    assert [piece.text for piece in pieces_of(1, "退货运费谁付？退货运费由买家付。")] == ["退货运费由买家付。"]
