"""What the desk's speed is measured against: FastAPI, the same embedder, one Chroma query, the nearest passage back.

No identity, no conversation, no checks, nothing stored: the least a question answered from documents can cost.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from evals.vectors import shipped_texts
from knowledge.index.chroma import embedded_client
from knowledge.index.ports import Vectors
from knowledge.runtime import build_embedder
from knowledge.settings import KnowledgeSettings

Embed = Callable[[Sequence[str]], Vectors]
_PAGE = 1_000


class Query(BaseModel):
    text: str


class Passage(BaseModel):
    text: str
    distance: float


def bare_app(directory: Path, texts: list[str], vectors: Vectors, embed: Embed) -> FastAPI:
    passages = embedded_client(directory).get_or_create_collection("passages", embedding_function=None)
    for start in range(0, len(texts), _PAGE):
        page = slice(start, start + _PAGE)
        ids = [str(at) for at in range(start, start + len(texts[page]))]
        passages.upsert(ids=ids, embeddings=vectors[page], documents=texts[page])
    app = FastAPI()

    @app.get("/ready")
    def ready() -> int:
        return passages.count()

    @app.post("/query")
    def query(body: Query) -> Passage:
        found = passages.query(query_embeddings=embed([body.text]), n_results=1)
        assert found["documents"]
        assert found["distances"]
        return Passage(text=found["documents"][0][0], distance=found["distances"][0][0])

    return app


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--home", type=Path, required=True)
    given = parser.parse_args()
    texts, embedder = shipped_texts(), build_embedder(KnowledgeSettings(home=given.home))
    vectors = embedder.embed_passages(texts)  # from the shipped pack
    app = bare_app(given.home / "chroma", texts, vectors, embedder.bare.embed_queries)  # no question from a cache
    uvicorn.run(app, host="127.0.0.1", port=given.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
