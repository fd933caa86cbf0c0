"""What the shop's documents say to a message: its rules, the pages of its goods, and both, each read as it is meant."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from agents.support.answer_types import Gathered, Question
from agents.support.bearing import UNNAMED, Bearing, Route
from agents.support.gate import Answerability
from agents.support.gather import gather
from agents.support.readings import Reading, on_topic
from knowledge.documents.models import Document
from knowledge.retrieval import Retriever

_ADDED = 0.02  # cosine that words taken over from an earlier question bring by themselves
_RULE_SLACK = 0.25  # log-odds a rule may lack that lies nearer than anything else the desk can tell

Read = tuple[Gathered, Answerability]


@dataclass(frozen=True)
class Spoken:
    """`text`: the screened message; `query`: the same as a question that stands alone; `goods`: titles it points at, or
    that the talk was last about."""

    text: str
    query: str
    goods: tuple[str, ...] = ()


class Documents:
    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever

    async def bearing(self, shop_id: str, readings: Sequence[str], titles: Collection[str]) -> Bearing:
        """Of several readings of a message, goods unnamed, barest first, the one that lies nearest to anything; what is
        added brings some nearness by itself. `titles`: of all goods, whose pages are no rules."""
        outside = (lambda doc: doc.title not in titles) if titles else None
        found = [
            Bearing(one, await gather(self._retriever, shop_id, one, outside), no_goods=not titles)
            for one in dict.fromkeys(reading.strip() or UNNAMED for reading in readings)
        ]
        return max(enumerate(found), key=lambda one: one[1].nearest - _ADDED * one[0])[1]

    async def read(self, question: Question, spoken: Spoken, bearing: Bearing, route: Route | None) -> Read:
        """The first reading that can be answered, else how the message reads as it stands."""
        whole = Reading(spoken.query, spoken.query), None
        said = dict.fromkeys([spoken.text, spoken.query])
        pages = [(Reading(one, f"{title}，{one}"), _page(title)) for title in spoken.goods[:1] for one in said]
        if route in (Route.RULE, Route.ORDER):
            rules = Reading(bearing.masked, bearing.masked).judge(bearing.rules)
            if rules.margin >= (-_RULE_SLACK if route is Route.RULE else 0.0):
                return bearing.rules, replace(rules, verdict="answer")
        read: list[Read] = []
        for reading, within in [*pages, whole] if route is Route.GOODS else [whole, *pages]:
            if bearing.no_goods and reading.query == bearing.masked:
                found = bearing.rules
            else:
                found = await gather(self._retriever, question.shop_id, reading.query, within)
            fits = reading.judge(found)
            if fits.verdict == "answer":
                return found, fits
            read.append((found, fits))
        return await self._again(question, spoken) or read[-1 if route is Route.GOODS else 0]

    async def _again(self, question: Question, spoken: Spoken) -> Read | None:
        """As what was said before suggests."""
        reading = on_topic(spoken.text, question.history)
        if reading is None:
            return None
        found = await gather(self._retriever, question.shop_id, reading.query)
        fits = reading.judge(found)
        return (found, fits) if fits.verdict == "answer" else None


def _page(title: str) -> Callable[[Document], bool]:
    return lambda document: document.title == title
