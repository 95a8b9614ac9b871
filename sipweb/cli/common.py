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
from ..services import startup_checks
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


def requires_setup(command: Callable[P, R]) -> Callable[P, R]:
    """Run a command only if sipweb can work: set up, with its keys, its schema and folders that can be written."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        check_start()
        return command(*args, **kwargs)

    return run


def check_start() -> None:
    """Refuse to start if sipweb can't work.

    Raises:
        SipwebError: says why, and what to do.
    """
    context = current_app.extensions.get("sipweb")
    problem = startup_checks.start_problem(context) if context else startup_checks.missing_keys_problem()
    if problem:
        raise SipwebError(problem)


def check_knows_everything() -> None:
    """Refuse what must know all tables and columns while a newer version of sipweb has added some.

    Raises:
        SipwebError: says why.
    """
    if newer := startup_checks.newer_schema():
        raise SipwebError(
            f"A newer version of sipweb has migrated the database (schema {newer}). Run this command of that version."
        )


def get_context() -> ServiceContext:
    """Return what the services work with."""
    context: ServiceContext = current_app.extensions["sipweb"]
    return context


def get_settings() -> Settings:
    """Return the settings of the application."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def cli_actor() -> Actor:
    """Return the actor of a command, for the audit log."""
    return Actor(None, f"{getpass.getuser()} (command line)", address="terminal")
