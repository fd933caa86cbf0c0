"""Statutes and rules written in 第X条: one section an article, under its part, chapter and division."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from knowledge.documents.parse_blocks import refuse
from knowledge.documents.parse_dates import commencement_dates, find_dates
from knowledge.documents.parsed import ParsedDocument, Section
from knowledge.kit.text import clean, collapse_spaces, numeral_to_int, squeeze_cjk

_N = "[一二三四五六七八九十百千零〇两\\d]+"
_ARTICLE = re.compile(f"^第\\s?(?P<n>{_N})\\s?条(?P<sub>之{_N})?(?P<sep>\\s|[【\\[（(:：]|$)?\\s*(?P<text>.*)$")
_HEADING = re.compile(f"^第\\s?{_N}\\s?(?P<unit>分编|编|章|节)(?:\\s.*|[^，。；：的]{{1,30}})?$")
_LEVELS = {"编": 1, "分编": 2, "章": 3, "节": 4}
_HEADER = re.compile(r"^【(?P<key>[^】]{1,12})】\s*(?P<value>.*)$")
_BODY_START, _BODY_END = re.compile(r"^=+\s*正文开始"), re.compile(r"^=+\s*正文结束")
_APPENDIX = re.compile(r"^附(?:件|表|录|图)\s*[\d一二三四五六七八九十]*\s*(?:[:：]|$|\s)")
_NOTE = re.compile(r"^[（(]\s*(?:19|20)\d{2}年")
_AMENDED = re.compile(r"(?:19|20)\d{2}年\d{1,2}月\d{1,2}日[^年]{0,120}?(?:修正|修订)")
_CONTENTS = re.compile(r"^目\s*录$")
_FEWEST, _DENSITY = 3, 0.12

NumberedLine = tuple[int, str]


def is_statute(lines: Sequence[str]) -> bool:
    """At least three articles in order from the first one on, and an article on every eighth filled line."""
    filled = [line.strip() for line in lines if line.strip()]
    numbers = [number for line in filled if (number := _article_number(line))]
    ordered = numbers[:1] == [1] and sum(b == a + 1 for a, b in itertools.pairwise(numbers)) >= 2
    return len(numbers) >= _FEWEST and ordered and len(numbers) >= _DENSITY * len(filled)


def _tidy_heading(line: str) -> str:
    number, _, words = line.partition(" ")
    return f"{number} {squeeze_cjk(words)}".strip()


def _article_number(line: str) -> int:
    match = _ARTICLE.match(line)
    if not match or match["sep"] is None:
        return 0
    try:
        return numeral_to_int(match["n"])
    except ValueError:
        return 0


@dataclass(slots=True)
class _Article:
    number: int
    path: tuple[str, ...]
    lines: list[str]


@dataclass(slots=True)
class _Reader:
    name: str
    headings: dict[int, str] = field(default_factory=dict)
    preface: list[str] = field(default_factory=list)
    articles: list[_Article] = field(default_factory=list)
    appendix: list[_Article] = field(default_factory=list)
    chapter_opened: bool = False

    def read(self, row: int, line: str) -> None:
        article = _ARTICLE.match(line)
        if self.appendix:
            self._appended(line)
        elif article and article["sep"] is not None:
            self._article(row, article)
        elif heading := _HEADING.match(line):
            level = _LEVELS[heading["unit"]]
            self.headings = {key: text for key, text in self.headings.items() if key < level} | {
                level: _tidy_heading(line)
            }
            self.chapter_opened = True
        elif not self.articles:
            self.preface.append(line)
        elif _APPENDIX.match(line):
            self.appendix.append(_Article(0, (line,), []))
        else:
            self.articles[-1].lines.append(line)

    def _article(self, row: int, match: re.Match[str]) -> None:
        try:
            number = numeral_to_int(match["n"])
        except ValueError as error:
            refuse(self.name, f"{match['n']} is no article number", rule="article number", row=row, cause=error)
        previous = self.articles[-1].number if self.articles else 0
        restarts = number == 1 and self.chapter_opened
        if number <= previous and not match["sub"] and not restarts:
            detail = f"article {number} follows article {previous}"
            refuse(self.name, detail, rule="articles ascend", row=row, field="article")
        path = tuple(self.headings[level] for level in sorted(self.headings))
        own = f"第{match['n']}条{match['sub']}" if match["sub"] else ""
        bracket = match["sep"] if match["sep"].strip() else ""
        text = (bracket + match["text"]).removeprefix("：").removeprefix(":").strip()
        self.articles.append(_Article(number, (*path, own) if own else path, [text] if text else []))
        self.chapter_opened = False

    def _appended(self, line: str) -> None:
        if _APPENDIX.match(line):
            self.appendix.append(_Article(0, (line,), []))
        else:
            self.appendix[-1].lines.append(line)


def parse_statute(name: str, lines: Sequence[NumberedLine], *, title: str = "") -> ParsedDocument:
    """Raises InvalidInputError when articles do not ascend, one is empty, or their count differs from 【条款数】."""
    tidy = [(row, collapse_spaces(clean(line))) for row, line in lines]
    header, body = _header(tidy)
    reader = _Reader(name)
    for row, line in body:
        reader.read(row, line)
    for article in reader.articles:
        if not any(article.lines):
            refuse(
                name, f"article {article.number} has no text", rule="article text", field=f"article {article.number}"
            )
    declared = re.match(r"\d+", header.get("条款数", ""))
    if declared and int(declared[0]) != len(reader.articles):
        detail = f"the header announces {declared[0]} articles, the text has {len(reader.articles)}"
        refuse(name, detail, rule="article count", field="条款数")
    named = header.get("法律名称") or header.get("文件名称") or title
    notes, preface = _split_preface(reader.preface, named)
    named = named or (preface.pop(0) if preface and len(preface[0]) <= 40 else "")
    sections = [Section(item.path, "article", "\n".join(item.lines), item.number) for item in reader.articles]
    sections += [Section(item.path, "text", "\n".join(item.lines)) for item in reader.appendix if item.lines]
    if preface and not header:  # a shop's rules may open with words of their own; a gazette file's decree is no rule
        sections.insert(0, Section((), "text", "\n".join(preface)))
    meta = {**header, "kind": "statute"} | ({"note": "\n".join(notes)} if notes else {})
    starts = valid_from(
        header, "\n".join([*notes, *preface]), "\n".join(a for i in reader.articles[-2:] for a in i.lines)
    )
    return ParsedDocument(named, tuple(sections), meta, starts)


def _header(lines: Sequence[NumberedLine]) -> tuple[dict[str, str], list[NumberedLine]]:
    """【key】value lines at the top, then the body between its markers where there are any; blank lines go."""
    filled = [(row, line) for row, line in lines if line]
    header: dict[str, str] = {}
    while filled and (match := _HEADER.match(filled[0][1])):
        header[match["key"].strip()] = match["value"].strip()
        filled = filled[1:]
    start = next((i + 1 for i, (_, line) in enumerate(filled) if _BODY_START.match(line)), 0)
    end = next((i for i, (_, line) in enumerate(filled) if _BODY_END.match(line)), len(filled))
    return header, filled[start:end]


def _split_preface(lines: Sequence[str], title: str) -> tuple[list[str], list[str]]:
    notes = [line for line in lines if _NOTE.match(line)]
    rest = [line for line in lines if line not in notes and not _CONTENTS.match(line)]
    return notes, [line for line in rest if squeeze_cjk(line) != squeeze_cjk(title)]


def valid_from(header: dict[str, str], preface: str, closing: str) -> date | None:
    """The latest of the version's amendments (修正, 修订) and its commencement.

    【施行日期】 alone is often the day of the first version. The later of both is right also where an amendment was
    passed before the day it took effect; where a file names only the amendment, its passing is the earliest day.
    """
    announced = "\n".join(value for key, value in header.items() if key not in ("数据源URL", "施行日期"))
    amended = [day for match in _AMENDED.finditer(f"{announced}\n{preface}") for day in find_dates(match[0])[-1:]]
    commenced = find_dates(header.get("施行日期", ""))[:1] + commencement_dates(f"{announced}\n{preface}")
    return max([*amended, *(commenced or commencement_dates(closing)[:1])], default=None)
