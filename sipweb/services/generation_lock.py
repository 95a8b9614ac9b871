"""One generation at a time, in all processes of an instance."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from sqlalchemy import select

from ..core.errors import N_, OperationRefused
from ..db import db
from ..models import Generation
from .context import ServiceContext

LOCK_TIMEOUT = 5.0  # seconds that a generation waits for a check by the monitor


@contextmanager
def generation_lock(ctx: ServiceContext, timeout: float = LOCK_TIMEOUT) -> Iterator[None]:
    """Hold the generation lock; the system releases it if the process dies.

    A running generation is not waited for: the message names its author. A check by the monitor is soon over.

    Raises:
        OperationRefused: another process holds the lock.
    """
    ctx.runtime_dir.mkdir(parents=True, exist_ok=True)
    with (ctx.runtime_dir / "generation.lock").open("a") as file:
        deadline = time.monotonic() + timeout
        while not _try_lock(file):
            author = db.session.scalar(select(Generation.created_by).where(Generation.state == "running"))
            if author or time.monotonic() > deadline:
                raise OperationRefused(
                    N_("%(who)s is already generating the configuration. Try again in a moment."),
                    who=author or "sipweb",
                )
            time.sleep(0.05)
        yield


def _try_lock(file: IO[str]) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
