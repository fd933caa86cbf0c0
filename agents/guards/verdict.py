"""What a guard says of a sentence: a verdict and the findings that explain it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Verdict = Literal["supported", "unsupported", "undecided"]


class Finding(BaseModel):
    """`kind` is a stable word (number, date, party, …); `span` is the offending text as it stands in the sentence."""

    model_config = ConfigDict(frozen=True)

    kind: str
    span: str
    detail: str = ""


class Grounding(BaseModel):
    """Undecided counts as rejected wherever words reach a person."""

    model_config = ConfigDict(frozen=True)

    verdict: Verdict
    findings: tuple[Finding, ...] = ()

    @property
    def passed(self) -> bool:
        return self.verdict == "supported"
