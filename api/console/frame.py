"""What surrounds every page: navigation by rights, the shop, the language, the way out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from nicegui import ui

from api.auth.rights import Right
from api.console.guard import PATH
from api.console.parts import box, words
from api.console.visit import Visit
from api.console.wording import ROLES, Pair, named
from knowledge.kit.errors import ForbiddenError, NotFoundError, UnauthorizedError

Build = Callable[[Visit], Awaitable[None]]


@dataclass(frozen=True)
class Place:
    path: str
    icon: str
    name: Pair
    right: Right


@dataclass(frozen=True)
class Group:
    name: Pair
    places: tuple[Place, ...]


GROUPS = (
    Group(("客服", "Service desk"), (
        Place("/desk", "support_agent", ("坐席台", "Desk"), Right.DESK_WORK),
        Place("/supervise", "speed", ("值班看板", "Supervise"), Right.DESK_SUPERVISE),
        Place("/conversations", "forum", ("会话", "Conversations"), Right.CONVERSATIONS_READ),
        Place("/handoffs", "history", ("转人工记录", "Handoff log"), Right.HANDOFFS_READ),
        Place("/learning", "school", ("知识沉淀", "Learning"), Right.KNOWLEDGE_REVIEW),
        Place("/insights", "insights", ("待补问题与统计", "Unanswered and rates"), Right.INSIGHTS_READ),
    )),
    Group(("资料", "Knowledge"), (
        Place("/documents", "description", ("文档与政策", "Documents"), Right.DOCUMENTS_READ),
        Place("/policies", "rule", ("政策数值", "Policy terms"), Right.DOCUMENTS_READ),
        Place("/catalog", "inventory_2", ("商品", "Catalogue"), Right.CATALOG_READ),
        Place("/imports", "upload_file", ("导入", "Import"), Right.IMPORTS_WRITE),
        Place("/ask", "quiz", ("试问一句", "Ask a test question"), Right.DESK_TRY),
    )),
    Group(("设置", "Settings"), (
        Place("/welcome", "storefront", ("店铺设置", "Shop"), Right.SHOP_WRITE),
        Place("/model", "memory", ("模型", "Model"), Right.MODEL_WRITE),
        Place("/keys", "key", ("密钥", "Keys"), Right.KEYS_WRITE),
        Place("/operators", "group", ("成员", "Operators"), Right.OPERATORS_WRITE),
    )),
)  # fmt: skip


_PARENTS = {"/document": "/documents", "/product": "/catalog", "/conversation": "/conversations"}


def page(path: str, right: Right | None, title: Pair, *, wide: bool = False) -> Callable[[Build], Build]:
    """A page for those who have `right`; the builder draws inside the frame and does everything through the visit."""

    def register(build: Build) -> Build:
        @ui.page(path, response_timeout=20.0)
        async def drawn(request: Request) -> Response | None:
            try:
                visit = await Visit.enter(request)
            except UnauthorizedError:
                return RedirectResponse(f"{PATH}/login?ended=1", 303)
            ui.page_title(f"{title[visit.english]} · {visit.shop_name}")
            with _frame(visit, title, wide=wide):
                await _filled(visit, right, build)
            visit.watch()
            return None

        return build

    return register


async def _filled(visit: Visit, right: Right | None, build: Build) -> None:
    try:
        if right is not None:
            visit.who.require(right)
        await build(visit)
    except ForbiddenError:
        _notice("lock", visit.t("你的角色看不到这一页", "Your roles do not include this page"))
    except NotFoundError:
        _notice("search_off", visit.t("找不到，可能已被删除", "Not found; it may be gone"))


def _notice(icon: str, text: str) -> None:
    with box("lc-empty"):
        ui.icon(icon).classes("lc-empty-icon")
        words(text)


def _frame(visit: Visit, title: Pair, *, wide: bool) -> ui.element:
    ui.add_head_html(f'<link rel="stylesheet" href="{PATH}/assets/console.css">')
    ui.add_head_html(f'<link rel="stylesheet" href="{PATH}/assets/dark.css">')
    ui.dark_mode(None)
    ui.colors(primary="#1f5c4d", secondary="#5e564d", accent="#7a4a0c", positive="#1f5c4d", negative="#a8321f")
    drawer = ui.left_drawer(top_corner=True, bottom_corner=True).props("width=232 breakpoint=900").classes("lc-nav")
    with drawer:
        _navigation(visit)
    with ui.header(elevated=False).classes("lc-top"):
        ui.button(icon="menu", on_click=drawer.toggle).props(
            f'flat round dense aria-label="{visit.t("菜单", "Menu")}"'
        ).classes("lc-menu")
        words(title[visit.english], "lc-title").props("role=heading aria-level=1")
        ui.space()
        other = "zh" if visit.english else "en"
        ui.link("中文" if visit.english else "English", f"/language?to={other}&back={visit.path}").classes(
            "lc-top-link"
        )
    return ui.element("main").classes("lc-main-column wide" if wide else "lc-main-column")


def _navigation(visit: Visit) -> None:
    with ui.link(target="/").classes("lc-brand"):
        words(visit.shop_name[:1], "lc-mark")
        with box("lc-brand-words"):
            words(visit.shop_name, "lc-brand-name")
            words("LiveCrew", "lc-hint")
    current = visit.path.removeprefix(PATH)
    current = _PARENTS.get(current, current)
    with ui.element("nav").classes("lc-places"):
        _link(visit, Place("/", "home", ("概览", "Overview"), Right.DOCUMENTS_READ), current)
        for group in GROUPS:
            allowed = [place for place in group.places if visit.has(place.right)]
            if allowed:
                words(group.name[visit.english], "lc-group")
            for place in allowed:
                _link(visit, place, current)
    with box("lc-me"):
        with ui.link(target="/account").classes("lc-me-words"):
            words(visit.who.name, "lc-me-name")
            words(" · ".join(named(ROLES, role, english=visit.english) for role in visit.who.roles), "lc-hint")
        leave = ui.element("form").props(f'method="post" action="{PATH}/logout"')
        with leave, ui.element("button").props("type=submit").classes("lc-out"):
            ui.icon("logout")
            words(visit.t("退出", "Sign out"))


def _link(visit: Visit, place: Place, current: str) -> None:
    here = current == place.path or (place.path != "/" and current.startswith(place.path + "/"))
    with ui.link(target=place.path).classes("lc-place here" if here else "lc-place"):
        ui.icon(place.icon)
        words(place.name[visit.english])
