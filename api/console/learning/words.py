"""Names of what a knowledge candidate is and has, in both languages."""

from agents.handoff.views import Actor
from api.auth.desk import of_operator
from api.console.visit import Visit
from api.console.wording import Pair

STATES: dict[str, Pair] = {
    "proposed": ("待审核", "Proposed"),
    "edited": ("已修改", "Edited"),
    "approved": ("已通过", "Approved"),
    "published": ("已发布", "Published"),
    "rejected": ("不采用", "Rejected"),
    "withdrawn": ("已撤回", "Withdrawn"),
}
TONES = {"proposed": "human", "edited": "wait", "approved": "wait", "published": "good", "rejected": "quiet",
         "withdrawn": "bad"}  # fmt: skip
TABS: dict[str, tuple[Pair, tuple[str, ...]]] = {
    "waiting": (("待审核", "To review"), ("proposed", "edited", "approved")),
    "published": (("已发布", "Published"), ("published",)),
    "gone": (("已撤回与不采用", "Withdrawn, rejected"), ("withdrawn", "rejected")),
}
FINDINGS: dict[str, Pair] = {
    "promise": ("承诺", "Promise"),
    "contact": ("联系方式", "Contact"),
    "personal": ("个人信息", "Personal data"),
    "order_number": ("订单号或单号", "Order number"),
    "order_figure": ("某一单的数字", "Figure of one order"),
    "order_case": ("只说这一单", "About one order"),
    "dated": ("只在当时成立", "True that day only"),
}
PLACES: dict[str, Pair] = {
    "question": ("问题", "question"),
    "wording": ("问法", "wording"),
    "answer": ("答案", "answer"),
}


def actor_of(visit: Visit) -> Actor:
    return of_operator(visit.who).actor
