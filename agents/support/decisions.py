"""How a turn may end, and the desk's own words for it."""

from typing import Any

from agents.conversations.proof import IDENTITY_FAILURES
from agents.guards.verdict import Finding
from agents.handoff.reasons import HandoffReason
from agents.support import replies
from agents.support.answer_types import Decision, Gathered, Question
from agents.support.drafting import Material
from agents.support.focus import order_ids_in
from agents.support.gate import Answerability
from agents.support.live import Live
from agents.support.triage_types import Intent, Triage
from agents.support.verify import Verified, renumbered
from agents.support.wants import ABOUT_PRODUCTS, DATA, POLICIES, Want
from knowledge.evidence import Evidence

_THANKS = ("谢", "thank", "3q")
_COVERS = {
    Intent.LOGISTICS: (Want.SHIPMENT, Want.ADDRESS, Want.ORDERS),
    Intent.REFUND_STATUS: (Want.REFUND,),
    Intent.INVOICE: (Want.INVOICE,),
    Intent.RETURN_EXCHANGE: (Want.RETURN, Want.REFUND),
    Intent.PRICE_PROTECTION: (Want.PRICE_PROTECTION,),
    Intent.ORDER_CANCEL: (Want.CANCEL, Want.REFUND, Want.ORDERS),
    Intent.ADDRESS_CHANGE: (Want.ADDRESS,),
}
_NO_SUBJECT = frozenset({Intent.CHIT_CHAT, Intent.OTHER, Intent.COMPLAINT})


def floor_reason(question: Question, understood: Triage) -> HandoffReason | None:
    if understood.handoff_reason is not None:
        return understood.handoff_reason
    return HandoffReason.IDENTITY if question.identity_failures >= IDENTITY_FAILURES else None


def leftover(understood: Triage, live: Live) -> bool:
    """Whether something was asked that no tool answered."""
    found = set(live.with_status("found"))
    about_products = bool(found & ABOUT_PRODUCTS)
    for intent in understood.intents:
        if intent in _NO_SUBJECT:
            continue
        if intent in _COVERS:
            if not found & set(_COVERS[intent]):
                return True
        elif not about_products and not found & (DATA | POLICIES):
            return True
    return False


def chooses_goods(live: Live) -> bool:
    """Whether the tools only ask which goods are meant: a page that compares them may know."""
    choosing = set(live.with_status("choose"))
    return bool(choosing) and choosing <= ABOUT_PRODUCTS


def chit_chat(text: str, understood: Triage) -> Decision:
    thanks = any(word in text.lower() for word in _THANKS)
    return Decision("answered", replies.chit_chat(thanks=thanks), understood)


def without_documents(live: Live, understood: Triage, text: str) -> Decision | None:
    """Ends that the tools alone decide: a doubtful right, a guest's order, nothing there, more than one there."""
    tools = tuple((want.value, status) for want, status in live.outcomes)
    if live.discretion:
        return hand_off(understood, HandoffReason.POLICY_DISCRETION, Material(live, Gathered(query=understood.query)))
    if live.says:
        return None
    if live.with_status("sign_in"):
        return _asks(understood, replies.sign_in(), tools)
    choosing = live.with_status("choose")
    if choosing and live.choices:
        products = set(choosing) <= ABOUT_PRODUCTS
        words = replies.choose_product(live.choices) if products else replies.choose_order(live.choices)
        return _asks(understood, words, tools, live.choices)
    missing = live.with_status("absent")
    stated = order_ids_in(text)
    if set(missing) == {Want.REFUND} and not stated:
        return None  # no refund of theirs: the rules on refunds may be what is asked for
    if missing and (set(missing) & DATA or (stated and set(missing) & POLICIES)):
        return _asks(understood, replies.absent_order(stated[0] if stated else ""), tools)
    return None


def _asks(
    understood: Triage, words: str, tools: tuple[tuple[str, str], ...], options: tuple[str, ...] = ()
) -> Decision:
    return Decision(
        "clarified", (words,), understood, suggestions=(*options, *replies.suggestions("clarified")), tools=tools
    )  # fmt: skip


def without_answer(understood: Triage, material: Material, fits: Answerability) -> Decision:
    gathered, tools = material.gathered, _tools(material)
    if Want.REFUND in material.live.with_status("absent"):
        return _asks(understood, replies.absent_refund(), tools)
    if fits.verdict == "clarify":
        return Decision(
            "clarified", (replies.clarify(fits.options),), understood, gathered=gathered, tools=tools,
            suggestions=(*fits.options, *replies.suggestions("clarified")),
        )  # fmt: skip
    return Decision(
        "abstained", replies.abstain(fits.missing), understood, gathered=gathered, tools=tools,
        missing=fits.missing, suggestions=replies.suggestions("abstained"),
    )  # fmt: skip


def answered(
    verified: Verified, understood: Triage, material: Material, *, writer: str, rejected: tuple[Finding, ...]
) -> Decision:
    sentences, cited = renumbered(verified, material.evidence)
    return Decision(
        "answered",
        sentences,
        understood,
        citations=tuple(citation(number, item) for number, item in enumerate(cited, start=1)),
        gathered=material.gathered,
        writer=writer,
        rejected=rejected,
        suggestions=replies.suggestions("answered"),
        cards=material.live.cards,
        tools=_tools(material),
    )


def hand_off(
    understood: Triage,
    reason: HandoffReason,
    material: Material | None = None,
    rejected: tuple[Finding, ...] = (),
) -> Decision:
    return Decision(
        "handed_off",
        (replies.handoff(reason),),
        understood,
        gathered=material.gathered if material else Gathered(query=understood.query),
        reason=reason,
        rejected=rejected,
        cards=material.live.cards if material else (),
        tools=_tools(material) if material else (),
    )


def _tools(material: Material) -> tuple[tuple[str, str], ...]:
    needed = tuple((need.tool, "needed") for need in material.asked)
    return (*((want.value, status) for want, status in material.live.outcomes), *needed)


def citation(number: int, item: Evidence) -> dict[str, Any]:
    """What a reader needs to open the source; stored with the message. A live fact carries its text, as it was then."""
    source = item.source
    cited: dict[str, Any] = {
        "number": number,
        "chunk_id": source.chunk_id,
        "doc": source.doc,
        "title": source.title,
        "article": source.article,
        "section": source.section,
        "effective_from": source.effective_from.isoformat() if source.effective_from else None,
    }
    return {**cited, "kind": item.kind, "text": item.text} if item.live else cited
