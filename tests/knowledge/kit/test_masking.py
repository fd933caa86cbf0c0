import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.kit.masking import mask_address, mask_email, mask_name, mask_phone

MASKS = (mask_phone, mask_email, mask_name, mask_address)


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812341234", "138****1234"),
        ("+86 138-1234-1234", "138****1234"),
        ("8613812341234", "138****1234"),
        ("１３８１２３４１２３４", "138****1234"),
        ("13812341234转5678", "138****1234"),
        ("13812341234/13987654321", "138****1234"),
        ("138****1234", "138****1234"),
        ("0755-86543210", "075****210"),
        ("86543210", "****10"),
        ("12345", "****"),
        ("一三八一二三四", "****"),
        ("138****56789012", "****"),
        ("", ""),
        (" ", ""),
    ],
)
def test_phones(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("email", "masked"),
    [
        ("alice@b.com", "a***@b.com"),
        ("a@b.com", "***@b.com"),
        ("x@y@z.cn", "x***@z.cn"),
        ("@b.com", "***"),
        ("alice@b", "***"),
        ("没有", "***"),
        ("", ""),
    ],
)
def test_emails(email: str, masked: str) -> None:
    assert mask_email(email) == masked


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("李小明", "李**"),
        ("阿卜杜拉·买买提", "阿**"),
        ("张", "*"),
        ("John Smith", "J***"),
        ("😀小明", "***"),
        ("", ""),
    ],
)
def test_names(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("广东省深圳市南山区科技园路1号3栋502", "广东省深圳市南山区***"),
        ("广东 深圳 南山区 科技园", "广东深圳南山区***"),
        ("北京朝阳区建国路88号", "北京朝阳区***"),
        ("上海浦东新区世纪大道1号", "上海浦东新区***"),
        ("浙江省金华市义乌市稠城街道", "浙江省金华市义乌市***"),
        ("新疆维吾尔自治区乌鲁木齐市天山区解放路", "新疆维吾尔自治区乌鲁木齐市天山区***"),
        ("湖北省恩施土家族苗族自治州恩施市舞阳坝", "湖北省恩施土家族苗族自治州恩施市***"),
        ("内蒙古自治区锡林郭勒盟锡林浩特市", "内蒙古自治区锡林郭勒盟锡林浩特市"),
        ("河北省唐山市路南区新华道", "河北省唐山市路南区***"),
        ("荆州市沙市区北京路", "荆州市沙市区***"),
        ("广东省东莞市长安镇霄边村", "广东省东莞市***"),
        ("深圳市幸福小区3栋", "深圳市***"),
        ("中山路阳光小区3栋", "***"),
        ("广州市人民路市场旁", "广州市***"),
        ("幸福路菜市场", "***"),
        ("张三，13812345678，广东省深圳市", "***"),
        ("No.1 Science Rd, Shenzhen", "***"),
        ("", ""),
    ],
)
def test_addresses(address: str, masked: str) -> None:
    assert mask_address(address) == masked


@given(st.text(max_size=300))
def test_masking_twice_is_masking_once(text: str) -> None:
    for mask in MASKS:
        assert mask(mask(text)) == mask(text)


@given(
    st.text(alphabet="广东省深圳市南山区路街号栋0123456789- ", max_size=40),
    st.from_regex(r"[0-9]{4,6}", fullmatch=True),
)
def test_no_number_of_a_house_is_left(head: str, number: str) -> None:
    assert not re.search("[0-9]", mask_address(head + number))


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text(max_size=12), st.text(max_size=12))
def test_a_phone_in_any_company_is_not_left_whole(phone: str, before: str, after: str) -> None:
    assert phone not in mask_phone(before + phone + after)
    assert len(re.sub("[^0-9]", "", mask_phone(before + phone + after))) <= 7
