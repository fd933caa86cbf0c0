"""From a model's words to the schema asked for, as far as that needs no guessing."""

import json
import re
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from agents.llm.ledger import Outcome

OutputT = TypeVar("OutputT", bound=BaseModel)

_MAX_CHARS = 40_000
_MAX_OBJECTS = 20
_THINKING = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_UNCLOSED_THINKING = re.compile(r"\A.*</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"```[a-zA-Z]*\s*\n?(.*?)```", re.DOTALL)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_MARKER = re.compile(r"[\[【［]\s*(\d{1,3}(?:\s*[,，、]\s*\d{1,3})*)\s*[\]】］]")
_FENCE_ECHO = re.compile(r"<<<[A-Z]{3}|[A-Z]{3}(?: \d+)?>>>")
_QUOTES = str.maketrans({"“": '"', "”": '"', "＂": '"'})
_OUTSIDE = str.maketrans({"：": ":", "，": ",", "｛": "{", "｝": "}", "【": "[", "】": "]", "［": "[", "］": "]"})


class UnusableReplyError(Exception):
    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


class PlainText(BaseModel):
    """The output of prompts whose front matter says `text`."""

    text: str


def parse_output(text: str, output: type[OutputT]) -> OutputT:
    """JSON bare, in a fence or amid words, with small faults of punctuation; else, for an output that has `answer` and
    no other required field a text cannot fill, the text itself with its [n] markers.

    Raises: UnusableReplyError with UNPARSABLE (nothing readable) or WRONG_SCHEMA (readable, unfit).
    """
    words = _words(text)
    readable = False
    for found in _objects(words):
        readable = True
        for candidate in _unwrapped(found):
            try:
                return output.model_validate(_with_numbers(candidate))
            except ValidationError:
                continue
    if readable:
        raise UnusableReplyError(Outcome.WRONG_SCHEMA)
    return _from_plain(words, output)


def parse_text(text: str, output: type[OutputT]) -> OutputT:
    """For prompts that ask for words alone: they fill the one required field."""
    words = _words(text)
    required = [name for name, info in output.model_fields.items() if info.is_required()]
    try:
        return output.model_validate({required[0] if required else "text": words})
    except ValidationError as error:
        raise UnusableReplyError(Outcome.WRONG_SCHEMA) from error


def _words(text: str) -> str:
    """Without the model's thinking; what echoes our own fences is the prompt and not words."""
    words = _UNCLOSED_THINKING.sub("", _THINKING.sub("", text.lstrip("\ufeff"))).strip()
    if not words or len(words) > _MAX_CHARS or _FENCE_ECHO.search(words):
        raise UnusableReplyError(Outcome.UNPARSABLE)
    return words


def markers(text: str) -> tuple[int, ...]:
    """Numbers cited as [1], 【2】 or [1,3], each once, in order of first mention."""
    numbers = (int(number) for match in _MARKER.finditer(text) for number in re.findall(r"\d+", match[1]))
    return tuple(dict.fromkeys(numbers))


def _objects(words: str) -> Iterator[dict[str, Any]]:
    for raw in _candidates(words):
        for variant in dict.fromkeys((raw, _TRAILING_COMMA.sub(r"\1", raw), _repaired(raw))):
            try:
                value = json.loads(variant, strict=False)
            except (ValueError, RecursionError):
                continue
            if isinstance(value, list) and len(value) == 1:
                value = value[0]
            if isinstance(value, dict):
                yield value
                break


def _candidates(words: str) -> Iterator[str]:
    yield words
    for match in _FENCE.finditer(words):
        yield match[1].strip()
    yield from _balanced(words.translate(_BRACES))


_BRACES = str.maketrans({"｛": "{", "｝": "}"})


def _balanced(words: str) -> Iterator[str]:
    """Outermost {...} runs, braces inside plain double quotes not counted; at most twenty."""
    depth = start = found = 0
    quoted = escaped = False
    for at, char in enumerate(words):
        if quoted:
            quoted = escaped or char != '"'
            escaped = char == "\\" and not escaped
        elif char == '"' and depth:
            quoted = True
        elif char == "{":
            start = start if depth else at
            depth += 1
        elif char == "}" and depth:
            depth -= 1
            if depth == 0:
                yield words[start : at + 1]
                found += 1
                if found == _MAX_OBJECTS:
                    return


def _repaired(raw: str) -> str:
    """Chinese punctuation where JSON's own belongs. Where no straight quote stands, curly ones delimit the strings;
    otherwise they are part of the words and stay."""
    straight = raw if '"' in raw else raw.translate(_QUOTES)
    parts = re.split(r'("(?:[^"\\]|\\.)*")', straight)
    mended = (part if index % 2 else part.translate(_OUTSIDE) for index, part in enumerate(parts))
    return _TRAILING_COMMA.sub(r"\1", "".join(mended))


def _unwrapped(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield value
    inner = [item for item in value.values() if isinstance(item, dict)]
    if len(inner) == 1:
        yield inner[0]


def _with_numbers(value: dict[str, Any]) -> dict[str, Any]:
    """Citations come as 1, "1" or "[1]"."""
    given = value.get("citations")
    if not isinstance(given, list):
        return value
    numbers = [int(n) for item in given for n in re.findall(r"\d{1,3}", str(item))]
    return {**value, "citations": list(dict.fromkeys(numbers))}


def _from_plain(words: str, output: type[OutputT]) -> OutputT:
    # Half a JSON object is not an answer anybody should read.
    broken = re.search(r'[{}]|"\s*answer|```', words) or not re.search(r"\w", _MARKER.sub("", words))
    if "answer" not in output.model_fields or broken:
        raise UnusableReplyError(Outcome.UNPARSABLE)
    fields: dict[str, Any] = {"answer": words}
    if "citations" in output.model_fields:
        fields["citations"] = list(markers(words))
    if "needs" in output.model_fields:
        fields["needs"] = []
    try:
        return output.model_validate(fields)
    except ValidationError as error:
        raise UnusableReplyError(Outcome.UNPARSABLE) from error
