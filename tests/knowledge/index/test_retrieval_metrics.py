import math

import pytest

from evals.suites.retrieval_metrics import hit_at_k, mrr, ndcg_at_10, paired_bootstrap, recall_at_k

RANKED = ["a", "b", "c", "d"]


def test_metrics_on_a_known_ranking() -> None:
    assert (hit_at_k(RANKED, {"b"}, 1), hit_at_k(RANKED, {"b"}, 2)) == (0.0, 1.0)
    assert recall_at_k(RANKED, {"b", "z"}, 3) == 0.5
    assert mrr(RANKED, {"c"}) == pytest.approx(1 / 3)
    assert ndcg_at_10(RANKED, {"b"}) == pytest.approx(1 / math.log2(3))
    assert ndcg_at_10(RANKED, {"a", "b"}) == pytest.approx(1.0)


def test_nothing_relevant_or_beyond_the_cut_scores_zero() -> None:
    assert recall_at_k(RANKED, set(), 5) == ndcg_at_10(RANKED, set()) == mrr([], {"a"}) == 0.0
    assert mrr([str(n) for n in range(20)], {"15"}) == 0.0


def test_bootstrap_tells_a_real_loss_from_noise() -> None:
    assert paired_bootstrap([0.0] * 50, [1.0] * 40 + [0.0] * 10).worse
    assert not paired_bootstrap([1.0, 0.0] * 25, [0.0, 1.0] * 25).worse
    with pytest.raises(ValueError, match="same queries"):
        paired_bootstrap([1.0], [])
