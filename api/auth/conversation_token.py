from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api.services import bearer


@dataclass(frozen=True)
class ConversationToken:
    """A shopper's token starts with its shop, so that row-level security is set before anything is looked up."""

    shop_id: str
    secret: str

    def __str__(self) -> str:
        return f"{self.shop_id}.{self.secret}"


def _token(request: Request) -> ConversationToken:
    """Raises: UnauthorizedError when the request carries none."""
    shop_id, _, secret = bearer(request).partition(".")
    return ConversationToken(shop_id, secret)


Token = Annotated[ConversationToken, Depends(_token)]
