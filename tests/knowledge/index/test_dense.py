from pathlib import Path

import numpy as np
import pytest

from knowledge.index import chroma
from knowledge.index.chroma import ChromaIndex, collection_name, embedded_client
from knowledge.index.embedders import FakeEmbedder
from knowledge.index.exact import ExactIndex
from knowledge.index.ports import DenseIndex, Vectors
from knowledge.kit.errors import ConflictError, InvalidInputError

DIM = 24


def unit_vectors(count: int, seed: int = 0) -> Vectors:
    rows = np.random.default_rng(seed).standard_normal((count, DIM)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture(params=["exact", "chroma"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> DenseIndex:
    if request.param == "exact":
        return ExactIndex(DIM)
    return ChromaIndex(embedded_client(tmp_path), collection_name("shp_1", FakeEmbedder(DIM)), DIM)


def test_rows_come_and_go(index: DenseIndex) -> None:
    rows = unit_vectors(5)
    assert index.query(rows[0], 3) == []
    index.upsert(["a", "b", "c"], rows[:3])
    index.upsert(["b", "d"], rows[3:])
    index.delete(["a", "unknown"])
    assert (index.count(), index.ids()) == (3, {"b", "c", "d"})
    best_id, score = index.query(rows[3], 1)[0]
    assert best_id == "b"
    assert score == pytest.approx(1.0, abs=1e-5)
    assert len(index.query(rows[0], 50)) == 3
    index.reset()
    assert (index.count(), index.ids()) == (0, set())


def test_rebuild_holds_exactly_the_new_rows_and_stays_writable(index: DenseIndex) -> None:
    rows = unit_vectors(6)
    index.upsert(["old"], rows[:1])
    index.rebuild(["x", "y"], rows[1:3])
    assert index.ids() == {"x", "y"}
    index.upsert(["z"], rows[3:4])
    assert index.query(rows[3], 1)[0][0] == "z"


def test_bad_rows_are_refused_whole(index: DenseIndex) -> None:
    rows = unit_vectors(2)
    rows[1, 0] = np.nan
    for ids, bad in ((["a"], unit_vectors(2)), (["a", "a"], unit_vectors(2)), (["a", "b"], rows)):
        with pytest.raises(InvalidInputError):
            index.upsert(ids, bad)
    assert index.count() == 0


def test_chroma_agrees_with_exact_search_and_survives_reopening(tmp_path: Path) -> None:
    rows, asked = unit_vectors(600), unit_vectors(20, seed=1)
    ids = [f"u{n}" for n in range(600)]
    name = collection_name("shp_1", FakeEmbedder(DIM))
    ChromaIndex(embedded_client(tmp_path), name, DIM).rebuild(ids, rows)
    oracle = ExactIndex(DIM)
    oracle.rebuild(ids, rows)
    reopened = ChromaIndex(embedded_client(tmp_path), name, DIM)
    for vector in asked:
        got, expected = reopened.query(vector, 10), oracle.query(vector, 10)
        assert [row_id for row_id, _ in got] == [row_id for row_id, _ in expected]
        assert [score for _, score in got] == pytest.approx([score for _, score in expected], abs=1e-4)


def test_a_rebuild_that_loses_rows_leaves_the_old_ones_in_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = unit_vectors(3)
    index = ChromaIndex(embedded_client(tmp_path), "lc-test", DIM)
    index.upsert(["old"], rows[:1])
    write = chroma._write
    monkeypatch.setattr(chroma, "_write", lambda collection, ids, new: write(collection, ids[:-1], new[:-1]))
    with pytest.raises(ConflictError) as error:
        index.rebuild(["x", "y"], rows[1:])
    assert error.value.data["lost"] == ["y"]
    assert index.ids() == {"old"}


def test_collection_names_differ_by_shop_embedder_and_dimension() -> None:
    names = {collection_name(shop, FakeEmbedder(dim)) for shop in ("店" * 80, "b") for dim in (8, 16)}
    assert len(names) == 4
    assert all(len(name) <= 63 for name in names)
