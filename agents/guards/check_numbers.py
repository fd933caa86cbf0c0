"""Numbers, dates and durations of the statement: in the evidence, with the same bound and role, or derivable."""

import re
from collections.abc import Iterator

from agents.guards.alignment import Case
from agents.guards.clauses import Clause
from agents.guards.derive import day_number, derivable, has_cue, has_plain_cue
from agents.guards.neighbours import heads, neighbours
from agents.guards.quantities import Quantity
from agents.guards.quantity_match import comparable, same
from agents.guards.verdict import Finding

_NEXT_DAY = re.compile("次日|第二天|翌日|隔天|后一天")
_SAME_DAY = re.compile("(?:当天|当日)[^,。;]{0,3}(?:起|开始|算|计)|含当[天日]")
_SUPPOSED = re.compile("比如|例如|假如|如果|要是|按|算|消费|一笔|一单|买了?|花了?|拍|下单|订单")
_SAME_UNIT = {"天": "天日", "日": "天日", "周": ("周", "星期"), "星期": ("周", "星期")}
_OPPOSITE = {
    ("ge", "le"),
    ("ge", "lt"),
    ("gt", "le"),
    ("gt", "lt"),
    ("lt", "ge"),
    ("le", "ge"),
    ("lt", "gt"),
    ("le", "gt"),
}
_HIGH = re.compile("最[慢长晚迟高大多]|不超过|以内|之内|顶多|为止|截止|内|之?前|至多|上限|到")
_LOW = re.compile("最[快短早低小少]|至少|起码|起|从|以上")


def check(case: Case) -> Iterator[Finding]:
    known = _usable(case)
    start = len(known)
    day_one = 1 if _NEXT_DAY.search(case.all_evidence) else -1 if _SAME_DAY.search(case.all_evidence) else 0
    for clause in case.statement:
        for quantity in clause.quantities:
            if is_idle(quantity, clause):
                continue
            if any(same(quantity, other) for other in known[start:]):
                continue
            direct = case.matches(quantity) or _endpoint_matches(quantity, clause, case)
            if direct:
                yield from _bounds(case, clause, quantity, direct)
                known.append(quantity)
            elif (
                _inside_range(case, clause, quantity)
                or _about(case, quantity)
                or (
                    _may_derive(case, clause, quantity)
                    and derivable(quantity, known, day_one, has_plain_cue(case.text))
                    and not _misread(case, clause, quantity)
                )
                or _listed(case, quantity)
                or (_supposed(clause, quantity) and _used(case, quantity, known, day_one))
            ):
                known.append(quantity)
            else:
                kind = "date" if quantity.dim in ("date", "time") else "number"
                yield Finding(kind=kind, span=quantity.text.strip(), detail="neither given nor derivable")


def _usable(case: Case) -> list[Quantity]:
    """Quantities a derivation may start from: not those of a listed neighbour of what the statement names."""
    subject = heads(frozenset(t.value for c in case.statement for t in c.tokens if t.label), case)
    named = [e for e in case.evidence if subject & e.values]
    barred = [n for e in named for n in neighbours(e, case) if n not in named]
    cued = re.search("比|多|少|高|低|快|慢|贵|便宜|差", case.text)
    return [q for e, q in case.evidence_quantities if (cued or e not in barred) and not _swelling(q, e)]


def _swelling(quantity: Quantity, clause: Clause) -> bool:
    """The 30 of 定金30元可抵60元 is paid but not what is taken off."""
    rest = [q for q in clause.quantities if q is not quantity]
    if quantity.dim != "money" or not any(q.dim == "money" for q in rest):
        return False
    return re.match("(?:可以?|能)?抵(?:扣|用|作)?", clause.text[quantity.end :]) is not None


def is_idle(quantity: Quantity, clause: Clause) -> bool:
    """一个, 一件 and the like count nothing unless something limits them; 两件, 两种 may just count what is listed."""
    if quantity.dim != "count" or quantity.unit in ("次", "回", "遍", "倍", "期"):
        return False
    limited = re.search("[限仅只每满第]|最多|至少", clause.text[max(0, quantity.start - 4) : quantity.start])
    if quantity.low == 2 and re.search("都|各|分别|一样|相同", clause.text):
        return True
    return quantity.low == 1 and not limited


def _endpoint_matches(quantity: Quantity, clause: Clause, case: Case) -> list[tuple[Clause, Quantity]]:
    """最慢七个工作日 of 3—7个工作日: one end of a range, if the words say which."""
    if quantity.is_range:
        return []
    near = clause.text[max(0, quantity.start - 8) : quantity.end + 3]
    out = []
    for source, given in case.evidence_quantities:
        if not given.is_range or given.dim != quantity.dim:
            continue
        if (quantity.low == given.high and _HIGH.search(near)) or (quantity.low == given.low and _LOW.search(near)):
            out.append((source, given))
    return out


def _inside_range(case: Case, clause: Clause, quantity: Quantity) -> bool:
    """A case falls inside a range the evidence lists for what the statement names (height 178 → XL)."""
    if quantity.is_range or quantity.dim not in ("length", "mass", "calendar", "temperature", "number"):
        return False
    named = {t.value for c in case.statement for t in c.tokens if t.label} & case.evidence_values
    for source, given in case.evidence_quantities:
        if not given.is_range or (comparable(quantity, given) is None):
            continue
        factor = given.low / _plain(given) if quantity.dim == "number" and _plain(given) else 1
        value = quantity.low * factor
        labels = source.values | {t.value for t in source.heading}
        if given.low <= value <= given.high and (not named or named & labels):
            return not re.search("[不没]", clause.text[: quantity.start]) and bool(
                source.values & clause.values or _same_measure(source, clause) or named or "适" in clause.text
            )
    return False


def _about(case: Case, quantity: Quantity) -> bool:
    """半斤出头 of 约260g: a rounded value beside one the evidence gives."""
    if quantity.bound != "approx" or quantity.dim in ("date", "time", "money", "count"):
        return False
    near = [g for _, g in case.evidence_quantities if g.dim == quantity.dim and not g.is_range]
    return any(abs(g.low - quantity.low) * 12 <= g.low for g in near)


def _may_derive(case: Case, clause: Clause, quantity: Quantity) -> bool:
    if quantity.dim == "count":
        return re.search("一共|总共|合计|加起来|共|每|够|能用|可用|剩|还差|(?<!最)[多少]", case.text) is not None
    if quantity.dim == "number":
        return bool(quantity.role) or has_cue(clause.text)
    return has_cue(case.text)


def _listed(case: Case, quantity: Quantity) -> bool:
    """三种, 四场 of a list the evidence spells out; 一周 of 每周."""
    if quantity.text.startswith(("一", "1")) and quantity.dim in ("clock", "calendar"):
        unit = quantity.unit.removeprefix("个")
        return any(f"每{u}" in case.all_evidence for u in _SAME_UNIT.get(unit, unit))
    if quantity.dim != "count" or quantity.unit not in (
        "种",
        "类",
        "样",
        "场",
        "天",
        "个",
        "项",
        "步",
        "款",
        "档",
        "次",
    ):
        return False
    return any(e.text.count("、") + 1 == quantity.low for e in case.evidence if "、" in e.text)


def _supposed(clause: Clause, quantity: Quantity) -> bool:
    return (
        quantity.dim in ("money", "count", "ratio", "mass")
        and _SUPPOSED.search(clause.text[: quantity.end + 4]) is not None
    )


def _used(case: Case, quantity: Quantity, known: list[Quantity], day_one: int) -> bool:
    """A supposed amount counts if something else in the statement follows from it by the evidence's numbers."""
    others = [q for c in case.statement for q in c.quantities if q is not quantity and not case.matches(q)]
    return any(not derivable(q, known, day_one) and derivable(q, [*known, quantity], day_one) for q in others)


def _same_measure(source: Clause, clause: Clause) -> bool:
    return any(char in source.text and char in clause.text for char in "高重长宽厚温")


def _plain(quantity: Quantity) -> int:
    digits = re.match(r"\d+", quantity.text)
    return int(digits[0]) if digits else 0


def _bounds(case: Case, clause: Clause, quantity: Quantity, direct: list[tuple[Clause, Quantity]]) -> Iterator[Finding]:
    stated = quantity.bound
    given = {q.bound for _, q in direct}
    roles = {q.role for _, q in direct}
    if quantity.role and quantity.role not in roles and roles <= {"off", "threshold"}:
        yield Finding(kind="role", span=quantity.text, detail="threshold and discount are exchanged")
    others = {q.role for _, q in case.evidence_quantities if comparable(q, quantity)}
    if quantity.role == "off" and quantity.role not in roles and "off" in others and not has_sum_cue(clause.text):
        yield Finding(kind="role", span=quantity.text, detail="another amount is deducted")
    if not stated or not given - {""}:
        if (
            stated in ("ge", "gt", "lt")
            and "approx" not in given
            and quantity.dim not in ("date", "time")
            and not quantity.role
        ):
            yield Finding(kind="comparison", span=quantity.text, detail="a bound the evidence does not state")
        return
    flipped = clause.negated
    if all((stated, other) in _OPPOSITE for other in given if other):
        if flipped and not any(c.negated for c, _ in direct):
            return
        yield Finding(kind="comparison", span=quantity.text, detail=f"{stated} where the evidence says {sorted(given)}")


def has_sum_cue(text: str) -> bool:
    return re.search("省|便宜|一共|总共|合计|到手|差|退", text) is not None


def _misread(case: Case, clause: Clause, quantity: Quantity) -> bool:
    """The statement gives an attribute another value than the evidence gives the same attribute of the same thing."""
    if re.search("一共|总|合计|差|便宜|省|再|剩|比|到手|多|少|折后|付|最晚|最迟|加起来", clause.text):
        return False
    key = attribute(clause, quantity)
    if key is None:
        return False
    for source, given in case.evidence_quantities:
        if attribute(source, given) == key and comparable(given, quantity) and not same(given, quantity):
            return True
    return False


def attribute(clause: Clause, quantity: Quantity) -> str | None:
    """The content token that stands right before a quantity."""
    before = [t for t in clause.tokens if t.start + len(t.text) <= quantity.start]
    if not before:
        return None
    between = clause.text[before[-1].start + len(before[-1].text) : quantity.start]
    return before[-1].value if len(between) <= 5 and not re.search(r"\d", between) else None


def check_deadline(case: Case) -> Iterator[Finding]:
    """还在/已经过了: a date held against the period that the evidence counts from another date."""
    inside = re.search("还在|还没过|没过|来得及|没超|未超|赶得上|期限内|期内", case.text)
    outside = re.search("已经?过了|过了|超了|来不及|超出|赶不上|过期|超过了", case.text)
    if bool(inside) == bool(outside):
        return
    dates = [q for _, q in case.evidence_quantities if q.dim == "date"]
    dates += [q for c in case.statement for q in c.quantities if q.dim == "date"]
    numbers = sorted({n for q in dates if (n := day_number(q))})
    spans = {int(q.low // 1440) for _, q in case.evidence_quantities if q.dim == "clock" and q.low >= 1440}
    if len(numbers) != 2 or len(spans) != 1:
        return
    is_inside = numbers[1] - numbers[0] <= spans.pop()
    if is_inside != bool(inside):
        yield Finding(kind="date", span=(inside or outside)[0], detail="the calendar says otherwise")  # type: ignore[index]
