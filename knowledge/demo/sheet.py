"""A question sheet as .xlsx whose bytes depend on its rows only: no clock, no library version, no compression."""

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first instant a zip entry can carry


def sheet(rows: Sequence[Sequence[str]]) -> bytes:
    """The first row is the header. Cells are inline text; a line break in one stays."""
    parts = {
        "[Content_Types].xml": _types(),
        "_rels/.rels": _relation(f"{_OFFICE}/officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="问答" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relation(f"{_OFFICE}/worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": _worksheet(rows),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, body in parts.items():
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.create_system = 3
            archive.writestr(entry, _HEAD + body)
    return buffer.getvalue()


def _types() -> str:
    parts = (("/xl/workbook.xml", "sheet.main"), ("/xl/worksheets/sheet1.xml", "worksheet"))
    overrides = "".join(f'<Override PartName="{name}" ContentType="{_KIND}.{kind}+xml"/>' for name, kind in parts)
    return (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _relation(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{kind}" Target="{target}"/></Relationships>'
    )


def _worksheet(rows: Sequence[Sequence[str]]) -> str:
    body = "".join(f'<row r="{number}">{_cells(number, row)}</row>' for number, row in enumerate(rows, start=1))
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData></worksheet>'


def _cells(number: int, row: Sequence[str]) -> str:
    return "".join(
        f'<c r="{chr(ord("A") + column)}{number}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
        for column, text in enumerate(row)
    )
