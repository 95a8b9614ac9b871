"""Child processes that end with their parent, whatever ends it."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


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
