"""How facts are said: amounts, days and states in the words of a Chinese shop. Every function is pure."""

from datetime import date, datetime
from types import MappingProxyType

from knowledge.kit.clock import SHANGHAI

ORDER_STATES = MappingProxyType(
    {
        "unpaid": "待付款",
        "paid": "已付款，待发货",
        "shipped": "已发货",
        "delivered": "已签收",
        "completed": "已完成",
        "cancelled": "已取消",
        "refunding": "售后处理中",
        "refunded": "已退款",
    }
)
SHIPMENT_STATES = MappingProxyType(
    {
        "packed": "已打包，等待揽收",
        "in_transit": "运输途中",
        "out_for_delivery": "正在派送",
        "signed": "已签收",
        "exception": "物流异常",
        "returned": "已退回",
    }
)
REFUND_KINDS = MappingProxyType(
    {"refund": "退款", "return_refund": "退货退款", "exchange": "换货", "price_protection": "价保"}
)
REFUND_STATES = MappingProxyType(
    {
        "requested": "已提交，等待店铺审核",
        "approved": "已审核通过",
        "returning": "等待店铺收到寄回的商品",
        "received": "店铺已收到寄回的商品",
        "paid_out": "已退款",
        "refused": "未通过审核",
        "withdrawn": "已撤销",
    }
)
INVOICE_STATES = MappingProxyType(
    {"none": "还没有申请开票", "requested": "已申请开票，还没有开出", "issued": "发票已开出"}
)


def yuan(fen: int) -> str:
    """12900 → 129元, 12950 → 129.5元, 12905 → 129.05元."""
    whole, rest = divmod(fen, 100)
    if not rest:
        return f"{whole}元"
    return f"{whole}.{rest:02d}".rstrip("0") + "元"


def day(value: date | datetime) -> str:
    on = value.astimezone(SHANGHAI).date() if isinstance(value, datetime) else value
    return f"{on.month}月{on.day}日"


def moment(value: datetime) -> str:
    at = value.astimezone(SHANGHAI)
    return f"{at.month}月{at.day}日{at.hour:02d}:{at.minute:02d}"
