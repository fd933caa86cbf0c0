"""Words that make a quantity a limit: at least, over, at most, under, about."""

import re

from agents.guards.lexicon import words


def bound_of(before: str, after: str) -> str:
    for kind in ("lt", "gt", "le", "ge", "approx"):
        for word in words("markers", "bounds", kind):
            if after.startswith((word, "的" + word, "及" + word)) and word not in _PREFIX_ONLY:
                return kind
            gap = "[一-鿿]{0,3}" if word[0] in "最至不顶" else "[是为要得能只会可有在]?"
            if word not in _SUFFIX_ONLY and re.search(re.escape(word) + gap + "$", before):
                negated = re.search(r"[不没未]" + re.escape(word) + r"[是为]?$", before)
                if not negated:
                    return kind
    return ""


_SUFFIX_ONLY = frozenset(["出头", "以上", "及以上", "以内", "之内", "内", "以下", "及以下", "左右", "上下"])
_PREFIX_ONLY = frozenset(
    [
        "≥",
        ">=",
        "≤",
        "<=",
        ">",
        "<",
        "约",
        "近",
        "够",
        "满",
        "达到",
        "至少",
        "最少",
        "最多",
        "最高",
        "最长",
        "超过",
        "不到",
        "少于",
        "低于",
        "高于",
        "大于",
        "小于",
        "多于",
        "超出",
        "过了",
        "没到",
        "不够",
        "不足",
        "预计",
    ]
)
