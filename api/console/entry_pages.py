"""The three pages before a sign-in, as HTML. Every value passes `escape`."""

from html import escape

from api.console.guard import PATH
from api.console.setup import FirstRun

_NEW = FirstRun(login="", name="", password="")


def _t(english: bool, chinese: str, other: str) -> str:
    return other if english else chinese


def _page(english: bool, title: str, lead: str, body: str, *, back: str, problem: str = "") -> str:
    told = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    switch = f"{PATH}/language?to={'zh' if english else 'en'}&amp;back={escape(back)}"
    return f"""<!doctype html>
<html lang="{"en" if english else "zh-CN"}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} · LiveCrew</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{PATH}/assets/entry.css">
</head>
<body>
<main>
<header><span class="mark" aria-hidden="true">L</span><span class="brand">LiveCrew</span>
<a class="language" href="{switch}">{"中文" if english else "English"}</a></header>
<h1>{escape(title)}</h1>
<p class="lead">{escape(lead)}</p>
{told}
{body}
</main>
</body>
</html>"""


def _input(name: str, label: str, *, value: str = "", kind: str = "text", hint: str = "", more: str = "") -> str:
    below = f'<span class="hint">{escape(hint)}</span>' if hint else ""
    return (
        f'<label><span>{escape(label)}</span><input name="{name}" type="{kind}" value="{escape(value)}" '
        f'maxlength="256" {more}>{below}</label>'
    )


_PROBLEMS = {
    "unauthorized": (
        "登录名或密码不对。连续输错 5 次，账号会锁定 15 分钟。",
        "Login or password is wrong. Five wrong tries lock an account for 15 minutes.",
    ),
    "too_many_requests": ("尝试太频繁，请一分钟后再试。", "Too many tries; please wait a minute."),
}


def login_page(*, english: bool, ended: bool = False, problem: str = "", login: str = "") -> str:
    told = (
        _PROBLEMS.get(problem, ("暂时无法登录。", "Sign-in does not work at the moment."))[english] if problem else ""
    )
    if ended and not problem:
        told = _t(english, "登录已失效，请重新登录。", "Your sign-in has ended; please sign in again.")
    form = (
        f'<form method="post" action="{PATH}/login">'
        + _input("login", _t(english, "登录名", "Login"), value=login,
                 more='autocomplete="username" autocapitalize="none" required autofocus')
        + _input("password", _t(english, "密码", "Password"), kind="password",
                 more='autocomplete="current-password" required')
        + f'<button type="submit">{_t(english, "登录", "Sign in")}</button></form>'
    )  # fmt: skip
    lead = _t(
        english, "店铺后台：资料、商品、模型与会话", "The shop's console: knowledge, catalogue, model, conversations"
    )
    return _page(english, _t(english, "登录", "Sign in"), lead, form, back=f"{PATH}/login", problem=told)


def token_page(*, english: bool, problem: str = "") -> str:
    form = (
        f'<form method="get" action="{PATH}/setup">'
        + _input("token", _t(english, "设置口令", "Set-up token"), more='autocomplete="off" required autofocus')
        + f'<button type="submit">{_t(english, "继续", "Continue")}</button></form>'
    )
    lead = _t(
        english,
        "还没有任何账号。请输入服务器终端启动时打印的设置口令。",
        "Nobody has an account yet. Enter the set-up token that the server printed when it started.",
    )
    title = _t(english, "首次设置", "First run")
    return _page(english, title, lead, form, back=f"{PATH}/setup", problem=problem)


def setup_page(*, english: bool, token: str, shops: list[str], problem: str = "", given: FirstRun = _NEW) -> str:
    form = (
        f'<form method="post" action="{PATH}/setup"><input type="hidden" name="token" value="{escape(token)}">'
        + _shop(english, shops, given)
        + _input("name", _t(english, "你的姓名", "Your name"), value=given.name, more='autocomplete="name" required')
        + _input("login", _t(english, "登录名", "Login"), value=given.login,
                 hint=_t(english, "小写字母、数字或 . _ @ + -", "Small letters, digits or . _ @ + -"),
                 more='autocomplete="username" autocapitalize="none" required')
        + _input("password", _t(english, "密码", "Password"), kind="password",
                 hint=_t(english, "至少 10 个字符", "At least 10 characters"),
                 more='autocomplete="new-password" minlength="10" required')
        + f'<button type="submit">{_t(english, "创建并进入", "Create and enter")}</button></form>'
    )  # fmt: skip
    lead = _t(english, "给店铺起名，并创建第一位管理员。", "Name the shop and make its first admin.")
    return _page(english, _t(english, "首次设置", "First run"), lead, form, back=f"{PATH}/setup", problem=problem)


def _shop(english: bool, shops: list[str], given: FirstRun) -> str:
    name = _input("shop_name", _t(english, "店铺名称", "Shop name"), value=given.shop_name,
                  hint=_t(english, "顾客在聊天窗口里看到的名字", "What shoppers read in the chat window"))  # fmt: skip
    if not shops:
        return name
    none = f'<option value="">{_t(english, "新建店铺", "A new shop")}</option>'
    options = "".join(
        f'<option value="{escape(one)}"{" selected" if one == given.shop_id else ""}>{escape(one)}</option>'
        for one in shops
    )
    label = _t(english, "店铺", "Shop")
    return f'<label><span>{label}</span><select name="shop_id">{none}{options}</select></label>{name}'
