"""Synthetic exports of a shop: no row is a real person's, product's or order's."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

SHOP = "shp_synthetic"
_SHOPPERS = 20_000
_KINDS = ("帐篷", "毛巾", "保温杯", "面霜", "坚果", "奶瓶")
_STATES = ("待付款", "待发货", "已发货", "已签收", "交易成功", "已取消")
_FIRST = datetime.fromisoformat("2025-10-01T00:00:00")


def write_shoppers(folder: Path, count: int) -> Path:
    rows = (f"u{n:06d},购物者{n},{('普通', '银卡', '金卡')[n % 3]},138{n:08d}" for n in range(count))
    return _write(folder / "shoppers.csv", "会员编号,姓名,会员等级,手机号", rows)


def write_products(folder: Path, count: int, seed: int) -> Path:
    """One to three skus a product, six attributes."""
    chance = random.Random(seed)

    def rows() -> Iterable[str]:
        for n in range(count):
            kind = _KINDS[n % len(_KINDS)]
            told = f"{chance.randint(1, 90) / 10}公斤,棉,白色,{chance.randint(5, 90)}厘米,一年,家用"
            for sku in range(chance.randint(1, 3)):
                yield (
                    f"P{n:07d},合成{kind}{n}号,{kind},合成牌,P{n:07d}-{sku},{sku + 1}号装,{chance.randint(0, 500)},"
                    f"{told},"
                    f"¥{chance.randint(900, 99_900) / 100:.2f}"
                )

    head = "商品编号,商品名称,类目,品牌,SKU编码,规格,库存,重量,材质,颜色,尺寸,保质期,适用,售价"
    return _write(folder / f"products-{count}.csv", head, rows())


def write_orders(folder: Path, count: int, seed: int) -> Path:
    """One or two items an order; the columns of the order repeat."""
    chance = random.Random(seed)
    shoppers = min(_SHOPPERS, count)

    def rows() -> Iterable[str]:
        for n in range(count):
            placed = _FIRST + timedelta(seconds=n * 31)
            prices = [chance.randint(900, 99_900) for _ in range(chance.randint(1, 2))]
            paid = sum(prices) + 800
            head = (
                f"{2025_0000_0000 + n},u{chance.randrange(shoppers):06d},{chance.choice(_STATES)},直播,"
                f"{placed:%Y-%m-%d %H:%M:%S},{placed + timedelta(minutes=5):%Y/%m/%d %H:%M},{paid / 100:.2f},8.00,"
                f"合成省合成市合成路{n % 999}号,139{n % 10**8:08d}"
            )
            for price in prices:
                product = chance.randrange(100_000)
                yield f"{head},P{product:07d},P{product:07d}-0,合成商品{product}号,1,{price / 100:.2f}"

    head = "订单号,会员编号,订单状态,渠道,下单时间,付款时间,实付金额,运费,收货地址,手机号"
    head += ",商品编号,SKU编码,商品名称,数量,单价"
    return _write(folder / f"orders-{count}.csv", head, rows())


def _write(path: Path, head: str, rows: Iterable[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(head + "\n")
        file.writelines(f"{row}\n" for row in rows)
    return path
