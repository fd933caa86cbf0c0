from typing import Literal

from pydantic import BaseModel


class Health(BaseModel):
    status: Literal["ok"]
    version: str


class Readiness(BaseModel):
    """`dense`: chroma when this process owns the index, exact when it compares in memory."""

    status: Literal["ready", "not_ready"]
    database: bool
    dense: Literal["chroma", "exact"]
    writer: str
