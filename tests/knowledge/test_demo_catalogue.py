"""The demo catalogue says in figures what the product pages, policies and coupons say in words."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from knowledge.catalog.pricing import public_price
from knowledge.demo.catalogue import (
    DemoProduct,
    demo_offers,
    demo_policy_terms,
    demo_price_points,
    demo_products,
    demo_traces,
)
from knowledge.demo.shop import demo_documents
from knowledge.documents.parse import parse
from knowledge.kit.clock import shanghai_date

NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)
PRODUCTS = demo_products()
PAGES = {page.doc: parse(page.file_name, page.content) for page in demo_documents(shanghai_date(NOW))}
ENGRAVED = "定制"
MEASURES = {"重量", "容量", "承重", "功率", "净含量", "坐高"}


def rows(doc: str) -> dict[str, str]:
    """Attribute → value of a product page, whose rows read `某商品的价格：99元。`"""
    found = (s.text.removesuffix("。").split("：", 1) for s in PAGES[doc].sections if s.kind == "table_row")
    return {label.rpartition("的")[2]: value for label, value in found}


def words(doc: str) -> str:
    return "\n".join(section.text for section in PAGES[doc].sections)


def answer(doc: str, question: str) -> str:
    return next(s.text for s in PAGES[doc].sections if question in s.questions)


def by_title(product: DemoProduct) -> str:
    return product.facts.title


def test_every_page_has_its_product_and_every_product_its_page() -> None:
    pages = {doc for doc in PAGES if doc.startswith("product-")}
    assert {p.facts.doc for p in PRODUCTS} == pages
    assert len(PRODUCTS) == len(pages) == 60
    assert set(Counter(p.facts.category for p in PRODUCTS)) == {"家居", "户外", "通勤", "美妆", "食品", "生鲜", "母婴"}


def test_ids_titles_and_aliases_name_one_product_each() -> None:
    for names in (
        [p.facts.product_id for p in PRODUCTS],
        [sku.sku_id for p in PRODUCTS for sku in p.facts.skus],
        [name for p in PRODUCTS for name in {p.facts.title, *p.facts.aliases}],
    ):
        assert [name for name, times in Counter(names).items() if times > 1] == []
    assert all(sku.sku_id.startswith(f"{p.facts.product_id}-") for p in PRODUCTS for sku in p.facts.skus)
    titles = [p.facts.title for p in PRODUCTS]
    assert [(a, b) for a in titles for b in titles if a != b and b.startswith(a)] == []


@pytest.mark.parametrize("product", PRODUCTS, ids=by_title)
def test_the_page_says_the_same(product: DemoProduct) -> None:
    facts, page = product.facts, rows(product.facts.doc)
    assert (facts.title, facts.category) == (PAGES[facts.doc].title, PAGES[facts.doc].meta["category"])
    assert facts.warranty == page["质保"]
    for attribute in facts.attributes:
        if attribute.name in page:
            assert attribute.value == page[attribute.name], attribute.name
        else:
            assert attribute.value in words(facts.doc), attribute.name
    assert set(page) - {"价格", "质保"} <= {attribute.name for attribute in facts.attributes}
    assert all(point in words(facts.doc) for point in facts.selling_points)
    assert facts.after_sales == (
        answer(facts.doc, f"{facts.title}能退货吗？"),
        answer(facts.doc, f"{facts.title}质保多久？"),
    )


@pytest.mark.parametrize("product", PRODUCTS, ids=by_title)
def test_prices_are_those_of_the_page(product: DemoProduct) -> None:
    page = rows(product.facts.doc)
    told = {int(yuan) * 100 for yuan in re.findall(r"(\d+)元", page["价格"])}
    plain = [sku for sku in product.facts.skus if ENGRAVED not in sku.options]
    assert {sku.price_fen for sku in plain} == told
    for sku in product.facts.skus:
        if ENGRAVED in sku.options:
            extra = re.search(r"另收(\d+)元", page[ENGRAVED])
            assert extra is not None
            assert sku.price_fen == min(told) + int(extra[1]) * 100
        for name, value in sku.options.items():
            assert value in page[name], sku.sku_id


def test_a_measure_is_the_number_its_value_says() -> None:
    for product in PRODUCTS:
        for attribute in product.facts.attributes:
            if attribute.number is not None:
                assert f"{attribute.number:g}{attribute.unit}" in attribute.value, product.facts.title
            else:
                assert attribute.unit == ""


def test_a_measure_has_one_unit_within_a_category() -> None:
    units: dict[tuple[str, str], set[str]] = {}
    measured = 0
    for product in PRODUCTS:
        for attribute in product.facts.attributes:
            if attribute.name in {"重量", "承重"} and attribute.number is not None:
                units.setdefault((product.facts.category, attribute.name), set()).add(attribute.unit)
            measured += attribute.name in MEASURES and attribute.number is not None
    assert all(len(found) == 1 for found in units.values())
    assert measured >= 100


def test_return_facts_are_those_the_page_tells() -> None:
    for product in PRODUCTS:
        facts, told = product.facts, product.facts.after_sales[0]
        assert (facts.returns.excluded == "perishable") == ("是生鲜商品" in told) == (facts.category == "生鲜")
        assert facts.returns.sealed == ("一次性密封包装损坏" in told)
        assert facts.returns.hygiene == ("拆封后影响卫生" in told)
        assert not facts.returns.near_expiry


def test_each_product_has_the_papers_of_its_kind() -> None:
    needed = {"食品": "食品生产许可证", "母婴": "执行标准"}
    for product in PRODUCTS:
        kinds = {one.kind for one in product.facts.qualifications}
        assert kinds, product.facts.title
        assert needed.get(product.facts.category, next(iter(kinds))) in kinds
        if product.facts.category == "美妆":
            special = "防晒" in product.facts.title
            assert kinds == {"特殊化妆品注册证" if special else "普通化妆品备案"}
        for one in product.facts.qualifications:
            if one.kind == "食品生产许可证":
                assert re.fullmatch(r"SC\d{14}", one.number)


def test_terms_are_the_figures_of_the_policies() -> None:
    terms = demo_policy_terms()
    sections = {(doc, s.path[-1]): s.text for doc in PAGES for s in PAGES[doc].sections if doc.startswith("policy-")}

    def figure(pattern: str, doc: str, section: str) -> int:
        found = re.search(pattern, sections[doc, section])
        assert found is not None, (pattern, section)
        return int(found[1])

    assert terms.no_reason_days == figure(r"签收次日起(\d+)天内", terms.return_doc, terms.return_section)
    assert terms.quality_days == figure(r"签收次日起(\d+)天内", terms.return_doc, terms.quality_section)
    assert terms.exchange_days == figure(r"签收次日起(\d+)天内", terms.return_doc, "换货流程")
    protection = terms.price_protection_doc
    assert terms.price_protection_days == figure(r"付款次日起(\d+)天内", protection, "价保期限")
    assert terms.price_protection_times == figure(r"可以申请(\d+)次", protection, "怎么申请价保")
    assert terms.ship_within_hours == figure(r"付款后(\d+)小时内发货", terms.shipping_doc, terms.shipping_section)
    assert (protection, terms.price_protection_section) in sections
    assert "七天无理由退货的寄回运费由您承担" in sections[terms.return_doc, "退货运费由谁承担"]
    assert terms.no_reason_freight == "buyer"
    excluded = sections[protection, "不适用价保的情况"]
    words_of = {"live": "直播专享价", "flash": "限时秒杀价", "new": "新人价"}
    for one in terms.price_protection_excludes:
        assert words_of.get(one, "会员专享券") in excluded
    tiers = re.findall(r"[银金]卡会员", sections["policy-membership", "会员等级"])
    assert set(terms.price_protection_excludes) == {*words_of, *tiers}
    assert terms.price_protection_excluded_categories == terms.no_return_categories == ("生鲜",)
    assert "生鲜商品" in excluded


def test_offers_run_ended_and_come() -> None:
    offers = demo_offers(NOW)
    assert len({offer.offer_id for offer in offers}) == len(offers)
    assert {offer.kind for offer in offers} == {"sale", "live", "flash", "coupon", "threshold", "gift"}
    yesterday, tomorrow = (shanghai_date(NOW) + timedelta(days=days) for days in (-1, 1))
    flash = {shanghai_date(offer.starts_at): offer for offer in offers if offer.kind == "flash"}
    assert set(flash) == {yesterday, tomorrow}
    for kind in ("sale", "live", "coupon", "threshold"):
        assert any(offer.kind == kind and offer.runs_at(NOW) for offer in offers), kind
    lists = {p.facts.product_id: p.facts for p in PRODUCTS}
    for offer in offers:
        if offer.price_fen is not None:
            assert offer.product_id is not None
            facts = lists[offer.product_id]
            assert offer.price_fen < min(sku.price_fen for sku in facts.skus if offer.covers(sku.sku_id))


def test_coupons_and_reductions_are_those_of_the_policies() -> None:
    told = "".join(words(doc) for doc in ("policy-coupons", "policy-membership"))
    for offer in demo_offers(NOW):
        if offer.kind in ("coupon", "threshold"):
            assert offer.off_fen is not None
            assert offer.threshold_fen is not None
            assert f"满{offer.threshold_fen // 100}元减{offer.off_fen // 100}元" in told, offer.offer_id


def test_the_last_price_of_the_history_is_the_price_of_today() -> None:
    history: dict[str, list[tuple[datetime, int]]] = {}
    for point in demo_price_points(NOW):
        history.setdefault(point.sku_id, []).append((point.from_at, point.price_fen))
    for product in PRODUCTS:
        for sku in product.facts.skus:
            points = history[sku.sku_id]
            assert points == sorted(points)
            assert points[-1][1] == sku.price_fen
            assert NOW - points[0][0] >= timedelta(days=90)
            assert points[-1][0] < NOW
    assert sum(len(points) > 1 for points in history.values()) >= 10


def test_stock_is_plenty_low_gone_and_untold() -> None:
    counts = [product.stock.get(sku.sku_id) for product in PRODUCTS for sku in product.facts.skus]
    assert counts.count(None) >= 1
    assert counts.count(0) >= 4
    assert sum(count is not None and 0 < count < 10 for count in counts) >= 4
    assert any(all(p.stock.get(sku.sku_id) == 0 for sku in p.facts.skus) for p in PRODUCTS)


def test_a_running_sale_lowers_what_anybody_pays() -> None:
    offers = [offer for offer in demo_offers(NOW) if offer.product_id == "P1005"]
    assert public_price(9900, offers, "P1005-1", NOW).price_fen == 8900


def test_trace_records_follow_the_goods_from_making_to_warehouse() -> None:
    today = shanghai_date(NOW)
    lists = {p.facts.product_id: p.facts for p in PRODUCTS}
    records = demo_traces(today)
    assert len({record.code for record in records}) == len(records)
    assert {lists[record.product_id].category for record in records} == {"食品", "生鲜", "美妆", "母婴"}
    for record in records:
        days = [step.on for step in record.steps]
        assert record.produced_on is not None
        assert record.expires_on is not None
        assert days == sorted(days)
        assert days[0] == record.produced_on
        assert days[-1] <= today < record.expires_on
        assert any(sku.sku_id == record.sku_id for sku in lists[record.product_id].skus)
