"""Addresses and numbers that lead away from the shop: links, phones, chat accounts, e-mail, bank accounts."""

import re
import unicodedata
from collections.abc import Collection, Iterator

from agents.guards.verdict import Finding

_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_SPOKEN = str.maketrans("零〇一幺二三四五六七八九", "001123456789")
_GAP = r"[\s\-_.·・*,,、]{0,2}"
_URL = re.compile(
    r"(?:https?://|www\s*\.)\S+|(?<![\w@.])(?:[a-z0-9-]+\s?[.。]\s?)+(?:com|cn|net|org|top|xyz|shop|vip|cc|io|me|link|info|club|site)(?![a-z])(?:/\S*)?"
)
_MAIL = re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\]| at )\s?[\w-]+\s?(?:\.|点)\s?[a-z]{2,}(?:\.[a-z]{2,})?")
_PHONE = re.compile(
    rf"(?<!\d)(?:\+?86{_GAP})?1(?:{_GAP}[3-9])(?:{_GAP}\d){{9}}(?!\d)|(?<!\d)(?:400|800){_GAP}(?:\d{_GAP}){{6}}\d(?!\d)|(?<!\d)0\d{{2,3}}{_GAP}\d{{7,8}}(?!\d)"
)
_BANK = re.compile(r"(?<!\d)(?:\d[\s-]?){15,18}\d(?!\d)")
_CHAT = re.compile(
    r"(?P<app>微信|薇信|威信|维信|卫星|徽信|vx|v信|wx|wechat|weixin|加v|加微|qq|扣扣|企鹅|whatsapp|telegram|电报|飞机号)"
    r"(?:群|号码?|id)?\s*(?:是|为|:|搜|加|=|:)?\s*(?P<id>[a-z0-9][a-z0-9_\-\s]{4,24}[a-z0-9])"
)


def find_contacts(text: str, allow: Collection[str]) -> tuple[Finding, ...]:
    """`detail` is url, email, phone, chat or bank. An allowed entry covers itself and, for a host, its pages."""
    folded = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).lower()
    allowed = {_bare(unicodedata.normalize("NFKC", entry).lower()) for entry in allow}
    found: list[Finding] = []
    taken: list[tuple[int, int]] = []
    for kind, start, end in _candidates(folded):
        if any(a < end and start < b for a, b in taken):
            continue
        taken.append((start, end))
        span = folded[start:end].strip()
        if not _is_allowed(kind, span, allowed):
            found.append(Finding(kind="contact", span=span, detail=kind))
    return tuple(found)


def _candidates(text: str) -> Iterator[tuple[str, int, int]]:
    digits = re.sub(
        r"[零〇一幺二三四五六七八九](?=[\s\-零〇一幺二三四五六七八九\d]*[零〇一幺二三四五六七八九\d])|(?<=[零〇幺\d一二三四五六七八九])[零〇一幺二三四五六七八九]",
        lambda m: m[0].translate(_SPOKEN),
        text,
    )
    for kind, expression, source in (
        ("email", _MAIL, text),
        ("url", _URL, text),
        ("chat", _CHAT, digits),
        ("phone", _PHONE, digits),
        ("bank", _BANK, digits),
    ):
        for match in expression.finditer(source):
            if kind == "bank" and not _luhn(re.sub(r"\D", "", match[0])):
                continue
            yield kind, match.start(), match.end()


def _bare(text: str) -> str:
    return re.sub(r"^https?://|^www\.|[\s\-_/]", "", text)


def _is_allowed(kind: str, span: str, allowed: set[str]) -> bool:
    bare = _bare(span)
    if kind == "url":
        host = _bare(re.sub(r"^(?:https?://)?([^/?#\s]+).*$", r"\1", span))
        return any(host == entry or host.endswith("." + entry) for entry in allowed) or bare in allowed
    if kind == "chat":
        return any(bare.endswith(entry) for entry in allowed)
    return bare in allowed


def _luhn(number: str) -> bool:
    total = 0
    for index, char in enumerate(reversed(number)):
        digit = int(char) * (1 + index % 2)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0
