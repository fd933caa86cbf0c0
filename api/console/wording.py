"""Names of codes in both languages, and errors in plain words."""

from datetime import date, datetime

from knowledge.kit.clock import SHANGHAI
from knowledge.kit.errors import LiveCrewError

Pair = tuple[str, str]

ROLES: dict[str, Pair] = {
    "admin": ("管理员", "Admin"),
    "supervisor": ("主管", "Supervisor"),
    "operator": ("坐席", "Operator"),
    "merchandiser": ("商品运营", "Merchandiser"),
    "host": ("场控", "Host"),
}
ROLE_HINTS: dict[str, Pair] = {
    "admin": ("全部权限，含账号、密钥与模型", "Everything, accounts, keys and model included"),
    "supervisor": ("文档、统计、会话；可查看隐去的个人信息", "Documents, figures, conversations; may see masked data"),
    "operator": ("会话与转人工，只读文档和商品", "Conversations and handoffs; reads documents and catalogue"),
    "merchandiser": ("商品导入、文档、统计", "Catalogue imports, documents, figures"),
    "host": ("只读商品与文档", "Reads catalogue and documents"),
}
KINDS: dict[str, Pair] = {
    "policy": ("政策", "Policy"),
    "faq": ("问答", "Questions"),
    "product": ("商品说明", "Product page"),
    "law": ("法规原文", "Statute"),
    "card": ("法规卡片", "Law card"),
}
STATES: dict[str, Pair] = {
    "pending": ("处理中", "Processing"),
    "ready": ("已生效", "Ready"),
    "failed": ("未通过", "Refused"),
}
TONES = {"pending": "wait", "ready": "good", "failed": "bad"}
OUTCOMES: dict[str, Pair] = {
    "answered": ("已回答", "Answered"),
    "clarified": ("已追问", "Clarified"),
    "abstained": ("未能回答", "Abstained"),
    "handed_off": ("转人工", "Handed off"),
}
OUTCOME_TONES = {"answered": "good", "clarified": "wait", "abstained": "bad", "handed_off": "human"}
AUTHORS: dict[str, Pair] = {
    "shopper": ("顾客", "Shopper"),
    "bot": ("AI 客服", "AI desk"),
    "operator": ("人工客服", "Operator"),
    "system": ("系统", "System"),
}
REASONS: dict[str, Pair] = {
    "safety": ("安全", "Safety"),
    "fraud": ("账号安全", "Fraud"),
    "legal": ("法律与监管", "Legal"),
    "customer_request": ("要求人工", "Asked for a person"),
    "complaint": ("投诉", "Complaint"),
    "policy_discretion": ("需人工裁量", "Discretion"),
    "repeated_failure": ("多次未解决", "Repeated failure"),
    "identity": ("身份未通过", "Identity"),
    "knowledge_gap": ("资料缺口", "Knowledge gap"),
    "tool_failure": ("系统查询失败", "Tool failure"),
    "line_hold": ("话术待审", "Held line"),
    "candidate_conflict": ("选品冲突", "Candidate conflict"),
}
INTENTS: dict[str, Pair] = {
    "return_exchange": ("退换货", "Returns"),
    "refund_status": ("退款进度", "Refund"),
    "logistics": ("物流", "Logistics"),
    "invoice": ("发票", "Invoice"),
    "address_change": ("改地址", "Address change"),
    "price_protection": ("价保", "Price protection"),
    "product_question": ("商品咨询", "Product question"),
    "product_compare": ("商品对比", "Comparison"),
    "coupon_promo": ("优惠活动", "Offers"),
    "complaint": ("投诉", "Complaint"),
    "human_request": ("找人工", "Wants a person"),
    "safety_injury": ("安全与受伤", "Safety"),
    "legal_threat": ("法律与监管", "Legal"),
    "account_security": ("账号安全", "Account security"),
    "order_cancel": ("取消订单", "Cancel an order"),
    "chit_chat": ("寒暄", "Small talk"),
    "other": ("其他", "Other"),
}
ORIGINS: dict[str, Pair] = {
    "support": ("客服会话", "Service desk"),
    "narration": ("直播话术", "Narration"),
    "selection": ("选品", "Selection"),
}
HANDOFF_STATES: dict[str, Pair] = {
    "queued": ("排队中", "Queued"),
    "claimed": ("处理中", "Claimed"),
    "resolved": ("已解决", "Resolved"),
    "returned_to_bot": ("交回 AI", "Returned to AI"),
    "cancelled": ("已取消", "Cancelled"),
}
CODES: dict[str, Pair] = {
    "invalid_input": ("填写有误", "Not accepted"),
    "not_found": ("找不到，可能已被删除", "Not found; it may be gone"),
    "conflict": ("与现有数据冲突", "In conflict with what is there"),
    "forbidden": ("你的角色没有这项权限", "Your roles do not allow this"),
    "too_many_requests": ("操作太频繁，请稍等", "Too many requests; please wait"),
    "configuration": ("服务器配置有误", "The server is misconfigured"),
    "stale_fence": ("这条转接已不在你手上", "You no longer hold this handoff"),
    "already_claimed": ("已被其他坐席领取", "Somebody else was faster"),
    "at_capacity": ("已达到接待上限，请先处理手上的", "You hold as many as you may; finish some first"),
    "operator_unavailable": ("对方或你目前不在线，请先切换为在线", "Not online; switch to online first"),
    "idempotency_key_reused": ("这条消息已用另一内容发送过", "This was sent before with other words"),
}
_DETAILS = {
    "This login is taken.": "这个登录名已被使用。",
    "The shop would be left without an admin.": "至少要保留一位可用的管理员。",
    "A password has 10 to 256 characters.": "密码至少 10 个字符。",
    "A login has 2 to 64 letters, digits or any of . _ @ + -": "登录名为 2 到 64 个小写字母、数字或 . _ @ + -。",
    "A name has 1 to 60 characters.": "姓名为 1 到 60 个字。",
    "A shop's name has 1 to 60 characters.": "店铺名称为 1 到 60 个字。",
    "An operator has at least one role.": "至少选择一个角色。",
    "The set-up token is not the one printed on the server's console.": "设置口令与服务器终端打印的不一致。",
    "Somebody has an account already.": "已经有账号了，请直接登录。",
    "The address starts with http:// or https://.": "地址要以 http:// 或 https:// 开头。",
    "The address holds neither a login nor a query.": "地址里不能带账号或参数。",
    "This address belongs to the machine's own cloud services.": "这是云主机内部服务的地址，不能使用。",
    "This address belongs to the machine's own network services.": "这是主机内部网络的地址，不能使用。",
    "A model name and an address or key are needed.": "请填写模型名，以及地址或密钥。",
    "The text holds what must not become a standing answer; edit it first.": "还有不能直接发布的内容，请先修改。",
    "Somebody changed this candidate meanwhile.": "别人刚改过这条候选，请刷新后再操作。",
    "Nobody answered anything that lasts.": "这次人工回复里没有可以沉淀的内容。",
}

_HEAD_ONLY = ("forbidden", "already_claimed", "at_capacity", "operator_unavailable", "idempotency_key_reused")


def named(names: dict[str, Pair], code: str, *, english: bool) -> str:
    """The code itself where it has no name yet."""
    pair = names.get(code)
    return pair[english] if pair else code


def problem_text(error: LiveCrewError, *, english: bool) -> str:
    """What went wrong, and row, field and rule where the error names them."""
    head = CODES.get(error.code, ("出错了", "Something went wrong"))[english]
    detail = error.detail if english else _DETAILS.get(error.detail, error.detail)
    words = ("第 {} 行", "字段 {}", "规则：{}") if not english else ("row {}", "field {}", "rule: {}")
    known = not english and error.detail in _DETAILS
    values = [] if known else [error.data.get(name) for name in ("row", "field", "rule")]
    place = [word.format(value) for word, value in zip(words, values, strict=False) if value not in (None, "")]
    if error.code in _HEAD_ONLY:
        return head if not known else detail
    return detail if known else f"{head}：{detail}" + (f"（{'，'.join(place)}）" if place else "")


def day(value: date | None) -> str:
    return value.isoformat() if value else ""


def moment(value: datetime | None) -> str:
    """In Shanghai time, to the minute."""
    return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if value else "—"


def yuan(fen: int | None) -> str:
    return "—" if fen is None else f"¥{fen // 100:,}" + (f".{fen % 100:02d}" if fen % 100 else "")
