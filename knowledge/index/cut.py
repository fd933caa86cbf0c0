"""Text to lexical terms: search words, every single Han character, model numbers whole and in parts.

Single characters are there because the segmenter cuts 退|货运费|险: by words alone 退货 would never match it.
"""

import functools
import re
import threading
import unicodedata
from pathlib import Path

import rjieba

_RUN = re.compile(r"[a-z0-9]+(?:[-_./+][a-z0-9]+)*|[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_PART = re.compile(r"[a-z]+|[0-9]+")
_WORD_WEIGHT = 20_000  # frequency given to our own words: enough to win over any split of them


@functools.cache
def _segmenter() -> rjieba.Jieba:
    """Our own instance: words added to the module's default one would leak into other users of it."""
    jieba = rjieba.Jieba()
    for word in own_words():
        jieba.add_word(word, _WORD_WEIGHT, None)
    return jieba


_segmenter_lock = threading.Lock()


@functools.cache
def own_words() -> tuple[str, ...]:
    lines = (Path(__file__).parent / "words.txt").read_text(encoding="utf-8").splitlines()
    return tuple(dict.fromkeys(word for line in lines if not line.startswith("#") for word in line.split()))


def normalise(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


def cut(text: str) -> list[str]:
    """Terms with repeats, in no useful order. The same function cuts documents and queries; store its output with the
    text and cut again when `CUT_VERSION` changes."""
    terms: list[str] = []
    for run in _RUN.findall(normalise(text)):
        if _HAN.match(run):
            terms.extend(_han_terms(run))
        else:
            terms.extend(_latin_terms(run))
    return terms


CUT_VERSION = 1


def words(text: str) -> list[str]:
    """As a reader would split it, without overlaps: for naming words to a person, not for matching."""
    found: list[str] = []
    for run in _RUN.findall(normalise(text)):
        if _HAN.match(run):
            with _segmenter_lock:
                found.extend(_segmenter().cut(run))
        else:
            found.append(run)
    return found


def _han_terms(run: str) -> list[str]:
    with _segmenter_lock:
        words: list[str] = _segmenter().cut_for_search(run)
    return [*words, *run]  # a character that is a word by itself counts twice: it says more than a part of one


def _latin_terms(run: str) -> list[str]:
    """`lc-j-kx202` is found whole, by its joints and by letters and digits apart."""
    joints = re.split(r"[-_./+]", run)
    terms = [run, *joints] if len(joints) > 1 else [run]
    for joint in joints:
        parts = _PART.findall(joint)
        if len(parts) > 1:
            terms.extend(parts)
    return terms
