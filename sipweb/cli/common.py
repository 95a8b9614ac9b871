"""Shared by all commands: context, settings, actor, and errors as messages."""

import getpass
import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from flask import current_app

from ..config import Settings
from ..core.errors import SipwebError
from ..services.context import Actor, ServiceContext
from ..services.errors import DatabaseFailure, storage_failed

P = ParamSpec("P")
R = TypeVar("R")
UMASK = 0o027  # files that a command creates are not readable by other users


def exit_on_error(command: Callable[P, R]) -> Callable[P, R]:
    """Show an error of a service as a message and exit with code 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except SipwebError as error:
            click.echo(str(error), err=True)
            sys.exit(1)
        except DatabaseFailure as error:
            click.echo(str(storage_failed(error)), err=True)
            sys.exit(1)

    return run


def get_context() -> ServiceContext:
    """Return what the services work with; exit with code 1 before set-up."""
    if "sipweb" not in current_app.extensions:
        click.echo("Run 'flask setup' first.", err=True)
        sys.exit(1)
    context: ServiceContext = current_app.extensions["sipweb"]
    return context


def get_settings() -> Settings:
    """Return the settings of the application."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def cli_actor() -> Actor:
    """Return the actor of a command, for the audit log."""
    return Actor(None, f"{getpass.getuser()} (command line)", address="terminal")
