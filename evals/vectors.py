"""Rebuilds the shipped vector pack: law cards and demo documents, embedded once so that a fresh home need not."""

import argparse
import sys
from datetime import date

from knowledge.demo.shop import demo_documents
from knowledge.documents.chunking import chunk
from knowledge.documents.law_cards import card_uploads
from knowledge.documents.service import parse_file
from knowledge.index.embed_cache import cached
from knowledge.index.embedders import BundledEmbedder
from knowledge.index.ports import Vectors
from knowledge.index.vectors_pack import read_pack, text_key, write_pack
from knowledge.runtime import VECTOR_PACK
from knowledge.settings import KnowledgeSettings

_BATCH = 64


def shipped_texts() -> list[str]:
    """Every unit text of what LiveCrew ships, without repeats, in a fixed order."""
    files = [(upload.file_name, upload.content) for upload in card_uploads()]
    files += [(document.file_name, document.content) for document in demo_documents(date(2026, 1, 1))]
    texts = (unit.text for name, content in files for item in chunk(parse_file(name, content)) for unit in item.units)
    return list(dict.fromkeys(texts))


def stale_texts() -> list[str]:
    """Shipped texts the pack lacks."""
    pack = read_pack(VECTOR_PACK, BundledEmbedder.id) if VECTOR_PACK.exists() else {}
    return [text for text in shipped_texts() if text_key("passage", text) not in pack]


def run(name: str, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog=f"livecrew {name}", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only tell whether the pack is complete; exit 1 if not")
    options = parser.parse_args(arguments)
    if options.check:
        missing = len(stale_texts())
        sys.stdout.write(f"{missing} shipped texts have no vector\n")
        return 1 if missing else 0
    embedder = cached(BundledEmbedder(), KnowledgeSettings().embed_cache_path, [VECTOR_PACK])
    texts = shipped_texts()
    vectors: dict[str, Vectors] = {}
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        rows = embedder.embed_passages(batch)
        vectors |= {text_key("passage", text): row for text, row in zip(batch, rows, strict=True)}
        sys.stderr.write(f"\r{min(start + _BATCH, len(texts))}/{len(texts)} texts")
    write_pack(VECTOR_PACK, BundledEmbedder.id, vectors)
    sys.stderr.write(f"\n{VECTOR_PACK.name}: {VECTOR_PACK.stat().st_size / 1e6:.1f} MB\n")
    return 0
