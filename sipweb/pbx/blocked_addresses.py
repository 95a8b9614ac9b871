"""The file of blocked addresses, which Asterisk includes beside the generations.

`#tryinclude` reads it: without the file nobody is blocked. Asterisk reads it when it starts, and with a reload of
res_pjsip; res_pjsip_acl itself can't be reloaded (measured on Asterisk 22.10). Then it answers each request from these
addresses with 403, before it looks for an account, and reports no event.
"""

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from ..core.asterisk.conf import ConfWriter, Section

NAME = "pjsip.conf"
INCLUDE = f"#tryinclude sipweb/blocked/{NAME}\n"


@dataclass(frozen=True, slots=True)
class BlockedAddressFile:
    """`directory` is ASTERISK_DIR/sipweb/blocked."""

    directory: Path

    def read(self) -> str:
        """Return the text of the file; that without addresses if there is none."""
        try:
            return (self.directory / NAME).read_text()
        except FileNotFoundError:
            return file_text(())

    def write(self, text: str) -> None:
        """Replace the file and sync it to disk."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o750)
        draft = self.directory / f".{NAME}"
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.directory / NAME)


def file_text(addresses: Collection[str]) -> str:
    """Return the file that blocks these addresses and networks."""
    writer = ConfWriter(
        "Addresses that sipweb blocks for guessing SIP passwords. Don't edit: it writes this file again."
    )
    if addresses:
        writer.section(Section("sipweb-blocked", (("type", "acl"), *(("deny", one) for one in sorted(addresses)))))
    return writer.text()
