from importlib.metadata import version
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.schemas import Health, Readiness
from api.services import Services, services
from knowledge.kit.errors import ConfigurationError

router = APIRouter(prefix="/v1", tags=["health"])


@router.get("/health")
async def health() -> Health:
    """The process is alive."""
    return Health(status="ok", version=version("livecrew"))


@router.get("/ready")
async def ready(wired: Annotated[Services, Depends(services)], response: Response) -> Readiness:
    """The process can serve: 503 while its database does not answer."""
    try:
        await wired.database.check()
        reachable = True
    except ConfigurationError:
        reachable = False
        response.status_code = 503
    return Readiness(
        status="ready" if reachable else "not_ready",
        database=reachable,
        dense="chroma" if wired.retriever.owns_chroma else "exact",
        writer=wired.writer_name,
    )
