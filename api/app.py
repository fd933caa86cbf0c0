"""The FastAPI application: routes, the error table, limits, and the demo page."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse

from api import errors
from api.console import entry
from api.console.guard import PATH
from api.console.mount import Console
from api.embedding import WebFiles, WidgetOrigins, origins
from api.limits import BodyLimit
from api.routes import (
    attachments,
    audit,
    chatwoot,
    chatwoot_connections,
    conversations,
    documents,
    handoff_acts,
    handoff_claims,
    handoffs,
    health,
    identity_keys,
    imports,
    incidents,
    knowledge_candidates,
    presence,
    shoppers,
    storefront,
    webhooks,
)
from api.schemas import ErrorBody
from api.services import Services
from api.settings import ApiSettings

_WEB = Path(__file__).parent / "web"

OpenServices = Callable[[], AbstractAsyncContextManager[Services]]


def create_app(settings: ApiSettings, open_services: OpenServices, *, demo: bool = False) -> FastAPI:
    """`demo` adds the demo shop's page and its sign-in for anybody. Raises: ConfigurationError."""
    console = Console(settings) if settings.console else None

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_services() as services:
            app.state.services = services
            if console:
                console.start(services)
            try:
                yield
            finally:
                if console:
                    await console.stop()

    problem = {"model": ErrorBody, "description": "{code, detail, data}"}
    app = FastAPI(
        title="LiveCrew",
        version=version("livecrew"),
        lifespan=lifespan,
        responses={401: problem, 403: problem, 404: problem, 409: problem, 422: problem, 429: problem},
        generate_unique_id_function=lambda route: route.name,
    )
    errors.install(app)
    app.add_middleware(BodyLimit, limit=settings.max_body_bytes, larger={"/v1/imports": settings.max_import_bytes})
    app.add_middleware(WidgetOrigins, allowed=origins(settings.widget_origins))
    desk = (handoffs, handoff_claims, handoff_acts, presence, incidents, audit, webhooks, knowledge_candidates)
    channels = (chatwoot_connections, chatwoot)
    for routes in (conversations, attachments, documents, *desk, identity_keys, imports, shoppers, *channels, health):
        app.include_router(routes.router)

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(_WEB / "index.html")

    if demo:
        app.include_router(storefront.router)
    app.mount("/web", WebFiles(directory=_WEB), name="web")
    if console:
        app.state.console = console
        app.include_router(entry.router)
        app.mount(PATH, console, name="console")
    return app
