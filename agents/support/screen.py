"""The first look at untrusted words: normalise, mask personal data, flag what reads like instructions."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from agents.support.floor_text import load

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb]"
)
_TAGS = re.compile("[\U000e0000-\U000e007f]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999
_ID_CHECK = "10X98765432"


@dataclass(frozen=True)
class Pii:
    """`kind` is phone, id_card, bank_card, email or address; start and end are code points of `Screened.text`."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Screened:
    """`text` is for rules and tools, `masked` for logs and models; a suspicious message may still be answered."""

    text: str
    masked: str
    pii: tuple[Pii, ...] = ()
    suspicious: bool = False
    untrusted: tuple[str, ...] = ()


@cache
def _data() -> tuple[list[tuple[str, re.Pattern[str], str]], list[re.Pattern[str]]]:
    raw = load("screen.yaml")
    kinds = [(k, re.compile(v["pattern"], re.IGNORECASE), v["mask"]) for k, v in raw["pii"].items()]
    return kinds, [re.compile(pattern, re.IGNORECASE) for pattern in raw["instructions"]]


def normalise(text: str) -> str:
    """NFKC without invisible, tag or control characters; runs of blanks become one."""
    visible = _CONTROL.sub("", _TAGS.sub("", _INVISIBLE.sub("", text)))
    return re.sub(r"[ \t\u3000]+", " ", unicodedata.normalize("NFKC", visible)).strip()


def valid_id_card(number: str) -> bool:
    """18 characters with the check character of GB 11643-1999 and a possible month and day."""
    if not re.fullmatch(r"[1-8]\d{16}[\dXx]", number):
        return False
    month, day = int(number[10:12]), int(number[12:14])
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _ID_WEIGHTS, strict=True))
    return 1 <= month <= 12 and 1 <= day <= 31 and _ID_CHECK[total % 11] == number[17].upper()


def valid_bank_card(number: str) -> bool:
    """13–19 digits passing the Luhn sum."""
    if not re.fullmatch(r"\d{13,19}", number):
        return False
    doubled = (int(d) * (1 + at % 2) for at, d in enumerate(reversed(number)))
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def _genuine(kind: str, text: str) -> bool:
    digits = re.sub(r"[\s-]", "", text)
    if kind == "id_card":
        return valid_id_card(digits)
    return kind != "bank_card" or valid_bank_card(digits)


def _find_pii(text: str) -> tuple[Pii, ...]:
    taken: list[Pii] = []
    for kind, pattern, _ in _data()[0]:
        for found in pattern.finditer(text):
            start, end = found.span()
            free = all(end <= other.start or start >= other.end for other in taken)
            if free and _genuine(kind, found[0]):
                taken.append(Pii(kind, start, end))
    return tuple(sorted(taken, key=lambda span: span.start))


def _mask(text: str, spans: tuple[Pii, ...]) -> str:
    masks = {kind: mask for kind, _, mask in _data()[0]}
    for span in reversed(spans):
        text = text[: span.start] + masks[span.kind] + text[span.end :]
    return text


def screen(message: str) -> Screened:
    text = normalise(message)
    pii = _find_pii(text)
    untrusted = tuple(found[0] for pattern in _data()[1] for found in pattern.finditer(text))
    hidden = bool(_TAGS.search(message))
    return Screened(text, _mask(text, pii), pii, suspicious=hidden or bool(untrusted), untrusted=untrusted)
