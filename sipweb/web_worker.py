"""A process that answers HTTP.

gunicorn's worker with the HTTP server of waitress: one thread receives requests and sends responses for all clients.
A request gets a thread of its own only when it is complete, and gives it back when the response is made. So a client
that sends or reads slowly takes no thread from the others.
"""

import logging
import os
import resource
import select
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from types import FrameType
from typing import Any

from gunicorn.workers.base import Worker as GunicornWorker
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import create_server
from waitress.task import ErrorTask as WaitressErrorTask

from .web.security import HEADERS

MAX_CONNECTIONS = 4000  # of a worker; more wait in the kernel
REQUEST_TIMEOUT = 60.0  # seconds in which a request must be complete
STUCK_AFTER = 25.0  # seconds in which requests wait and no thread has finished one
ADJUSTMENTS: Mapping[str, Any] = {
    "ident": "sipweb",
    "asyncore_use_poll": True,  # select() can't handle descriptors above 1023
    "channel_timeout": 60,  # seconds without a byte
    "cleanup_interval": 5,  # seconds between two looks for such connections
    "max_request_header_size": 32 * 1024,
    "max_request_body_size": 16 * 1024 * 1024,  # Flask refuses more than MAX_CONTENT_LENGTH, on a page of ours
    "inbuf_overflow": 64 * 1024,  # larger bodies wait in a temporary file
    "outbuf_high_watermark": 2**30,  # a thread would wait for a slow client above that; recordings are smaller
    "clear_untrusted_proxy_headers": False,  # ProxyFix evaluates them
    "log_socket_errors": False,  # clients that hang up
    "server_name": "localhost",  # of a request without a Host header
}
ERROR_HEADERS = HEADERS | {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


class Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """The parser of a request. It is stricter than waitress's, where a proxy could see another end of the request."""

    def parse_header(self, header_plus: bytes) -> None:
        """Refuse a request with two lengths."""
        super().parse_header(header_plus)
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("Content-Length and Transfer-Encoding exclude each other")


class ErrorTask(WaitressErrorTask):  # type: ignore[misc]  # waitress has no types
    """The answer to a request that the application does not get, because it is malformed or too large."""

    def execute(self) -> None:
        """Send a text that a browser shows as such, and nothing else."""
        self.response_headers.extend(ERROR_HEADERS.items())
        super().execute()


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection."""

    parser_class = Parser
    error_task_class = ErrorTask
    began_at = 0.0

    def received(self, data: bytes) -> bool:
        """Take what the client has sent."""
        if self.request is None:
            self.began_at = time.monotonic()
        return bool(super().received(data))

    @property
    def is_too_slow(self) -> bool:
        """Whether a request has begun long ago and is still not complete."""
        return self.request is not None and time.monotonic() - self.began_at > REQUEST_TIMEOUT

    def service(self) -> None:
        """Answer one request; runs in a thread."""
        try:
            super().service()
        finally:
            self.server.served_at = time.monotonic()


class Worker(GunicornWorker):  # type: ignore[misc]  # gunicorn has no types
    """The process: answers until it is told to stop, then finishes what has begun."""

    def run(self) -> None:
        """Answer requests."""
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # else a line for each request that waits
        connections = _raise_connection_limit()
        self._map: dict[int, Any] = {}
        sockets = [listener.sock for listener in self.sockets]
        server = create_server(
            self.wsgi, self._map, sockets=sockets, threads=self.cfg.threads, connection_limit=connections, **ADJUSTMENTS
        )
        self._queue = server.task_dispatcher.queue  # complete requests that wait for a thread
        self._listeners = [one for one in self._map.values() if getattr(one, "accepting", False)]
        for listener in self._listeners:
            listener.channel_class, listener.served_at = Channel, 0.0
        self._waiting_since = 0.0
        while self.alive and os.getppid() == self.ppid:
            self.notify()
            self._check_threads()
            for listener in self._listeners:
                listener.accepting = not self._queue  # another worker may have a thread to spare
            for channel in self._channels():
                channel.will_close = channel.will_close or channel.is_too_slow
            wasyncore.loop(1.0, use_poll=True, map=self._map, count=1)
        self._finish()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; SIGTERM."""
        super().handle_exit(sig, frame)
        for listener in getattr(self, "_listeners", ()):
            listener.pull_trigger()  # wake up

    def _finish(self) -> None:
        """Accept what waits already, nothing more, and answer what has been received."""
        for listener in self._listeners:
            while select.select([listener.socket], [], [], 0)[0]:
                listener.handle_accept()
            wasyncore.dispatcher.close(listener)
        deadline = time.monotonic() + self.cfg.graceful_timeout
        while self._busy() and time.monotonic() < deadline:
            self.notify()
            wasyncore.loop(0.1, use_poll=True, map=self._map, count=1)

    def _busy(self) -> bool:
        """Return whether a client waits for a response, or has just connected and will ask."""
        recent = time.time() - 1
        return any(one.requests or one.total_outbufs_len or one.creation_time > recent for one in self._channels())

    def _channels(self) -> list[Channel]:
        return [one for one in self._map.values() if isinstance(one, Channel)]

    def _check_threads(self) -> None:
        """End the process if no thread works any more; gunicorn starts another one."""
        now = time.monotonic()
        if not self._queue:
            self._waiting_since = now
        served_at = max(listener.served_at for listener in self._listeners)
        if now - max(self._waiting_since, served_at) > STUCK_AFTER:
            self.log.critical("No thread has answered a request for %d s; worker %d ends", STUCK_AFTER, self.pid)
            os.kill(os.getpid(), signal.SIGKILL)


def _raise_connection_limit() -> int:
    """Allow two open files for each connection, as far as the system does; return how many connections there may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 2 * MAX_CONNECTIONS:
        wanted = 2 * MAX_CONNECTIONS if hard == resource.RLIM_INFINITY else min(2 * MAX_CONNECTIONS, hard)
        with suppress(OSError):  # a service may be denied this
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return min(MAX_CONNECTIONS, soft // 2)
