"""The statutes the engine computes with, by their document keys, and since when their present text is in force."""

from datetime import date

XF = "消费者权益保护法"
TL = "消费者权益保护法实施条例"
QR = "网络购买商品七日无理由退货暂行办法"
WJ = "网络交易监督管理办法"
DS = "电子商务法"

_SINCE = {
    XF: date(2014, 3, 15),
    TL: date(2024, 7, 1),
    QR: date(2020, 10, 23),
    WJ: date(2021, 5, 1),
    DS: date(2019, 1, 1),
}


def in_force(doc: str, day: date) -> bool:
    return _SINCE[doc] <= day


def rule_version(day: date) -> str:
    """Which texts were applied: `消费者权益保护法@2014-03-15 …`, those in force on the day."""
    return " ".join(f"{doc}@{since.isoformat()}" for doc, since in _SINCE.items() if since <= day)
