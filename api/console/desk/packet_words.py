"""Names of what a packet holds."""

from api.console.wording import Pair

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
}
POLICY_RESULTS: dict[str, Pair] = {
    "title": ("事项", "Subject"),
    "result": ("结论", "Result"),
    "lines": ("说明", "Explained"),
    "deadline": ("截止", "Deadline"),
    "clauses": ("条款", "Clauses"),
    "as_of": ("计算时间", "As of"),
}
TRIED: dict[str, Pair] = {
    "order": ("查询订单", "Looked up the order"),
    "shipment": ("查询物流", "Looked up the shipment"),
    "search": ("检索资料", "Searched the knowledge"),
    "search_knowledge": ("检索资料", "Searched the knowledge"),
    "return_eligibility": ("计算退换资格", "Computed the return"),
    "price_protection": ("计算价保", "Computed price protection"),
    "invoice": ("查询开票规则", "Looked up invoicing"),
    "product": ("查询商品", "Looked up the product"),
    "compare_products": ("对比商品", "Compared products"),
    "clarify": ("追问过", "Asked back"),
    "answer": ("尝试回答", "Tried to answer"),
}
