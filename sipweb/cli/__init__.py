"""The commands. They call the same services as the pages."""

from flask import Flask

from .. import logs
from .accounts import export_accounts, import_accounts
from .backup import backup, restore
from .database import copy_database
from .generations import drift, generate, plan, rollback
from .hosts import hosts, remove_host
from .install import set_up
from .keys import rotate_keys
from .server import asterisk, monitor, serve, web
from .users import create_user, reset_two_factor, set_password
from .version import version

COMMANDS = (
    backup,
    restore,
    copy_database,
    set_up,
    create_user,
    set_password,
    reset_two_factor,
    import_accounts,
    export_accounts,
    plan,
    generate,
    rollback,
    drift,
    hosts,
    remove_host,
    monitor,
    web,
    asterisk,
    serve,
    rotate_keys,
    version,
)


def init_app(app: Flask) -> None:
    """Register all commands."""
    logs.discard()
    for command in COMMANDS:
        app.cli.add_command(command)
