import argparse
import asyncio
import json
import sys

from agents.llm.build import build_writer
from agents.llm.sql_ledger import SqlLedger
from agents.support.answer_types import Decision, Question
from agents.support.answerer import Answerer
from agents.support.toolbox import Toolbox
from api.commands.settings import read_settings
from api.migrations import migrate
from knowledge.kit.clock import SystemClock
from knowledge.kit.ids import new_id
from knowledge.runtime import open_knowledge


def run(name: str, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog=f"livecrew {name}", description="Answers one question as the service desk would; stores no conversation."
    )
    parser.add_argument("question")
    parser.add_argument("--shop", required=True, help="shop id")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(arguments)
    _show(asyncio.run(_ask(given.shop, given.question)), as_json=given.json)
    return 0


async def _ask(shop_id: str, text: str) -> Decision:
    settings, clock = read_settings(), SystemClock()
    async with open_knowledge(settings.knowledge, clock, migrate, own_chroma=False) as knowledge:
        writer = build_writer(settings.agents, SqlLedger(knowledge.database), clock)
        toolbox = Toolbox(knowledge.catalog, knowledge.oms, knowledge.terms, clock)
        return await Answerer(knowledge.retriever, writer, toolbox=toolbox).answer(
            Question(shop_id, new_id("ask"), text)
        )


def _show(decision: Decision, *, as_json: bool) -> None:
    if as_json:
        shown = {"outcome": decision.outcome, "answer": decision.text, "citations": list(decision.citations),
                 "handoff_reason": decision.reason, "writer": decision.writer}  # fmt: skip
        sys.stdout.write(json.dumps(shown, ensure_ascii=False) + "\n")
        return
    sys.stdout.write(f"{decision.text}\n")
    for item in decision.citations:
        place = f"第{item['article']}条" if item["article"] else item["section"]
        sys.stdout.write(f"  [{item['number']}] {item['title']} {place}\n")
    sys.stdout.write(f"({decision.outcome}, {decision.writer})\n")
