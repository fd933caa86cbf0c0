import numpy as np

from agents.support.gate import line_for
from agents.support.gate_features import features_of
from agents.support.gate_foils import VECTORS, foil_digest, foil_nearness, foil_texts, shipped_for
from tests.agents.support.gate_kit import gathered, hit


def test_shipped_vectors_belong_to_the_shipped_questions() -> None:
    assert shipped_for()[1] == foil_digest()
    with np.load(VECTORS) as held:
        assert len(held["rows"]) == len(foil_texts())


def test_a_foil_is_nearest_to_itself() -> None:
    with np.load(VECTORS) as held:
        row = held["rows"][3].astype(np.float32)
    nearness = foil_nearness(row, shipped_for()[0])
    assert nearness is not None
    assert nearness > 0.99


def test_another_embedder_or_no_vector_tells_nothing() -> None:
    assert foil_nearness(np.ones(384, dtype=np.float32), "another") is None
    assert foil_nearness(None, shipped_for()[0]) is None


def test_the_nearer_a_foil_the_less_is_answered() -> None:
    found = gathered("退货运费谁承担", [hit("退货运费由买家承担。")])
    object.__setattr__(found, "foil", 0.86)
    far = line_for(found).score(features_of(found))
    object.__setattr__(found, "foil", 0.95)
    assert line_for(found).score(features_of(found)) < far
