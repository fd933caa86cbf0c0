"""Signing in, the first run, signing out: plain forms, so that they work before anything heavy is loaded."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from api.auth import operators, sign_ins
from api.auth.operators import SignedIn
from api.console.entry_pages import login_page, setup_page, token_page
from api.console.guard import COOKIE, HEADERS, PATH, same_origin
from api.console.language import LANGUAGE, is_english
from api.console.mount import Console
from api.console.setup import FirstRun
from api.console.wording import problem_text
from api.errors import STATUS
from api.services import caller
from knowledge.kit.errors import ForbiddenError, LiveCrewError, NotFoundError

_FOLDER = Path(__file__).parent / "assets"
router = APIRouter(prefix=PATH, include_in_schema=False)
_ASSETS = {
    "console.css": "text/css", "dark.css": "text/css", "desk.css": "text/css", "desk.js": "text/javascript",
    "entry.css": "text/css",
}  # fmt: skip
_YEAR_S = 31_536_000


def _console(request: Request) -> Console:
    """Raises: ForbiddenError when the request comes from a page of another origin."""
    if not same_origin(request.scope):
        raise ForbiddenError("This form belongs to another origin.")
    found: Console = request.app.state.console
    return found


Open = Annotated[Console, Depends(_console)]
Word = Annotated[str, Form(max_length=300)]


def _html(text: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(text, status, headers={**HEADERS, "Cache-Control": "no-store"})


def _status(error: LiveCrewError) -> int:
    return STATUS.get(error.code, 500)


def _signed_in(request: Request, console: Console, who: SignedIn, target: str) -> Response:
    answer = RedirectResponse(f"{PATH}{target}", 303)
    answer.set_cookie(
        COOKIE,
        sign_ins.issue(console.secret, who, console.services.clock.now()),
        max_age=int(sign_ins.LASTS.total_seconds()),
        path=PATH,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


@router.get("/login")
async def login(request: Request, console: Open, ended: bool = False) -> Response:
    if await console.setup.needed():
        return RedirectResponse(f"{PATH}/setup", 303)
    return _html(login_page(english=is_english(request), ended=ended))


@router.post("/login")
async def log_in(request: Request, console: Open, login: Word, password: Word) -> Response:
    english = is_english(request)
    try:
        console.sign_in_limit.spend(caller(request))
        who = await operators.sign_in(console.services.database, login, password)
    except LiveCrewError as error:
        return _html(login_page(english=english, problem=error.code, login=login), _status(error))
    return _signed_in(request, console, who, "/")


@router.post("/logout")
async def log_out(request: Request, console: Open) -> Response:
    """Ends this browser's sign-in and every page it has open; those in other browsers end with a change of password."""
    token, database = request.cookies.get(COOKIE, ""), console.services.database
    if (who := sign_ins.read(console.secret, token, console.services.clock.now())) is not None:
        async with database.transaction(who.shop_id) as scope:
            await operators.sign_out(scope, who.operator_id, sign_ins.mark(token))
    answer = RedirectResponse(f"{PATH}/login", 303)
    answer.delete_cookie(COOKIE, path=PATH)
    return answer


@router.get("/language")
async def language(to: str = "zh", back: str = PATH) -> Response:
    """`back` is a path of the console; anything else leads to its first page."""
    inside = back == PATH or (back.startswith(f"{PATH}/") and not back.startswith((f"{PATH}//", f"{PATH}/\\")))
    answer = RedirectResponse(back if inside else f"{PATH}/", 303)
    answer.set_cookie(LANGUAGE, "en" if to == "en" else "zh", max_age=_YEAR_S, path=PATH, samesite="lax")
    return answer


@router.get("/setup")
async def set_up(request: Request, console: Open, token: str = "") -> Response:
    if not await console.setup.needed():
        return RedirectResponse(f"{PATH}/login", 303)
    english = is_english(request)
    if not token:
        return _html(token_page(english=english))
    try:
        console.sign_in_limit.spend(caller(request))
    except LiveCrewError as error:
        return _html(token_page(english=english, problem=problem_text(error, english=english)), _status(error))
    if not console.setup.admits(token):
        wrong = "The set-up token is not the one printed on the server's console."
        return _html(token_page(english=english, problem=problem_text(ForbiddenError(wrong), english=english)), 403)
    shops = await console.services.database.shop_ids()
    return _html(setup_page(english=english, token=token, shops=shops))


@router.post("/setup")
async def finish_set_up(
    request: Request, console: Open, token: Word, login: Word, name: Word, password: Word,
    shop_name: Word = "", shop_id: Word = "",
) -> Response:  # fmt: skip
    english, first = is_english(request), FirstRun(login, name, password, shop_name, shop_id)
    try:
        console.sign_in_limit.spend(caller(request))
        who = await console.setup.finish(token, first)
    except ForbiddenError as error:
        return _html(token_page(english=english, problem=problem_text(error, english=english)), 403)
    except LiveCrewError as error:
        shops = await console.services.database.shop_ids()
        told = problem_text(error, english=english)
        return _html(setup_page(english=english, token=token, shops=shops, problem=told, given=first), _status(error))
    return _signed_in(request, console, who, "/welcome")


@router.get("/assets/{name}")
async def asset(name: str) -> FileResponse:
    if name not in _ASSETS:
        raise NotFoundError("There is no such file.", name=name)
    return FileResponse(_FOLDER / name, media_type=_ASSETS[name], headers={"Cache-Control": "no-cache"})
