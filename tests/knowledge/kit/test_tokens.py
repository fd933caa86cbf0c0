"""Token counts equal tiktoken's published ones and need no network (sockets are blocked here)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.kit import tokens
from knowledge.kit.errors import ConfigurationError
from knowledge.kit.tokens import count_tokens, encoding_name, trim_to_tokens


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("gpt-4o-mini", "o200k_base"),
        ("gpt-4.1", "o200k_base"),
        ("openai/gpt-5-nano", "o200k_base"),
        ("GPT-5.1", "o200k_base"),
        ("o3-mini", "o200k_base"),
        ("gpt-oss-20b", "o200k_base"),
        ("gpt-4", "cl100k_base"),
        ("gpt-4-turbo", "cl100k_base"),
        ("gpt-3.5-turbo", "cl100k_base"),
        ("qwen2.5-7b-instruct", "cl100k_base"),
        ("deepseek-chat", "cl100k_base"),
        ("", "cl100k_base"),
    ],
)
def test_model_names_map_to_vocabularies(model: str, expected: str) -> None:
    assert encoding_name(model) == expected


def test_counts_are_tiktokens() -> None:
    # Known: "tiktoken is great!" is 6 tokens in both vocabularies (tiktoken's own cookbook).
    assert count_tokens("tiktoken is great!", "gpt-4") == 6
    assert count_tokens("tiktoken is great!", "gpt-4o") == 6
    assert count_tokens("") == 0
    assert count_tokens("七天无理由退货", "gpt-4o") < count_tokens("七天无理由退货", "qwen-plus")


def test_special_token_text_and_broken_unicode_are_ordinary_text() -> None:
    assert count_tokens("<|endoftext|>") > 1
    assert count_tokens("\ud83d坏") >= 2


@pytest.mark.parametrize("char", [" ", "a", "哈", "!", "\n"])
def test_very_long_runs_count_quickly(char: str) -> None:
    assert count_tokens(char * 100_000) > 0


@given(st.text(alphabet="七天无理由退货😀 abc1\n", max_size=80), st.integers(0, 60), st.sampled_from(["head", "tail"]))
@settings(max_examples=60, deadline=None)
def test_trimming_keeps_one_end_within_the_limit(text: str, limit: int, keep: str) -> None:
    part = trim_to_tokens(text, limit, keep=keep)  # type: ignore[arg-type]
    assert count_tokens(part) <= limit
    assert text.startswith(part) if keep == "head" else text.endswith(part)
    if count_tokens(text) <= limit:
        assert part == text


def test_trimming_wastes_little() -> None:
    text = "运费由买家承担，" * 50
    assert count_tokens(trim_to_tokens(text, 100)) >= 97


def test_a_changed_vocabulary_is_refused() -> None:
    url = "https://example.invalid/encodings/cl100k_base.tiktoken"
    with pytest.raises(ConfigurationError):
        tokens._wheel_ranks(url, "0" * 64)
    with pytest.raises(ConfigurationError):
        tokens._wheel_ranks("https://example.invalid/encodings/p50k_base.tiktoken", "0" * 64)
