"""Configuration of gunicorn, which runs the workers of the web server."""

import os
import sys
from datetime import date
from typing import Any

from babel.dates import format_date

from . import logs, web_server
from .child_process import die_with
from .config import ROOT, database_kind, load
from .core.errors import Invalid

worker_class = "sipweb.web_worker.Worker"
threads = 4
timeout = 20  # seconds without a sign of life after which a worker is replaced
graceful_timeout = 8  # seconds for what has begun when the server stops
reload = web_server.RELOADS
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


def pre_fork(server: Any, _worker: Any) -> None:
    """Let the workers share what is loaded. The names of months and days are 2 MB a language."""
    if server.num_workers > 1:
        for locale in ("en_GB", "pl"):
            format_date(date.min, locale=locale)
    web_server.prepare_fork()


def post_fork(_server: Any, worker: Any) -> None:
    """Have the worker end with the master process."""
    die_with(worker.ppid)
