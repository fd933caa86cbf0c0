"""Dates as shops and statutes write them."""

import re
from datetime import date

_DATE = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d{2})\s*(?:年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*日"
    r"|(?P<s>[-/.])(?P<m2>\d{1,2})(?P=s)(?P<d2>\d{1,2})(?!\d))"
)
_LABELLED = re.compile(
    r"^[【\[（(]?(?:生效|施行|实施|执行|启用)(?:日期|时间)[】\])）]?\s*[:：为是]?\s*(?P<rest>.{8,40})$"
)
_FROM = re.compile(r"自(?P<rest>[^。；]{8,16}?)起(?:施行|生效|执行|实施)")


def find_dates(text: str) -> list[date]:
    """Every full date in order; impossible ones (2月30日) are left out."""
    found = []
    for match in _DATE.finditer(text):
        month, day = match["m"] or match["m2"], match["d"] or match["d2"]
        try:
            found.append(date(int(match["y"]), int(month), int(day)))
        except ValueError:
            continue
    return found


def commencement_dates(text: str) -> list[date]:
    """Dates in 自…起施行 and its kin."""
    return [day for match in _FROM.finditer(text) for day in find_dates(match["rest"])]


def labelled_effective_date(lines: list[str]) -> date | None:
    """The day on a line such as 生效日期：2026年1月1日; None where the document names none, or two different ones."""
    found = {days[0] for line in lines if (match := _LABELLED.match(line)) and (days := find_dates(match["rest"]))}
    return found.pop() if len(found) == 1 else None
