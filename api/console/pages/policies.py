"""The figures the shop's rules compute with, by the day they are in force."""

from datetime import date
from typing import Any

from nicegui import ui
from pydantic import ValidationError

from api.auth.rights import Right
from api.console.frame import page
from api.console.pages.documents import span
from api.console.parts import badge, box, card, column, empty, field, main_button, quiet_button, table, words
from api.console.visit import Visit
from api.console.wording import Pair
from knowledge.documents import repository as documents
from knowledge.kit.clock import shanghai_date
from knowledge.kit.errors import InvalidInputError
from knowledge.policies.terms import PolicyTerms

NAMES: dict[str, Pair] = {
    "no_reason_days": ("无理由退货天数", "Days to return without a reason"),
    "no_reason_freight": ("无理由退货运费", "Freight of such a return"),
    "no_return_categories": ("不适用无理由的类目", "Categories without such a return"),
    "quality_days": ("质量问题退货天数", "Days to return a defect"),
    "exchange_days": ("换货天数", "Days to exchange"),
    "price_protection_days": ("价保天数（0 为不价保）", "Days of price protection (0: none)"),
    "price_protection_times": ("每单价保次数", "Times an order is protected"),
    "price_protection_excludes": ("不计入价保的活动", "Offers outside price protection"),
    "price_protection_excluded_categories": ("不价保的类目", "Categories without price protection"),
    "ship_within_hours": ("承诺发货小时数", "Hours until shipped"),
    "return_doc": ("退货规则文档", "Document of returns"),
    "return_section": ("退货条款位置", "Section of returns"),
    "quality_section": ("质量问题条款位置", "Section of defects"),
    "price_protection_doc": ("价保规则文档", "Document of price protection"),
    "price_protection_section": ("价保条款位置", "Section of price protection"),
    "shipping_doc": ("发货规则文档", "Document of shipping"),
    "shipping_section": ("发货条款位置", "Section of shipping"),
}
_FREIGHT: dict[str, Pair] = {"buyer": ("买家承担", "Buyer pays"), "seller": ("卖家承担", "Seller pays")}


@page("/policies", Right.DOCUMENTS_READ, ("政策数值", "Policy terms"))
async def policies(visit: Visit) -> None:
    async with visit.may(Right.DOCUMENTS_READ) as services:
        service = services.terms
        current = await service.in_force(visit.shop_id, shanghai_date(visit.now()))
        history = await service.history(visit.shop_id)
    words(visit.t("退货、价保、发货的判断由程序按这些数字计算；文字规则请放在文档里。低于法定标准的约定无效。",
                  "Returns, price protection and shipping are computed from these; the words live in the documents."),
          "lc-lead")  # fmt: skip
    with card(visit.t("今天生效的数值", "In force today")):
        if current:
            _values(visit, current.terms)
        else:
            empty(visit.t("还没有设置，按法定标准计算", "Nothing set: the statute alone counts"))
        if visit.has(Right.POLICIES_WRITE):
            with box("lc-actions left"):
                terms = current.terms if current else PolicyTerms()
                main_button(visit.t("制定新版本", "New version"), visit.does(lambda: _edit(visit, terms)), icon="edit")
    with card(visit.t("历史版本", "Versions")):
        for one in sorted(history, key=lambda row: -row.version):
            with box("lc-row"):
                with box("lc-row-words grow"):
                    words(f"v{one.version} · {span(visit, one.effective_from, one.effective_to)}", "lc-row-name")
                    words(_summary(visit, one.terms), "lc-hint")
                if current and one.version == current.version:
                    badge(visit.t("今天生效", "In force today"), "good")
        if not history:
            empty(visit.t("没有历史", "No versions"))


def _shown(visit: Visit, value: Any) -> str:
    if isinstance(value, tuple | list):
        return "、".join(map(str, value)) or visit.t("无", "none")
    return _FREIGHT[value][visit.english] if value in _FREIGHT else str(value) if value != "" else "—"


def _values(visit: Visit, terms: PolicyTerms) -> None:
    rows = [
        {"name": NAMES.get(key, (key, key))[visit.english], "value": _shown(visit, value)}
        for key, value in terms.model_dump().items()
    ]
    table(
        [column("name", visit.t("项目", "Term")), column("value", visit.t("数值", "Value"), classes="lc-cell-wrap")],
        rows,
        key="name",
    )


def _summary(visit: Visit, terms: PolicyTerms) -> str:
    days = f"{terms.no_reason_days}/{terms.price_protection_days}/{terms.ship_within_hours}"
    return visit.t(f"无理由/价保/发货时限：{days}", f"return days/protection days/ship hours: {days}")


async def _edit(visit: Visit, terms: PolicyTerms) -> None:
    async with visit.scope(Right.POLICIES_WRITE) as scope:
        keys = {one.doc: one.title for one in await documents.listed(scope) if one.kind == "policy"}
    with visit.client, ui.dialog() as dialog, ui.card().classes("lc-dialog wide"):
        words(visit.t("制定新版本", "New version"), "lc-dialog-title")
        inputs = {}
        with box("lc-form-grid"):
            for key, value in terms.model_dump().items():
                inputs[key] = _input(visit, key, value, keys)
        with box("lc-form-row"):
            today = shanghai_date(visit.now()).isoformat()
            start = field(visit.t("生效起", "In force from"), today).props("type=date stack-label")
            end = field(visit.t("生效止（可空）", "In force to")).props("type=date stack-label")

        async def save() -> None:
            made = _read({key: one.value for key, one in inputs.items()})
            async with visit.may(Right.POLICIES_WRITE) as services:
                await services.terms.put(
                    visit.shop_id, made, _day(start.value, "effective_from") or shanghai_date(visit.now()),
                    _day(end.value, "effective_to"),
                )  # fmt: skip
            visit.note("policy_terms_put")
            visit.go("/policies")

        with box("lc-actions"):
            quiet_button(visit.t("取消", "Cancel"), dialog.close)
            main_button(visit.t("保存", "Save"), visit.does(save)).mark("save-terms")
    dialog.on("hide", dialog.delete)
    dialog.open()


def _input(visit: Visit, key: str, value: Any, keys: dict[str, str]) -> Any:
    label = NAMES.get(key, (key, key))[visit.english]
    if key == "no_reason_freight":
        options = {code: pair[visit.english] for code, pair in _FREIGHT.items()}
        return ui.select(options, value=value, label=label).props("outlined dense").classes("lc-field")
    if key.endswith("_doc"):
        options = {"": "—"} | keys | ({value: value} if value else {})
        return ui.select(options, value=value, label=label).props("outlined dense").classes("lc-field")
    if isinstance(value, tuple | list):
        return field(label + visit.t("（逗号分隔）", ", by comma"), ", ".join(value))
    return field(label, str(value)).props("type=number" if isinstance(value, int) else "")


def _read(values: dict[str, Any]) -> PolicyTerms:
    """Raises: InvalidInputError naming the field and its rule."""
    lists = [name for name, one in PolicyTerms.model_fields.items() if str(one.annotation).startswith("tuple")]
    given = dict(values)
    for name in lists:
        given[name] = tuple(
            part.strip() for part in str(values[name] or "").replace("，", ",").split(",") if part.strip()
        )
    try:
        return PolicyTerms.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InvalidInputError(
            str(first["msg"]), field=".".join(map(str, first["loc"])), rule=first["type"]
        ) from error


def _day(value: str | None, name: str) -> date | None:
    """Raises: InvalidInputError."""
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise InvalidInputError("This is no date.", field=name, rule="YYYY-MM-DD") from error
