"""Small files made in memory, in every format the parser reads."""

import io
import zlib
from collections.abc import Sequence
from typing import Any

import docx
import openpyxl


def pdf(pages: Sequence[Sequence[str]], *, image: bool = False) -> bytes:
    """Each line is placed by itself. The font names no glyphs: its codes are GBK, which readers map by the encoding."""
    objects: list[bytes] = [b"", b""]
    font = (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /GBK-EUC-H /DescendantFonts ["
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>] >>"
    )
    pixel = (
        b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>"
    )
    objects += [font, pixel + b"\nstream\n\x00\nendstream"]
    kids = []
    for lines in pages:
        drawn = b"\n".join(
            b"1 0 0 1 50 %d Tm <%s> Tj" % (780 - 20 * row, line.encode("gbk").hex().encode())
            for row, line in enumerate(lines)
        )
        stream = zlib.compress(b"BT /F1 12 Tf\n" + drawn + b"\nET")
        objects.append(b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(stream), stream))
        shown = b"/XObject << /I 4 0 R >>" if image else b""
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> %s >> >>" % (len(objects), shown)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    out = io.BytesIO(b"%PDF-1.5\n")
    out.seek(0, io.SEEK_END)
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
    out.write(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return out.getvalue()


def saved(book: Any) -> bytes:
    """The bytes of an openpyxl workbook or a python-docx document."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xlsx(rows: Sequence[Any], *, title: str = "Sheet1", merge: Sequence[str] = ()) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for span in merge:
        sheet.merge_cells(span)
    return saved(book)


def new_docx() -> Any:
    return docx.Document()
