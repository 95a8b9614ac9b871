"""A lock that a process holds as long as it runs; the system releases it however the process ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from .core.errors import OperationRefused


@contextmanager
def process_lock(path: Path, message: str, **values: Any) -> Iterator[IO[str]]:
    """Hold the lock as long as the file that is returned is open, here or in a forked process.

    Raises:
        OperationRefused: another process holds it; with this message.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OperationRefused(message, **values) from None
        yield file


def hold_shared_lock(path: Path) -> None:
    """Hold a lock that several processes may hold, also after exec and in forked processes.

    Raises:
        OperationRefused: a command that needs sipweb to be stopped is running.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o640)
    os.set_inheritable(handle, True)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OperationRefused("The database is being copied. Start sipweb afterwards.") from None
