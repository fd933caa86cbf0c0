"""The interface speaks both languages in full: one set of keys, the same blanks, and no key that nothing says."""

import re
from pathlib import Path

import api

WEB = Path(api.__file__).parent / "web"
_ROW = re.compile(r'^  (\w+): "(.*)",$', re.MULTILINE)
_BLANK = re.compile(r"\{\w+\}")


def spoken(language: str) -> dict[str, str]:
    return dict(_ROW.findall((WEB / "words" / f"{language}.js").read_text(encoding="utf-8")))


def test_both_languages_have_the_same_keys_and_blanks() -> None:
    chinese, english = spoken("zh"), spoken("en")
    assert len(chinese) > 100
    assert chinese.keys() == english.keys()
    for key, words in chinese.items():
        assert set(_BLANK.findall(words)) == set(_BLANK.findall(english[key])), key


def test_every_key_is_said_somewhere() -> None:
    modules = [path for path in WEB.rglob("*.js") if path.parent.name != "words"]
    source = "\n".join(path.read_text(encoding="utf-8") for path in modules)
    made = re.compile(r"state[A-Z]\w+|score[1-5]")  # put together from a code
    assert [key for key in spoken("zh") if not made.fullmatch(key) and f'"{key}"' not in source] == []
