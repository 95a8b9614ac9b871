"""Asterisk's folder of data, without the documentation of its commands, which takes 25 MB of memory."""

from html import escape
from pathlib import Path
from xml.parsers import expat

DOCUMENTATION = Path("documentation/core-en_US.xml")
# A module whose configuration is not documented does not load, and what else is not documented is a warning in the log.
# Names are enough.
NEEDED = (
    "docs",
    "configInfo",
    "configFile",
    "configObject",
    "configOption",
    "application",
    "function",
    "manager",
    "syntax",
    "synopsis",
)


def link_data(installed: Path, folder: Path) -> Path:
    """Let `folder` have what the folder `installed` has, with less documentation; return the one to use."""
    if not (installed / DOCUMENTATION).is_file():
        return installed
    documentation = folder / DOCUMENTATION
    documentation.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    documentation.write_text(_names_of_settings(installed / DOCUMENTATION))
    for old in folder.iterdir():
        if old.is_symlink():
            old.unlink()
    for path in installed.iterdir():
        if path.name != DOCUMENTATION.parts[0]:
            (folder / path.name).symlink_to(path)
    return folder


def _names_of_settings(documentation: Path) -> str:
    parts: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag in NEEDED:
            written = "".join(f' {name}="{escape(text)}"' for name, text in attributes.items())
            parts.append(f"<{tag}{written}>")

    def end(tag: str) -> None:
        if tag in NEEDED:
            parts.append(f"</{tag}>\n")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    with documentation.open("rb") as file:
        parser.ParseFile(file)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + "".join(parts)
