"""What counts as one source: an article's statute text and every card written on it speak with one voice."""

from knowledge.documents.law_cards import statute_of


def source_key(doc: str, article: int | None, chunk_id: str) -> tuple[str, str]:
    """Chunks of one article share a key; without an article each chunk is its own source."""
    return (statute_of(doc), str(article)) if article is not None else (doc, chunk_id)
