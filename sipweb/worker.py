"""How gunicorn runs the pages: `flask serve` starts it with `-c python:sipweb.worker`."""

import gc
from typing import Any

worker_class = "gthread"
threads = 4
timeout = 120
preload_app = True  # the workers share what the application needs, as long as they do not write on it
loglevel = "warning"


def pre_fork(server: Any, worker: Any) -> None:
    """Leave what is loaded alone: the collector would write on every shared page (measured: 20 MB a worker)."""
    gc.collect()
    gc.freeze()
