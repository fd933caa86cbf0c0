import io
import zipfile
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from pypdf import PdfReader, PdfWriter

from knowledge.documents import parse as door
from knowledge.documents.parse import parse
from knowledge.kit.errors import InvalidInputError
from tests.knowledge.documents.made_files import new_docx, pdf, saved, xlsx

SHELF_DAY = datetime.fromisoformat("2026-01-02")  # Excel knows no time zone


def refused(name: str, data: bytes) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as caught:
        parse(name, data)
    assert caught.value.data["file"] == name
    assert name in caught.value.detail
    return caught.value


# --- sheets


def test_sheet_values_are_read_as_the_sheet_shows_them() -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(["SKU", "编号", "价格", "折扣", "上架", "有货", "订单号"])
    sheet.append(["00123", 77, 123.0, 0.15, SHELF_DAY, True, 20260102030405])
    sheet["B2"].number_format = "00000"
    sheet["D2"].number_format = "0%"
    sheet.append(["00124", 8, 0.1 + 0.2, 0.125, date(2026, 3, 1), False, 1e15])
    sheet["D3"].number_format = "0.0%"
    texts = [section.text for section in parse("价格.xlsx", saved(book)).sections]
    assert texts == [
        "SKU：00123；编号：00077；价格：123；折扣：15%；上架：2026-01-02；有货：是；订单号：20260102030405",
        "SKU：00124；编号：8；价格：0.3；折扣：12.5%；上架：2026-03-01；有货：否；订单号：1000000000000000",
    ]


def test_merged_cells_are_repeated_and_bands_become_headings() -> None:
    rows = [
        ["运费表", None, None],
        ["地区", "首重", "续重"],
        ["江苏", 5, 1],
        ["浙江", None, 2],
        ["偏远地区", None, None],
        ["西藏", 20, 15],
        ["注：节假日顺延，以页面为准。"],
    ]
    document = parse("运费.xlsx", xlsx(rows, title="快递", merge=["A1:C1", "B3:B4", "A5:C5"]))
    assert [(section.kind, section.path, section.text) for section in document.sections] == [
        ("table_row", ("快递", "运费表"), "地区：江苏；首重：5；续重：1"),
        ("table_row", ("快递", "运费表"), "地区：浙江；首重：5；续重：2"),
        ("table_row", ("快递", "运费表", "偏远地区"), "地区：西藏；首重：20；续重：15"),
        ("text", ("快递", "运费表"), "注：节假日顺延，以页面为准。"),
    ]


def test_a_lone_code_in_a_row_is_data_not_a_band() -> None:
    rows = [["SKU", "品名", "价格"], ["A01", None, None], ["A02", "裙", 9]]
    assert [s.text for s in parse("货.xlsx", xlsx(rows)).sections] == ["SKU：A01", "SKU：A02；品名：裙；价格：9"]


@pytest.mark.parametrize(
    "header",
    [
        ["分类", "问题", "相似问法", "答案"],
        ["Category", "Question", "similar questions", "Answer"],
        ["问题分类", "标准问题", "相似问", "回答内容"],
    ],
)
def test_a_question_sheet_gives_pairs_with_all_wordings(header: list[str]) -> None:
    rows = [header, ["物流", "几天到？", "多久到；什么时候到", "三天"], [None, "发什么快递", None, "中通"]]
    sections = parse("faq.xlsx", xlsx(rows, merge=["A2:A3"])).sections
    assert [(s.kind, s.path, s.questions, s.text) for s in sections] == [
        ("faq", ("物流",), ("几天到？", "多久到", "什么时候到"), "三天"),
        ("faq", ("物流",), ("发什么快递",), "中通"),
    ]


def test_a_question_row_without_its_answer_is_refused_by_row() -> None:
    error = refused("faq.xlsx", xlsx([["问题", "答案"], ["几天到", "三天"], ["能退吗", None]]))
    assert (error.data["row"], error.data["field"]) == (3, "答案")


def test_hidden_sheets_are_skipped_and_a_book_of_them_is_refused() -> None:
    book = openpyxl.Workbook()
    first: Any = book.active
    first.append(["成本", "价"])
    first.append(["裙", 1])
    shown = book.create_sheet("售价")
    shown.append(["品名", "价"])
    shown.append(["裙", 9])
    first.sheet_state = "hidden"
    assert [s.text for s in parse("价.xlsx", saved(book)).sections] == ["品名：裙；价：9"]
    shown.delete_rows(1, 2)
    assert refused("价.xlsx", saved(book)).data["rule"] == "text"


@pytest.mark.parametrize(("value", "rule"), [("=B1*2", "stored value"), ("#REF!", "no error values")])
def test_a_cell_without_a_usable_value_is_refused_by_its_address(value: str, rule: str) -> None:
    error = refused("价.xlsx", xlsx([["品名", "价"], ["裙", value]]))
    assert (error.data["rule"], error.data["row"], error.data["field"]) == (rule, 2, "Sheet1!B2")


def test_too_many_rows_are_refused_before_they_are_built() -> None:
    rows = [["品名", "价"], *(["裙", n] for n in range(5_500))]
    assert refused("价.xlsx", xlsx(rows)).data["rule"] == "sections <= 5000"


# --- word


def test_word_blocks_come_in_document_order_with_unshifted_tables() -> None:
    document = new_docx()
    document.add_heading("退货政策", 0)
    document.add_heading("条件", 1)
    document.add_paragraph("七天内可退。")
    document.add_paragraph("以下除外：")
    document.add_paragraph("定制", style="List Bullet")
    document.add_paragraph("生鲜", style="List Bullet")
    table = document.add_table(4, 3)
    for y, row in enumerate([["地区", "首重", "续重"], ["江苏", "5", "1"], ["浙江", "", "2"], ["西藏", "不发", ""]]):
        for x, text in enumerate(row):
            table.cell(y, x).text = text
    table.cell(1, 1).merge(table.cell(2, 1))
    table.cell(3, 1).merge(table.cell(3, 2))
    document.add_heading("其他", 1)
    document.add_paragraph("结尾。")
    parsed = parse("政策.docx", saved(document))
    assert parsed.title == "退货政策"
    assert [(section.kind, section.path, section.text) for section in parsed.sections] == [
        ("text", ("条件",), "七天内可退。"),
        ("clause", ("条件",), "以下除外：\n定制\n生鲜"),
        ("table_row", ("条件",), "地区：江苏；首重：5；续重：1"),
        ("table_row", ("条件",), "地区：浙江；首重：5；续重：2"),
        ("table_row", ("条件",), "地区：西藏；首重：不发；续重：不发"),
        ("text", ("其他",), "结尾。"),
    ]


def test_tracked_insertions_are_read_and_deletions_are_not() -> None:
    document = new_docx()
    paragraph = document.add_paragraph("运费由")
    for tag, text_tag, text in (("w:ins", "w:t", "卖家"), ("w:del", "w:delText", "买家")):
        change, run, words = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(text_tag)
        words.text = text
        run.append(words)
        change.append(run)
        paragraph._p.append(change)
    paragraph.add_run("承担。")
    assert [section.text for section in parse("改.docx", saved(document)).sections] == ["运费由卖家承担。"]


def test_cells_left_out_at_the_start_of_a_row_do_not_shift_it() -> None:
    document = new_docx()
    table = document.add_table(2, 3)
    for x, text in enumerate(["地区", "首重", "续重"]):
        table.cell(0, x).text = text
    table.cell(1, 1).text, table.cell(1, 2).text = "5", "1"
    row = table.rows[1]._tr
    row.remove(row.tc_lst[0])
    before = OxmlElement("w:gridBefore")
    before.set(qn("w:val"), "1")
    row.get_or_add_trPr().append(before)
    assert [section.text for section in parse("表.docx", saved(document)).sections] == ["首重：5；续重：1"]


def test_bold_lines_and_plain_numbers_serve_as_headings() -> None:
    document = new_docx()
    document.add_paragraph().add_run("退货说明").bold = True
    document.add_paragraph("七天可退。")
    document.add_paragraph("一、运费")
    document.add_paragraph("买家承担。")
    paths = [section.path for section in parse("说明.docx", saved(document)).sections]
    assert paths == [("退货说明",), ("退货说明", "一、运费")]


# --- pdf

PAGE = [
    "某店售后政策",
    "一、退货条件",
    "消费者收到商品之日起七天内，商品完好且不影响二次销售的，可以申请",
    "无理由退货；质量问题由卖家承担运费，非质量问题由买家承担运费的，以",
    "平台判定为准。",
    "二、退款时间",
]


def test_wrapped_pdf_lines_are_rejoined_and_page_numbers_dropped() -> None:
    data = pdf([[*PAGE, "- 1 -"], ["仓库签收后三个工作日内原路返回。", "第 2 页 共 2 页"]])
    document = parse("政策.pdf", data)
    assert document.title == "某店售后政策"
    assert [(section.path, section.text) for section in document.sections] == [
        (("一、退货条件",), "".join(PAGE[2:5])),
        (("二、退款时间",), "仓库签收后三个工作日内原路返回。"),
    ]


def test_headers_that_run_over_the_pages_are_dropped() -> None:
    pages = [["某店内部资料", f"这是第{n}页的说明，写明该页的规则。", str(n)] for n in range(1, 5)]
    texts = [section.text for section in parse("资料.pdf", pdf(pages)).sections]
    assert texts == [page[1] for page in pages]


def test_a_pdf_of_images_or_with_one_scanned_page_is_refused() -> None:
    assert "images only" in refused("扫描.pdf", pdf([[]], image=True)).detail
    assert refused("扫描.pdf", pdf([["七天可退。"], []], image=True)).data["row"] == 2


def test_an_encrypted_pdf_is_refused_as_such() -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf([["七天可退。"]]))))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    assert refused("密.pdf", out.getvalue()).data["rule"] == "not encrypted"


# --- the door


@pytest.mark.parametrize("name", ["x.docx", "x.xlsx", "x.pdf", "x.md", "x.txt", "x.html", "x.csv", "x", "x.doc"])
@pytest.mark.parametrize(
    "data", [b"", b"\x00\x01\x02", b"PK\x03\x04broken", b"%PDF-1.7\nbroken", b"\xd0\xcf\x11\xe0old"]
)
def test_wrong_or_broken_input_is_refused_whatever_its_name(name: str, data: bytes) -> None:
    assert refused(name, data).data["rule"]


def test_a_file_cut_off_is_refused_not_half_read() -> None:
    book = xlsx([["品名", "价"], ["裙", 9]])
    refused("价.xlsx", book[: len(book) // 2])
    refused("价.docx", book)
    policy = pdf([PAGE, PAGE])
    refused("政策.pdf", policy[: policy.index(b"stream") + 20])


def test_sizes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "20 MB" in refused("大.txt", b"a" * (door.MAX_FILE_BYTES + 1)).detail
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("word/document.xml", "w") as entry:
        for _ in range(201):
            entry.write(bytes(1024 * 1024))
    assert "200 MB" in refused("弹.docx", bomb.getvalue()).detail
    monkeypatch.setattr(door, "MAX_SECTIONS", 2)
    assert refused("多.md", "1. 甲。\n2. 乙。\n3. 丙。".encode()).data["rule"] == "sections <= 2"


@pytest.mark.parametrize("text", ["", " \n\u3000\n", "---\ntitle: 空\n---\n"])
def test_a_document_without_words_is_refused(text: str) -> None:
    refused("空.md", text.encode())


def test_a_zip_of_an_unknown_version_is_refused() -> None:
    data = bytearray(xlsx([["品名", "价"], ["裙", 9]]))
    data[data.index(b"PK\x01\x02") + 6] = 200  # version needed to extract
    assert refused("价.xlsx", bytes(data)).data["rule"] == "intact file"
