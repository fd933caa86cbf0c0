"""One conversation to read: words, sources, cards, pictures, and what each answer rested on."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui

from agents.conversations import repository, statistics
from agents.conversations.models import Attachment, Conversation, Message
from agents.handoff import repository as handoffs
from api.auth.rights import Right
from api.console.answer_view import citation_list
from api.console.card_view import card_view
from api.console.desk.take_over import take_over_button
from api.console.frame import page
from api.console.learning.proposing import propose_button
from api.console.masking import masked
from api.console.parts import badge, box, card, facts, quiet_button, words
from api.console.visit import Visit
from api.console.wording import AUTHORS, INTENTS, OUTCOME_TONES, OUTCOMES, moment, named
from knowledge.kit.errors import NotFoundError

_PICTURE = "max-width: 240px"


@page("/conversation", Right.CONVERSATIONS_READ, ("会话", "Conversation"))
async def conversation(visit: Visit) -> None:
    conversation_id = visit.param("id")[:64]
    async with visit.scope(Right.CONVERSATIONS_READ, snapshot=True) as scope:
        found = await repository.get(scope, conversation_id)
        messages = await repository.messages(scope, conversation_id)
        turns = await statistics.turns_of(scope, conversation_id)
        rating = await statistics.rating_of(scope, conversation_id)
        taken = await handoffs.of_subject(scope, conversation_id)
    ui.link(visit.t("← 全部会话", "← All conversations"), "/conversations").classes("lc-back")
    _head(visit, found, rating)
    with box("lc-actions left"):
        take_over_button(visit, found)
        propose_button(visit, taken)
    thread = ui.element("div").classes("lc-thread")
    by_message = {turn.message_id: turn for turn in turns}
    by_id = {turn.id: turn for turn in turns}

    def draw(*, plain: bool) -> None:
        thread.clear()
        with thread:
            for message in messages:
                turn = by_id.get(message.turn_id or "") if message.author == "bot" else by_message.get(message.id)
                _message(visit, message, turn, plain=plain)

    draw(plain=False)
    if visit.has(Right.PII_REVEAL):

        async def reveal() -> None:
            async with visit.may(Right.PII_REVEAL):
                visit.note("pii_revealed", conversation=conversation_id)
            draw(plain=True)
            button.delete()

        with box("lc-actions left"):
            button = quiet_button(
                visit.t("显示被隐去的个人信息（会记入日志）", "Show masked personal data (this is logged)"),
                visit.does(reveal), icon="visibility",
            )  # fmt: skip


def _head(visit: Visit, found: Conversation, rating: Any) -> None:
    owner = (
        visit.t("人工处理中", "With a person") if found.owner == "handoff" else visit.t("AI 接待", "With the AI desk")
    )
    with card():
        facts([
            (visit.t("会话", "Conversation"), found.id),
            (visit.t("顾客", "Shopper"), found.shopper_id or visit.t("访客（未验证身份）", "guest, not proven")),
            (visit.t("渠道", "Channel"), found.channel),
            (visit.t("状态", "State"), owner),
            (visit.t("开始", "Started"), moment(found.created_at)),
            (visit.t("评价", "Rating"), _rated(visit, rating)),
        ])  # fmt: skip


def _rated(visit: Visit, rating: Any) -> str:
    if rating is None:
        return ""
    solved = {True: visit.t("已解决", "solved"), False: visit.t("未解决", "not solved"), None: ""}[rating.solved]
    return " · ".join(filter(None, (f"{rating.score} ★", solved, masked(rating.comment))))


def _message(visit: Visit, message: Message, turn: Any, *, plain: bool) -> None:
    with box(f"lc-message {message.author}"):
        with box("lc-message-head"):
            words(named(AUTHORS, message.author, english=visit.english), "lc-author")
            words(moment(message.created_at), "lc-hint")
            if turn is not None and message.author == "bot" and turn.outcome:
                badge(named(OUTCOMES, turn.outcome, english=visit.english), OUTCOME_TONES.get(turn.outcome, ""))
        text = message.text if plain or message.author == "bot" else masked(message.text)
        if text:
            words(text, "lc-message-text")
        citation_list(visit, message.citations)
        for one in message.cards:
            card_view(visit, one, plain=plain)
        for attachment_id in message.attachment_ids:
            _picture(visit, attachment_id)
        if turn is not None and message.author == "bot":
            _record(visit, turn)


def _picture(visit: Visit, attachment_id: str) -> None:
    place = ui.element("div")

    async def show() -> None:
        async with visit.scope(Right.CONVERSATIONS_READ) as scope:
            found = await scope.session.get(Attachment, attachment_id)
            if found is None or found.shop_id != visit.shop_id:
                raise NotFoundError("There is no such picture.", attachment_id=attachment_id)
        place.clear()
        with place:
            source = f"data:{found.media_type};base64,{base64.b64encode(found.content).decode()}"
            ui.element("img").props(f'src="{source}" alt=""').style(_PICTURE).classes("lc-picture")

    with place:
        quiet_button(visit.t("查看图片", "Show the picture"), visit.does(show), icon="image")


def _record(visit: Visit, turn: Any) -> None:
    record: Mapping[str, Any] = turn.record or {}
    triage = record.get("triage") or {}
    intents = [named(INTENTS, one, english=visit.english) for one in triage.get("intents") or ()]
    with ui.expansion(visit.t("依据", "What it rested on")).props("dense").classes("lc-more"):
        facts([
            (visit.t("意图", "Intents"), "、".join(intents)),
            (visit.t("必转规则", "Floor rules"), "、".join(triage.get("floor_rules") or ())),
            (visit.t("检索用语", "Searched for"), masked(str(record.get("query") or ""))),
            (visit.t("缺少", "Missing"), "、".join(record.get("missing") or ())),
            (visit.t("成文", "Writer"), turn.writer or ""),
            (visit.t("耗时", "Took"), f"{record['ms']:.0f} ms" if record.get("ms") is not None else ""),
        ])  # fmt: skip
        for finding in record.get("rejected") or ():
            with box("lc-finding"):
                badge(str(finding.get("kind")), "bad")
                words(str(finding.get("span")))
        _retrieved(record.get("retrieved") or ())
        tools = record.get("tools") or record.get("calls")
        if tools:
            words(masked(json.dumps(tools, ensure_ascii=False)), "lc-hint mono")


def _retrieved(retrieved: Sequence[Mapping[str, Any]]) -> None:
    for one in retrieved[:6]:
        place = f"{one.get('doc', '')}" + (f" · {one['article']}" if one.get("article") else "")
        words(f"{one.get('score', 0):.2f}  {place}", "lc-hint mono")
