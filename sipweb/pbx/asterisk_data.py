"""Asterisk's folder of data, without the documentation of its commands, which takes 25 MB of memory."""

from collections.abc import Collection
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
LOADABLE = ("app_", "bridge_", "cdr_", "cel_", "chan_", "codec_", "format_", "func_", "pbx_", "res_")  # of modules


def link_data(installed: Path, folder: Path, modules: Collection[str]) -> Path:
    """Let `folder` have what the folder `installed` has, with the documentation that Asterisk with these modules needs.

    Return the folder to use.
    """
    if not (installed / DOCUMENTATION).is_file():
        return installed
    documentation = folder / DOCUMENTATION
    documentation.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    documentation.write_text(_names_of_settings(installed / DOCUMENTATION, modules))
    for old in folder.iterdir():
        if old.is_symlink():
            old.unlink()
    for path in installed.iterdir():
        if path.name != DOCUMENTATION.parts[0]:
            (folder / path.name).symlink_to(path)
    return folder


def _names_of_settings(documentation: Path, modules: Collection[str]) -> str:
    parts: list[str] = []
    depth, skipped = 0, 0  # of elements; that of the element that is left out with all that it contains

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, skipped
        depth += 1
        module = attributes.get("module", "")
        if not skipped and module.startswith(LOADABLE) and module not in modules:
            skipped = depth
        if tag in NEEDED and not skipped:
            written = "".join(f' {name}="{escape(text)}"' for name, text in attributes.items())
            parts.append(f"<{tag}{written}>")

    def end(tag: str) -> None:
        nonlocal depth, skipped
        if tag in NEEDED and not skipped:
            parts.append(f"</{tag}>\n")
        skipped = 0 if skipped == depth else skipped
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    with documentation.open("rb") as file:
        parser.ParseFile(file)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + "".join(parts)
