"""Charts drawn by the ECharts that NiceGUI ships."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from nicegui import ui

from agents.conversations.statistics import DayCounts
from agents.handoff.figures import TrendDay
from api.console.visit import Visit
from api.console.wording import OUTCOMES, named

_COLOURS = {"answered": "#3f9a7b", "clarified": "#c9b48a", "abstained": "#c4593f", "handed_off": "#d99a3d"}
_TEXT = "#5e564d"
_LINE = "#e5dfd4"


def _axis(**more: Any) -> dict[str, Any]:
    return {
        "axisLabel": {"color": _TEXT, "fontSize": 12},
        "axisLine": {"lineStyle": {"color": _LINE}},
        "axisTick": {"show": False},
        "splitLine": {"lineStyle": {"color": _LINE}},
        **more,
    }


def _chart(options: dict[str, Any], label: str, height: int = 260) -> None:
    base = {
        "animation": False,
        "grid": {"left": 8, "right": 12, "top": 44, "bottom": 4, "containLabel": True},
        "tooltip": {"trigger": "axis", "confine": True},
        "textStyle": {"fontFamily": "inherit"},
    }
    made = ui.echart(base | options).style(f"height: {height}px").classes("lc-chart")
    made.props(f'role=img aria-label="{label}"')


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def outcome_chart(visit: Visit, counts: Sequence[DayCounts], first: date, last: date) -> None:
    """Stacked bars: every day of the span, those without a turn as well."""
    by_day = {one.on: one.counts for one in counts}
    days = _days(first, last)
    names = {code: named(OUTCOMES, code, english=visit.english) for code in OUTCOMES}
    series = [
        {"name": names[code], "type": "bar", "stack": "all", "itemStyle": {"color": colour}, "barMaxWidth": 26,
         "data": [by_day.get(day, {}).get(code, 0) for day in days]}
        for code, colour in _COLOURS.items()
    ]  # fmt: skip
    _chart(
        {
            "legend": {"top": 0, "left": 0, "itemWidth": 12, "itemHeight": 12, "textStyle": {"color": _TEXT}},
            "xAxis": _axis(type="category", data=[f"{day:%m-%d}" for day in days]),
            "yAxis": _axis(type="value", minInterval=1),
            "series": series,
        },
        visit.t("每天各结果的轮数", "Turns by outcome and day"),
    )


def rate_chart(visit: Visit, counts: Sequence[DayCounts], first: date, last: date) -> None:
    """Share of turns that abstained; a day without turns leaves a gap."""
    by_day = {one.on: one.counts for one in counts}
    days = _days(first, last)
    rates = [_rate(by_day.get(day, {})) for day in days]
    name = visit.t("未能回答的比例", "Abstain rate")
    _chart(
        {
            "legend": {"top": 0, "left": 0, "itemWidth": 12, "itemHeight": 12, "textStyle": {"color": _TEXT}},
            "xAxis": _axis(type="category", data=[f"{day:%m-%d}" for day in days]),
            "yAxis": _axis(type="value", min=0, max=100, axisLabel={"formatter": "{value}%", "color": _TEXT}),
            "series": [{"name": name, "type": "line", "data": rates, "symbolSize": 6, "lineStyle": {"width": 2},
                        "itemStyle": {"color": _COLOURS["abstained"]}, "areaStyle": {"opacity": 0.08}}],
        },
        name,
        220,
    )  # fmt: skip


def _rate(counts: dict[str, int]) -> float | None:
    total = sum(counts.values())
    return round(100 * counts.get("abstained", 0) / total, 1) if total else None


def price_chart(visit: Visit, names: Sequence[str], points: Sequence[Sequence[tuple[str, float]]]) -> None:
    """A step line a sku: [(day, yuan)]."""
    series = [
        {"name": name, "type": "line", "step": "end", "data": [list(point) for point in line], "showSymbol": False}
        for name, line in zip(names, points, strict=True)
    ]
    _chart(
        {
            "legend": {"top": 0, "left": 0, "textStyle": {"color": _TEXT}},
            "color": ["#1f5c4d", "#d99a3d", "#7a6a9b", "#c4593f", "#4b7fa8"],
            "xAxis": _axis(type="time"),
            "yAxis": _axis(type="value", scale=True, axisLabel={"formatter": "¥{value}", "color": _TEXT}),
            "series": series,
        },
        visit.t("价格变化", "Price by day"),
        220,
    )


def first_response_chart(visit: Visit, trend: Sequence[TrendDay], first: date, last: date) -> None:
    """Bars: how many came and how many were answered in time; a line: the median wait in seconds."""
    by_day = {one.on: one for one in trend}
    days = _days(first, last)
    found = [by_day.get(day) for day in days]
    within, late, median = (
        visit.t("3 分钟内回复", "In time"),
        visit.t("超时或仍在等", "Late or waiting"),
        visit.t("中位等待（秒）", "Median (s)"),
    )
    bar: dict[str, Any] = {"type": "bar", "stack": "all", "barMaxWidth": 22}
    _chart(
        {
            "legend": {"top": 0, "left": 0, "itemWidth": 12, "itemHeight": 12, "textStyle": {"color": _TEXT}},
            "xAxis": _axis(type="category", data=[f"{day:%m-%d}" for day in days]),
            "yAxis": [_axis(type="value", minInterval=1), _axis(type="value", min=0, splitLine={"show": False})],
            "series": [
                {**bar, "name": within, "itemStyle": {"color": _COLOURS["answered"]},
                 "data": [one.within_target if one else 0 for one in found]},
                {**bar, "name": late, "itemStyle": {"color": _COLOURS["handed_off"]},
                 "data": [one.came - one.within_target if one else 0 for one in found]},
                {"name": median, "type": "line", "yAxisIndex": 1, "symbolSize": 6, "connectNulls": False,
                 "itemStyle": {"color": "#4b7fa8"},
                 "data": [round(one.median_s) if one and one.median_s is not None else None for one in found]},
            ],
        },
        visit.t("每天的首次人工回复", "First reply of a person by day"),
        240,
    )  # fmt: skip
