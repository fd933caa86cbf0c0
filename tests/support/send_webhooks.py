"""A process that does nothing but send webhooks: `python -m tests.support.send_webhooks APP_URL`."""

import asyncio
import sys

from api.webhooks.sender import WebhookSender
from api.webhooks.targets import Targets
from knowledge.kit.db import Database


async def main(app_url: str) -> None:
    await WebhookSender(Database(app_url), Targets(private=True)).start()
    sys.stdout.write("sending\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
