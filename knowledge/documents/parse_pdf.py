"""PDF text by pypdf. Tables do not survive in PDF text: price lists belong in .xlsx or .docx."""

import io
import re
from collections import Counter

from pypdf import PageObject, PdfReader

from knowledge.documents.parse_blocks import Block, Draft, refuse
from knowledge.documents.parse_lines import Line, line_blocks, widest_line
from knowledge.kit.errors import InvalidInputError
from knowledge.kit.text import clean, collapse_spaces, ends_sentence, squeeze_cjk

_PAGES = 2_000
_PAGE_NUMBER = re.compile(
    r"^[-—–·~\s]*(?:第\s*)?\d{1,4}(?:\s*页)?(?:\s*[,，/／]?\s*(?:共\s*|of\s*)?\d{1,4}(?:\s*页)?)?[-—–·~\s]*$|^page\s+\d+",
    re.I,
)
_LETTER_SPACED = re.compile(r"(?:[\u4e00-\u9fff] ){4,}")
_UNREADABLE = re.compile(r"[\ufffd\ue000-\uf8ff]|\(cid:\d+\)")
_UNREADABLE_SHARE = 0.05


def parse_pdf(name: str, data: bytes) -> Draft:
    pages = _without_running_lines([_lines(text) for text in _page_texts(name, data)])
    texts = [line for page in pages for line in page]
    width = widest_line(texts)  # the lines of a page are always broken by its margin
    numbered: list[Line] = [(number, line) for number, page in enumerate(pages, start=1) for line in page]
    blocks = line_blocks(numbered, width)
    title = ""
    if len(blocks) > 1 and len(blocks[0].text) <= 40 and not ends_sentence(blocks[0].text):
        title, blocks = _titled(blocks)
    return Draft(tuple(blocks), title)


def _titled(blocks: list[Block]) -> tuple[str, list[Block]]:
    first = blocks[0]
    if first.kind != "paragraph" or re.search(r"[:：，,]|^[\d一二三四五六七八九十（(]", first.text):
        return "", blocks
    return squeeze_cjk(first.text), blocks[1:]


def _page_texts(name: str, data: bytes) -> list[str]:
    try:
        reader = PdfReader(io.BytesIO(data))
        encrypted = reader.is_encrypted
    except Exception as error:  # pypdf raises many kinds for broken files
        refuse(name, f"this is no readable PDF: {error}", rule="intact file", cause=error)
    if encrypted:
        refuse(name, "the PDF is encrypted; save a copy without a password", rule="not encrypted")
    try:
        if len(reader.pages) > _PAGES:
            refuse(name, f"the PDF has more than {_PAGES} pages", rule="page count")
        texts = [page.extract_text() for page in reader.pages]
        empty = [number for number, text in enumerate(texts, start=1) if not text.strip()]
        scanned = [number for number in empty if _has_images(reader.pages[number - 1])]
    except InvalidInputError:
        raise
    except Exception as error:
        refuse(name, f"the PDF breaks off or is damaged: {error}", rule="intact file", cause=error)
    if len(empty) == len(texts):
        refuse(name, "the PDF holds images only; run text recognition (OCR) on it first", rule="text layer")
    if scanned:
        refuse(name, "this page is an image without text; run OCR or remove it", rule="text layer", row=scanned[0])
    whole = "".join(texts)
    if len(_UNREADABLE.findall(whole)) > _UNREADABLE_SHARE * len(whole):
        refuse(name, "the PDF's fonts hide their characters; export it anew or use .docx", rule="readable text")
    return texts


def _has_images(page: PageObject) -> bool:
    resources = page.get("/Resources")
    objects = resources.get_object().get("/XObject") if resources is not None else None
    return objects is not None and bool(objects.get_object())


def _lines(text: str) -> list[str]:
    lines = [collapse_spaces(line) for line in clean(text).split("\n")]
    return [squeeze_cjk(line) if _LETTER_SPACED.search(line) else line for line in lines if line]


def _without_running_lines(pages: list[list[str]]) -> list[list[str]]:
    """Page numbers at an edge, and headers or footers that stand on three pages and most of them."""
    pages = [_trim(page) for page in pages]
    edges = Counter(line for page in pages for line in {*page[:1], *page[-1:]})
    running = {line for line, count in edges.items() if count >= 3 and count > 0.6 * len(pages)}
    trimmed = []
    for page in pages:
        if page and page[0] in running:
            page = page[1:]
        if page and page[-1] in running:
            page = page[:-1]
        trimmed.append(_trim(page))
    return trimmed


def _trim(page: list[str]) -> list[str]:
    if page and _PAGE_NUMBER.match(page[0]):
        page = page[1:]
    return page[:-1] if page and _PAGE_NUMBER.match(page[-1]) else page
