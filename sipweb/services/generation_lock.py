"""One generation at a time, in all processes of an instance."""

import fcntl
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from sqlalchemy import select

from ..core.errors import N_, OperationRefused
from ..db import db, transaction
from ..models import Generation
from . import audit, hosts
from .context import Actor, ServiceContext
from .errors import DatabaseFailure, failure_reason

logger = logging.getLogger(__name__)
LOCK_TIMEOUT = 5.0  # seconds that a generation waits for a check by the monitor


class AlreadyGenerating(OperationRefused):
    """Another process is generating the configuration."""

    @classmethod
    def by(cls, author: str) -> "AlreadyGenerating":
        """Name who generates."""
        return cls(N_("%(who)s is already generating the configuration. Try again in a moment."), who=author)


@contextmanager
def generation_lock(ctx: ServiceContext, timeout: float = LOCK_TIMEOUT) -> Iterator[None]:
    """Hold the generation lock; the system releases it if the process dies.

    A running generation is not waited for: the message names its author. A check by the monitor is soon over.

    Raises:
        AlreadyGenerating: another process holds the lock.
        OperationRefused: another machine is the PBX host of this name.
    """
    hosts.check_name(ctx)  # this one may have been replaced while it was away
    ctx.runtime_dir.mkdir(parents=True, exist_ok=True)
    with (ctx.runtime_dir / "generation.lock").open("a") as file:
        deadline = time.monotonic() + timeout
        while not _try_lock(file):
            author = db.session.scalar(select(Generation.created_by).where(Generation.state == "running"))
            if author or time.monotonic() > deadline:
                raise AlreadyGenerating.by(author or "sipweb")
            time.sleep(0.05)
        yield


@contextmanager
def recorded_refusal(actor: Actor) -> Iterator[None]:
    """Log and record in the audit log why a generation could not be started; another one that runs is no fault."""
    try:
        yield
    except AlreadyGenerating:
        raise
    except OperationRefused as error:
        logger.warning("A generation of %s could not be started: %s", actor.name, error)
        problem = {"message": error.message, "values": {name: str(value) for name, value in error.values.items()}}
        try:
            with transaction() as session:
                audit.record(session, actor, "generation.not_started", "", changes={"problem": [None, problem]})
        except DatabaseFailure as failure:  # the same full disk, perhaps
            logger.warning("That couldn't be recorded: %s", failure_reason(failure))
        raise


def _try_lock(file: IO[str]) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
