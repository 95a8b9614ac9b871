"""Call files: Asterisk (pbx_spool) makes the call that a file in its spool describes."""

import os
import time
from contextlib import suppress
from pathlib import Path

from ..core.asterisk.dialplan.test_call import ANSWERED, RING_SECONDS, TALK_SECONDS, TEST_CALL


def can_write(spool: Path) -> bool:
    """Return whether call files can be written into Asterisk's spool."""
    return os.access(spool, os.W_OK | os.X_OK) and os.access(spool / "outgoing", os.W_OK | os.X_OK)


def write_test_call(spool: Path, number: int) -> bool:
    """Have Asterisk call the phone of this number; return False if such a call is already under way.

    The file is written beside `outgoing` and moved there when it is complete, because Asterisk reads it at once.
    Asterisk deletes it when the call has ended. A file that is older than any call was not read: it is replaced.

    Raises:
        OSError: the file can't be written.
    """
    name = f"sipweb-{number}.call"
    target = spool / "outgoing" / name
    with suppress(FileNotFoundError):
        if time.time() - target.stat().st_mtime < RING_SECONDS + TALK_SECONDS:
            return False
    draft = spool / name
    lines = (
        f"Channel: Local/{number}@{TEST_CALL}", f"CallerID: sipweb <{number}>", "MaxRetries: 0",
        f"WaitTime: {RING_SECONDS}", f"Context: {ANSWERED}", f"Extension: {number}", "Priority: 1", "",
    )  # fmt: skip
    draft.unlink(missing_ok=True)
    # a new file, never one that a link in Asterisk's folder leads to
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o660), "w") as file:
        file.write("\n".join(lines))
    draft.replace(target)
    return True
