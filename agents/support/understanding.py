"""What a message asks: its topic and mood, the question it goes on with, and which of the sources it bears on."""

from dataclasses import dataclass, field

from agents.support.answer_types import Question
from agents.support.aspects import asked
from agents.support.bearing import UNNAMED, Bearing, Route, routes_said
from agents.support.documents import Documents
from agents.support.focus import continues, without_order_ids
from agents.support.gate_features import says_something
from agents.support.screen import screen
from agents.support.toolbox import Toolbox
from agents.support.triage import triage
from agents.support.triage_types import Intent, Triage
from agents.support.wants import Standing, Want, amount_of, wants_before, wants_of
from knowledge.catalog.names import NameIndex

_VAGUE = {Intent.OTHER, Intent.CHIT_CHAT, Intent.PRODUCT_QUESTION}
_LEANS = 12  # characters up to which a message leans on what the question before it wanted


@dataclass(frozen=True)
class Asked:
    """The screened message, what it wants, and which sources it bears on. `of_goods`: it names goods and an aspect."""

    text: str
    triage: Triage
    bearing: Bearing = field(default_factory=Bearing)
    route: Route | None = None
    wants: tuple[Want, ...] = ()
    of_goods: bool = False


class Understanding:
    """Without a `toolbox` there are no goods to name and no question to go on with."""

    def __init__(self, documents: Documents, toolbox: Toolbox | None) -> None:
        self._documents = documents
        self._toolbox = toolbox

    async def of(self, question: Question, text: str) -> Asked:
        """`text` is the screened message. One that only picks — an order number, “第二个”, other goods — goes on with
        the question before it."""
        understood = triage(text, question.history)
        if understood.handoff_reason is not None:
            return Asked(text, understood)
        names = await self._toolbox.names(question.shop_id) if self._toolbox else NameIndex(())
        named = bool(names.leading(text))
        before = self._continued(question, text, names_goods=named)
        if before is not None:
            meant = triage(screen(before).text)
            understood = understood.model_copy(update={"intents": meant.intents, "query": f"{before} {text}"})
        bearing = await self._bearing(question.shop_id, text, understood.query, names, alone=before is None)
        said = wants_of(f"{before or ''} {text}".strip(), understood.query, understood.intents, Standing.of(question))
        earlier = _wanted_before(question) if len(text) <= _LEANS else frozenset()
        if question.shopper and (amount := amount_of(text, earlier)):
            return Asked(text, understood, bearing, Route.ORDER, amount)
        pointed = routes_said(text, said, names_goods=named)
        lean = frozenset() if set(pointed) - {Route.ORDER} else earlier
        route = bearing.route(pointed, lean)
        wants = bearing.wanted(said, route, known=question.shopper is not None, lean=lean)
        return Asked(text, understood, bearing, route, wants, of_goods=pointed.count(Route.GOODS) > 1)

    def _continued(self, question: Question, text: str, *, names_goods: bool) -> str | None:
        vague = set(triage(text).intents) <= _VAGUE and not asked(text)
        return continues(text, question.history, vague=vague, names_goods=names_goods) if self._toolbox else None

    async def _bearing(self, shop_id: str, text: str, query: str, names: NameIndex, *, alone: bool) -> Bearing:
        """By its own words where it has any and goes on with nothing, else with what it leans on."""
        readings = [text, query] if alone and says_something(text) else [query]
        masked = [names.masked(without_order_ids(reading), UNNAMED) for reading in readings]
        return await self._documents.bearing(shop_id, masked, names.titles)


def _wanted_before(question: Question) -> frozenset[Want]:
    """What the shopper's last question that named a topic wanted of an order."""
    said = [entry.text for entry in question.history if entry.role == "user"]
    for line in reversed(said):
        if wanted := wants_before(triage(screen(line).text).intents):
            return wanted
    return frozenset()
