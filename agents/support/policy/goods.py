"""What kind of goods: excluded by §6, excludable by §7, returned intact by §8 and §9 of 暂行办法."""

from agents.support.policy.purchase import Flags, PurchaseFacts
from agents.support.policy.result import Answer, Trail
from agents.support.policy.statutes import QR, TL, XF

_SEALED = {"food", "fresh_food", "health_food", "cosmetics", "medical_device", "contraceptive"}
_ELECTRIC = {"electronics", "appliance"}
_LABELLED = {"clothing", "underwear", "shoes", "bags", "toys", "home_textile", "home", "furniture"}
_HYGIENE = _SEALED | {"underwear", "mother_baby"}
_ACTIVATED = _ELECTRIC | {"software", "audio_video"}
_PERIODICAL = {"newspaper", "magazine"}
_UNSETTLED = {"jewelry", "plant", "pet"}
"""Neither clearly of §7's nature nor clearly ordinary."""


def excluded(facts: PurchaseFacts, trail: Trail) -> Answer:
    """Is it one of §6's goods? `doubt`: it is, but the shopper confirmed nothing (实施条例 §19)."""
    what = _excluded_kind(facts)
    if not what:
        trail.note("不属于定作、鲜活易腐、已拆封的数字化商品和报刊。", (QR, 6))
        return "no"
    trail.note(f"{what}，不适用七日无理由退货。", (QR, 6), (XF, 25))
    if facts.flags.confirmed:
        return "yes"
    trail.note("商品应当明确标注并经确认；未经确认能否拒绝存疑。", (QR, 20), (TL, 19))
    return "doubt"


def _excluded_kind(facts: PurchaseFacts) -> str:
    flags = facts.flags
    if flags.customized:
        return "定作的商品"
    if flags.perishable:
        return "鲜活易腐的商品"
    if flags.digital_opened or flags.digital_downloaded:
        return "已拆封或在线下载的数字化商品"
    if flags.newspaper or facts.category in _PERIODICAL:
        return "交付的报纸、期刊"
    return ""


def waived(facts: PurchaseFacts, trail: Trail) -> Answer:
    """Did the shopper give the right up by a confirmation that counts for goods of this nature?"""
    flags = facts.flags
    if flags.expiring_or_flawed_disclosed:
        if flags.confirmed:
            trail.note("已明示临期或瑕疵，且购买时经单独确认。", (QR, 7), (QR, 20), (TL, 19), (XF, 25))
            return "yes"
        _unconfirmed(flags, trail)
        return "no"
    if flags.confirmed:
        return _confirmed(facts, trail)
    if flags.activated:
        trail.note("已激活但购买时未经确认：不得拒绝与视为不完好两说并存。", (QR, 7), (QR, 9), (QR, 20), (XF, 25))
        return "doubt"
    if flags.buyer_confirmed_no_return or flags.marked_no_return or facts.category in _HYGIENE | _ACTIVATED:
        _unconfirmed(flags, trail)
    return "no"


def _unconfirmed(flags: Flags, trail: Trail) -> None:
    why = "默认勾选或账户级的同意不是单次确认" if flags.buyer_confirmed_no_return else "购买时未经单独确认"
    trail.note(f"{why}，不得以商品性质拒绝七日无理由退货。", (QR, 20), (QR, 7), (TL, 19))


def _confirmed(facts: PurchaseFacts, trail: Trail) -> Answer:
    flags, nature = facts.flags, facts.category
    if nature in _HYGIENE and (flags.opened_hygiene or flags.tried_on):
        trail.note("拆封后影响安全或品质的商品，购买时已单独确认，且已拆封。", (QR, 7), (QR, 20), (XF, 25))
        return "yes"
    if flags.activated and (nature in _ACTIVATED or nature in _HYGIENE):
        trail.note("激活或试用后价值贬损较大的商品，购买时已单独确认，且已激活。", (QR, 7), (QR, 9), (QR, 20), (XF, 25))
        return "yes"
    if nature in _HYGIENE | _ACTIVATED | _UNSETTLED or flags.activated:
        trail.note("已确认但尚未拆封或激活，能否不适用退货存疑。", (QR, 7), (QR, 20), (XF, 25))
        return "doubt"
    trail.note("商品性质并非不宜退货，勾选确认不排除退货权。", (QR, 7), (QR, 30), (TL, 19), (XF, 25))
    return "no"


def intact(facts: PurchaseFacts, trail: Trail) -> Answer:
    flags = facts.flags
    fault = _broken(facts)
    if fault:
        what, article = fault
        trail.note(f"{what}，商品不完好。", (QR, article), (QR, 8), (XF, 25))
        return "no"
    if flags.tried_on and facts.category in _HYGIENE:
        trail.note("贴身或卫生用品已试用，是否仍属完好须当面判断。", (QR, 8), (QR, 9))
        return "doubt"
    if flags.data_residue:
        trail.note("使用程度是否超出查验需要须判断。", (QR, 8), (QR, 9))
        return "doubt"
    trail.note("打开包装查验、合理调试不影响完好，不得以此拒绝。", (QR, 8), (QR, 9), (QR, 31), (TL, 19))
    return "yes"


def _broken(facts: PurchaseFacts) -> tuple[str, int] | None:
    """(what, the article that names it)."""
    flags, kind = facts.flags, facts.category
    if flags.accessories_missing:
        return "配件不齐全", 8
    if flags.opened_hygiene and kind in _SEALED:
        return "必要的一次性密封包装被损坏", 9
    if kind in _ELECTRIC and flags.data_residue:
        return "有不合理的个人使用数据留存", 9
    for present, what in (
        (flags.unauthorized_repair, "未经授权维修、改动"),
        (flags.serial_tampered, "序列号或标贴被破坏、涂改"),
        (flags.appearance_damage, "有难以恢复的外观痕迹或受损"),
        (flags.tags_removed, "商标标识被摘、剪"),
        (flags.soiled or flags.washed, "商品受污或已洗涤"),
    ):
        if present:
            return what, 9
    return None
