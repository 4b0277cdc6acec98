"""Sheets become the octets of files: CSV, Excel, JSON lines, XML. Pure, and the same octets for the same sheet."""

import csv
import io
import json
import zipfile
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from openpyxl import Workbook

from simulators.batch.dialects import Cell, Sheet

_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def octets_of(sheet: Sheet) -> bytes:
    """The file's content."""
    form = sheet.dialect.form
    if form == "excel":
        return _excel(sheet)
    text = _csv(sheet) if form == "csv" else _json_lines(sheet) if form == "json-lines" else _xml(sheet)
    return text.encode(sheet.dialect.encoding)


def text_of(cell: Cell) -> str:
    """A cell as text."""
    return "" if cell is None else cell.isoformat(" ") if isinstance(cell, datetime) else str(cell)


def _csv(sheet: Sheet) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=sheet.dialect.delimiter, lineterminator="\r\n")
    writer.writerow(sheet.header)
    writer.writerows([[text_of(cell) for cell in row] for row in sheet.rows])
    return text.getvalue()


def _json_lines(sheet: Sheet) -> str:
    lines = [dict(zip(sheet.header, row, strict=False)) for row in sheet.rows]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _xml(sheet: Sheet) -> str:
    text = ['<?xml version="1.0" encoding="UTF-8"?>', f"<Export kind={quoteattr(sheet.kind)}>"]
    for row in sheet.rows:
        cells = [(name, text_of(cell)) for name, cell in zip(sheet.header, row, strict=False)]
        inner = "".join(f"<{name}>{escape(cell)}</{name}>" if cell else f"<{name}/>" for name, cell in cells)
        text.append(f"  <{sheet.kind}>{inner}</{sheet.kind}>")
    return "\n".join([*text, "</Export>", ""])


def _excel(sheet: Sheet) -> bytes:
    book = Workbook()
    page = book.active
    if page is None:
        raise TypeError("a new workbook has a sheet")
    page.title = "Export"
    page.append(sheet.header)
    for row in sheet.rows:
        page.append(row)
    for cells in page.iter_rows():
        for cell in cells:
            if cell.data_type == "f":  # text that begins with = is text here, no formula
                cell.data_type = "s"
    moment = datetime(2000, 1, 1)  # noqa: DTZ001 - openpyxl wants none
    book.properties.created = book.properties.modified = moment
    packed = io.BytesIO()
    book.save(packed)
    return _repacked(packed.getvalue())


def _repacked(packed: bytes) -> bytes:
    """The same archive without the times at which its parts were written."""
    again = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = b'<?xml version="1.0"?><cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
            new.writestr(zipfile.ZipInfo(name, _LONG_AGO), content, zipfile.ZIP_DEFLATED)
    return again.getvalue()
