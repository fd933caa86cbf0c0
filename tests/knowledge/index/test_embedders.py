import multiprocessing
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from knowledge.index.embed_cache import cached
from knowledge.index.embedders import BundledEmbedder, FakeEmbedder, LangChainEmbeddings
from knowledge.index.ports import Vectors
from knowledge.index.vectors_pack import read_pack, text_key, write_pack
from knowledge.kit.errors import InvalidInputError


class Counting(FakeEmbedder):
    def __init__(self) -> None:
        super().__init__(dim=16)
        self.asked: list[str] = []

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return super().embed_passages(texts)


@pytest.mark.parametrize("text", ["", "  \n", "退\0货"])
def test_texts_the_model_would_misread_are_refused(text: str, tmp_path: Path) -> None:
    for embedder in (BundledEmbedder(), FakeEmbedder(), cached(FakeEmbedder(), tmp_path)):
        with pytest.raises(InvalidInputError) as error:
            embedder.embed_passages(["好", text])
        assert error.value.data["row"] == 1


def test_bundled_model_ranks_the_paraphrase_first_and_batches_do_not_matter() -> None:
    model = BundledEmbedder()
    texts = ["退回商品的运费由买家承担", "今天天气晴朗", "发票随包裹寄出"]
    rows = model.embed_passages(texts)
    assert rows.shape == (3, 384)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)
    assert int(np.argmax(rows @ model.embed_queries(["退货邮费谁出"])[0])) == 0
    assert model.embed_passages(texts[:1])[0] == pytest.approx(rows[0], abs=1e-3)
    assert LangChainEmbeddings(model).embed_query("退货") == pytest.approx(model.embed_queries(["退货"])[0])


def test_cache_embeds_each_text_once_and_survives_a_new_process_object(tmp_path: Path) -> None:
    first, second = Counting(), Counting()
    rows = cached(first, tmp_path).embed_passages(["甲", "乙", "甲"])
    again = cached(second, tmp_path).embed_passages(["乙", "丙", "甲"])
    assert first.asked == ["甲", "乙"]
    assert second.asked == ["丙"]
    assert np.array_equal(again[[2, 0]], rows[[0, 1]])


def test_query_and_passage_of_the_same_words_are_kept_apart(tmp_path: Path) -> None:
    inner = Counting()
    cache = cached(inner, tmp_path)
    cache.embed_passages(["甲"])
    cache.embed_queries(["甲"])
    assert inner.asked == ["甲", "甲"]


def _fill(directory: Path, start: int) -> None:
    cache = cached(FakeEmbedder(16), directory)
    for n in range(start, start + 150):
        cache.embed_passages([f"文{n}"])


def test_processes_share_one_cache_without_losing_rows(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_fill, args=(tmp_path, start)) for start in (0, 100, 200)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    (file,) = tmp_path.glob("*.sqlite3")
    with sqlite3.connect(file) as db:
        assert db.execute("SELECT count(*) FROM vector").fetchone() == (350,)


def test_a_damaged_cache_file_costs_time_but_no_answer(tmp_path: Path) -> None:
    cached(FakeEmbedder(16), tmp_path).embed_passages(["甲"])
    for file in tmp_path.glob("*.sqlite3*"):
        file.write_bytes(b"no database" * 1000)
    assert cached(FakeEmbedder(16), tmp_path).embed_passages(["甲"]).shape == (1, 16)


def test_pack_is_used_before_the_model_only_for_its_own_embedder(tmp_path: Path) -> None:
    inner = Counting()
    row = FakeEmbedder(16).embed_passages(["甲"])[0]
    pack = tmp_path / "shipped.npz"
    write_pack(pack, inner.id, {text_key("passage", "甲"): row})
    assert cached(inner, tmp_path, [pack, tmp_path / "absent.npz"]).embed_passages(["甲"])[0] == pytest.approx(
        row, abs=2e-3
    )
    assert inner.asked == []
    assert read_pack(pack, "another") == {}
    pack.write_bytes(b"zip?")
    with pytest.raises(InvalidInputError):
        read_pack(pack, inner.id)
