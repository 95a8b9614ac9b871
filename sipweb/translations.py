"""Compiles the translations; the repository contains only their sources."""

import os

from .config import ROOT


def compile_translations() -> None:
    """Write each messages.mo, atomically."""
    from babel.messages.mofile import write_mo  # imported here, because only set-up needs them
    from babel.messages.pofile import read_po

    for source in (ROOT / "translations").glob("*/LC_MESSAGES/messages.po"):
        draft = source.with_suffix(f".{os.getpid()}")
        with source.open("rb") as catalog, draft.open("wb") as compiled:
            write_mo(compiled, read_po(catalog))
        draft.replace(source.with_suffix(".mo"))
