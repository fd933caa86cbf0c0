"""A question put to the real desk, with all that its answer rests on; no conversation is stored."""

import time

from nicegui import ui

from agents.support.answer_types import Decision, Question
from agents.support.gate import judge, line_for
from agents.support.gate_features import features_of
from api.auth.rights import Right
from api.console.answer_view import answer_text, citation_list
from api.console.frame import page
from api.console.parts import badge, box, card, empty, facts, field, main_button, words
from api.console.visit import Visit
from api.console.wording import INTENTS, OUTCOME_TONES, OUTCOMES, REASONS, named
from knowledge.kit.errors import InvalidInputError, LiveCrewError
from knowledge.kit.ids import new_id
from knowledge.orders.views import ShopperView
from knowledge.retrieval import Hit
from knowledge.shops.models import Shop

_HITS = 10
_LONGEST = 2_000
_VERDICTS = {
    "answer": ("资料足够回答", "The documents can answer this"),
    "clarify": ("问得太宽，需要追问", "Too vague; a question back is needed"),
    "abstain": ("资料不够，不作答", "Not enough in the documents; no answer"),
}


@page("/ask", Right.DESK_TRY, ("试问一句", "Ask a test question"))
async def ask(visit: Visit) -> None:
    words(visit.t("和顾客看到的是同一套流程，但不会留下会话记录。",
                  "The same way a shopper's question goes, but nothing is stored."), "lc-lead")  # fmt: skip
    await ask_box(visit)


async def ask_box(visit: Visit) -> None:
    async with visit.scope(Right.DESK_TRY) as scope:
        shop = await scope.session.get_one(Shop, visit.shop_id)
    with card():
        question = field(visit.t("顾客会怎么问？", "What would a shopper ask?")).classes("big").mark("question")

        async def put() -> None:
            place.clear()
            with place:
                ui.spinner(size="28px").classes("lc-spin")
            try:
                await _put(visit, question.value or "", (shopper.value or "").strip() if shopper else "", place)
            except LiveCrewError:
                place.clear()
                raise
            finally:
                button.enable()

        async def go() -> None:
            button.disable()
            await put()

        with box("lc-actions left"):
            button = main_button(visit.t("问一下", "Ask"), visit.does(go), icon="send")
        with box("lc-chips"):
            for suggestion in list(shop.settings.get("suggestions", []))[:4]:
                chip = ui.element("button").classes("lc-chip").props("type=button")
                with chip:
                    words(str(suggestion))
                chip.on("click", lambda text=str(suggestion): question.set_value(text))
        question.on("keydown.enter", visit.does(go))
        shopper = None
        if visit.has(Right.CONVERSATIONS_READ):
            with ui.expansion(
                visit.t("以某位顾客的身份问（查订单、物流时用）", "Ask as a shopper (for orders)")
            ).classes("lc-more"):
                shopper = field(visit.t("顾客编号，留空为访客", "Shopper id, blank for a guest"))
        place = ui.element("div")


async def _shopper(visit: Visit, shopper_id: str) -> ShopperView | None:
    """Raises: InvalidInputError for an id the shop does not have."""
    if not shopper_id:
        return None
    async with visit.may(Right.CONVERSATIONS_READ) as services:
        found = await services.oms.shopper(visit.shop_id, shopper_id.replace("\x00", ""))
    if found is None:
        raise InvalidInputError(visit.t("没有这位顾客。", "There is no such shopper."), field="shopper_id")
    visit.note("asked_as_shopper", shopper=found.shopper_id)
    return found


async def _put(visit: Visit, text: str, shopper_id: str, place: ui.element) -> None:
    place_words = visit.t("请输入 1 到 2000 个字。", "A question has 1 to 2000 characters.")
    if not text.strip() or len(text) > _LONGEST:
        raise InvalidInputError(place_words, field="question")
    shopper = await _shopper(visit, shopper_id)
    question = Question(visit.shop_id, new_id("ask"), text.strip(), shopper=shopper)
    started = time.perf_counter()
    async with visit.may(Right.DESK_TRY) as services:
        decision = await services.answerer.answer(question)
    ms = (time.perf_counter() - started) * 1000
    place.clear()
    with place:
        _answer(visit, decision, ms)
        _why(visit, decision)
        _evidence(visit, decision)


def _answer(visit: Visit, decision: Decision, ms: float) -> None:
    with box("lc-answer"):
        with box("lc-badges"):
            badge(named(OUTCOMES, decision.outcome, english=visit.english), OUTCOME_TONES[decision.outcome])
            if decision.reason:
                badge(named(REASONS, decision.reason.value, english=visit.english), "human")
            writer = visit.t("离线成文", "Offline writer") if decision.writer == "offline" else decision.writer
            badge(writer, "quiet")
            badge(f"{ms:.0f} ms", "quiet")
        answer_text(decision.text).mark("answer")
        citation_list(visit, decision.citations)


def _why(visit: Visit, decision: Decision) -> None:
    gathered, understood = decision.gathered, decision.triage
    with ui.expansion(visit.t("为什么这样回答", "Why this answer"), value=True).classes("lc-more"):
        pairs = [
            (
                visit.t("意图", "Intents"),
                "、".join(named(INTENTS, one.value, english=visit.english) for one in understood.intents),
            ),
            (visit.t("检索用语", "Searched for"), gathered.query),
            (visit.t("识别到", "Slots"), "、".join(f"{key}={value}" for key, value in understood.slots.items())),
            (visit.t("必转规则", "Floor rules"), "、".join(understood.floor_rules)),
            (visit.t("缺少", "Missing"), "、".join(decision.missing)),
        ]
        if gathered.hits:
            fits, line, features = judge(gathered), line_for(gathered), features_of(gathered)
            least = line.least + line.asked_least * features["asked_share"]
            sign = "≥" if line.margin(features) >= 0 else "<"
            score = f"{line.score(features):.2f} {sign} {least:.2f}"
            pairs.insert(2, (visit.t("能否回答", "Gate"), f"{_VERDICTS[fits.verdict][visit.english]}（{score}）"))
        facts(pairs)
        for finding in decision.rejected:
            with box("lc-finding"):
                badge(finding.kind, "bad")
                words(visit.t(f"草稿被退回：{finding.span}", f"Draft rejected: {finding.span}"))


def _evidence(visit: Visit, decision: Decision) -> None:
    admitted = {item.source.chunk_id: item.number for item in decision.gathered.evidence if item.source.chunk_id}
    with ui.expansion(visit.t("检索到的资料与分数", "What was found, with scores"), value=True).classes("lc-more"):
        if not decision.gathered.hits:
            empty(visit.t("没有检索", "Nothing was searched"))
        for hit in decision.gathered.hits[:_HITS]:
            _hit(visit, hit, admitted)
        live = [item for item in decision.gathered.evidence if item.live]
        for item in live:
            with box("lc-piece"):
                words(f"[{item.number}] {item.source.title}", "lc-piece-path")
                words(item.text, "lc-piece-text")


def _hit(visit: Visit, hit: Hit, admitted: dict[str, int]) -> None:
    number = admitted.get(hit.chunk_id)
    with box("lc-piece" if number else "lc-piece faint"):
        with box("lc-piece-head"):
            place = " › ".join([hit.title, *hit.path]) + (f" · {hit.article}" if hit.article else "")
            words((f"[{number}] " if number else "") + place, "lc-piece-path")
            _meter(visit, hit)
        words(hit.text, "lc-piece-text")
        if hit.unit_text != hit.text:
            words(visit.t(f"命中：{hit.unit_text}", f"Matched: {hit.unit_text}"), "lc-hint")


def _meter(visit: Visit, hit: Hit) -> None:
    label = visit.t(
        f"语义 {hit.dense:.2f} · 字面 {hit.lexical:.1f}", f"meaning {hit.dense:.2f} · words {hit.lexical:.1f}"
    )
    with box("lc-meter"):
        with box("lc-meter-bar"):
            ui.element("i").style(f"width: {100 * max(0.0, min(1.0, hit.score)):.0f}%")
        words(f"{hit.score:.2f}", "lc-meter-value")
        words(label, "lc-hint")
