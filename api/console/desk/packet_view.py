"""The packet, as an operator reads it before acting: nothing the shopper said has to be asked again."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nicegui import ui

from api.console.answer_view import citation_list
from api.console.card_view import card_view
from api.console.desk.board import Opened
from api.console.desk.packet_words import FLOOR, IDENTITY, MOODS, RISKS, SAID_BY, SLOTS, tried_words
from api.console.masking import masked
from api.console.parts import badge, box, facts, quiet_button, words
from api.console.pictures import picture_path
from api.console.visit import Visit
from api.console.wording import INTENTS, REASONS, moment, named


class PacketView:
    def __init__(self, visit: Visit, opened: Opened, *, plain: bool, names: Mapping[str, str]) -> None:
        self._visit, self._opened, self._plain, self._names = visit, opened, plain, names
        self._packet = opened.view.packet

    def draw(self, insert: Callable[[str], Any] | None, reveal: Callable[[], Any] | None) -> None:
        """`insert` puts words into the composer; None while nothing can be written. `reveal` asks
        for what is masked; None for those who may not."""
        self._ask()
        self._suggestion(insert)
        self._risks()
        self._identity(reveal)
        self._cards()
        self._policies()
        self._tried()
        self._pictures()
        self._evidence()
        self._merged()
        self._notes()

    def _words(self, text: str) -> str:
        return text if self._plain else masked(text)

    def _section(self, chinese: str, english: str) -> None:
        words(self._visit.t(chinese, english), "lc-packet-head").props("role=heading aria-level=3")

    def _ask(self) -> None:
        visit, view = self._visit, self._opened.view
        with box("lc-badges"):
            for reason in view.reasons or (view.reason,):
                badge(named(REASONS, reason, english=visit.english), "human")
            mood = self._packet.get("sentiment")
            if mood and mood != "neu":
                badge(named(MOODS, mood, english=visit.english), "bad" if mood == "neg" else "")
        words(self._words(str(self._packet.get("ask") or "")) or "—", "lc-packet-ask")
        intents = [named(INTENTS, one, english=visit.english) for one in self._packet.get("intents") or ()]
        if intents:
            words("、".join(intents), "lc-hint")

    def _suggestion(self, insert: Callable[[str], Any] | None) -> None:
        found = self._packet.get("suggestion") or {}
        text = str(found.get("text") or "")
        if not text:
            return
        with box("lc-suggestion"):
            self._section("建议回复（未发送）", "Suggested reply (not sent)")
            words(text, "lc-message-text")
            citation_list(self._visit, found.get("citations") or ())
            if insert is not None:
                with box("lc-actions left"):
                    quiet_button(
                        self._visit.t("填入输入框", "Put into the composer"), lambda: insert(text), icon="input"
                    ).mark("insert-suggestion")

    def _risks(self) -> None:
        risks: Sequence[Mapping[str, Any]] = self._packet.get("risks") or ()
        if not risks:
            return
        self._section("过度承诺风险", "Risk of over-promise")
        for one in risks:
            where = named(SAID_BY, str(one.get("where")), english=self._visit.english)
            with box("lc-finding"):
                badge(named(RISKS, str(one.get("kind")), english=self._visit.english), "bad")
                words(f"{where}：{self._words(str(one.get('span') or ''))}")

    def _identity(self, reveal: Callable[[], Any] | None) -> None:
        visit, shopper = self._visit, self._packet.get("shopper") or {}
        self._section("身份与线索", "Identity and slots")
        proof = str(self._packet.get("identity") or ("proven" if shopper else "guest"))
        slots = self._packet.get("slots") or {}
        name = str(shopper.get("name") or "")
        facts([
            (visit.t("身份", "Identity"), named(IDENTITY, proof, english=visit.english)),
            (visit.t("顾客", "Shopper"), str(shopper.get("shopper_id") or "")),
            (visit.t("称呼", "Name"), name if self._plain or not name else f"{name[:1]}**"),
            (visit.t("等级", "Tier"), str(shopper.get("tier") or "")),
            (visit.t("订单", "Orders"), "、".join(self._packet.get("order_ids") or ())),
            *((named(SLOTS, key, english=visit.english), self._words(str(value))) for key, value in slots.items()),
        ])  # fmt: skip
        if reveal is not None and not self._plain:
            with box("lc-actions left"):
                quiet_button(
                    visit.t("显示被隐去的个人信息（会记入审计）", "Show masked personal data (audited)"), reveal,
                    icon="visibility",
                ).mark("reveal")  # fmt: skip

    def _cards(self) -> None:
        cards = [one for one in self._packet.get("cards") or () if one.get("kind") != "policy"]
        if cards:
            self._section("订单与商品快照", "Orders and goods as they stood")
            for one in cards:
                card_view(self._visit, one, plain=self._plain)

    def _policies(self) -> None:
        policies: Sequence[Mapping[str, Any]] = self._packet.get("policies") or ()
        if not policies:
            return
        self._section("按规则计算", "Computed by the rules")
        for one in policies:
            card_view(self._visit, one, plain=self._plain)

    def _tried(self) -> None:
        visit = self._visit
        tried = [tried_words(str(one), english=visit.english) for one in self._packet.get("tried") or ()]
        rules = dict.fromkeys(str(one).partition(".")[0] for one in self._packet.get("floor_rules") or ())
        floors = [named(FLOOR, one, english=visit.english) for one in rules]
        missing = [str(one) for one in self._packet.get("missing") or ()]
        if tried or floors or missing:
            self._section("已尝试", "Tried")
            facts([
                (visit.t("AI 做过", "The bot did"), "、".join(dict.fromkeys(filter(None, tried)))),
                (visit.t("必转规则", "Floor rules"), "、".join(floors)),
                (visit.t("资料缺少", "Not in the knowledge"), "、".join(missing)),
            ])  # fmt: skip

    def _pictures(self) -> None:
        pictures = self._packet.get("attachment_ids") or ()
        if pictures and self._opened.view.origin == "support" and not self._opened.lines:
            for one in pictures:
                ui.link(one, picture_path(one), new_tab=True)

    def _evidence(self) -> None:
        evidence = self._packet.get("evidence") or ()
        if evidence:
            self._section("依据（点开看原文）", "Evidence (open to read)")
            citation_list(self._visit, [one for one in evidence if one.get("title")][:8])

    def _merged(self) -> None:
        for one in self._packet.get("merged") or ():
            with box("lc-finding"):
                badge(named(REASONS, str(one.get("reason")), english=self._visit.english), "wait")
                words(self._words(str(one.get("ask") or "")))

    def _notes(self) -> None:
        if not self._opened.notes:
            return
        self._section("内部备注", "Notes for colleagues")
        for one in self._opened.notes:
            with box("lc-note"):
                who = self._names.get(one.operator_id, one.operator_id)
                words(f"{who} · {moment(one.created_at)}", "lc-hint")
                words(one.text, "lc-message-text")
