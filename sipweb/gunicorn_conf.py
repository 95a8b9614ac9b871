"""Configuration of gunicorn, the web server that `flask serve` starts."""

import gc
import os
import sys
from datetime import date
from typing import Any

from babel.dates import format_date

from . import logs
from .config import ROOT, database_kind, load
from .core.errors import Invalid

worker_class = "gthread"
threads = 4
timeout = 120
reload = os.environ.get("FLASK_DEBUG") == "1"  # `make dev`
reload_extra_files = [str(path) for folder in ("templates", "static") for path in (ROOT / folder).rglob("*.*")]
preload_app = not reload  # the workers share the memory of what is loaded
try:
    logconfig_dict = logs.configuration(load(os.environ).log_format)
except Invalid as error:  # the same that create_app would say
    sys.exit(str(error))


def on_starting(server: Any) -> None:
    """Log the start, with the settings that the loaded application has."""
    if preload_app:
        settings = server.app.wsgi().config["SETTINGS"]
        logs.log_start("web", listens=",".join(server.cfg.bind), database=database_kind(settings), pbx=settings.pbx)


def on_exit(_server: Any) -> None:
    """Log the end."""
    logs.security_event("sys_shutdown", "web")


def pre_fork(server: Any, worker: Any) -> None:
    """Load what each worker would load for itself, and exclude what is loaded from garbage collection.

    The names of months and days are 4 MB a language. The collector would write to the memory pages that the workers
    share (measured: 20 MB a worker).
    """
    for locale in ("en_GB", "pl"):
        format_date(date.min, locale=locale)
    gc.collect()
    gc.freeze()
