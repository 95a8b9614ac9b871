"""A connection to Asterisk that fails when a test says so."""

import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import replace


class FlakyAmi(threading.Thread):
    """A connection to the real Asterisk that fails once, at the nth sending of an action.

    `how`: it is cut, hangs (stays silent), garbles what Asterisk answers, or delays it.
    """

    def __init__(self, port, action, count, how):
        super().__init__(daemon=True)
        self._port, self._action, self._left, self._how = port, b"Action: " + action.encode() + b"\r", count, how
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port, self.failed, self._garbled = self._server.getsockname()[1], False, False

    def run(self):
        while True:
            try:
                near = self._server.accept()[0]
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._port))
            for source, target, watched in ((near, far, True), (far, near, False)):
                threading.Thread(target=self._carry, args=(source, target, watched), daemon=True).start()

    def _carry(self, source, target, watched):
        silent = False
        while data := quietly(source.recv, 65536):
            if not watched and self.failed and self._how == "garble" and not self._garbled:
                data, self._garbled = bytes(byte ^ 0x55 for byte in data), True
            if not watched and self.failed and self._how == "delay":
                time.sleep(0.05)
            if watched and not self.failed and self._action in data:
                self._left -= data.count(self._action)
                self.failed = self._left <= 0
                if self.failed and self._how == "cut":
                    break
                silent = self.failed and self._how == "hang"
            if not silent:
                quietly(target.sendall, data)
        for end in (source, target):
            quietly(end.shutdown, socket.SHUT_RDWR)
            end.close()

    def close(self):
        self._server.close()


def quietly(work, *args):
    try:
        return work(*args)
    except OSError:
        return b""


@contextmanager
def flaky_ami(ctx, action, count, how):
    """Yield a failing connection, and a context whose AMI is behind it."""
    failing = FlakyAmi(ctx.pbx.port, action, count, how)
    failing.start()
    try:
        yield failing, replace(ctx, pbx=replace(ctx.pbx, port=failing.port, timeout=1.0))
    finally:
        failing.close()
