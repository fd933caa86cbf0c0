"""Orders with their items, by sets: an order is changed when its own columns or any of its items are."""

from knowledge.imports.kind import Check, Counts, Staged
from knowledge.imports.upsert import count_verdicts, make_verdicts, upsert
from knowledge.kit.db import Scope

_KEY, _ITEM_KEY = ("order_id",), ("order_id", "line")
_COPIED = ("product_id", "sku_id", "title", "sku_name", "quantity", "unit_price_fen", "customised",
           "confirmed_no_return")  # fmt: skip

ITEM_CHECKS = (
    Check(
        "line",
        "once only in an order",
        "select row_number, line::text as value from (select i.*, row_number() over (partition by order_id, line "
        "order by row_number) as nth from items i where (order_id, line) in (select order_id, line from items "
        "group by order_id, line having count(*) > 1)) i where nth > 1",
    ),
    Check(
        "item_paid_fen",
        "given for all items of an order or for none",
        "select min(row_number) as row_number, order_id as value from incoming_lines "
        "group by order_id having count(item_paid_fen) not in (0, count(*))",
        ("item_paid_fen",),
    ),
)


class OrderWriter:
    async def prepare(self, scope: Scope, staged: Staged) -> None:
        """Items numbered in the order of the file where it does not number them; what was paid for an item, where the
        file does not say, is its share of the order's payment without freight, to the fen."""
        lines = _item_columns(staged)
        paid = f"{_share(staged)}"
        if "item_paid_fen" in staged.present:
            paid = f"coalesce(l.item_paid_fen, {paid})"
        line = "coalesce(l.line, l.ordinal)" if "line" in staged.present else "l.ordinal"
        copied = "".join(f", l.{name}" for name in lines if name != "paid_fen")
        await scope.run(
            f"create temp table items on commit drop as select l.row_number, l.order_id, {line} as line{copied}, "
            f"{paid} as paid_fen from incoming_lines l join incoming i using (order_id) {_known_freight(staged)}"
            f"window w as (partition by l.order_id order by {line})"
        )
        await scope.run("analyze items")

    async def plan(self, scope: Scope, staged: Staged) -> Counts:
        await make_verdicts(scope, "orders", _KEY, staged.columns(staged.kind.fields))
        names = _item_columns(staged)
        mine, known = (", ".join(f"{side}.{name}" for name in names) for side in ("n", "k"))
        await scope.run(
            f"update verdicts v set verdict = 'changed' from (select distinct coalesce(n.order_id, k.order_id) as id "
            f"from (select i.* from items i join verdicts v using (order_id) where v.verdict = 'unchanged') n "
            f"full join (select o.* from order_items o join verdicts v on v.order_id = o.order_id "
            f"where o.shop_id = :shop_id and v.verdict = 'unchanged') k "
            f"on k.order_id = n.order_id and k.line = n.line "
            f"where n.line is null or k.line is null or ({mine}) is distinct from ({known})) d where d.id = v.order_id"
        )
        return await count_verdicts(scope)

    async def apply(self, scope: Scope, staged: Staged) -> None:
        columns = staged.columns(staged.kind.fields)
        await upsert(scope, "orders", "incoming", _KEY, columns, stamped=True)
        await scope.run(
            "delete from order_items o using verdicts v where o.shop_id = :shop_id and v.verdict = 'changed' "
            "and o.order_id = v.order_id and not exists "
            "(select from items i where i.order_id = o.order_id and i.line = o.line)"
        )
        await upsert(scope, "order_items", "items", _ITEM_KEY, _item_columns(staged), verdict_key=_KEY)


def _item_columns(staged: Staged) -> list[str]:
    return [*(name for name in _COPIED if name in staged.present), "paid_fen"]


def _known_freight(staged: Staged) -> str:
    if "freight_fen" in staged.present:
        return ""
    return "left join orders t on t.shop_id = :shop_id and t.order_id = l.order_id "


def _share(staged: Staged) -> str:
    """Cumulative rounding: the shares of an order add up to what was paid for its goods."""
    freight = "i.freight_fen" if "freight_fen" in staged.present else "coalesce(t.freight_fen, 0)"
    payable = f"greatest(i.paid_fen - {freight}, 0)"
    goods = "(l.quantity * l.unit_price_fen)"
    total = f"sum({goods}) over (partition by l.order_id)"
    until = f"sum({goods}) over w"
    return (
        f"case when {payable} = {total} then {goods} when {total} = 0 then 0 "
        f"else div({payable} * {until}, {total}) - div({payable} * ({until} - {goods}), {total}) end::bigint"
    )
