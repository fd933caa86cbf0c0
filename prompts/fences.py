"""Where data begins and ends inside a prompt. Whatever a shopper, a document or a tool wrote stands between fixed
markers, and no text can close or open one from inside."""

import re
from collections.abc import Iterable

_INVISIBLE = "\u00ad\u200b-\u200f\u2060-\u2064\ufeff"
# Look-alikes count: what reads as a marker to a model is one.
_OPENS = re.compile(rf"[<＜﹤](?:[\s{_INVISIBLE}]*[<＜﹤]){{2,}}")
_CLOSES = re.compile(rf"[>＞﹥](?:[\s{_INVISIBLE}]*[>＞﹥]){{2,}}")
_BLOCK = re.compile(r"<<<EVIDENCE (\d+)\n(.*?)\nEVIDENCE \1>>>", re.DOTALL)


class Fenced(str):
    """Text already between markers: rendering passes it through, where any other text has its markers broken."""

    __slots__ = ()


def neutralise(text: str) -> str:
    return _CLOSES.sub("››", _OPENS.sub("‹‹", text.replace("\x00", "")))


def fence(label: str, text: str) -> Fenced:
    return Fenced(f"<<<{label}\n{neutralise(text)}\n{label}>>>")


def evidence_block(items: Iterable[tuple[int, str]]) -> Fenced:
    """Pairs of marker number and text, best first: a tight token budget drops from the end."""
    return Fenced("\n".join(fence(f"EVIDENCE {number}", text) for number, text in items))


def evidence_items(block: str) -> list[tuple[int, str]]:
    """The inverse of `evidence_block`; text that is no such block yields nothing."""
    return [(int(number), text) for number, text in _BLOCK.findall(block)]
