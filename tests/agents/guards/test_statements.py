import pytest

from agents.guards.statements import is_courtesy, markers, split_statements, without_markers


def test_markers_stay_with_their_sentence() -> None:
    text = "七天内可退[1][2]。运费由买家承担。[3]还有疑问请说。"
    assert split_statements(text) == ["七天内可退[1][2]。", "运费由买家承担。[3]", "还有疑问请说。"]


def test_decimals_and_quotes_are_not_cut() -> None:
    text = "实付19.9元。页面写着“拍两件减5元。不叠加。”请留意。"
    assert split_statements(text) == ["实付19.9元。", "页面写着“拍两件减5元。不叠加。”请留意。"]


def test_an_unclosed_quote_ends_with_its_line() -> None:
    assert split_statements("他说“可以。\n运费您出。") == ["他说“可以。", "运费您出。"]


def test_markers_are_collected_once_and_stripped() -> None:
    sentence = "可以退[2]，运费自理[1, 2]。"
    assert markers(sentence) == (2, 1)
    assert without_markers(sentence) == "可以退，运费自理。"


@pytest.mark.parametrize("sentence", ["您好！", "请问还有什么可以帮您？", "感谢您的耐心等待。", "亲，不好意思哦"])
def test_courtesy_carries_no_claim(sentence: str) -> None:
    assert is_courtesy(sentence)


@pytest.mark.parametrize("sentence", ["您好，七天内可以退货。", "感谢您，运费我们承担。", "运费由买家承担。"])
def test_a_claim_is_no_courtesy(sentence: str) -> None:
    assert not is_courtesy(sentence)
