"""The web server: gunicorn starts, watches and replaces the workers (web_worker) that answer HTTP."""

import gc
import os
import sys
import time
from collections.abc import Mapping
from contextvars import Context
from typing import Any

from flask import Flask
from gunicorn.app.wsgiapp import WSGIApplication
from gunicorn.arbiter import Arbiter as GunicornArbiter
from sqlalchemy.orm import configure_mappers

from .config import ROOT, Settings
from .db import db
from .systemd import Notifier
from .web.request_log import IS_INTERNAL

# Make the C library return large blocks at once instead of keeping them for each thread (measured: 15 MB a worker), and
# Python forget the columns of its code, which only tracebacks show (2 MB).
MEMORY_ENVIRONMENT = {
    "MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536",
    "PYTHONNODEBUGRANGES": "1",
}  # fmt: skip

RELOADS = os.environ.get("FLASK_DEBUG") == "1"  # `make dev`: when a file changes


def command(settings: Settings) -> list[str]:
    """Return the command that runs the web server, from any folder."""
    return [
        sys.executable, "-m", "sipweb.web_server", "wsgi:app", "-c", "python:sipweb.gunicorn_conf",
        "--no-control-socket", "--bind", bind_address(settings), "--workers", str(settings.workers),
    ]  # fmt: skip


def environment(settings: Settings) -> Mapping[str, str]:
    """Return the environment of `command`."""
    return {**os.environ, **MEMORY_ENVIRONMENT, **code_environment(settings)}


def code_environment(settings: Settings) -> Mapping[str, str]:
    """Return variables with which a child finds the code and the instance, whatever its folder is."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(paths), "SIPWEB_INSTANCE": str(settings.instance)}


def prepare_fork() -> None:
    """Load what each child would load for itself, and exclude what is loaded from garbage collection.

    What SQLAlchemy makes of the models is 5 MB. The collector would write to the memory pages that the processes share
    (measured: 20 MB each).
    """
    configure_mappers()
    gc.collect()
    gc.freeze()


def _answer_first_requests(app: Flask) -> None:
    """Answer what each worker is asked first, so that all share what Flask, SQLAlchemy and Jinja keep of it.

    Measured: a worker takes 8 MB less, and its first page 5 ms instead of 79.
    """
    client = app.test_client()
    for path in ("/login", "/healthz"):
        Context().run(client.get, path, environ_overrides={IS_INTERNAL: True})  # not in the context of a command
    with app.app_context():
        db.engine.dispose()  # no connection may be used by two processes


def load(app: Flask, settings: Settings) -> "Arbiter":
    """Return the web server of an application that is loaded already; its method run() runs it in this process."""
    sys.argv = command(settings)[2:]
    return Arbiter(WebServer(app))


def bind_address(settings: Settings) -> str:
    """Return the address as gunicorn writes it: HOST:PORT, or unix:PATH."""
    return settings.host if settings.host.startswith("unix:") else f"{url_host(settings.host)}:{settings.port}"


def url_host(host: str) -> str:
    """Return the host as URLs and gunicorn write it: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


class Arbiter(GunicornArbiter):  # type: ignore[misc]  # gunicorn has no types
    """The master process. It tells systemd when all workers work, and that at least one still does."""

    def __init__(self, app: Any) -> None:
        self._ready = False
        super().__init__(app)

    def start(self) -> None:
        """Open the sockets."""
        self._notifier = Notifier()  # before gunicorn notifies, which is before there are workers
        super().start()

    def wait_for_signals(self, timeout: float = 1.0) -> list[int]:
        """Wait for signals between two looks at the workers."""
        signals: list[int] = super().wait_for_signals(timeout if self._ready else 0.05)
        return signals

    def murder_workers(self) -> None:
        """Replace workers that hang; called every second."""
        super().murder_workers()
        now = time.monotonic()
        ages = [now - worker.tmp.last_update() for worker in self.WORKERS.values()]
        working = sum(0 <= age <= self.timeout for age in ages)  # a worker that has not begun yet is "from the future"
        if working >= self.num_workers and not self._ready:
            self._ready = True
            self._notifier.notify("READY=1")
        if working:
            self._notifier.notify("WATCHDOG=1")

    def stop(self, graceful: bool = True) -> None:
        """Stop the workers."""
        self._notifier.notify("STOPPING=1")
        super().stop(graceful)


class WebServer(WSGIApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn with the Arbiter above."""

    def __init__(self, app: Flask | None = None) -> None:
        self._app = app
        super().__init__("%(prog)s [OPTIONS] [APP_MODULE]")

    def load(self) -> Any:
        """Return the application."""
        app = self._app or super().load()
        if isinstance(app, Flask) and not RELOADS:
            _answer_first_requests(app)
        return app

    def run(self) -> None:
        """Run until a signal."""
        Arbiter(self).run()


if __name__ == "__main__":
    WebServer().run()
