"""CSV files: what is read, what is refused with its line, and what a spreadsheet may get."""

import csv
import io
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sipweb.core.account_file import FREEPBX, FUSIONPBX, OWN, file_format, guess_account_columns, parsers
from sipweb.core.csv_files import (
    BOM,
    MAX_BYTES,
    MAX_CELL,
    MAX_COLUMNS,
    MAX_LINES,
    guard,
    read_table,
    read_text,
    unguard,
    write_rows,
)
from sipweb.core.errors import Invalid
from sipweb.core.import_file import Layout, import_lines

HOSTILE = {
    "NUL": (b"number,level\n200,5\n201,\0\n", "Line 3 contains a NUL character. Save the list as CSV UTF-8."),
    "UTF-16 without its mark": ("number\n200\n".encode("utf-16-le"),
                                "Line 1 contains a NUL character. Save the list as CSV UTF-8."),
    "Windows-1250": ("number,user\n200,Łoś\n".encode("cp1250"),
                     "Line 2 isn't UTF-8 text. In the spreadsheet, save the list as CSV UTF-8."),
    "Latin-1 with old line endings": ("number\r200\r201,\xe9\r".encode("latin-1"),
                                      "Line 3 isn't UTF-8 text. In the spreadsheet, save the list as CSV UTF-8."),
    "broken UTF-16": (b"\xff\xfea\0\n\0\0\xd8",
                      "Line 2 isn't UTF-8 text. In the spreadsheet, save the list as CSV UTF-8."),
    "XML": (b"\n<accounts><number>200</number></accounts>\n",
            "Line 2: this is XML, not CSV. Save the list as CSV UTF-8."),
    "HTML": (b"<!DOCTYPE html><table></table>", "Line 1: this is XML, not CSV. Save the list as CSV UTF-8."),
    "JSON": (json.dumps([{"number": 200}]).encode(), "Line 1: this is JSON, not CSV. Save the list as CSV UTF-8."),
    "JSON object": (b"\xef\xbb\xbf {}\n\n", "Line 1: this is JSON, not CSV. Save the list as CSV UTF-8."),
    "XLSX": (b"PK\x03\x04\x14\0", "Line 1: this is XLSX, not CSV. Save the list as CSV UTF-8."),
    "huge cell": (b"number,user\n200," + b"x" * (MAX_CELL + 1), "Line 2 has a cell of more than 10000 characters."),
    "cell above the reader's limit": (b"number,user\n200," + b"x" * 200_000,
                                      "Line 2 has a cell of more than 10000 characters."),
    "quote that is not closed": (b'number,user\n200,a\n201,"b\n202,c\n',
                                 "Line 3: a quotation mark is missing or in the wrong place."),
    "quote in the wrong place": (b'number,user\n200,"a"b\n',
                                 "Line 2: a quotation mark is missing or in the wrong place."),
    "too many lines": (b"number\n" + b"200\n" * MAX_LINES,
                       "The file has more than 10000 lines. Split it into smaller files."),
    "too many columns": (b"," * MAX_COLUMNS + b"x\n1,2\n", "Line 1 has more than 300 columns."),
    "too large": (b"number\n" + b" " * MAX_BYTES, "The file is larger than 5 MB. Split it into smaller files."),
    "empty": (b"", "The file is empty. Its first line must name the columns."),
    "header only": (b"\nnumber,level\n\n \n", "The file has no lines below the header on line 2."),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_with_the_line(name):
    data, message = HOSTILE[name]
    with pytest.raises(Invalid) as refused:
        read_table(read_text(data))
    assert str(refused.value) == message


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_of_spreadsheets_are_read(ending, separator, encoding):
    lines = ["Numer, wewnętrzny", "User"], ["200", "Łoś"], ["", ""], ["201", "a\nb"]
    rows = [separator.join(f'"{cell}"' if "," in cell or "\n" in cell else cell for cell in line) for line in lines]
    table = read_table(read_text(ending.join(rows).encode(encoding)))
    assert table.headers == ["Numer, wewnętrzny", "User"]
    assert list(table.rows) == [(2, ["200", "Łoś"]), (4, ["201", "a\nb"])]


def test_file_of_most_lines_is_read_and_may_name_its_separator():
    assert len(read_table("number\n" + "200\n" * (MAX_LINES - 1)).rows) == MAX_LINES - 1
    table = read_table("sep=;\r\nnumber;user,name\r\n200;a\r\n")
    assert (table.headers, table.rows[0]) == (["number", "user,name"], (3, ["200", "a"]))


@given(st.text())
@example("=1+1")
@example("'=1+1")
@example("''@x")
@example("-")
@example("\t=1")
def test_guarded_text_is_no_formula_and_comes_back(text):
    guarded = guard(text)
    assert not guarded.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unguard(guarded) == text


@given(st.lists(st.tuples(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
                          st.integers(0, 999)), min_size=1))  # fmt: skip
@pytest.mark.parametrize("separator", [",", ";"])
def test_written_rows_are_read_back(separator, rows):
    text = "".join(write_rows([("user", "number"), *rows], separator))
    assert text.startswith(BOM)
    read = csv.reader(io.StringIO(text.removeprefix(BOM), newline=""), delimiter=separator)
    next(read)
    assert [(unguard(user), int(number)) for user, number in read] == rows


@given(
    st.one_of(st.binary(max_size=300), st.text(alphabet="ab=;,\"'\r\n\t\0ł0123456789", max_size=200).map(str.encode))
)
def test_any_file_is_read_or_refused_with_a_sentence(data):
    """Whatever somebody uploads, nothing but Invalid is raised, also when its rows are compared."""
    try:
        table = read_table(read_text(data))
    except Invalid as error:
        if not str(error).endswith("."):
            raise
        return
    columns = guess_account_columns(table) | {"number": 0}
    layout = Layout(
        "number", parsers(lambda text, _: None, "Softphone"), (), ("secret",), lambda _, values: values, lambda *_: ()
    )
    for line in import_lines(table, columns, layout, {}):
        assert line.outcome in ("added", "refused")
        assert line.outcome == "added" or str(line.refusal).endswith(".")
        assert len(line.key) <= 41


@pytest.mark.parametrize(
    ("header", "expected", "columns"),
    [
        ("Internal number;Password", OWN, {"number": 0, "secret": 1}),
        (" NUMER WEWNĘTRZNY ;hasło", OWN, {"number": 0, "secret": 1}),
        ("number;secret;user_id", OWN, {"number": 0, "secret": 1}),
        ("extension;name;secret;user;password", FREEPBX, {"number": 0, "user": 1, "secret": 2}),
        ("extension;password;enabled", FUSIONPBX, {"number": 0, "secret": 1, "active": 2}),
        ("anything;else", OWN, {}),
    ],
)
def test_columns_are_guessed_from_the_header(header, expected, columns):
    table = read_table(f"{header}\n1;2\n")
    assert file_format(table) == expected
    assert guess_account_columns(table) == columns
