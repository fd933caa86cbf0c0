"""Chinese text primitives: decoding, normal forms, sentence boundaries, numerals of 第二十五条."""

import re
import unicodedata
from collections import deque
from collections.abc import Iterator

from knowledge.kit.errors import InvalidInputError

_LINE_BREAKS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\x00-\x08\x0e-\x1f\x7f]")
_SPACES = re.compile(r"[^\S\n]+")
_ODD_SPACE = re.compile(r"[^\S\n\t]")
_CJK = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CJK_CHAR = re.compile(f"[{_CJK}]")
_WIDE = f"{_CJK}\u3000-\u303f\uff00-\uffef“”‘’…—"
_SPACE_IN_CJK = re.compile(f"(?<=[{_CJK}])[^\\S\n]+(?=[{_CJK}])")
_WIDE_EDGE = re.compile(f"[{_WIDE}]")
_NOT_GB_AFTER = 8  # so many non-ASCII characters read well as UTF-8: GB text practically never does that
_HALF_WIDTH = str.maketrans(
    {chr(c): chr(c - 0xFEE0) for c in range(0xFF01, 0xFF5F) if chr(c - 0xFEE0).isalnum()}
    | {"％": "%", "＋": "+", "－": "-", "．": ".", "／": "/", "＠": "@", "＃": "#", "＊": "*", "＝": "=", "\u3000": " "}
)

_ENDS = frozenset("。！？!?")
_OPENERS = {"“": "”", "‘": "’", "「": "」", "『": "』", "（": "）", "(": ")", "《": "》", "〈": "〉"} | {
    "[": "]",
    "【": "】",
    "〔": "〕",
}
_CLOSERS = frozenset(_OPENERS.values()) | {'"'}

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}


def decode(data: bytes, name: str = "") -> str:
    """UTF-8 (with or without BOM), else GB18030. UTF-8 broken in the middle is refused, not read as GB mojibake."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        good = data[: broken.start].decode("utf-8-sig", errors="ignore")
        if data.startswith(b"\xef\xbb\xbf") or sum(not char.isascii() for char in good) >= _NOT_GB_AFTER:
            raise _encoding_error(name, f"byte {broken.start} breaks the UTF-8 text") from broken
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError as error:
            raise _encoding_error(name, f"byte {error.start} fits neither") from error
    if "\x00" in text:
        raise _encoding_error(name, "it holds NUL characters")
    return text


def _encoding_error(name: str, why: str) -> InvalidInputError:
    return InvalidInputError(
        f"{name or 'text'}: must be UTF-8 or GB18030 text; {why}", file=name, field="encoding", rule="utf-8 or gb18030"
    )


def normalize(text: str) -> str:
    """NFKC for matching and indexing: Chinese commas and brackets become ASCII. Line breaks stay. Show `clean`."""
    return unicodedata.normalize("NFKC", clean(text))


def clean(text: str) -> str:
    """For showing: half-width letters and digits, plain blanks, `\\n`, nothing invisible; punctuation as written."""
    text = _INVISIBLE.sub("", _LINE_BREAKS.sub("\n", text)).translate(_HALF_WIDTH)
    return unicodedata.normalize("NFC", _ODD_SPACE.sub(" ", text))


def collapse_spaces(text: str) -> str:
    """Runs of blanks become one, lines are stripped, line breaks stay."""
    return "\n".join(_SPACES.sub(" ", line).strip() for line in text.split("\n")).strip()


def squeeze_cjk(text: str) -> str:
    """Drops the blanks between Chinese characters: `总　　则` → `总则`. For headings and letter-spaced lines only."""
    return _SPACE_IN_CJK.sub("", collapse_spaces(text))


def count_characters(text: str) -> int:
    return sum(not char.isspace() for char in text)


def join_lines(left: str, right: str) -> str:
    """Joins a hard-wrapped line to the next: a blank between two Latin words, none beside Chinese."""
    left, right = left.rstrip(), right.lstrip()
    if not left or not right or _WIDE_EDGE.match(left[-1]) or _WIDE_EDGE.match(right[0]):
        return left + right
    return f"{left} {right}"


def ends_sentence(text: str) -> bool:
    stripped = text.rstrip().rstrip("”’」』）)】\"'")
    return bool(stripped) and stripped[-1] in "。！？!?；;…."


def split_sentences(text: str) -> list[str]:
    """Sentences with their separator at the end. A line break ends one; nothing inside quotes, brackets or 3.5 does.

    Semicolons do not end a sentence: what follows one often lives off the condition before it.
    """
    return [sentence for line in text.split("\n") for sentence in _split_line(line)]


def _split_line(line: str) -> Iterator[str]:
    inside = _enclosed(line)
    start = position = 0
    while position < len(line):
        if not inside[position] and _is_end(line, position):
            position += 1
            while position < len(line) and (line[position] in _ENDS or line[position] in _CLOSERS):
                position += 1
            if sentence := line[start:position].strip():
                yield sentence
            start = position
        else:
            position += 1
    if sentence := line[start:].strip():
        yield sentence


def _is_end(line: str, position: int) -> bool:
    char = line[position]
    if char in _ENDS:
        return True
    # a Latin full stop: after a word, before a blank or the end; never 3.5, v2.0, "1. "
    if char != "." or position == 0 or line[position - 1].isdigit() or line[position - 1] == ".":
        return False
    return position + 1 == len(line) or line[position + 1] == " "


def _enclosed(line: str) -> list[bool]:
    """Which positions lie between a matched pair; a quote or bracket that is never closed encloses nothing."""
    inside = [False] * len(line)
    stack: deque[tuple[str, int]] = deque(maxlen=16)  # bounded: an upload of nothing but brackets stays linear
    straight = -1
    for position, char in enumerate(line):
        if char == '"':
            if straight < 0:
                straight = position
            else:
                inside[straight:position] = [True] * (position - straight)
                straight = -1
        elif char in _OPENERS:
            stack.append((_OPENERS[char], position))
        elif any(closer == char for closer, _ in stack):
            while stack:
                closer, opened = stack.pop()
                if closer == char:
                    inside[opened:position] = [True] * (position - opened)
                    break
    return inside


def numeral_to_int(numeral: str) -> int:
    """`二十五`, `二〇二四`, `25` → int, below 10,000 in Chinese units. Raises ValueError on anything else."""
    text = normalize(numeral).strip()
    if text.isdecimal() and text.isascii():
        return int(text)
    if not text or any(char not in _DIGITS and char not in _UNITS for char in text):
        raise ValueError(f"not a Chinese numeral: {numeral!r}")
    if not any(char in _UNITS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))
    total, digit, last_unit = 0, None, 10_000
    for char in text:
        if char in _UNITS:
            unit = _UNITS[char]
            if unit >= last_unit or digit == 0 or (digit is None and unit != 10):
                raise ValueError(f"not a Chinese numeral: {numeral!r}")
            total, digit, last_unit = total + (digit or 1) * unit, None, unit
        elif digit:
            raise ValueError(f"not a Chinese numeral: {numeral!r}")
        else:
            digit = _DIGITS[char]
    return total + (digit or 0)


def int_to_numeral(value: int) -> str:
    """25 → `二十五`, as articles are numbered; 1 to 9,999."""
    if not 1 <= value <= 9_999:
        raise ValueError(f"outside 1 to 9,999: {value}")
    words, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, unit)
        if digit:
            words += ("零" if zero and words else "") + "零一二三四五六七八九"[digit] + name
        zero = not digit
    return words.removeprefix("一") if words.startswith("一十") else words
