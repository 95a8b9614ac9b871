"""Configuration of gunicorn, the web server that `flask serve` starts."""

import gc
import os
from datetime import date
from typing import Any

from babel.dates import format_date

from .config import ROOT
from .logs import LOGGING

worker_class = "gthread"
threads = 4
timeout = 120
reload = os.environ.get("FLASK_DEBUG") == "1"  # `make dev`
reload_extra_files = [str(path) for folder in ("templates", "static") for path in (ROOT / folder).rglob("*.*")]
preload_app = not reload  # the workers share the memory of what is loaded
logconfig_dict = LOGGING


def pre_fork(server: Any, worker: Any) -> None:
    """Load what each worker would load for itself, and exclude what is loaded from garbage collection.

    The names of months and days are 4 MB a language. The collector would write to the memory pages that the workers
    share (measured: 20 MB a worker).
    """
    for locale in ("en_GB", "pl"):
        format_date(date.min, locale=locale)
    gc.collect()
    gc.freeze()
