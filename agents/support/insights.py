"""What to write next: questions that went without an answer, similar wordings together. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agents.conversations.statistics import Unanswered
from knowledge.index.cut import cut, words

SAME_FROM = 0.5  # share of common terms from which two wordings ask one thing
_FILLER = frozenset("的了吗呢啊吧么呀我你您们请问想要是有可以能这那个一下怎什")


@dataclass(frozen=True)
class QuestionGroup:
    """`items` newest first; `missing` are the words the documents lacked, most frequent first."""

    items: tuple[Unanswered, ...]
    missing: tuple[str, ...]

    @property
    def title(self) -> str:
        """The wording that is closest to the others: of the most frequent, the shortest."""
        counted = Counter(item.query for item in self.items)
        return min(counted, key=lambda text: (-counted[text], len(text), text))

    @property
    def wordings(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(item.query for item in self.items))

    @property
    def conversations(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(item.conversation_id for item in self.items))


def group_questions(found: Sequence[Unanswered]) -> list[QuestionGroup]:
    """Largest group first, then the one asked last. A question joins the group whose first wording it is most like."""
    heads: list[frozenset[str]] = []
    groups: list[list[Unanswered]] = []
    for item in found:
        terms = _terms(item.query)
        likeness = [_dice(terms, head) for head in heads]
        best = max(range(len(heads)), key=likeness.__getitem__, default=None)
        if best is not None and likeness[best] >= SAME_FROM:
            groups[best].append(item)
        else:
            heads.append(terms)
            groups.append([item])
    made = [QuestionGroup(tuple(items), _missing(items)) for items in groups]
    return sorted(made, key=lambda group: (-len(group.items), -group.items[0].at.timestamp()))


def _terms(text: str) -> frozenset[str]:
    return frozenset(cut(text)) - _FILLER or frozenset(words(text))


def _dice(a: frozenset[str], b: frozenset[str]) -> float:
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


def _missing(items: Sequence[Unanswered]) -> tuple[str, ...]:
    counted = Counter(word for item in items for word in item.missing)
    return tuple(word for word, _ in counted.most_common(4))
