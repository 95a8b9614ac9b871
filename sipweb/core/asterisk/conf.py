"""The only place that knows Asterisk's .conf syntax: what is written here is read back unchanged, or refused."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import N_, Invalid

LONGEST = 4000  # bytes of a line; Asterisk 22 reads lines into a buffer of 8192
Line = tuple[str, str]
Lines = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """`[name]` with its options in order. An option may stand more than once."""

    name: str
    options: Lines


class ConfWriter:
    """Collects sections into the text of one file. Raises Invalid, naming section and option, rather than escape in doubt."""

    def __init__(self, comment: str) -> None:
        self._lines = [f"; {_checked(comment, 'comment', '')}"]

    def section(self, section: Section, *, arrow: bool = False) -> None:
        """Append one section; `arrow` writes `=>`, as dialplans are written."""
        if not section.name or set(section.name) & set("[]();") or section.name != section.name.strip():
            raise Invalid(N_("%(name)s cannot be the name of a section."), name=ascii(section.name)[:60])
        self._lines += ["", f"[{_checked(section.name, section.name, 'name')}]"]
        for key, value in section.options:
            sign = " => " if arrow else ("= " if value.startswith(">") else "=")  # "=>" is one sign
            self._lines.append(f"{key}{sign}{escape(value, section.name, key)}")

    def text(self) -> str:
        """The whole file."""
        return "\n".join(self._lines) + "\n"


def escape(value: str, section: str, key: str) -> str:
    """The value as it must be written (measured on Asterisk 22). Raises Invalid for what would not come back."""
    _checked(value, section, key)
    if value != value.strip():
        raise Invalid(N_("%(section)s, %(key)s: blanks around a value would be lost."), section=section, key=key)
    if "\\;" in value or value.endswith("\\"):
        raise Invalid(N_("%(section)s, %(key)s: a backslash cannot stand there."), section=section, key=key)
    return value.replace(";", "\\;")


def _checked(value: str, section: str, key: str) -> str:
    if len(value.encode("utf-8", "surrogatepass")) > LONGEST:
        raise Invalid(N_("%(section)s, %(key)s: the value is too long."), section=section[:60], key=key)
    for char in value:
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            raise Invalid(
                N_("%(section)s, %(key)s: %(char)s cannot stand in a configuration file."),
                section=ascii(section)[:60], key=key, char=ascii(char),
            )  # fmt: skip
    return value


def extension(name: str, *applications: str) -> Lines:
    """The lines of one extension. `label: application` gives a priority its label."""
    lines = []
    for priority, text in enumerate(applications, 1):
        label, separator, application = text.partition(": ")
        mark = f"({label})" if separator else ""
        lines.append(("exten", f"{name},{'1' if priority == 1 else 'n'}{mark},{application or text}"))
    return tuple(lines)


def each(parts: Iterable[Lines]) -> Lines:
    """All lines of several extensions."""
    return tuple(line for part in parts for line in part)
