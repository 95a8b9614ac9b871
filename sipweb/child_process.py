"""Child processes that end with their parent, whatever ends it, and those of an earlier start that did not."""

import logging
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

PARENT = "STARTED_BY_SIPWEB_IN"  # environment variable of `flask serve` and all its children: the instance's folder
END_TIMEOUT = 5.0  # seconds that the system may need to end a killed process
_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15
_STOPPING = (signal.SIGTERM, signal.SIGINT)
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


class ForkedProcess:
    """A copy of this process that calls a function, with methods as those of subprocess.Popen.

    It shares the memory of what this process has loaded. `name` is what `ps -o comm` shows, of at most 15 characters.
    This process must have no threads.
    """

    def __init__(self, name: str, run: Callable[[], None]) -> None:
        self.returncode: int | None = None
        parent = os.getpid()
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)  # this process's handlers are not for the copy
        self.pid = os.fork()
        if self.pid == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the parent too, which says when to end
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            _become(name, parent, run)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def poll(self) -> int | None:
        """Return the exit status, or None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Wait until it ends; return the exit status.

        Raises:
            subprocess.TimeoutExpired: it still runs.
        """
        deadline = time.monotonic() + timeout
        while (status := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("", timeout)
            time.sleep(0.02)
        return status

    def terminate(self) -> None:
        """Ask it to end."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """Have the kernel end it."""
        self._send(signal.SIGKILL)

    def _send(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


def _become(name: str, parent: int, run: Callable[[], None]) -> NoReturn:
    """Run in the child, and never return to what the parent was doing; nor does a child of the child."""
    status = 1
    try:
        die_with(parent)
        if _libc is not None:
            _libc.prctl(_PR_SET_NAME, name.encode())
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        run()
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status & 0xFF)


def end_leftovers(instance: Path) -> None:
    """End the processes of an earlier start in this instance; the caller knows that no other server runs there."""
    leftovers = list(_children_of(instance))
    for pid in leftovers:
        logger.warning("Process %d of an earlier start still runs: it is killed", pid)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + END_TIMEOUT
    while set(leftovers).intersection(_children_of(instance)) and time.monotonic() < deadline:
        time.sleep(0.05)


def _children_of(instance: Path) -> list[int]:
    """Return the processes that a server of this instance started, and their children, without this process."""
    mark = os.fsencode(f"{PARENT}={instance}")
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile, or belongs to another user
            if mark in (process / "environ").read_bytes().split(b"\0") and int(process.name) != os.getpid():
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
