"""NiceGUI's application with our pages on it: one a process, whatever number of servers this process makes."""

from functools import cache

from fastapi import FastAPI
from nicegui import app as pages
from nicegui import ui

from api.console.guard import PATH
from api.console.pages import (
    account,
    ask,
    catalog,
    conversation,
    conversations,
    desk,
    document,
    documents,
    handoffs,
    home,
    imports,
    insights,
    keys,
    learning,
    model,
    operators,
    policies,
    product,
    supervise,
    welcome,
)

__all__ = ["PAGES", "pages", "shell"]

PAGES = (
    account, ask, catalog, conversation, conversations, desk, document, documents, handoffs, home, imports, insights,
    keys, learning, model, operators, policies, product, supervise, welcome,
)  # fmt: skip


@cache
def shell() -> FastAPI:
    """Carries NiceGUI's start and stop as its lifespan. Nothing is kept in NiceGUI's storage: no file, no session."""
    host = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    ui.run_with(
        host,
        mount_path=PATH,
        title="LiveCrew",
        tailwind=False,
        show_welcome_message=False,
        reconnect_timeout=30.0,
        binding_refresh_interval=None,
        favicon=_ICON,
    )
    return host


_ICON = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' height='32' rx='9' fill='#1f5c4d'/>"
    "<path d='M9 11h14M9 16h14M9 21h8' stroke='#fff' stroke-width='2.4' stroke-linecap='round'/></svg>"
)
