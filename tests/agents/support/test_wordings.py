import numpy as np
import pytest

from agents.support.gate import line_for
from agents.support.gate_features import features_of
from agents.support.wordings import FOILS, TOOLS, WordingBank
from tests.agents.support.gate_kit import gathered, hit

BANKS = pytest.mark.parametrize("bank", [FOILS, TOOLS], ids=["foils", "tools"])


@BANKS
def test_shipped_vectors_belong_to_the_shipped_wordings(bank: WordingBank) -> None:
    _, digest, rows = bank.shipped
    assert digest == bank.digest()
    assert len(rows) == len(bank.texts)


@BANKS
def test_a_wording_is_nearest_to_its_own_group(bank: WordingBank) -> None:
    embedder, _, rows = bank.shipped
    near = bank.nearness(rows[-1], embedder)
    assert max(near, key=lambda group: near[group]) == bank.wordings[-1][0]
    assert max(near.values()) > 0.99
    assert set(near) == {group for group, _ in bank.wordings}


@BANKS
def test_another_embedder_or_no_vector_tells_nothing(bank: WordingBank) -> None:
    assert bank.nearness(np.ones(384, dtype=np.float32), "another") == {}
    assert bank.nearness(None, bank.shipped[0]) == {}


def test_the_nearer_a_foil_the_less_is_answered() -> None:
    found = gathered("退货运费谁承担", [hit("退货运费由买家承担。")])
    object.__setattr__(found, "foil", 0.86)
    far = line_for(found).score(features_of(found))
    object.__setattr__(found, "foil", 0.95)
    assert line_for(found).score(features_of(found)) < far
