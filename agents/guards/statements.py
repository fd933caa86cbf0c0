"""Sentences of a draft with the citation markers that belong to them."""

import re

from agents.guards.lexicon import pattern
from agents.guards.text import fold

_MARKER = re.compile(r"\s*[\[【]\s*(\d{1,2}(?:\s*[,,、]\s*\d{1,2})*)\s*[\]】]")
_MARKERS_AHEAD = re.compile(r"(?:\s*[\[【]\s*\d{1,2}(?:\s*[,,、]\s*\d{1,2})*\s*[\]】])+")
_STOPS = "。！？!?；;\n"
_OPEN, _CLOSE = "“「『《（(", "”」』》）)"
_COURTESY_REST = re.compile(
    r"[\s\W]|亲爱的|亲|您|你|哦|呢|哈|呀|的|了|吗|啦|吧|请|我|这边|小主|顾客|朋友|一下|随时|再|可以|还|有|什么|问题|其他|别的|需要|帮|到|联系|咨询|问|祝|生活|愉快|购物|开心|天|好|为|服务|很|高兴|支持|理解|耐心|等待|光临"
)


def split_statements(text: str) -> list[str]:
    """Cut after 。！？； and line ends, outside quotes and brackets; markers right after the stop stay with it."""
    out: list[str] = []
    start = index = depth = 0
    while index < len(text):
        char = text[index]
        if char in _OPEN:
            depth += 1
        elif char in _CLOSE:
            depth = max(0, depth - 1)
        index += 1
        if char == "\n":
            depth = 0
        elif char not in _STOPS or depth:
            continue
        while index < len(text) and text[index] in _STOPS:
            index += 1
        tail = _MARKERS_AHEAD.match(text, index)
        index = tail.end() if tail else index
        out.append(text[start:index].strip())
        start = index
    out.append(text[start:].strip())
    return [part for part in out if without_markers(part).strip(_STOPS + " ")]


def markers(sentence: str) -> tuple[int, ...]:
    """Cited numbers in order of appearance, each once."""
    found = [int(number) for match in _MARKER.finditer(sentence) for number in re.findall(r"\d+", match[1])]
    return tuple(dict.fromkeys(found))


def without_markers(sentence: str) -> str:
    return _MARKER.sub("", sentence).strip()


def is_courtesy(sentence: str) -> bool:
    """A greeting, thanks or offer of help that carries no claim."""
    text = fold(without_markers(sentence))
    polite, count = pattern("markers", "courtesy").subn("", text)
    return count > 0 and not _COURTESY_REST.sub("", polite)
