from typing import Annotated, Any

from fastapi import Path
from pydantic import AfterValidator, BaseModel

from knowledge.kit.db import check_storable
from knowledge.kit.errors import InvalidInputError


def _storable(value: str) -> str:
    try:
        check_storable("", value)
    except InvalidInputError as error:
        raise ValueError(error.detail) from error
    return value


Words = Annotated[str, AfterValidator(_storable)]
Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
OwnId = Annotated[str, Path(min_length=1, max_length=128), AfterValidator(_storable)]
"""An id the shop gave itself, of a shopper, an order, a product."""


class ErrorBody(BaseModel):
    code: str
    detail: str
    data: dict[str, Any]


class ShopOut(BaseModel):
    id: str
    name: str
