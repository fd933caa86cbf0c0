"""The first look at untrusted words: normalise, mask personal data, flag what reads like instructions."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from agents.support.floor_text import load

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb]"
)
_TAGS = re.compile("[\U000e0000-\U000e007f]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_PART = re.compile(r"\{([a-z]+)\}")
_NAMED = 8  # characters before a number that may say whose it is
_TAKEN = "\ue000"  # stands where something was found, so that no later form takes in part of it
_BLANK = "□"
_NUMBERS = frozenset({"phone", "id_card", "bank_card"})
_FRONT = 36  # characters before a street that may tell its town: a window, so that no message takes long to search
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

    @property
    def without_numbers(self) -> str:
        """`text` with phone, card and identity numbers blanked, each at its length: they are no order numbers, and no
        hotline's either."""
        text = self.text
        for span in self.pii:
            if span.kind in _NUMBERS:
                text = text[: span.start] + _BLANK * (span.end - span.start) + text[span.end :]
        return text


@dataclass(frozen=True)
class _Form:
    """One way in which personal data of a kind is written."""

    kind: str
    pattern: re.Pattern[str]
    mask: str
    after: re.Pattern[str] | None
    front: re.Pattern[str] | None
    lead: re.Pattern[str] | None
    needs_front: bool

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        for found in self.pattern.finditer(text):
            start, end = found.span()
            if self.after and self.after.search(text[max(0, start - _NAMED) : start]):
                continue
            front = self._front(text[max(0, start - _FRONT) : start])
            if (front or not self.needs_front) and _genuine(self.kind, found[0]):
                yield start - front, end

    def _front(self, before: str) -> int:
        """How many characters before what was found belong to it."""
        found = self.front.search(before) if self.front else None
        if found is None:
            return 0
        lead = self.lead.match(found[0]) if self.lead else None
        return len(found[0]) - (lead.end() if lead else 0)


def _spelled_out(pattern: str, parts: dict[str, str]) -> str:
    """`{name}` becomes that part, parts within parts included; counts such as `{0,4}` are left alone."""
    return _PART.sub(lambda found: f"(?:{_spelled_out(parts[found[1]], parts)})", pattern)


@cache
def _data() -> tuple[list[_Form], list[re.Pattern[str]]]:
    raw = load("screen.yaml")

    def compiled(form: dict[str, str], name: str) -> re.Pattern[str] | None:
        return re.compile(_spelled_out(form[name], raw["address"]), re.IGNORECASE) if name in form else None

    forms = [
        _Form(
            form.get("kind", name),
            re.compile(_spelled_out(form["pattern"], raw["address"]), re.IGNORECASE),
            form["mask"],
            compiled(form, "after"),
            compiled(form, "front"),
            compiled(form, "lead"),
            form.get("needs_front", False),
        )
        for name, form in raw["pii"].items()
    ]
    return forms, [re.compile(pattern, re.IGNORECASE) for pattern in raw["instructions"]]


def _visible(text: str) -> str:
    return unicodedata.normalize("NFKC", _CONTROL.sub("", _TAGS.sub("", _INVISIBLE.sub("", text))))


def normalise(text: str) -> str:
    """NFKC without invisible, tag or control characters; runs of blanks become one."""
    return re.sub(r"[ \t\u3000]+", " ", _visible(text)).strip()


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
    for form in _data()[0]:
        for start, end in list(form.spans(text)):
            taken.append(Pii(form.kind, start, end))
            text = text[:start] + _TAKEN * (end - start) + text[end:]
    joined: list[Pii] = []
    for span in sorted(taken, key=lambda span: span.start):
        if joined and joined[-1].kind == span.kind and joined[-1].end == span.start:
            span = Pii(span.kind, joined.pop().start, span.end)
        joined.append(span)
    return tuple(joined)


def _mask(text: str, spans: tuple[Pii, ...]) -> str:
    masks = {form.kind: form.mask for form in _data()[0]}
    for span in reversed(spans):
        text = text[: span.start] + masks[span.kind] + text[span.end :]
    return text


def masked(text: str) -> str:
    """The text as it may be shown to those who need not know, blanks and lines as they were."""
    visible = _visible(text)
    return _mask(visible, _find_pii(visible))


def screen(message: str) -> Screened:
    text = normalise(message)
    pii = _find_pii(text)
    untrusted = tuple(found[0] for pattern in _data()[1] for found in pattern.finditer(text))
    hidden = bool(_TAGS.search(message))
    return Screened(text, _mask(text, pii), pii, suspicious=hidden or bool(untrusted), untrusted=untrusted)
