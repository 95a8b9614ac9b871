"""Asterisk's .conf syntax: the only place that knows how a section is written and what cannot be written.

Asterisk's reader has no quoting and one escape. What it would not read back unchanged is refused here.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import Invalid, N_

LONGEST_LINE = 8000  # bytes; measured on Asterisk 22: its buffer has 8192, and the rest of a longer line is another line
_SECTION = re.compile(r"[A-Za-z0-9._-]{1,79}")  # a section's name ends at "]", a longer one is cut at 79
_KEY = re.compile(r"[a-z][a-z0-9_]{0,79}")
_UNWRITABLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # controls, direction marks, half characters, line breaks


@dataclass(frozen=True, slots=True)
class Section:
    """`[name]` and its options in order; a key may come more than once."""

    name: str
    options: tuple[tuple[str, str], ...]


class ConfWriter:
    """Collects sections and gives them as one file's text."""

    def __init__(self, header: str) -> None:
        self._parts = [f"; {_checked('header', '-', header)}\n"]

    def add(self, section: Section) -> None:
        """Append the section. Raises Invalid, naming section and key, for what Asterisk would read otherwise."""
        if not _SECTION.fullmatch(section.name):
            raise Invalid(N_("%(section)s cannot be the name of a section."), section=ascii(section.name))
        lines = (_line(section.name, key, value) for key, value in section.options)
        self._parts.append(f"\n[{section.name}]\n{''.join(lines)}")

    def text(self) -> str:
        """The file; always ends with a line break."""
        return "".join(self._parts)


def write(header: str, sections: Iterable[Section]) -> str:
    """One file of these sections under a comment of one line. Raises Invalid as ConfWriter.add does."""
    writer = ConfWriter(header)
    for section in sections:
        writer.add(section)
    return writer.text()


def _line(section: str, key: str, value: str) -> str:
    if not _KEY.fullmatch(key):
        raise Invalid(N_("%(section)s: %(key)s cannot be the name of an option."), section=section, key=ascii(key))
    line = f"{key} = {_checked(section, key, value).replace(';', chr(92) + ';')}\n"
    if len(line.encode()) > LONGEST_LINE:
        raise Invalid(N_("%(section)s: %(key)s is too long."), key, section=section, key=key)
    return line


def _checked(section: str, key: str, value: str) -> str:
    """`value` if Asterisk reads it back as it is. The value itself is never in the sentence: it may be a secret."""
    if not value or value[0] == " " or value[-1] == " ":  # blanks are trimmed, nothing else reads like "unset"
        raise Invalid(
            N_("%(section)s: %(key)s cannot be empty or start or end with a blank."), key, section=section, key=key
        )
    for char in value:
        if unicodedata.category(char) in _UNWRITABLE:
            raise Invalid(
                N_("%(section)s: %(key)s cannot contain %(char)s."), key, section=section, key=key, char=ascii(char)
            )
    return value
