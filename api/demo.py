"""Seeds the demo shop; running it again changes nothing that is already there."""

from collections.abc import Callable

from api.services import Services
from knowledge.demo.seed import seed_facts
from knowledge.demo.shop import DEMO_SHOP_ID, DEMO_SHOP_NAME, demo_documents, greeting, suggestions
from knowledge.documents.law_cards import card_uploads
from knowledge.documents.service import Upload
from knowledge.kit.clock import Clock, shanghai_date
from knowledge.shops.repository import ensure_shop

_ALL_DAY = {"opens": 0, "closes": 24}
"""A demo is looked at by night as well: its clocks run."""


async def seed_demo(services: Services, clock: Clock, say: Callable[[str], None]) -> None:
    async with services.database.transaction(DEMO_SHOP_ID) as scope:
        shop = await ensure_shop(scope, DEMO_SHOP_NAME)
        shop.settings = {**shop.settings, "greeting": greeting(), "suggestions": suggestions(), "queue": _ALL_DAY}
    if await seed_facts(services.database, clock):
        say("preparing the demo shop: products, shoppers and orders of today")
    known = {(document.doc, document.sha256) for document in await services.documents.listed(DEMO_SHOP_ID)}
    uploads = [*demo_uploads(clock), *card_uploads()]
    fresh = [upload for upload in uploads if (upload.doc, upload.digest) not in known]
    for number, upload in enumerate(fresh, start=1):
        added = await services.documents.add(DEMO_SHOP_ID, upload)
        await services.documents.index(DEMO_SHOP_ID, added.document.id)
        if number % 10 == 0 or number == len(fresh):
            say(f"preparing the demo shop: {number}/{len(fresh)} documents")
    await services.retriever.refresh(DEMO_SHOP_ID)


def demo_uploads(clock: Clock) -> list[Upload]:
    return [
        Upload(
            doc=document.doc,
            file_name=document.file_name,
            content=document.content,
            kind=document.kind,
            source="demo",
            title=document.title,
            effective_from=document.effective_from,
        )
        for document in demo_documents(shanghai_date(clock.now()))
    ]
