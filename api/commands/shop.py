import argparse
import asyncio
import sys

from api.auth.identity import create_identity_key
from api.auth.keys import SCOPES, create_key
from api.commands.settings import read_settings
from api.migrations import migrate
from knowledge.documents.law_cards import card_uploads
from knowledge.kit.clock import SystemClock
from knowledge.runtime import Knowledge, open_knowledge
from knowledge.shops.repository import ensure_shop


def run(name: str, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog=f"livecrew {name}", description="Creates shops and their keys.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    create = verbs.add_parser("create", help="make a shop and give it the law cards")
    create.add_argument("shop", help="shop id, such as shp_mine")
    create.add_argument("--name", required=True, help="what shoppers read")
    key = verbs.add_parser("key", help="make an API key; it is shown once")
    key.add_argument("shop")
    key.add_argument("--name", default="key", help="what the key is for")
    key.add_argument("--scope", action="append", choices=SCOPES, help="may be given more than once (default: all)")
    identity_key = verbs.add_parser("identity-key", help="make a key that signs who a shopper is; shown once")
    identity_key.add_argument("shop")
    return asyncio.run(_run(parser.parse_args(arguments)))


async def _run(given: argparse.Namespace) -> int:
    async with open_knowledge(read_settings().knowledge, SystemClock(), migrate, own_chroma=False) as knowledge:
        if given.verb == "create":
            await _create(knowledge, given.shop, given.name)
            sys.stdout.write(
                f"shop {given.shop} is ready; `livecrew ingest FILES --shop {given.shop}` adds knowledge\n"
            )
        elif given.verb == "identity-key":
            async with knowledge.database.transaction(given.shop) as scope:
                signing = await create_identity_key(scope)
            sys.stdout.write(f"kid {signing.id}\nsecret {signing.secret}\n")
        else:
            async with knowledge.database.transaction(given.shop) as scope:
                made = await create_key(scope, given.name, given.scope or list(SCOPES))
            sys.stdout.write(f"{made}\n")
    return 0


async def _create(knowledge: Knowledge, shop_id: str, name: str) -> None:
    async with knowledge.database.transaction(shop_id) as scope:
        await ensure_shop(scope, name)
    for upload in card_uploads():
        added = await knowledge.documents.add(shop_id, upload)
        await knowledge.documents.index(shop_id, added.document.id)
        sys.stdout.write(f"law cards: {upload.title}\n")
