"""Compiles the translations; the repository contains only their sources.

`make` runs this file, so that the application needs no right to write its own code.
"""

import logging
import os

from .config import ROOT

logger = logging.getLogger(__name__)


def compile_translations() -> None:
    """Write each messages.mo that is missing or older than its source, atomically."""
    from babel.messages.mofile import write_mo  # imported here, because only set-up needs them
    from babel.messages.pofile import read_po

    for source in (ROOT / "translations").glob("*/LC_MESSAGES/messages.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime > source.stat().st_mtime:
            continue
        draft = source.with_suffix(f".{os.getpid()}")
        try:
            with source.open("rb") as catalog, draft.open("wb") as compiled:
                write_mo(compiled, read_po(catalog))
            draft.replace(target)
        except OSError as error:
            logger.warning("%s is not compiled: %s. Run 'make .venv/run' as the owner of the code.", source, error)


if __name__ == "__main__":
    compile_translations()
