"""Folding of text before any rule looks at it."""

import re
import unicodedata
from functools import cache

from agents.guards.lexicon import load

_TONE = re.compile(r"(?<=[\u4e00-\u9fff0-9])(?:哈|哦|呢|呀|啦|嘛|哟|喔|噢|啊|吧|咯|滴|~)+(?=[,。!?;~\s]|$)")
_MARK = re.compile(r"\s*[\[【(]\s*\d{1,2}\s*[\])】]")


def fold(text: str) -> str:
    """NFKC, lower case, one dash, no citation markers, no tone words. Chinese commas become ASCII ones."""
    folded = unicodedata.normalize("NFKC", text).lower()
    folded = _MARK.sub("", folded) if "[" in folded or "【" in folded else folded
    folded = re.sub(r"[–—―−~〜]{1,2}(?=\s*[\d零一二三四五六七八九十两])", "-", folded)
    folded = _TONE.sub("", folded).strip()
    for expression, replacement in _rewrites():
        folded = expression.sub(replacement, folded)
    return folded


@cache
def _rewrites() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(a), b) for a, b in load("lexicon")["rewrites"])
