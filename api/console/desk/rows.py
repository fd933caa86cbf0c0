"""The queue as a list box, in HTML: one element however many rows, so that a burst of moves costs one message.

The page's script counts the ages and clocks on. Every value passes `escape`.
"""

from collections.abc import Mapping, Sequence
from html import escape

from agents.handoff.views import HandoffView, SlaClock
from api.console.masking import masked
from api.console.visit import Visit
from api.console.wording import HANDOFF_STATES, ORIGINS, REASONS, Pair, named
from knowledge.kit.clock import SHANGHAI

CLOCKS: dict[str, Pair] = {
    "first": ("首次响应", "First reply"),
    "next": ("待回复", "Next reply"),
    "resolution": ("解决时限", "Resolution"),
}
URGENT = frozenset({"safety", "fraud", "identity", "legal"})


def urgent_clock(view: HandoffView) -> SlaClock | None:
    """The running clock that ends first; the one for the whole only where it alone is left and warns."""
    running = [one for one in view.clocks if one.running and (one.name != "resolution" or one.level != "ok")]
    return min(running, key=lambda one: one.left_s, default=None)


def rows_html(visit: Visit, views: Sequence[HandoffView], *, selected: str, names: Mapping[str, str]) -> str:
    """`names` of operators by id."""
    return "".join(_row(visit, one, one.id == selected, names) for one in views)


def _row(visit: Visit, view: HandoffView, chosen: bool, names: Mapping[str, str]) -> str:
    english = visit.english
    clock = urgent_clock(view)
    level = clock.level if clock else "ok"
    tone = "bad" if view.reason in URGENT else "human"
    ask = escape(ask_of(visit, view))
    origin = "" if view.origin == "support" else _badge(named(ORIGINS, view.origin, english=english), "quiet")
    vip = _badge("VIP", "wait") if view.vip else ""
    id_, chosen_ = escape(view.id), str(chosen).lower()
    return (
        f'<div role="option" id="lc-row-{id_}" data-id="{id_}" aria-selected="{chosen_}"'
        f' class="lc-item {level} {escape(view.state)}">'
        f'<div class="lc-item-head">{_badge(named(REASONS, view.reason, english=english), tone)}{vip}{origin}'
        f"{_age(visit, view)}</div>"
        f'<div class="lc-item-ask">{ask}</div>'
        f'<div class="lc-item-foot"><span class="lc-item-who">{escape(holder(visit, view, names))}</span>'
        f"{_clock(visit, clock)}</div></div>"
    )


def ask_of(visit: Visit, view: HandoffView) -> str:
    return masked(str(view.packet.get("ask") or ""))[:80] or visit.t("（没有文字）", "(no words)")


def holder(visit: Visit, view: HandoffView, names: Mapping[str, str], *, place: bool = True) -> str:
    """Who has it or ended it, or where it stands; without its `place`, which changes with every claim before it."""
    if view.state == "claimed" and view.claimed_by == visit.who.operator_id:
        return visit.t("我处理中", "Mine")
    if view.state == "claimed":
        who = names.get(view.claimed_by or "", view.claimed_by or "")
        return visit.t(f"{who} 处理中", f"With {who}")
    if view.state == "queued":
        back = visit.t(f" · 退回 {view.returns} 次", f" · returned {view.returns}×") if view.returns else ""
        waits = visit.t(f"排队第 {view.position} 位", f"No. {view.position} in line")
        return (waits if place else visit.t("排队中", "Queued")) + back
    who = names.get(view.claimed_by or "", view.claimed_by or "")
    return " · ".join(filter(None, (named(HANDOFF_STATES, view.state, english=visit.english), who)))


def _age(visit: Visit, view: HandoffView) -> str:
    """Counted on by the page's script; of what has ended, when it did."""
    if view.resolved_at is not None:
        return f'<span class="lc-age">{view.resolved_at.astimezone(SHANGHAI):%H:%M}</span>'
    age_s = max((visit.now() - view.enqueued_at).total_seconds(), 0)
    return f'<span class="lc-age" data-age="{age_s:.0f}"></span>'


def _badge(text: str, tone: str) -> str:
    return f'<span class="lc-badge {tone}">{escape(text)}</span>'


def _clock(visit: Visit, clock: SlaClock | None) -> str:
    if clock is None:
        return ""
    over, left = visit.t("超时", "over"), visit.t("剩", "left")
    return (
        f'<span class="lc-sla {clock.level}" data-left="{clock.left_s:.0f}" data-target="{clock.target_s}" '
        f'data-name="{escape(CLOCKS[clock.name][visit.english])}" data-over="{over}" data-remains="{left}"></span>'
    )
