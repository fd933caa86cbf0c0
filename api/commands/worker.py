import argparse
import asyncio
import sys

from api.commands.settings import read_settings
from api.logs import configure
from api.migrations import migrate
from knowledge.kit.clock import SystemClock
from knowledge.runtime import open_knowledge


def run(name: str, arguments: list[str]) -> int:
    argparse.ArgumentParser(
        prog=f"livecrew {name}",
        description="Runs background jobs until stopped; several may run at once, a killed one's jobs are taken over.",
    ).parse_args(arguments)
    settings = read_settings()
    configure(settings.api.log_format)
    asyncio.run(_work())
    return 0


async def _work() -> None:
    async with open_knowledge(read_settings().knowledge, SystemClock(), migrate, own_chroma=False) as knowledge:
        sys.stdout.write("worker is ready; Ctrl-C stops it\n")
        sys.stdout.flush()
        await knowledge.worker().run()
