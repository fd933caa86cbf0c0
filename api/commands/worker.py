import argparse
import asyncio
import sys

from api.commands.settings import read_settings
from api.logs import configure
from api.migrations import migrate
from api.webhooks.sender import WebhookSender
from api.webhooks.targets import Targets
from knowledge.kit.clock import SystemClock
from knowledge.runtime import open_knowledge


def run(name: str, arguments: list[str]) -> int:
    argparse.ArgumentParser(
        prog=f"livecrew {name}",
        description="Runs background jobs and sends webhooks until stopped; several may run at once, a killed one's "
        "work is taken over.",
    ).parse_args(arguments)
    settings = read_settings()
    configure(settings.api.log_format)
    asyncio.run(_work())
    return 0


async def _work() -> None:
    settings = read_settings()
    async with open_knowledge(settings.knowledge, SystemClock(), migrate, own_chroma=False) as knowledge:
        webhooks = WebhookSender(knowledge.database, Targets(private=settings.api.webhooks_to_private))
        await webhooks.start()
        sys.stdout.write("worker is ready; Ctrl-C stops it\n")
        sys.stdout.flush()
        try:
            await knowledge.worker().run()
        finally:
            await webhooks.stop()
