"""The one table from error codes to HTTP statuses, and the one body every error has: {code, detail, data}."""

from types import MappingProxyType

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException as StarletteHTTPException

from knowledge.kit.errors import LiveCrewError

log = structlog.get_logger(__name__)

STATUS = MappingProxyType(
    {
        "invalid_input": 422,
        "not_found": 404,
        "conflict": 409,
        "unauthorized": 401,
        "forbidden": 403,
        "too_many_requests": 429,
        "body_too_large": 413,
        "configuration": 503,
        "oms_unavailable": 503,
        "unavailable": 503,
        "stale_fence": 409,
        "already_claimed": 409,
        "at_capacity": 409,
        "operator_unavailable": 409,
        "idempotency_key_reused": 422,
        "internal": 500,
    }
)


class TooManyRequestsError(LiveCrewError):
    code = "too_many_requests"


class BodyTooLargeError(LiveCrewError):
    code = "body_too_large"


class UnavailableError(LiveCrewError):
    """The database is away for a moment; the same call again is safe where it was safe before."""

    code = "unavailable"


def body(code: str, detail: str, data: dict[str, object]) -> dict[str, object]:
    return {"code": code, "detail": detail, "data": data}


def response_for(error: LiveCrewError) -> JSONResponse:
    headers = {"Retry-After": str(error.data["retry_after_s"])} if "retry_after_s" in error.data else None
    status = STATUS.get(error.code, 500)
    if status == 401:
        headers = {"WWW-Authenticate": "Bearer"}
    return JSONResponse(body(error.code, error.detail, error.data), status_code=status, headers=headers)


def install(app: FastAPI) -> None:
    @app.exception_handler(LiveCrewError)
    async def expected(_request: Request, error: LiveCrewError) -> JSONResponse:
        return response_for(error)

    @app.exception_handler(RequestValidationError)
    async def malformed(_request: Request, error: RequestValidationError) -> JSONResponse:
        problems = [{"field": ".".join(map(str, one["loc"])), "rule": one["msg"]} for one in error.errors()]
        return JSONResponse(body("invalid_input", "The request is malformed.", {"problems": problems}), status_code=422)

    @app.exception_handler(StarletteHTTPException)
    async def routing(_request: Request, error: StarletteHTTPException) -> JSONResponse:
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http_error")
        return JSONResponse(body(code, str(error.detail), {}), status_code=error.status_code, headers=error.headers)

    @app.exception_handler(OperationalError)
    async def restarting(request: Request, error: OperationalError) -> JSONResponse:
        log.warning("database_unavailable", path=request.url.path, error=str(error.orig).partition("\n")[0])
        return response_for(UnavailableError("The database does not answer; try again in a moment.", retry_after_s=1))

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("unexpected_error", path=request.url.path, exc_info=error)
        return JSONResponse(body("internal", "Something went wrong on our side.", {}), status_code=500)
