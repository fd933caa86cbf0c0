"""Personal data as it may be shown to the one it belongs to: enough to recognise, not enough to use.

Every mask takes whatever a field holds, masks more when it does not understand, and leaves a masked value as it is.
"""

import re

from knowledge.kit.text import normalize

_HIDDEN = "***"
_LONGEST = 200

_MOBILE = re.compile(r"(?<![0-9])(?:(?:\+|00)?86)?(1[3-9][0-9])([0-9]{4})([0-9]{4})")
_MASKED_PHONE = re.compile(r"[0-9]{0,3}\*{2,}[0-9]{0,4}")
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"

_PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|"
    "青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
# A street, number or building inside a name means that it is no district; as its first character it may be: 路南区.
_PLAIN = f"[{_HAN}](?:(?![路街巷弄号栋幢室]|大道)[{_HAN}])"
# 小区, 园区 and their like are places people live or work in; 超市, 菜市场 are shops.
_NO_PLACE = "(?<![小社园校厂院景库片街])"
_NO_MARKET = "(?<![超菜夜门花闹])市(?![场区民政府])"
_PROVINCE = re.compile(
    f"(?:中国)?(?P<unit>(?:{_PROVINCES})(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区)?)"
)
_CITY = re.compile(
    f"{_PLAIN}{{1,4}}?(?:{_NO_MARKET}|地区)|[{_HAN}]{{2,12}}?自治州|{_PLAIN}{{1,4}}?盟(?=[{_HAN}]+[市旗])"
)
_DISTRICT = re.compile(
    f"{_PLAIN}{{0,4}}?(?:{_NO_PLACE}区|县|{_NO_MARKET}|旗)|[{_HAN}]{{2,14}}?(?:自治县|自治旗)"
)  # fmt: skip


def mask_phone(phone: str) -> str:
    """`138****1234`; other numbers keep three digits in front and at most four behind, never more than half."""
    text = re.sub(r"[\s\-()._]", "", normalize(phone[:_LONGEST]))
    if not text:
        return ""
    if mobile := _MOBILE.search(text):
        return f"{mobile[1]}****{mobile[3]}"
    if _MASKED_PHONE.fullmatch(text):
        return text
    digits = re.sub(r"[^0-9]", "", text)
    if len(digits) < 10 or "*" in text:
        return f"****{digits[-2:]}" if len(digits) >= 7 and "*" not in text else "****"
    return f"{digits[:3]}****{digits[-3:]}"


def mask_email(email: str) -> str:
    """`a***@b.com`: the first character and the domain."""
    text = re.sub(r"\s", "", normalize(email[:_LONGEST]))
    if not text:
        return ""
    local, _, domain = text.rpartition("@")
    if not local or not re.fullmatch(r"[^@\s.]+(?:\.[^@\s.]+)+", domain):
        return _HIDDEN
    first = local[0] if len(local) > 1 and local[0] != "*" else ""
    return f"{first}{_HIDDEN}@{domain}"


def mask_name(name: str) -> str:
    """`张*`, `李**`: the first character. A name in Latin letters keeps its initial: `J***`."""
    text = re.sub(r"\s", "", normalize(name[:_LONGEST]))
    if len(text) < 2:
        return "*" if text else ""
    if not re.match(f"[{_HAN}]", text):
        return (text[0] if text[0].isalpha() else "") + _HIDDEN
    return text[0] + "*" * min(len(text) - 1, 2)


def mask_address(address: str) -> str:
    """`广东省深圳市南山区***`: province, city and district where they stand at its head, and nothing of the rest."""
    text = re.sub(r"[\s,、;/\-·]", "", normalize(address[:_LONGEST]))
    if not text:
        return ""
    kept, rest = "", text
    if province := _PROVINCE.match(text):
        kept, rest = province["unit"], text[province.end() :]
    if city := _CITY.match(rest):
        kept, rest = kept + city[0], rest[city.end() :]
    if kept and (district := _DISTRICT.match(rest)):
        kept, rest = kept + district[0], rest[district.end() :]
    return kept + _HIDDEN if rest else kept
