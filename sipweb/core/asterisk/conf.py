"""Asterisk's .conf syntax.

A value is written so that Asterisk reads it back unchanged, or it is refused.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import N_, Invalid

MAX_LINE_BYTES = 4000  # bytes of a line; Asterisk 22 reads lines into a buffer of 8192
Line = tuple[str, str]
Lines = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """`[name]` with its options in order. An option may occur more than once."""

    name: str
    options: Lines


class ConfWriter:
    """Collect sections into the text of one file.

    Raises Invalid, naming section and option, for a value that cannot be written safely. `arrow` writes `=>` instead
    of `=`, as in a dialplan.
    """

    def __init__(self, comment: str, *, arrow: bool = False) -> None:
        self._arrow = arrow
        self._lines = [f"; {_check_characters(comment, 'comment', '')}"]
        self._written: dict[Line, str] = {}  # option → line, because most options of 900 accounts are the same

    def section(self, section: Section) -> None:
        """Append one section."""
        if not section.name or set(section.name) & set("[]();") or section.name != section.name.strip():
            raise Invalid(N_("%(name)s is not a valid section name."), name=ascii(section.name)[:60])
        self._lines += ["", f"[{_check_characters(section.name, section.name, 'name')}]"]
        for option in section.options:
            line = self._written.get(option)
            if line is None:
                line = self._written[option] = self._line(section.name, *option)
            self._lines.append(line)

    def _line(self, section: str, key: str, value: str) -> str:
        # Asterisk would read "=>" as one operator
        sign = " => " if self._arrow else ("= " if value.startswith(">") else "=")
        return f"{key}{sign}{escape(value, section, key)}"

    def text(self) -> str:
        """Return the text of the file."""
        return "\n".join(self._lines) + "\n"


def escape(value: str, section: str, key: str) -> str:
    """Return the value as it must be written (measured on Asterisk 22).

    Raises:
        Invalid: Asterisk would read the value back differently.
    """
    _check_characters(value, section, key)
    if value != value.strip():
        raise Invalid(N_("%(section)s, %(key)s: remove leading and trailing spaces."), section=section, key=key)
    if "\\;" in value or value.endswith("\\"):
        raise Invalid(N_("%(section)s, %(key)s: a backslash is not allowed here."), section=section, key=key)
    return value.replace(";", "\\;")


def _check_characters(value: str, section: str, key: str) -> str:
    if value.isprintable() and len(value) * 4 <= MAX_LINE_BYTES:  # nearly always; it has no character of the list below
        return value
    if len(value.encode("utf-8", "surrogatepass")) > MAX_LINE_BYTES:
        raise Invalid(N_("%(section)s, %(key)s: the value is too long."), section=section[:60], key=key)
    for char in value:
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            raise Invalid(
                N_("%(section)s, %(key)s: the character %(char)s is not allowed."),
                section=ascii(section)[:60], key=key, char=ascii(char),
            )  # fmt: skip
    return value


def extension_lines(name: str, *applications: str, continued: bool = False) -> Lines:
    """Return the lines of one extension.

    `label: application` gives a priority its label. `continued` lines follow others of the same extension.
    """
    lines = []
    for index, text in enumerate(applications):
        label, separator, application = text.partition(": ")
        priority = "1" if index == 0 and not continued else "n"
        mark = f"({label})" if separator else ""
        lines.append(("exten", f"{name},{priority}{mark},{application or text}"))
    return tuple(lines)


def flatten(parts: Iterable[Lines]) -> Lines:
    """Return all lines of several extensions."""
    return tuple(line for part in parts for line in part)
