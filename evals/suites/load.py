"""Chat turns through HTTP under load, beside a bare FastAPI + Chroma application under the same load in the same run.

Both servers live at once; at each level one is pressed, then the other, so a slow minute of the machine hits both.
Absolute figures are this machine's; `ratio` is what may be compared between machines.
"""

import asyncio
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import psutil
import yaml

from evals.contract import Options, Outcome, Row
from evals.figures import percentile
from evals.load.servers import Server, bare_server, desk_server
from knowledge.demo.shop import DEMO_SHOP_ID

Progress = Callable[[str], None]
_TURNS = {1: 60, 8: 240, 32: 480}  # by concurrent shoppers
_WITHIN_S = 30.0
_WARM_UP = 4
_BARE = "bare"
_QUESTIONS = Path(__file__).parents[2] / "knowledge/demo/questions.yaml"
_BEFORE = ("", "亲，", "请问", "你好，", "在吗，", "客服，", "问一下，", "麻烦问下")
_AFTER = ("", "？", "呢", "哈", "，谢谢", "，急", "啊", "，在线等")


async def run(options: Options) -> Outcome:
    return await asyncio.to_thread(_measure, options)


def _measure(options: Options) -> Outcome:
    busy = psutil.getloadavg()[0]
    turns = {level: options.limit or most for level, most in _TURNS.items()}
    with tempfile.TemporaryDirectory(prefix="lc-load-", ignore_cleanup_errors=True) as directory:
        desk_home, bare_home = Path(directory) / "desk", Path(directory) / "bare"
        desk_home.mkdir()
        bare_home.mkdir()
        options.progress("starting both servers")
        with desk_server(desk_home) as desk, bare_server(bare_home) as bare:
            texts = wordings(options.data, options.seed)
            outcome = compare(desk, bare, DEMO_SHOP_ID, turns, texts, options.progress)
    outcome.metrics["server"]["load_average_before"] = round(busy, 2)
    if busy > 0.5:
        outcome.notes.append(f"the machine was busy before the run (load average {busy:.1f}): take the ratios only")
    return outcome


def compare(
    desk: Server, bare: Server, shop_id: str, turns: Mapping[int, int], texts: Iterator[str], progress: Progress
) -> Outcome:
    """`turns` by number of concurrent shoppers; each text is asked of each server once."""
    for server, target in ((desk, shop_id), (bare, _BARE)):
        _press(server, target, list(islice(texts, _WARM_UP)), shoppers=1)
    desk_rows, bare_rows, used = {}, {}, {}
    for level, most in turns.items():
        asked, key = list(islice(texts, most)), str(level)
        progress(f"{level} concurrent shoppers, {len(asked)} turns")
        before = desk.cpu_s()
        desk_rows[key] = figures(_press(desk, shop_id, asked, shoppers=level))
        spent_s = desk.cpu_s() - before
        bare_rows[key] = figures(_press(bare, _BARE, asked, shoppers=level))
        made = desk_rows[key]["n"] + desk_rows[key]["errors"]
        used[key] = {
            "cpu_ms_per_turn": round(spent_s * 1000 / made, 1),
            "rss_mb": round(desk.rss_mb()),
            "bare_rss_mb": round(bare.rss_mb()),
        }
    return Outcome(_metrics(desk_rows, bare_rows, used), [], notes=_notes(desk_rows, bare_rows))


def wordings(data: Path, seed: int) -> Iterator[str]:
    """Each at most once, so that no cache of embeddings answers for the model: the questions of the demo shop between
    the words shoppers put around them."""
    path = data if data.is_file() else _QUESTIONS
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))["questions"]
    texts = [f"{before}{row['question']}{after}" for row in rows for before in _BEFORE for after in _AFTER]
    texts = list(dict.fromkeys(texts))
    random.Random(seed).shuffle(texts)
    return iter(texts)


def _press(server: Server, target: str, questions: Sequence[str], *, shoppers: int) -> Row:
    path = server.home / "questions.json"
    path.write_text(json.dumps(questions, ensure_ascii=False), encoding="utf-8")
    command = [sys.executable, "-m", "evals.load.shoppers", target, "--url", server.url, "--questions", str(path)]
    command += ["--shoppers", str(shoppers), "--within-s", str(_WITHIN_S)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    load: Row = json.loads(done.stdout)
    return load


def figures(load: Row) -> Row:
    """`n` are the turns that ended well; their times alone are in the percentiles."""
    ms, first = load["ms"], load["first_event_ms"]
    return {
        "turns_per_s": round(len(ms) / load["seconds"], 2),
        "p50_ms": percentile(ms, 50),
        "p95_ms": percentile(ms, 95),
        "p99_ms": percentile(ms, 99),
        "errors": sum(load["errors"].values()),
        "n": len(ms),
        **({"first_event_p50_ms": percentile(first, 50)} if first else {}),
        **({"error_kinds": load["errors"]} if load["errors"] else {}),
    }


def _metrics(desk: dict[str, Row], bare: dict[str, Row], used: Row) -> dict[str, Any]:
    ratio = {
        level: {
            key: round(desk[level][key] / bare[level][key], 3) if desk[level][key] and bare[level][key] else None
            for key in ("turns_per_s", "p50_ms", "p95_ms", "p99_ms")
        }
        for level in desk
    }
    every = [*desk.values(), *bare.values()]
    return {
        "n": sum(row["n"] for row in every),
        "errors": sum(row["errors"] for row in every),
        "levels": desk,
        "bare": bare,
        "ratio": ratio,
        "server": {**used, "cpus": psutil.cpu_count()},
    }


def _notes(desk: dict[str, Row], bare: dict[str, Row]) -> list[str]:
    notes = [
        "ratio = desk / bare; times run from the message's POST to the whole answer, turns_per_s counts opening the "
        "conversation too",
        "shoppers and both servers share this machine's cores; cpu_ms_per_turn counts the service and its PostgreSQL",
    ]
    small = [level for level, row in (*desk.items(), *bare.items()) if row["n"] < 100]
    if small:
        notes.append(
            f"p99 of fewer than 100 turns is close to the slowest one (levels {', '.join(sorted(set(small)))})"
        )
    return notes
