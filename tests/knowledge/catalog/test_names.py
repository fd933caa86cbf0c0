"""Which product is meant, by names a shop might have; none of them is the demo shop's."""

from knowledge.catalog.names import NameIndex
from knowledge.catalog.views import NameRow

INDEX = NameIndex(
    [
        NameRow(product_id="A", title="山屿折叠椅标准款", brand="山屿", category="户外", aliases=("标准款椅子",)),
        NameRow(product_id="B", title="山屿折叠椅高背款", brand="山屿", category="户外"),
        NameRow(product_id="C", title="山屿露营灯", brand="山屿", category="户外"),
        NameRow(product_id="D", title="途野双肩包18升款", brand="途野", category="通勤"),
        NameRow(product_id="E", title="途野双肩包8升款", brand="途野", category="通勤"),
    ]
)


def led_by(text: str, among: set[str] | None = None) -> set[str]:
    return {named.product_id for named in INDEX.leading(text, among)}


def test_a_whole_name_or_alias_means_that_product() -> None:
    assert led_by("山屿露营灯多少钱") == {"C"}
    assert led_by("标准款椅子有货吗") == {"A"}


def test_words_that_fit_several_alike_name_them_all() -> None:
    assert led_by("折叠椅多重") == {"A", "B"}


def test_the_part_that_differs_tells_them_apart() -> None:
    assert led_by("高背款多少钱") == {"B"}


def test_where_a_thing_is_used_is_not_the_thing() -> None:
    assert led_by("哪款折叠椅适合露营") == {"A", "B"}


def test_a_figure_is_not_found_inside_another() -> None:
    assert led_by("8升款的包") == {"E"}


def test_nothing_is_meant_by_words_of_no_name() -> None:
    assert led_by("发票怎么开") == set()
    assert led_by("") == set()


def test_only_those_spoken_of_are_looked_at_when_told_so() -> None:
    assert led_by("折叠椅多重", {"B"}) == {"B"}


def test_a_large_catalogue_still_finds_one() -> None:
    rows = [
        NameRow(product_id=f"P{n}", title=f"云岫收纳盒{n:05d}型", brand="云岫", category="居家") for n in range(5000)
    ]
    found = NameIndex(rows).leading("我要云岫收纳盒03456型")
    assert [named.product_id for named in found] == ["P3456"]
