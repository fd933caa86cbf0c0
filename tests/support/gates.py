"""The fitted gate judges cosines of the shipped embedder; with the stand-in embedder its verdict is set by hand."""

import pytest

from agents.support import answerer, readings
from agents.support.gate import Answerability


def set_verdict(patch: pytest.MonkeyPatch, verdict: Answerability) -> None:
    for module in (answerer, readings):
        patch.setattr(module, "judge", lambda _gathered: verdict)
