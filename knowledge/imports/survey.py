"""One pass over a file before it is read: its digest, its format and its encoding, in constant memory."""

import codecs
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from knowledge.kit.errors import InvalidInputError

_BLOCK = 1 << 20
_NOT_GB_AFTER = 8  # as in kit.text.decode: so many non-ASCII characters read well as UTF-8 are no accident
_FORMATS: dict[str, Literal["csv", "xlsx", "json"]] = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".json": "json", ".jsonl": "json", ".ndjson": "json",
}  # fmt: skip


@dataclass(frozen=True)
class Survey:
    """`encoding` is empty for xlsx."""

    format: Literal["csv", "xlsx", "json"]
    encoding: str
    sha256: str
    size: int


def survey(path: Path, file_name: str) -> Survey:
    """Raises: InvalidInputError for an unknown format, an empty file, or text that is neither UTF-8 nor GB18030."""
    kind = _FORMATS.get(Path(file_name).suffix.lower())
    if kind is None:
        raise _refused(file_name, "the file must be .csv, .xlsx or .json", "csv, xlsx or json")
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    size = path.stat().st_size
    if not size:
        raise _refused(file_name, "the file is empty", "not empty")
    encoding = "" if kind == "xlsx" else _encoding(path, file_name)
    if kind == "json" and encoding == "gb18030":
        raise _refused(file_name, "JSON must be UTF-8", "utf-8")
    return Survey(kind, encoding, digest.hexdigest(), size)


def _encoding(path: Path, name: str) -> str:
    good = _decodes(path, "utf-8-sig")
    if good is None:
        return "utf-8-sig"
    with path.open("rb") as file:
        marked = file.read(3) == codecs.BOM_UTF8
    if marked or good >= _NOT_GB_AFTER:
        raise _refused(name, "the text is UTF-8 that breaks off in the middle", "utf-8 or gb18030")
    if _decodes(path, "gb18030") is not None:
        raise _refused(name, "the text is neither UTF-8 nor GB18030", "utf-8 or gb18030")
    return "gb18030"


def _decodes(path: Path, encoding: str) -> int | None:
    """None when the whole file decodes; otherwise the non-ASCII characters that were read well before it broke."""
    decoder = codecs.getincrementaldecoder(encoding)()
    good = 0
    with path.open("rb") as file:
        while True:
            block = file.read(_BLOCK)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as broken:
                head = bytes(broken.object[: broken.start]).decode(encoding, errors="ignore")
                return good + sum(not char.isascii() for char in head)
            if "\x00" in text:
                raise _refused(path.name, "the text holds NUL characters", "no NUL")
            if not block:
                return None
            if good < _NOT_GB_AFTER and not text.isascii():
                good += sum(not char.isascii() for char in text)


def _refused(name: str, why: str, rule: str) -> InvalidInputError:
    return InvalidInputError(f"{name}: {why}.", file=name, field="file", rule=rule)
