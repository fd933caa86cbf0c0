"""Replies that operators of a shop use over and over (常用语), kept in the shop's settings."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select

from knowledge.kit.db import Scope, check_storable
from knowledge.kit.errors import InvalidInputError
from knowledge.shops.models import Shop

MOST_REPLIES, MOST_TITLE, MOST_TEXT = 100, 20, 500
_KEY = "canned_replies"


@dataclass(frozen=True)
class CannedReply:
    title: str
    text: str


FIRST_REPLIES = (
    CannedReply("问候", "您好，我是人工客服，您的问题我已经看到了，正在为您核实。"),
    CannedReply("稍等", "请您稍等一下，我查清楚马上回复您。"),
    CannedReply("要照片", "麻烦您拍一张能看清问题的照片发过来，我来帮您判断。"),
    CannedReply("致歉", "非常抱歉给您带来了不好的体验，我来跟进处理。"),
    CannedReply("还有问题吗", "请问还有其他可以帮您的吗？"),
)
"""What a shop that has written none begins with; they promise nothing."""


async def canned_replies(scope: Scope) -> list[CannedReply]:
    """In the order in which they are offered."""
    shop = await scope.session.get_one(Shop, scope.shop_id)
    kept = shop.settings.get(_KEY)
    if kept is None:
        return list(FIRST_REPLIES)
    return [CannedReply(str(one["title"]), str(one["text"])) for one in kept]


async def set_canned_replies(scope: Scope, replies: Sequence[CannedReply]) -> None:
    """Replaces them all; none is a choice too. Raises: InvalidInputError naming the row."""
    if len(replies) > MOST_REPLIES:
        raise InvalidInputError("There are too many replies.", field="replies", rule=f"at most {MOST_REPLIES}")
    kept = [_checked(row, one) for row, one in enumerate(replies, start=1)]
    shop = await scope.session.scalar(select(Shop).where(Shop.id == scope.shop_id).with_for_update())
    assert shop is not None
    shop.settings = {**shop.settings, _KEY: [asdict(one) for one in kept]}
    await scope.session.flush()


def _checked(row: int, reply: CannedReply) -> CannedReply:
    title, text = reply.title.strip(), reply.text.strip()
    for field, value, most in (("title", title, MOST_TITLE), ("text", text, MOST_TEXT)):
        check_storable(field, value)
        if not 1 <= len(value) <= most:
            raise InvalidInputError(
                f"A canned reply's {field} has 1 to {most} characters.", row=row, field=field, rule=f"1 to {most}"
            )
    return CannedReply(title, text)
