"""The FastAPI application: routes, the error table, limits, and the demo page."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from api import errors
from api.limits import BodyLimit
from api.routes import conversations, documents, handoffs, health
from api.schemas import ErrorBody
from api.services import Services
from api.settings import ApiSettings

_WEB = Path(__file__).parent / "web"

OpenServices = Callable[[], AbstractAsyncContextManager[Services]]


def create_app(settings: ApiSettings, open_services: OpenServices) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_services() as services:
            app.state.services = services
            yield

    problem = {"model": ErrorBody, "description": "{code, detail, data}"}
    app = FastAPI(
        title="LiveCrew",
        version=version("livecrew"),
        lifespan=lifespan,
        responses={401: problem, 404: problem, 422: problem, 429: problem},
        generate_unique_id_function=lambda route: route.name,
    )
    errors.install(app)
    app.add_middleware(BodyLimit, limit=settings.max_body_bytes)
    for routes in (conversations, documents, handoffs, health):
        app.include_router(routes.router)

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(_WEB / "index.html")

    app.mount("/web", StaticFiles(directory=_WEB), name="web")
    return app
