"""Conversations, by what became of them."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from agents.conversations import statistics
from agents.conversations.statistics import ConversationLine
from api.auth.rights import Right
from api.console.frame import page
from api.console.guard import PATH
from api.console.masking import masked
from api.console.parts import box, column, empty, field, main_button, pager, table
from api.console.visit import Visit
from api.console.wording import OUTCOME_TONES, OUTCOMES, moment, named
from knowledge.kit.clock import SHANGHAI

_SIZE = 50


@page("/conversations", Right.CONVERSATIONS_READ, ("会话", "Conversations"), wide=True)
async def conversations(visit: Visit) -> None:
    asked = {name: visit.param(name)[:128] for name in ("outcome", "score", "since", "until", "shopper")}
    number = max(1, int(visit.param("page", "1")) if visit.param("page", "1").isdigit() else 1)
    until = _start(asked["until"])
    async with visit.scope(Right.CONVERSATIONS_READ) as scope:
        found, total = await statistics.listed(
            scope,
            outcome=asked["outcome"] if asked["outcome"] in OUTCOMES else "",
            score=int(asked["score"]) if asked["score"] in "12345" and asked["score"] else None,
            since=_start(asked["since"]),
            until=until + timedelta(days=1) if until else None,
            shopper_id=asked["shopper"].replace("\x00", ""),
            limit=_SIZE,
            offset=(number - 1) * _SIZE,
        )
    address = _filters(visit, asked)
    with box("lc-card tight"):
        if not found:
            return empty(visit.t("没有符合的会话", "No conversation matches"))
        table(_columns(visit), [_row(visit, one) for one in found], key="id", link="words", badges="outcomes")
        pager(visit, page=number, size=_SIZE, total=total, address=address)


def _start(value: str) -> datetime | None:
    try:
        return datetime.fromisoformat(value).replace(tzinfo=SHANGHAI) if value else None
    except ValueError:
        return None


def _filters(visit: Visit, asked: dict[str, str]) -> Any:
    outcomes = {"": visit.t("全部结果", "All outcomes")} | {
        code: pair[visit.english] for code, pair in OUTCOMES.items()
    }
    scores = {"": visit.t("全部评分", "All ratings")} | {str(n): f"{n} ★" for n in range(5, 0, -1)}
    with box("lc-bar wrap"):
        given = {
            "outcome": ui.select(outcomes, value=asked["outcome"] if asked["outcome"] in outcomes else ""),
            "score": ui.select(scores, value=asked["score"] if asked["score"] in scores else ""),
            "since": field(visit.t("从", "From"), asked["since"]).props("type=date stack-label"),
            "until": field(visit.t("到", "To"), asked["until"]).props("type=date stack-label"),
            "shopper": field(visit.t("顾客编号", "Shopper id"), asked["shopper"]),
        }
        for name in ("outcome", "score"):
            given[name].props("outlined dense").classes("lc-field")

        def address(number: int) -> str:
            chosen = {name: one.value for name, one in given.items()} | {"page": number}
            return "/conversations?" + urlencode({name: value for name, value in chosen.items() if value})

        main_button(visit.t("筛选", "Filter"), lambda: visit.go(address(1)), icon="filter_list")
    return address


def _columns(visit: Visit) -> list[dict[str, Any]]:
    return [
        column("words", visit.t("第一句话", "First words"), classes="lc-cell-wrap"),
        column("outcomes", visit.t("结果", "Outcomes")),
        column("shopper", visit.t("顾客", "Shopper")),
        column("messages", visit.t("条数", "Messages"), align="right"),
        column("score", visit.t("评分", "Rating")),
        column("at", visit.t("最近", "Latest")),
    ]


def _row(visit: Visit, one: ConversationLine) -> dict[str, Any]:
    return {
        "id": one.id,
        "href": f"{PATH}/conversation?{urlencode({'id': one.id})}",
        "words": masked(one.first_words)[:80] or "—",
        "outcomes": [
            {"text": named(OUTCOMES, code, english=visit.english), "tone": OUTCOME_TONES.get(code, "")}
            for code in one.outcomes
        ],
        "shopper": one.shopper_id or visit.t("访客", "guest"),
        "messages": one.messages,
        "score": f"{one.score} ★" if one.score else "—",
        "at": moment(one.updated_at),
    }
