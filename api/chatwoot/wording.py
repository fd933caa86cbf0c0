"""What is written into Chatwoot beside the words of bot and operators. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from agents.handoff.reasons import HandoffReason
from agents.handoff.views import Standing
from agents.support.screen import masked

MADE_BY_AI = "（AI 生成）"  # 人工智能生成合成内容标识办法, GB 45438: a label that the reader sees
_LONGEST_NOTE = 6000
_CHINESE = re.compile(r"[\u3400-\u9fff]")

REASONS: dict[HandoffReason, str] = {
    HandoffReason.SAFETY: "安全",
    HandoffReason.FRAUD: "账号安全",
    HandoffReason.LEGAL: "法律与监管",
    HandoffReason.CUSTOMER_REQUEST: "要求人工",
    HandoffReason.COMPLAINT: "投诉",
    HandoffReason.POLICY_DISCRETION: "需人工裁量",
    HandoffReason.REPEATED_FAILURE: "多次未解决",
    HandoffReason.IDENTITY: "身份未通过",
    HandoffReason.KNOWLEDGE_GAP: "资料缺口",
    HandoffReason.TOOL_FAILURE: "系统查询失败",
}
PRIORITIES = ("", "low", "medium", "high", "urgent")
_URGENT = (HandoffReason.SAFETY, HandoffReason.FRAUD, HandoffReason.LEGAL)
_HIGH = (HandoffReason.CUSTOMER_REQUEST, HandoffReason.COMPLAINT)
_IDENTITY = {"proven": "已核实", "failed": "核实未通过", "guest": "未核实的访客"}


def priority_of(reasons: Iterable[str]) -> str:
    """The most urgent counts."""
    found = {HandoffReason(one) for one in reasons}
    if found & set(_URGENT):
        return "urgent"
    return "high" if found & set(_HIGH) else "medium"


def bot_text(text: str, citations: Iterable[Mapping[str, Any]]) -> str:
    """The bot's words, the sources its markers stand for, and that a machine wrote them."""
    sources = [f"[{one.get('number')}] {_source(one)}" for one in citations]
    return "\n".join([text, *([""] if sources else []), *sources, MADE_BY_AI])


def queued_text(announced: str, standing: Standing) -> str:
    """In the language the bot announced the handoff in."""
    said = _place_in_chinese if _CHINESE.search(announced) else _place_in_english
    return f"{announced}\n{said(standing)}\n{MADE_BY_AI}"


def _place_in_chinese(standing: Standing) -> str:
    if standing.opens_in_s:
        return f"现在不在人工服务时间，约{_hours(standing.opens_in_s)}后开始服务；您排在第{standing.position}位。"
    return f"您排在第{standing.position}位，预计等待约{_minutes(standing.expected_wait_s)}分钟。"


def _place_in_english(standing: Standing) -> str:
    if standing.opens_in_s:
        hours = -(-standing.opens_in_s // 3600)
        return f"Our desk is closed and opens in about {hours} h; you are number {standing.position} in the queue."
    minutes = _minutes(standing.expected_wait_s)
    return f"You are number {standing.position} in the queue; the wait is about {minutes} min."


def _hours(seconds: int) -> str:
    return f"{-(-seconds // 3600)}小时" if seconds > 3600 else f"{_minutes(seconds)}分钟"


def _minutes(seconds: int) -> int:
    return max(1, -(-seconds // 60))


def note(handoff_id: str, reasons: Iterable[str], packet: Mapping[str, Any]) -> str:
    """The packet as a private note. The conversation itself is there already; personal data is masked, since everybody
    of the account can read it and nothing there tells who did."""
    named = "、".join(REASONS.get(HandoffReason(one), one) for one in reasons)
    lines = [
        f"【转人工】{named} · {handoff_id}",
        _line("诉求", packet.get("ask")),
        _line("顾客", _shopper(packet)),
        _line("意图", "、".join(packet.get("intents") or ())),
        _line("已知信息", "；".join(f"{key}：{value}" for key, value in (packet.get("slots") or {}).items())),
        _line("订单", "、".join(packet.get("order_ids") or ())),
        *(_line("规则结论", _policy(one)) for one in packet.get("policies") or ()),
        _line("机器人做过", "、".join(packet.get("tried") or ())),
        _line("资料里没有", "、".join(packet.get("missing") or ())),
        *(_line("依据", _source(one)) for one in packet.get("evidence") or ()),
        _line("注意承诺", "；".join(str(one.get("span", "")) for one in packet.get("risks") or ())),
        _line("建议回复（未发送）", (packet.get("suggestion") or {}).get("text")),
    ]
    return masked("\n".join(one for one in lines if one))[:_LONGEST_NOTE]


def _line(name: str, value: Any) -> str:
    return f"{name}：{value}" if value else ""


def _shopper(packet: Mapping[str, Any]) -> str:
    proven = packet.get("shopper") or {}
    known = f"{proven.get('name') or ''}（{proven.get('shopper_id')}）{proven.get('tier') or ''}" if proven else ""
    identity = "proven" if proven else str(packet.get("identity") or "guest")
    return f"{known} {_IDENTITY.get(identity, identity)}".strip()


def _source(one: Mapping[str, Any]) -> str:
    article = f"第{one['article']}条" if one.get("article") else str(one.get("section") or "")
    return f"{one.get('title') or one.get('doc') or ''} {article}".strip()


def _policy(one: Mapping[str, Any]) -> str:
    """A computed result as agents/support/cards.py lays it out."""
    said = "；".join(one.get("lines") or ())
    clauses = "，".join(one.get("clauses") or ())
    return " ".join(part for part in (str(one.get("title") or ""), said, f"（{clauses}）" if clauses else "") if part)
