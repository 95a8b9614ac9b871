"""Tells systemd that a service is ready, works, or stops (sd_notify); `flask serve` hears it from its children."""

import os
import socket
import struct
from contextlib import suppress

_SENDER = struct.Struct("3i")  # process, user and group, which the kernel tells
_MAX_MESSAGES = 1000  # read at once; of the children one comes every few seconds


class Notifier:
    """Sends states to the socket that systemd names; without one it does nothing.

    It takes the name out of the environment: child processes do not notify.
    """

    def __init__(self) -> None:
        self._address = os.environ.pop("NOTIFY_SOCKET", "")

    def notify(self, state: str) -> None:
        """Send READY=1, WATCHDOG=1 or STOPPING=1."""
        if not self._address:
            return
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as connection:
            connection.setblocking(False)  # systemd may be restarted, or its queue full
            connection.sendto(state.encode(), address)


class Listener:
    """Hears that a child process works, as systemd would. Its socket has no file, which only Linux can do.

    Any user of the machine can send to it; only messages of the own one and of root count.
    """

    def __init__(self, name: str) -> None:
        self.address = f"@sipweb-{os.getpid()}-{name}"
        self.is_ready = False  # whether the child has ever said that it is
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.bind(f"\0{self.address[1:]}")

    def heard(self) -> bool:
        """Return whether the child said anything since the last call."""
        heard = False
        with suppress(BlockingIOError):
            for _ in range(_MAX_MESSAGES):
                message, ancillary, *_rest = self._socket.recvmsg(256, socket.CMSG_SPACE(_SENDER.size))
                if _user(ancillary) in (os.getuid(), 0):
                    heard = True
                    self.is_ready = self.is_ready or b"READY=1" in message.split(b"\n")
        return heard

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


def _user(ancillary: list[tuple[int, int, bytes]]) -> int | None:
    """Return the id of the user who sent a message."""
    kinds = (socket.SOL_SOCKET, socket.SCM_CREDENTIALS)
    return next((_SENDER.unpack(data)[1] for level, kind, data in ancillary if (level, kind) == kinds), None)
