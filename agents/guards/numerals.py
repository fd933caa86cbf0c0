"""Numbers as people write and say them: Arabic, full-width, Chinese, mixed."""

import re
from fractions import Fraction

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
SCALES = {"十": 10, "百": 100, "千": 1000}
MYRIADS = {"万": 10_000, "亿": 100_000_000}
_ARABIC_FORM = r"\d+(?:,\d{3})*(?:\.\d+)?[万千百亿]?"
_DIGIT, _LEAD = "[一二三四五六七八九]", "[一二三四五六七八九两]"
_SCALED = rf"(?={_LEAD}?[十百千])(?:{_LEAD}千零?)?(?:{_LEAD}百零?)?(?:{_DIGIT}?十)?{_DIGIT}?"
_BIG = rf"(?:{_SCALED}|{_LEAD})[万亿]零?(?:{_SCALED}|{_DIGIT}(?![十百千]))?"
_CHINESE_FORM = rf"(?:{_BIG}|{_SCALED}|[零〇一二三四五六七八九]+)(?:点[零〇一二三四五六七八九]+)?"
NUMBER = rf"(?:{_ARABIC_FORM}|{_CHINESE_FORM}|[两俩半])"
_ARABIC = re.compile(r"(\d+(?:,\d{3})*(?:\.\d+)?)([万千百亿]?)$")


def parse_number(text: str) -> Fraction | None:
    """The value of `text`, or None if it is no number. A colloquial tail is scaled: 三百二 is 320, 一万二 12000."""
    if text == "半":
        return Fraction(1, 2)
    arabic = _ARABIC.match(text)
    if arabic:
        scale = {**SCALES, **MYRIADS}.get(arabic[2], 1)
        return Fraction(arabic[1].replace(",", "")) * scale
    whole, _, decimals = text.partition("点")
    value = _integer(whole)
    if value is None or not decimals:
        return None if value is None else Fraction(value)
    return value + Fraction("0." + "".join(str(DIGITS[c]) for c in decimals))


def _integer(text: str) -> int | None:
    if not text:
        return None
    if all(c in DIGITS for c in text):
        return int("".join(str(DIGITS[c]) for c in text))
    total = section = digit = 0
    last_scale = 1
    for char in text:
        if char in DIGITS:
            digit = DIGITS[char]
            if char in "零〇":
                last_scale = 10
        elif char in SCALES:
            section += (digit or 1) * SCALES[char]
            last_scale, digit = SCALES[char], 0
        elif char in MYRIADS:
            total = (total + section + digit) * MYRIADS[char]
            last_scale, section, digit = MYRIADS[char], 0, 0
        else:
            return None
    tail = digit * (last_scale // 10) if last_scale >= 100 else digit
    return total + section + tail
