import re
import time

from knowledge.kit.ids import new_id


def test_an_id_is_prefixed_text_of_one_length() -> None:
    assert re.fullmatch(r"hnd_[0-9a-hjkmnp-tv-z]{26}", new_id("hnd"))


def test_ids_do_not_repeat() -> None:
    assert len({new_id("msg") for _ in range(20_000)}) == 20_000


def test_ids_of_later_milliseconds_sort_later() -> None:
    made = []
    for _ in range(20):
        made.append(new_id("msg"))
        time.sleep(0.002)
    assert made == sorted(made)
