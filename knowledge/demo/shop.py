"""A fictional shop to try the service desk on: its policies, question sheets and product pages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from knowledge.demo.sheet import sheet
from knowledge.documents.parse_yaml import load_mapping

DEMO_SHOP_ID = "shp_demo"

_FRONT = re.compile(r"\A---\n(.*?)^---\n", re.S | re.M)

DemoKind = Literal["policy", "faq", "product"]


@dataclass(frozen=True)
class DemoDocument:
    """`content` is the same on every day, so that vectors and versions are reused; only `effective_from` moves."""

    doc: str
    file_name: str
    content: bytes
    kind: DemoKind
    title: str
    effective_from: date


@dataclass(frozen=True)
class _Page:
    doc: str
    file_name: str
    content: bytes
    kind: DemoKind
    title: str
    days: int


def demo_documents(today: date) -> list[DemoDocument]:
    """Policies first, then question sheets, then products. All were in force before `today`, a Shanghai day."""
    return [
        DemoDocument(p.doc, p.file_name, p.content, p.kind, p.title, today + timedelta(days=p.days)) for p in _pages()
    ]


def suggestions() -> list[str]:
    return list(_shop()["suggestions"])


def greeting() -> str:
    return str(_shop()["greeting"])


@cache
def _shop() -> dict[str, Any]:
    return load_mapping("shop.yaml", (files("knowledge.demo") / "shop.yaml").read_text(encoding="utf-8"))


DEMO_SHOP_NAME = str(_shop()["name"])


@cache
def _pages() -> tuple[_Page, ...]:
    sheets = (_sheet(stem, text) for stem, text in _texts("faq", ".yaml"))
    return (*_markdown("policies", "policy"), *sheets, *_markdown("products", "product"))


def _texts(folder: str, suffix: str) -> Iterator[tuple[str, str]]:
    entries = (files("knowledge.demo") / folder).iterdir()
    for entry in sorted((entry for entry in entries if entry.name.endswith(suffix)), key=lambda entry: entry.name):
        yield entry.name.removesuffix(suffix), entry.read_text(encoding="utf-8")


def _markdown(folder: str, kind: DemoKind) -> Iterator[_Page]:
    for stem, text in _texts(folder, ".md"):
        front = _FRONT.match(text)
        matter = load_mapping(f"{stem}.md", front[1] if front else "", first_row=2)
        name = f"{kind}-{stem}"
        yield _Page(name, f"{name}.md", text.encode(), kind, matter["title"], matter["effective_from_days"])


def _sheet(stem: str, text: str) -> _Page:
    """As .xlsx, for that is the format in which a question can carry further wordings."""
    source = load_mapping(f"{stem}.yaml", text)
    rows = [("问题", "相似问法", "答案")]
    rows += [(pair["question"], "\n".join(pair["similar"]), pair["answer"]) for pair in source["pairs"]]
    name = f"faq-{stem}"
    return _Page(name, f"{name}.xlsx", sheet(rows), "faq", source["title"], source["effective_from_days"])
