"""Shop rules in words that give less than the statute does: for flagging to the merchant, never for deciding a case."""

import re

_LESS = (
    r"(不|概不|恕不|不予|不可|不能|不得|不支持|不接受|不办理|拒绝|谢绝|非质量问题不|只换不|仅换不)(无理由)?退",
    r"(概不|恕不)(退|换|负责)",
    r"(只|仅)(能|支持|可|可以)?换",
    r"(折旧|手续|服务|包装|整理|验货)费",
    r"(只|仅)?退(到|回|至|成)?(店铺)?(余额|代金券|优惠券|购物金|积分)",
    r"(拆封|拆包|开封|签收)(后|即)?(视为|一律|概|不)",
    r"最终解释权",
    r"(?<!\d)[1-6一二三四五六两](天|日)内?(无理由|可退|退货|有效)",
    r"(\d+|[一二三四五六七八九十]+)小时内?(无理由|可退|退货|有效)",
)
_PATTERN = re.compile("|".join(_LESS))


def undercuts(text: str) -> bool:
    return _PATTERN.search("".join(text.split())) is not None
