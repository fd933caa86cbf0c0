"""What a product question is after, in the words of shoppers and of shops, and which of a product's statements tell
it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from agents.support.floor_text import load
from knowledge.catalog.facts import Attribute
from knowledge.index.cut import normalise, words
from knowledge.index.near_miss import function_words

_LEAST = 2  # characters of a word that points at the statement it stands in
_ECHOES = 2  # statements told for no more than their words
_POINTERS = re.compile(
    r"[这那哪第头前后][\d一二两三四五几]?[个款把顶双件只台种样张条盏套床瓶支盒包]|[前后][面者]|换成|[a-z]{2}\d{6,}",
    re.IGNORECASE,
)
_TROUBLE = re.compile(r"怎么办|咋办|咋整|坏|破|忘|丢|少了|不见|不住|单独(?:买|卖|配)|补发|退|换货|发货|快递|发票")
"""What went wrong, or what is done for an order, no fact of the goods answers."""


@dataclass(frozen=True)
class Aspect:
    """`names`, `told`, `only` and `yields` as the lexicon explains them."""

    name: str
    asks: tuple[re.Pattern[str], ...]
    names: tuple[str, ...] = ()
    told: re.Pattern[str] | None = None
    only: bool = False
    yields: tuple[str, ...] = ()

    def asked_in(self, folded: str) -> bool:
        return any(pattern.search(folded) for pattern in self.asks)

    def things(self, folded: str) -> tuple[str, ...]:
        """What the question itself names: 花生 in “里面有花生吗”."""
        found = (match for pattern in self.asks for match in pattern.finditer(folded))
        return tuple(dict.fromkeys(thing for match in found if (thing := match.groupdict().get("what"))))

    def named(self, attribute: Attribute) -> bool:
        return any(name in attribute.name for name in self.names)

    def tells(self, statement: str) -> bool:
        return self.told is not None and bool(self.told.search(normalise(statement)))


@dataclass(frozen=True)
class Told:
    """Statements that answer, best first: attributes, and whole sentences of the product."""

    attributes: tuple[Attribute, ...] = ()
    sentences: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.attributes or self.sentences)


@cache
def aspects() -> tuple[Aspect, ...]:
    return tuple(_aspect(name, raw) for name, raw in load("aspects.yaml").items())


def _aspect(name: str, raw: dict[str, list[str] | str]) -> Aspect:
    return Aspect(
        name,
        tuple(re.compile(pattern, re.IGNORECASE) for pattern in raw["asks"]),
        tuple(raw.get("names", ())),
        re.compile(str(raw["told"]), re.IGNORECASE) if "told" in raw else None,
        bool(raw.get("only")),
        tuple(raw.get("yields", ())),
    )


def asked(text: str) -> tuple[str, ...]:
    """Names of the aspects a question is after, in the order of the lexicon."""
    return tuple(aspect.name for aspect in _asked(normalise(text)))


def question_meant(text: str, leaning: str, names: str) -> str:
    """`leaning` is the message with the question before it, which counts only where the message asks nothing: it names
    no aspect, and nothing but what stands in the `names` of the goods and their variants."""
    if not leaning or asked(text):
        return text
    said = _content(_POINTERS.sub(" ", text))
    return text if any(word not in normalise(names) for word in said) else leaning


def _content(text: str) -> set[str]:
    return {word for word in words(text) if len(word) >= _LEAST} - function_words() - _common()


def _asked(folded: str) -> list[Aspect]:
    found = [aspect for aspect in aspects() if aspect.asked_in(folded)]
    names = {aspect.name for aspect in found}
    return [aspect for aspect in found if not names & set(aspect.yields)]


def told_of(text: str, attributes: Sequence[Attribute], sentences: Sequence[str] = ()) -> Told:
    """The attributes that tell what is asked; of an aspect that none tells, the sentences that do."""
    folded = normalise(text)
    wanted = _asked(folded)
    held = [one for one in attributes if _names(one, folded) and not _beside(one, wanted)]
    said: list[str] = []
    for aspect in wanted:
        found, spoken = _of_aspect(aspect, aspect.things(folded), attributes, sentences)
        held += found
        said += spoken
    return Told(tuple(dict.fromkeys(held)), tuple(dict.fromkeys(said)))


def _names(attribute: Attribute, folded: str) -> bool:
    return len(attribute.name) >= _LEAST and normalise(attribute.name) in folded


def _beside(attribute: Attribute, wanted: Sequence[Aspect]) -> bool:
    """A kettle's four settings of 保温 do not tell for how long it keeps warm."""
    return any(one.only and one.named(attribute) and not one.tells(attribute.value) for one in wanted)


def _of_aspect(
    aspect: Aspect, things: Sequence[str], attributes: Sequence[Attribute], sentences: Sequence[str]
) -> tuple[list[Attribute], list[str]]:
    if things:
        found = [one for one in attributes if any(thing in normalise(one.value) for thing in things)]
        spoken = [one for one in sentences if any(thing in normalise(one) for thing in things)]
        if found or spoken:
            return found, [] if found else spoken
    named = [one for one in attributes if aspect.named(one)]
    if aspect.only:
        return [one for one in named if aspect.tells(one.value)], []
    named.sort(key=lambda one: one.name not in aspect.names)
    if named or things:
        return named, []
    found = [one for one in attributes if aspect.tells(f"{one.name}：{one.value}")]
    return found, [] if found else [one for one in sentences if aspect.tells(one)]


def echoed(
    text: str, attributes: Sequence[Attribute], sentences: Sequence[str] = (), titles: Sequence[str] = ()
) -> Told:
    """The statements that hold every content word of the question, titles aside: for what no aspect is named after."""
    sought = _content(text)
    if not sought or _TROUBLE.search(text):
        return Told()
    found = [one for one in attributes if _holds(one.value, sought)][:_ECHOES]
    said = [one for one in sentences if _holds(_without(one, titles), sought)]
    return Told(tuple(found), () if found else tuple(said[:_ECHOES]))


def _without(sentence: str, titles: Sequence[str]) -> str:
    for title in titles:
        sentence = sentence.replace(title, "□")
    return sentence


def _holds(statement: str, sought: set[str]) -> bool:
    folded = normalise(statement)
    return all(word in folded for word in sought)


@cache
def _common() -> frozenset[str]:
    """Words of every other statement, which point at none."""
    return frozenset(load("common.yaml").split())
