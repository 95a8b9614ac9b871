"""What an import would do: each row of a file compared with the record that it names."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from .csv_files import Row, Table, unguard
from .errors import N_, Invalid
from .plan import FieldChange

ADDED, CHANGED, UNCHANGED, REFUSED = ("added", "changed", "unchanged", "refused")
MAX_SHOWN = 40  # characters of a cell in a message
Names = Mapping[str, Collection[str]]


class Record(Protocol):
    """A saved record."""

    @property
    def id(self) -> int:
        """Its id."""

    @property
    def version(self) -> int:
        """The number of its last change."""


R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One row of the file, and what an import does with it.

    `key` names the record; for a refused row it is what the file says, shortened. `parsed_key` is the key's value, None
    if the cell has none. `values` are what is saved, `changes` what differs; of a password neither the old nor the new
    value. `refusal` says why it is not imported, and `cell` is the text that it is about.
    """

    line: int
    key: str
    outcome: str
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)  # with passwords
    changes: tuple[FieldChange, ...] = ()
    refusal: Invalid | None = None
    cell: str = ""
    id: int = 0
    version: int = 0
    parsed_key: Any = None


@dataclass(frozen=True, slots=True)
class Layout(Generic[R]):
    """How the rows of one kind of record are read.

    `key` is the field that names the record. `parse` has a function for each field, of the text and the present record;
    it raises Invalid. An empty cell keeps what is saved, but in the fields `clears` it is a value. `complete` checks
    the values for a record, or for a new one, and returns all that are saved. `differences` compares them.
    """

    key: str
    parse: Mapping[str, Callable[[str, R | None], Any]]
    clears: Collection[str]
    secrets: Collection[str]
    complete: Callable[[R | None, Mapping[str, Any]], Mapping[str, Any]]
    differences: Callable[[R | None, Mapping[str, Any]], Sequence[FieldChange]]


def normalize_header(text: str) -> str:
    """Return a header without case, surrounding spaces and the byte order mark."""
    return " ".join(unguard(text.strip("\ufeff \t")).casefold().split())


def guess_columns(table: Table, names: Names) -> dict[str, int]:
    """Return which column holds which field: the first whose header is one of the field's names.

    A field's names are in the order in which they are looked for.
    """
    headers = [normalize_header(header) for header in table.headers]
    found = {}
    for name, candidates in names.items():
        known = [normalize_header(candidate) for candidate in candidates]
        if place := next((candidate for candidate in known if candidate in headers), None):
            found[name] = headers.index(place)
    return found


def repeated_headers(table: Table, columns: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return the header and the number, from 1, of each imported column whose header another column has too."""
    headers = [normalize_header(header) for header in table.headers]
    return [
        (table.headers[column], column + 1)
        for column in sorted(set(columns.values()))
        if headers[column] and headers.count(headers[column]) > 1
    ]


def import_lines(
    table: Table, columns: Mapping[str, int], layout: Layout[R], saved: Mapping[Any, R]
) -> tuple[ImportLine, ...]:  # fmt: skip
    """Return what an import of the table does with each row; `saved` are the records by their keys.

    Raises:
        Invalid: no column has the key.
    """
    if layout.key not in columns:
        message = N_("Choose the column of the header (line %(line)s) that says which record each line is about.")
        raise Invalid(message, layout.key, line=table.header_line)
    lines = [_line(row, len(table.headers), columns, layout, saved) for row in table.rows]
    first: dict[Any, int] = {}
    repeated: dict[Any, int] = {}
    for one in lines:
        if key := one.parsed_key:  # a line that is refused for another reason counts too
            if key in first:
                repeated.setdefault(key, one.line)
            first.setdefault(key, one.line)
    return tuple(_refuse_repeated(one, first, repeated) for one in lines)


def _refuse_repeated(line: ImportLine, first: Mapping[Any, int], repeated: Mapping[Any, int]) -> ImportLine:
    key = line.parsed_key
    if key not in repeated or line.outcome == REFUSED:
        return line
    other = repeated[key] if first[key] == line.line else first[key]
    refusal = Invalid(N_("This is also on line %(line)s."), line=other)
    return ImportLine(line.line, line.key, REFUSED, refusal=refusal)


def _line(
    row: Row, width: int, columns: Mapping[str, int], layout: Layout[R], saved: Mapping[Any, R]
) -> ImportLine:  # fmt: skip
    cells = {name: _cell(row, column, is_secret=name in layout.secrets) for name, column in columns.items()}
    key_text, key = _shown(cells[layout.key]), None
    try:
        if len(row.cells) > width and any(map(str.strip, row.cells[width:])):
            message = N_("The line has %(count)s cells, but the header only %(width)s.")
            raise Invalid(message, count=len(row.cells), width=width)
        key = _parse(layout, layout.key, cells[layout.key], None)
        record = saved.get(key)
        values = {layout.key: key} | {
            name: _parse(layout, name, text, record)
            for name, text in cells.items()
            if name != layout.key and (text or name in layout.clears)
        }
        values = dict(layout.complete(record, values))
    except Invalid as error:
        about = error.field or ""
        cell = "" if about in layout.secrets else _shown(cells.get(about, ""))
        return ImportLine(row.line, key_text, REFUSED, refusal=error, cell=cell, parsed_key=key)
    changes, name = tuple(layout.differences(record, values)), str(values[layout.key])
    if record is None:
        return ImportLine(row.line, name, ADDED, values, changes, parsed_key=key)
    outcome = CHANGED if changes else UNCHANGED
    return ImportLine(
        row.line, name, outcome, values, changes, id=record.id, version=record.version, parsed_key=key
    )  # fmt: skip


def _parse(layout: Layout[R], name: str, text: str, record: R | None) -> Any:  # a field has any type
    try:
        return layout.parse[name](text, record)
    except Invalid as error:
        raise Invalid(error.message, name, **error.values) from None


def _cell(row: Row, column: int, *, is_secret: bool) -> str:
    text = row.cells[column] if column < len(row.cells) else ""
    return text if is_secret else unguard(text).strip()  # a password of another PBX was not guarded


def _shown(text: str) -> str:
    """Return a cell's text for a message: one line, not long, without control characters."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    return plain if len(plain) <= MAX_SHOWN else f"{plain[:MAX_SHOWN]}…"


def changed_since(lines: Sequence[ImportLine], seen: Mapping[str, int]) -> list[str]:
    """Return the keys of the records that were edited, added or deleted since a preview.

    `seen` is what `seen_versions` returned then.
    """
    now = seen_versions(lines)
    return sorted(key for key in now.keys() | seen.keys() if now.get(key) != seen.get(key))


def seen_versions(lines: Sequence[ImportLine]) -> dict[str, int]:
    """Return the version of each record that a preview showed; 0 for one that is to be added."""
    return {one.key: one.version for one in lines if one.outcome != REFUSED}
