"""Fit a prompt into the input budget: old history goes first, then the evidence ranked last; the question never."""

from collections.abc import Mapping

from agents.llm.ports import OutputT, WriteTask
from knowledge.kit.tokens import count_tokens
from prompts.fences import Fenced, evidence_block, evidence_items
from prompts.library import Prompt, Rendered

_OVERHEAD = 16  # roles and turn marks of two messages
_RECENT_LINES = 4
_OMITTED = "（更早的对话已省略）"


def variables_for(prompt: Prompt, task: WriteTask[OutputT]) -> dict[str, str]:
    """The task's variables, its findings among them where the prompt asks for them and the caller did not."""
    variables = dict(task.variables)
    if "findings" in prompt.variables and "findings" not in variables:
        variables["findings"] = "；".join(task.findings)
    return variables


def history_block(lines: list[str], limit: int, *, summary: str = "", model: str = "") -> str:
    """The newest lines that fit `limit` tokens, oldest first, after the summary of what came before them."""
    head = [f"此前摘要：{summary}"] if summary else []
    left = limit - sum(count_tokens(line, model) + 1 for line in head)
    kept: list[str] = []
    for line in reversed(lines):
        left -= count_tokens(line, model) + 1
        if left < 0:
            break
        kept.append(line)
    return "\n".join([*head, *reversed(kept)])


def render_within(prompt: Prompt, variables: Mapping[str, str], limit: int, model: str) -> Rendered | None:
    """None where not even one piece of evidence without history fits.

    Raises: PromptVariablesError.
    """
    current = dict(variables)
    while True:
        rendered = prompt.render_parts(current)
        excess = count_tokens(rendered.system + rendered.user, model) + _OVERHEAD - limit
        if excess <= 0:
            return rendered
        smaller = _smaller(current, excess, model)
        if smaller is None:
            return None
        current = smaller


def _smaller(variables: dict[str, str], excess: int, model: str) -> dict[str, str] | None:
    history = [line for line in variables.get("history", "").split("\n") if line and line != _OMITTED]
    evidence = evidence_items(variables.get("evidence", ""))
    if len(history) > _RECENT_LINES:
        return variables | {"history": _drop_oldest(history, excess, model, keep=_RECENT_LINES)}
    if len(evidence) > 1:
        return variables | {"evidence": _drop_last(evidence, excess, model)}
    if history:
        return variables | {"history": ""}
    # Never inside a piece: a clause without its exception misleads more than it tells.
    return None


def _drop_oldest(lines: list[str], excess: int, model: str, *, keep: int) -> str:
    rest = lines
    while len(rest) > keep and excess > 0:
        excess -= count_tokens(rest[0], model)
        rest = rest[1:]
    return "\n".join([_OMITTED, *rest])


def _drop_last(items: list[tuple[int, str]], excess: int, model: str) -> Fenced:
    rest = items
    while len(rest) > 1 and excess > 0:
        excess -= count_tokens(rest[-1][1], model)
        rest = rest[:-1]
    return evidence_block(rest)
