"""CSV files: reads those of spreadsheets and of other PBXes, and writes those that spreadsheets open.

What is refused is refused with the line, so that it can be found in the file.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from .errors import N_, Invalid

MAX_BYTES = 5 * 1024 * 1024
MAX_LINES = 10_000
MAX_COLUMNS = 300
MAX_CELL = 10_000  # characters
BOM = "\ufeff"  # by which spreadsheets recognise UTF-8
SEPARATORS: Mapping[str, str] = {"pl": ";", "en": ","}  # spreadsheets expect that of their own language
TOO_LARGE = N_("The file is larger than %(size)s MB. Split it into smaller files.")
NOT_CSV = N_("Line %(line)s: this is %(format)s, not CSV. Save the list as CSV UTF-8.")
_KNOWN_SEPARATORS = ";,\t"
_LINE_END = re.compile(r"\r\n|\r|\n")
_FORMULA = re.compile(r"'*[=+\-@\t\r]")  # a spreadsheet would run text that begins so
_OTHER_FORMATS = ((b"PK\x03\x04", "XLSX"), (b"\xd0\xcf\x11\xe0", "XLS"), (b"%PDF", "PDF"))


class Row(NamedTuple):
    """One record of a file; `line` is where it begins, from 1."""

    line: int
    cells: Sequence[str]


class Table(NamedTuple):
    """A file as it was read. No header and no cell is longer than MAX_CELL; `header_line` is the header's line."""

    headers: Sequence[str]
    rows: Sequence[Row]
    header_line: int = 1


def guard(value: object) -> object:
    """Return a value as a spreadsheet may have it: text that it would take for a formula gets an apostrophe."""
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def unguard(text: str) -> str:
    """Return the text that `guard` made safe."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def write_rows(rows: Iterable[Iterable[object]], separator: str = ",", *, bom: bool = True) -> Iterator[str]:
    """Yield rows as CSV, in parts of 500 rows. Their text is safe in a spreadsheet."""
    buffer = io.StringIO()
    buffer.write(BOM if bom else "")
    writer = csv.writer(buffer, delimiter=separator)
    for number, row in enumerate(rows, 1):
        writer.writerow(map(guard, row))
        if number % 500 == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def read_text(data: bytes) -> str:
    """Return the text of a file in UTF-8, or in UTF-16 with a byte order mark.

    Other encodings are not guessed: a wrong guess would change names without a word.

    Raises:
        Invalid: too large, another format or another encoding.
    """
    if len(data) > MAX_BYTES:
        raise Invalid(TOO_LARGE, size=MAX_BYTES // 1024 // 1024)
    for start, name in _OTHER_FORMATS:
        if data.startswith(start):
            raise Invalid(NOT_CSV, line=1, format=name)
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, "ignore")
        message = N_("Line %(line)s isn't UTF-8 text. In the spreadsheet, save the list as CSV UTF-8.")
        raise Invalid(message, line=_line_at(before, len(before))) from None


def read_table(text: str) -> Table:
    """Return header and rows of a CSV text, without empty rows.

    The separator is a semicolon, a comma or a tab, and may be named in the first line, as in `sep=;`.

    Raises:
        Invalid: not CSV, or larger than the limits; the message gives the line.
    """
    _check_text(text)
    separator, skipped = _separator(text)
    rows = [row for row in _records(text, separator) if row.line > skipped and any(map(str.strip, row.cells))]
    if not rows:
        raise Invalid(N_("The file is empty. Its first line must name the columns."))
    if len(rows) < 2:
        raise Invalid(N_("The file has no lines below the header on line %(line)s."), line=rows[0].line)
    headers = [header.strip() for header in rows[0].cells]
    if len(headers) > MAX_COLUMNS:
        raise Invalid(N_("Line %(line)s has more than %(count)s columns."), line=rows[0].line, count=MAX_COLUMNS)
    return Table(headers, rows[1:], rows[0].line)


def _check_text(text: str) -> None:
    if (place := text.find("\0")) >= 0:
        message = N_("Line %(line)s contains a NUL character. Save the list as CSV UTF-8.")
        raise Invalid(message, line=_line_at(text, place))
    start = text.lstrip()[:1]
    if start in ("<", "{", "["):
        name = "XML" if start == "<" else "JSON"
        raise Invalid(NOT_CSV, line=_line_at(text, text.index(start)), format=name)
    if sum(1 for _ in _LINE_END.finditer(text.rstrip("\r\n"))) >= MAX_LINES:
        raise Invalid(N_("The file has more than %(count)s lines. Split it into smaller files."), count=MAX_LINES)


def _line_at(text: str, place: int) -> int:
    return sum(1 for _ in _LINE_END.finditer(text, 0, place)) + 1


def _separator(text: str) -> tuple[str, int]:
    """Return the separator, and how many lines at the start only name it."""
    first = next((line for line in _LINE_END.split(text) if line.strip()), "")
    if named := re.fullmatch(r"\s*\"?sep=([;,\t])\"?\s*", first, re.IGNORECASE):
        return named[1], 1
    outside_quotes = re.sub(r'"[^"]*"', "", first)
    return max(_KNOWN_SEPARATORS, key=outside_quotes.count), 0


def _records(text: str, separator: str) -> Iterator[Row]:
    reader, line = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), 1
    try:
        for cells in reader:
            if any(len(cell) > MAX_CELL for cell in cells):
                raise csv.Error("field larger")  # the reader's own limit is higher
            yield Row(line, cells)
            line = reader.line_num + 1
    except csv.Error as error:
        if "field larger" in str(error):
            message = N_("Line %(line)s has a cell of more than %(count)s characters.")
            raise Invalid(message, line=line, count=MAX_CELL) from None
        message = N_("Line %(line)s: a quotation mark is missing or in the wrong place.")
        raise Invalid(message, line=line) from None
