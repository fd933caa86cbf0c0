"""One self-contained HTML file a run: figures with their intervals drawn, and the cases to look at first."""

import base64
import html
import io
from pathlib import Path
from typing import Any

from evals.contract import Outcome

_STYLE = """body{font:15px/1.6 system-ui,"Noto Sans CJK SC",sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;
color:#222}table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ddd;padding:.35rem .5rem;
text-align:left;vertical-align:top}th{background:#f6f4ef}img{max-width:100%}.n{color:#777}"""


def write_report(folder: Path, suite: str, metrics: dict[str, Any], outcome: Outcome) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{suite}.html"
    figures = "".join(_figure_row(key, value, metrics) for key, value in metrics.items() if _is_figure(key, value))
    cases = "".join(_case_row(case) for case in outcome.worst[:60])
    path.write_text(
        f"<!doctype html><html lang=zh><meta charset=utf-8><title>{suite}</title><style>{_STYLE}</style>"
        f"<h1>{html.escape(suite)}</h1><p class=n>clock {html.escape(str(metrics.get('now')))}</p>"
        f'<img alt="figures with 95 % intervals" src="data:image/png;base64,{_plot(metrics)}">'
        f"<h2>Figures</h2><table><tr><th>figure<th>value<th>n<th>95 % interval</tr>{figures}</table>"
        f"<h2>Look here first ({len(outcome.worst)})</h2>"
        f"<table><tr><th>id<th>case<th>problem<th>expected<th>said</tr>{cases}</table></html>",
        encoding="utf-8",
    )
    return path


def _is_figure(key: str, value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and not key.endswith(("_n", "_ci"))


def _figure_row(key: str, value: float, metrics: dict[str, Any]) -> str:
    interval = metrics.get(f"{key}_ci")
    shown = f"{interval[0]:.3f} – {interval[1]:.3f}" if interval else ""
    return f"<tr><td>{html.escape(key)}<td>{value}<td>{metrics.get(f'{key}_n', '')}<td>{shown}</tr>"


def _case_row(case: dict[str, Any]) -> str:
    cells = (case["id"], case["question"], case["problem"], case["gold"], case["answer"])
    return "<tr>" + "".join(f"<td>{html.escape(str(cell))}" for cell in cells) + "</tr>"


def _plot(metrics: dict[str, Any]) -> str:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    rates = [(key, value, metrics[f"{key}_ci"]) for key, value in metrics.items() if metrics.get(f"{key}_ci")]
    figure, axes = pyplot.subplots(figsize=(8, 0.45 * len(rates) + 0.8))
    for place, (_key, value, (low, high)) in enumerate(reversed(rates)):
        axes.plot([low, high], [place, place], color="#c96f3b", linewidth=3, alpha=0.5)
        axes.plot(value, place, "o", color="#8f3f14")
    axes.set_yticks(range(len(rates)), [key for key, _, _ in reversed(rates)])
    axes.set_xlim(0, 1)
    axes.grid(axis="x", alpha=0.3)
    figure.tight_layout()
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=110)
    pyplot.close(figure)
    return base64.b64encode(picture.getvalue()).decode()
