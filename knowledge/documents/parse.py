"""One door for shop documents: `parse(name, data)` by suffix. A file is taken whole or refused with a reason."""

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from types import MappingProxyType

from knowledge.documents.effective import check_span
from knowledge.documents.parse_blocks import Draft, refuse
from knowledge.documents.parse_dates import labelled_effective_date
from knowledge.documents.parse_docx import parse_docx
from knowledge.documents.parse_html import parse_html
from knowledge.documents.parse_lines import parse_text
from knowledge.documents.parse_markdown import parse_markdown
from knowledge.documents.parse_pdf import parse_pdf
from knowledge.documents.parse_sections import assemble
from knowledge.documents.parse_xlsx import parse_xlsx
from knowledge.documents.parsed import ParsedDocument
from knowledge.documents.statute import is_statute, parse_statute
from knowledge.kit.errors import InvalidInputError

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_SECTIONS = 5_000

_ZIPPED = frozenset((".docx", ".xlsx"))
_OLE = b"\xd0\xcf\x11\xe0"
_READERS: Mapping[str, Callable[[str, bytes], Draft]] = MappingProxyType(
    {
        ".md": parse_markdown,
        ".markdown": parse_markdown,
        ".txt": parse_text,
        ".html": parse_html,
        ".htm": parse_html,
        ".pdf": parse_pdf,
        ".docx": parse_docx,
        ".xlsx": parse_xlsx,
    }
)


def parse(name: str, data: bytes) -> ParsedDocument:
    """Raises InvalidInputError whose data names file and rule, and row and field where there are any."""
    suffix = PurePosixPath(name).suffix.lower()
    reader = _READERS.get(suffix)
    if reader is None:
        refuse(name, f"files of kind {suffix or '(none)'} are not read; use {', '.join(_READERS)}", rule="file kind")
    _check_bytes(name, suffix, data)
    draft = reader(name, data)
    document = _statute(name, draft) or _document(name, draft)
    if not any(section.text.strip() for section in document.sections):
        refuse(name, "the document holds no text", rule="text")
    if len(document.sections) > MAX_SECTIONS:
        detail = f"the document has {len(document.sections)} sections; at most {MAX_SECTIONS} are taken, split it"
        refuse(name, detail, rule=f"sections <= {MAX_SECTIONS}")
    try:
        check_span(document.effective_from, document.effective_to)
    except InvalidInputError as error:
        refuse(name, error.detail, rule=error.data["rule"], field=error.data["field"], cause=error)
    return document


def _check_bytes(name: str, suffix: str, data: bytes) -> None:
    if not data:
        refuse(name, "the file is empty", rule="not empty")
    if len(data) > MAX_FILE_BYTES:
        refuse(name, f"the file has {len(data)} bytes; at most 20 MB are taken", rule=f"bytes <= {MAX_FILE_BYTES}")
    if data.startswith(_OLE):
        refuse(name, "the file is encrypted or of an old Office kind; save it as .docx or .xlsx", rule="file kind")
    if suffix in _ZIPPED:
        _check_zip(name, suffix, data)
    elif suffix == ".pdf" and b"%PDF" not in data[:1024]:
        refuse(name, "this is no PDF: the %PDF mark is missing", rule="intact file")
    elif suffix != ".pdf" and data.startswith((b"PK\x03\x04", b"%PDF")):
        refuse(name, f"the content is not {suffix} text", rule="file kind")


def _check_zip(name: str, suffix: str, data: bytes) -> None:
    """zipfile never unpacks more than the size an entry declares, so the declared sum bounds the real one."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        refuse(name, f"this is no intact {suffix}: {error}", rule="intact file", cause=error)
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED_BYTES:
        detail = f"the file unpacks to {unpacked} bytes; at most 200 MB are taken"
        refuse(name, detail, rule=f"unpacked bytes <= {MAX_UNPACKED_BYTES}")


def _statute(name: str, draft: Draft) -> ParsedDocument | None:
    """Articles may come in any format; tables stay with the ordinary way."""
    lines = [(block.row, line) for block in draft.blocks for line in block.text.split("\n")]
    if any(block.kind in ("row", "faq") for block in draft.blocks) or not is_statute([line for _, line in lines]):
        return None
    parsed = parse_statute(name, lines, title=draft.title)
    return ParsedDocument(
        draft.title if draft.title and not parsed.title else parsed.title or _stem(name),
        parsed.sections,
        {**parsed.meta, **draft.meta},
        draft.effective_from or parsed.effective_from,
        draft.effective_to,
    )


def _document(name: str, draft: Draft) -> ParsedDocument:
    title, draft = _title(draft)
    lines = [line for block in draft.blocks if block.kind != "row" for line in block.text.split("\n")]
    return ParsedDocument(
        title or _stem(name),
        assemble(name, draft),
        draft.meta,
        draft.effective_from or labelled_effective_date(lines),
        draft.effective_to,
    )


def _title(draft: Draft) -> tuple[str, Draft]:
    """The one outermost heading that opens a document is its title, not part of every path."""
    tops = [block for block in draft.blocks if block.kind == "heading" and block.level == 1]
    if draft.faq or len(draft.blocks) < 2 or tops != [draft.blocks[0]]:
        return draft.title, draft
    heading = tops[0].text
    if draft.title and heading not in draft.title and draft.title not in heading:
        return draft.title, draft
    return draft.title or heading, replace(draft, blocks=draft.blocks[1:])


def _stem(name: str) -> str:
    return PurePosixPath(name).stem
