"""`flask serve`, `flask web` and `flask monitor`."""

import logging
import os

import click
from flask.cli import with_appcontext

from .. import logs
from ..child_process import PARENT
from ..config import database_kind
from ..instance_owner import ROOT_ADVICE
from ..process_lock import hold_shared_lock
from ..services import hosts, phone_server, startup_checks
from .common import UMASK, exit_on_error, get_context, get_settings, requires_setup

logger = logging.getLogger(__name__)


@click.command("monitor")
@with_appcontext
@exit_on_error
@requires_setup
def monitor() -> None:
    """Run the background worker (started by `flask serve`)."""
    from .. import monitor as background_process  # imported here, because only this command needs it

    context, settings = get_context(), get_settings()
    logs.configure(settings.log_format)
    if PARENT not in os.environ:
        _check_user()
    logs.log_start("monitor", database=database_kind(settings), pbx=settings.pbx)
    hosts.join(context)
    background_process.run(context)


@click.command("web")
@with_appcontext
@exit_on_error
@requires_setup
def web() -> None:
    """Run the web server alone, on HOST and PORT with WORKERS workers."""
    from .. import ports, web_server  # imported here, because only this command needs it

    settings = get_settings()
    ports.check_free(ports.web_ports(settings))
    hold_shared_lock(settings.instance / "run" / "web.lock")
    logs.configure(settings.log_format)
    _check_user()
    os.umask(UMASK)
    command = web_server.command(settings)
    os.execve(command[0], command, web_server.environment(settings))  # noqa: S606  # our own command line


@click.command("serve")
@with_appcontext
@exit_on_error
@requires_setup
def serve() -> None:
    """Run the web server, the local Asterisk and the background worker."""
    from .. import supervisor  # imported here, because only this command needs it

    logs.configure(get_settings().log_format)
    _check_user()
    os.umask(UMASK)
    hosts.join(get_context())
    for problem in phone_server.problems(get_context()):
        logger.warning("%s", problem)
    supervisor.serve(get_settings())


def _check_user() -> None:
    """Log a line of advice if the server runs as root, and if other users can read its secrets."""
    if os.geteuid() == 0:
        logger.warning("%s", ROOT_ADVICE)
    for warning in startup_checks.protect_files(get_settings().instance):
        logger.warning("%s", warning)
