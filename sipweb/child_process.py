"""Child processes that end with their parent, whatever ends it, and those of an earlier start that did not."""

import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

PARENT = "STARTED_BY_SIPWEB_IN"  # environment variable of all children: the instance's folder
END_TIMEOUT = 5.0  # seconds that the system may need to end a killed process
_PR_SET_PDEATHSIG = 1
logger = logging.getLogger(__name__)


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent ends; called in the child, with the parent's process id."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before
            os._exit(1)


def before_exec() -> Callable[[], None]:
    """Return what subprocess calls in the child before it runs the command."""
    parent = os.getpid()
    return lambda: die_with(parent)


def end_leftovers(instance: Path) -> None:
    """End the processes of an earlier start in this instance; the caller knows that no server runs there."""
    leftovers = list(_children_of(instance))
    for pid in leftovers:
        logger.warning("Process %d of an earlier start still runs: it is killed", pid)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + END_TIMEOUT
    while set(leftovers).intersection(_children_of(instance)) and time.monotonic() < deadline:
        time.sleep(0.05)


def _children_of(instance: Path) -> list[int]:
    """Return the processes that a server of this instance started, and their children."""
    mark = os.fsencode(f"{PARENT}={instance}")
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile, or belongs to another user
            if mark in (process / "environ").read_bytes().split(b"\0"):
                found.append(int(process.name))
    return found


def _load_libc() -> Any:
    """Return the C library; None where it can't set that signal, or where ctypes is not allowed to work."""
    if sys.platform != "linux":
        return None
    try:
        import ctypes

        return ctypes.CDLL(None)
    except (ImportError, OSError, MemoryError):
        return None


_libc: Any = _load_libc()  # before a fork
