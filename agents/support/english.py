"""English at the desk, whose rules and documents are Chinese: an English or mixed message as a Chinese shopper would
have put it. Sentences first, then phrases, then words; what the glossary does not hold is left standing."""

import re
from dataclasses import dataclass, replace
from functools import cache
from itertools import count

from agents.support.answer_types import Question
from agents.support.floor_text import load

_LINK = re.compile(r"((?:https?://|www\.)[^\s\u4e00-\u9fff]+|[\w.+-]+@[\w-]+\.[\w.-]+)", re.ASCII)
_CODE = r"[A-Za-z0-9_+-]*[0-9_+][A-Za-z0-9_+-]*(?:\.\d+)?%?"  # a number, an order, a model: never a word
_WORD = r"[A-Za-z]+(?:['-][A-Za-z]+)*"
_TOKEN = re.compile(rf"{_CODE}|{_WORD}|\S")
_WORDS = re.compile(rf"(?<![A-Za-z0-9_+-]){_WORD}(?![A-Za-z0-9_+])")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_STOP = re.compile(r"\s*([,;!?，。；！？、…\n]+|\.+(?=\s|$)|:(?=\s)|\s-\s)\s*")
_MARKS = {",": "，", ".": "。", "?": "？", "!": "！", ";": "；", ":": "：", "-": "，"}
_MACRO = re.compile(r"<([a-z]+)>")
_SLOT = re.compile(r"\{([a-z])\}")
_APOSTROPHES = str.maketrans("’‘`´", "''''")
_DEEPEST = 6  # sentences within sentences
_LONGEST = 400  # characters of a clause up to which its build is read, word by word above
_COUNTED = re.compile(r"\d\Z")


@dataclass(frozen=True)
class _Frame:
    """A way to build a sentence; slots of `form` return in `said`, translated in turn."""

    form: re.Pattern[str]
    said: str


@dataclass(frozen=True)
class _Glossary:
    spellings: tuple[tuple[re.Pattern[str], str], ...]
    openers: re.Pattern[str]
    closers: re.Pattern[str]
    starts: re.Pattern[str]
    asks: re.Pattern[str]
    frames: tuple[_Frame, ...]
    phrases: dict[tuple[str, ...], str]
    longest: int
    dropped: frozenset[str]
    goods: frozenset[str]
    known: frozenset[str]


@cache
def _glossary() -> _Glossary:
    raw = load("english.yaml")
    macros = raw["macros"]

    def compiled(form: str) -> re.Pattern[str]:
        spelled = _MACRO.sub(lambda found: f"(?:{macros[found[1]]})", form)
        places = count()
        named = _SLOT.sub(lambda found: rf"(?P<{found[1]}{next(places)}>\S.*?)", spelled)
        return re.compile(named, re.IGNORECASE)

    phrases = {
        tuple(form.lower().split()): said
        for group in raw["words"].values()
        for said, forms in group.items()
        for form in forms.split(" | ")
    }
    phrases |= {tuple(name.lower().split()): name for name in raw["names"]}
    dropped = frozenset(raw["dropped"].split())
    return _Glossary(
        spellings=tuple((compiled(form), said) for form, said in raw["spellings"].items()),
        openers=compiled(rf"(?:{'|'.join(raw['openers'])})(?![\w'-])[\s,]*"),
        closers=compiled(rf"[\s,]*(?<![\w'-])(?:{'|'.join(raw['closers'])})"),
        starts=compiled(raw["starts"]),
        asks=compiled(raw["asks"]),
        frames=tuple(_Frame(compiled(form), said) for form, said in raw["frames"].items()),
        phrases=phrases,
        longest=max(map(len, phrases)),
        dropped=dropped,
        goods=frozenset(raw["words"]["goods"]),
        known=frozenset(word for form in phrases for word in form if len(word) > 1),
    )


def in_chinese(text: str) -> str:
    """The text itself when it holds no English that the glossary knows."""
    if not _holds_english(text):
        return text
    parts = _LINK.split(text)
    said = "".join(part if at % 2 else _passage(part) for at, part in enumerate(parts))
    return said if said.strip() else text


def question_in_chinese(question: Question) -> Question:
    """The question as the desk reads it, earlier messages of the shopper included; itself when all is Chinese."""
    history = tuple(
        entry.model_copy(update={"text": in_chinese(entry.text)}) if entry.role == "user" else entry
        for entry in question.history
    )
    read = replace(question, text=in_chinese(question.text), history=history)
    return question if read == question else read


def _holds_english(text: str) -> bool:
    return any(_is_known(found[0]) for found in _WORDS.finditer(_spelled(text)))


def _spelled(text: str) -> str:
    """Short forms in full: don't, wheres, pls."""
    text = text.translate(_APOSTROPHES)
    if not re.search("[A-Za-z]", text):
        return text
    for form, said in _glossary().spellings:
        text = form.sub(said, text)
    return text


def _is_known(word: str) -> bool:
    return any(form in _glossary().known for form in (word.lower(), _singular(word.lower())))


def _singular(word: str) -> str:
    for ending, instead in (("'s", ""), ("ies", "y"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) > 1 and not word.endswith("ss"):
            return word[: -len(ending)] + instead
    return word


def _passage(text: str) -> str:
    if not _holds_english(text):
        return text
    pieces = _STOP.split(_spelled(text))
    clauses = list(zip(pieces[::2], [*pieces[1::2], ""], strict=True))
    telling = [one for one in clauses if one[0] and not _only_manners(one[0])]
    said = ""
    for clause, mark in telling or clauses:
        for at, part in enumerate(_sentences(clause)):
            words = _clause(part.strip())
            if words and at and said and said[-1] not in "，。？！；：":
                said += "，"
            said += words
        if said and mark and said[-1] not in "，。？！；：\n":
            said += _MARKS.get(mark.strip()[:1], mark)
    return said


def _sentences(clause: str) -> list[str]:
    """Parted where a further one begins; what follows a mere question word stays with it: what colours do you have."""
    if len(clause) >= _LONGEST:
        return [clause]
    parts: list[str] = []
    for part in _glossary().starts.split(clause):
        if parts and _glossary().asks.fullmatch(parts[-1].strip()):
            parts[-1] = f"{parts[-1].rstrip()} {part}"
        else:
            parts.append(part)
    return parts


def _clause(text: str, depth: int = 0) -> str:
    glossary = _glossary()
    if not text or not any(
        _is_known(found[0]) or found[0].lower() in glossary.dropped for found in _WORDS.finditer(text)
    ):
        return text
    bare = _without_manners(text) if depth == 0 else text
    tokens = _TOKEN.findall(bare)
    if (entry := _phrase(tokens))[1] == len(tokens):
        return entry[0]
    if len(bare) < _LONGEST and depth < _DEEPEST:
        for frame in glossary.frames:
            if found := frame.form.fullmatch(bare):
                return _filled(frame.said, found, depth)
    return _word_by_word(bare)


def _filled(said: str, found: re.Match[str], depth: int) -> str:
    slots = {name[0]: value for name, value in found.groupdict().items() if value}
    return _SLOT.sub(lambda slot: _clause(slots.get(slot[1], ""), depth + 1).removesuffix("吗"), said)


def _only_manners(text: str) -> bool:
    return any(form.fullmatch(text) for form in (_glossary().openers, _glossary().closers))


def _without_manners(text: str) -> str:
    """A greeting or thanks stays when there is nothing else."""
    glossary = _glossary()
    while (found := glossary.openers.match(text)) and found.end() < len(text):
        text = text[found.end() :]
    for found in glossary.closers.finditer(text):
        if found.end() == len(text) and found.start():
            return text[: found.start()]
    return text


def _word_by_word(text: str) -> str:
    """A translated word leans on its neighbours; between words left standing blanks stay."""
    glossary = _glossary()
    tokens = [(found[0], found.start(), found.end()) for found in _TOKEN.finditer(text)]
    kept = _brands([token for token, _, _ in tokens])
    said, ended, at, leans = "", 0, 0, True
    while at < len(tokens):
        token, start, end = tokens[at]
        phrase, length = ("", 0) if at in kept else _phrase([token for token, _, _ in tokens[at:]])
        if length:
            end = tokens[at + length - 1][2]
            said += ("个" if phrase in glossary.goods and _COUNTED.search(said) else "") + phrase
            leans = True
        elif at in kept or token.lower() not in glossary.dropped or (len(token) == 1 and _glued(text, start, end)):
            said += ("" if leans else text[ended:start]) + token
            leans = False
        ended, at = end, at + max(length, 1)
    return said


def _glued(text: str, start: int, end: int) -> bool:
    """A款, T恤: a letter that is part of a Chinese word."""
    return bool(_CHINESE.search(text[max(0, start - 1) : start] + text[end : end + 1]))


def _phrase(tokens: list[str]) -> tuple[str, int]:
    """The longest entry that the tokens begin with, and of how many it is."""
    glossary = _glossary()
    words = [token.lower() for token in tokens[: glossary.longest]]
    for length in range(len(words), 0, -1):
        for form in (words[:length], [*words[: length - 1], _singular(words[length - 1])]):
            if (said := glossary.phrases.get(tuple(form))) is not None:
                return said, length
    if "-" in words[0] and all(map(_is_known, parts := words[0].split("-"))):
        return "".join(_phrase([part])[0] for part in parts), 1
    return "", 0


def _brands(tokens: list[str]) -> frozenset[int]:
    """Places of words that are part of a name: capitals in a row of which one is no word of the glossary."""
    glossary = _glossary()
    if "".join(tokens).isupper():
        return frozenset()
    kept: set[int] = set()
    row: list[int] = []
    for at, token in enumerate([*tokens, ""]):
        if re.fullmatch(r"[A-Z][A-Za-z'-]+", token):
            row.append(at)
            continue
        lead = row[:1] if row and tokens[row[0]].lower() in glossary.dropped else []
        row = row[len(lead) :]
        if len(row) > 1 and not all(_is_known(tokens[one]) for one in row):
            kept.update(row)
        row = []
    return frozenset(kept)
