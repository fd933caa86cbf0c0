"""Several questions in one message: 啥时候到 不喜欢能退不 邮费谁出. Each is answered as if asked after those before."""

import re

from agents.support.followup import asks
from agents.support.gate_features import says_something

_MOST = 3
_BREAK = re.compile(r"[,，。;；!！?？\s]+|然后|还有就是|另外|(?<=[吗么呢呀])(?=我)")
_SHORTEST = 4  # characters of a question
_LEADS = re.compile(r"呢$")  # 新疆呢 多少钱 asks once


def questions_in(text: str) -> tuple[str, ...]:
    """What each asks stands with the clauses that lead to it; the text itself when it asks but once."""
    parts: list[str] = []
    leading = ""
    for clause in filter(None, _BREAK.split(text)):
        leading = f"{leading} {clause}".strip()
        asking = asks(clause) and not _LEADS.search(clause)
        if asking and len(clause) >= _SHORTEST and says_something(clause):
            parts.append(leading)
            leading = ""
    if leading and parts:
        parts[-1] = f"{parts[-1]} {leading}"
    return tuple(parts) if 1 < len(parts) <= _MOST else (text,)
