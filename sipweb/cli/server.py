"""`flask serve`, `flask web` and `flask monitor`."""

import logging
import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext

from .. import logs
from ..child_process import PARENT
from ..config import Settings, database_kind
from ..core.errors import OperationRefused
from ..db import db
from ..instance_owner import ROOT_ADVICE
from ..process_lock import hold_shared_lock
from ..services import hosts, phone_server, startup_checks
from ..services.context import ServiceContext
from .common import UMASK, exit_on_error, get_context, get_settings, requires_setup

if TYPE_CHECKING:
    from ..supervisor import Programs

logger = logging.getLogger(__name__)


@click.command("monitor")
@with_appcontext
@exit_on_error
@requires_setup
def monitor() -> None:
    """Run the background worker alone."""
    from .. import monitor as background_process  # imported here, because only this command needs it

    logs.configure(get_settings().log_format)
    _log_advice()
    _run_monitor(background_process.run)


@exit_on_error
def _run_monitor(run: Callable[[ServiceContext], None]) -> None:
    settings = get_settings()
    logs.log_start("monitor", database=database_kind(settings), pbx=settings.pbx)
    hosts.join(get_context())
    run(get_context())


@click.command("web")
@with_appcontext
@exit_on_error
@requires_setup
def web() -> None:
    """Run the web server alone, on HOST and PORT with WORKERS workers."""
    from .. import ports, web_server  # imported here, because only this command needs it

    hosts.check_name(get_context())
    settings = get_settings()
    ports.check_free(ports.web_ports(settings))
    hold_shared_lock(settings.instance / "run" / "web.lock")
    logs.configure(settings.log_format)
    _log_advice()
    os.umask(UMASK)
    command = web_server.command(settings)
    os.execve(command[0], command, web_server.environment(settings))  # noqa: S606  # our own command line


@click.command("asterisk")
@with_appcontext
@exit_on_error
@requires_setup
def asterisk() -> None:
    """Run the local Asterisk alone; `flask serve --no-asterisk` runs the rest."""
    from .. import ports, supervisor  # imported here, because only this command needs it
    from ..pbx import local_asterisk

    settings, installation = get_settings(), local_asterisk.find_asterisk()
    if settings.pbx != "local" or installation is None:
        raise OperationRefused("There is no Asterisk that sipweb could start, or PBX is not local.")
    ports.check_free(ports.asterisk_ports(settings))
    os.umask(UMASK)
    pbx = supervisor.local_asterisk_config(settings)
    local_asterisk.configure(pbx, installation)
    command = local_asterisk.argv(pbx, installation)
    os.execve(command[0], command, supervisor.asterisk_environment(settings))  # noqa: S606  # our own command line


@click.command("serve")
@click.option("--no-asterisk", is_flag=True, help="Leave the local Asterisk to `flask asterisk`.")
@with_appcontext
@exit_on_error
@requires_setup
def serve(*, no_asterisk: bool) -> None:
    """Run the web server, the local Asterisk and the background worker."""
    from .. import supervisor, web_server  # imported here, because only this command needs it

    settings = get_settings()
    logs.configure(settings.log_format)
    _set_environment(settings, web_server.MEMORY_ENVIRONMENT)
    _log_advice()
    os.umask(UMASK)
    hosts.join(get_context())
    for problem in phone_server.problems(get_context()):
        logger.warning("%s", problem)
    supervisor.serve(settings, _load_programs, with_asterisk=not no_asterisk)


def _load_programs() -> "Programs":
    """Load what the children of this process run."""
    from .. import monitor as background_process
    from .. import supervisor, web_server

    web = web_server.load(current_app._get_current_object(), get_settings())  # type: ignore[attr-defined]
    db.session.remove()
    db.engine.dispose()  # no connection may be used by two processes
    web_server.prepare_fork()
    return supervisor.Programs(web.run, lambda: _run_monitor(background_process.run))


def _set_environment(settings: Settings, memory: Mapping[str, str]) -> None:
    """Start this command again with the environment that it and its children need, unless it has that already."""
    if os.environ.get(PARENT) != str(settings.instance):
        environment = {**os.environ, **memory, PARENT: str(settings.instance)}
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)  # noqa: S606  # this command again


def _log_advice() -> None:
    """Log what the administrator should know: it runs as root, others can read its secrets, a host is newer."""
    if os.geteuid() == 0:
        logger.warning("%s", ROOT_ADVICE)
    for warning in startup_checks.protect_files(get_settings().instance):
        logger.warning("%s", warning)
    if newer := startup_checks.newer_schema():
        logger.warning("A newer version of sipweb has migrated the database (schema %s): upgrade this one too", newer)
