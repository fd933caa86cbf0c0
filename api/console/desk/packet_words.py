"""Names of what a packet holds."""

from api.console.wording import Pair, named

MOODS: dict[str, Pair] = {"neg": ("情绪不佳", "Upset"), "pos": ("情绪平和", "Friendly")}
IDENTITY: dict[str, Pair] = {
    "proven": ("已验证", "Proven"),
    "guest": ("访客（未验证）", "Guest, not proven"),
    "failed": ("验证失败", "Proof failed"),
}
SLOTS: dict[str, Pair] = {
    "order_id": ("订单号", "Order"),
    "tracking_no": ("运单号", "Tracking"),
    "amount": ("金额", "Amount"),
    "date": ("日期", "Date"),
    "size": ("尺码", "Size"),
    "color": ("颜色", "Colour"),
    "quantity": ("数量", "Quantity"),
    "courier": ("快递", "Courier"),
    "product": ("商品", "Product"),
    "product_id": ("商品编号", "Product"),
    "region": ("地区", "Region"),
}
FLOOR: dict[str, Pair] = {
    "request": ("要求人工", "Asked for a person"),
    "complaint": ("投诉", "Complaint"),
    "fraud": ("账号或资金安全", "Fraud or account"),
    "identity": ("身份", "Identity"),
    "legal": ("法律与监管", "Legal or regulator"),
    "discretion": ("需人工裁量", "Discretion"),
    "failure": ("多次未解决", "Failed again"),
    "safety": ("人身安全", "Safety"),
}
RISKS: dict[str, Pair] = {
    "done": ("声称已办", "Told as done"),
    "future": ("承诺后续", "Promise of work"),
    "compensation": ("赔付", "Compensation"),
    "guarantee": ("保证", "Guarantee"),
    "discretion": ("需人工裁量", "Discretion"),
    "contact_phone": ("留电话", "Phone number"),
    "contact_url": ("外部链接", "Link"),
    "contact_email": ("留邮箱", "E-mail"),
    "contact_chat": ("留私人账号", "Private account"),
    "contact_bank": ("银行账号", "Bank account"),
}
SAID_BY: dict[str, Pair] = {
    "said": ("AI 说过", "the bot said"),
    "asked": ("顾客提出", "the shopper asked"),
    "computed": ("按规则算出", "by the rules"),
}
TRIED: dict[str, Pair] = {
    "order": ("查订单", "orders"),
    "orders": ("查订单", "orders"),
    "shipment": ("查物流", "the shipment"),
    "return_eligibility": ("算退换资格", "the right to return"),
    "returns": ("算退换资格", "the right to return"),
    "price_protection": ("算价保", "price protection"),
    "invoice": ("查开票", "the invoice"),
    "product": ("查商品", "the product"),
    "compare_products": ("对比商品", "a comparison"),
    "compare": ("对比商品", "a comparison"),
    "price_history": ("查历史价", "past prices"),
    "offers": ("查优惠", "offers"),
    "policy": ("按规则计算", "the rules"),
    "on_air_lines": ("查直播话术", "what was said on air"),
    "documents": ("查资料", "documents"),
    "understood": ("读过消息", "read the message"),
    "operator_intervened": ("坐席主动接入", "an operator stepped in"),
}
CAME_TO: dict[str, Pair] = {
    "found": ("有结果", "found"),
    "absent": ("没有", "none"),
    "sign_in": ("需登录", "sign-in needed"),
    "choose": ("需顾客选择", "choice needed"),
    "failed": ("失败", "failed"),
    "error": ("失败", "failed"),
}


def tried_words(step: str, *, english: bool) -> str:
    """`what:what it came to`; blank for rules, which the packet names by themselves."""
    what, _, came_to = step.partition(":")
    if what == "rule":
        return ""
    if what == "rejected":
        return ("草稿未通过核对", "a draft was refused")[english]
    if what == "documents":
        return (f"查资料（{came_to} 条）", f"documents ({came_to})")[english]
    result = f"（{named(CAME_TO, came_to, english=english)}）" if came_to else ""
    return named(TRIED, what, english=english) + result
