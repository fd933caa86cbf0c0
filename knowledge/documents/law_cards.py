"""The shipped law cards as uploads. Their document key differs from the statute's own, which a shop may ingest too."""

from importlib.resources import files

from knowledge.documents.cards import parse_cards
from knowledge.documents.service import CARD_SUFFIX, Upload

KEY_PREFIX = "law-cards/"
SOURCE = "law_cards"


def card_uploads() -> list[Upload]:
    entries = sorted((e for e in (files("knowledge") / "cards").iterdir() if e.name.endswith(".yaml")), key=str)
    uploads = []
    for entry in entries:
        content = entry.read_bytes()
        card_file = parse_cards(entry.name, content.decode("utf-8"))
        uploads.append(
            Upload(
                doc=KEY_PREFIX + card_file.doc,
                file_name=entry.name.removesuffix(".yaml") + CARD_SUFFIX,
                content=content,
                kind="card",
                source=SOURCE,
                title=card_file.title,
            )
        )
    return uploads


def statute_of(doc: str) -> str:
    """The statute a document key stands for, whether it is the text itself or its cards."""
    return doc.removeprefix(KEY_PREFIX)
