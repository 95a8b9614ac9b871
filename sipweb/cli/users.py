"""`flask create-user` and `flask set-password`."""

import sys

import click
from flask.cli import with_appcontext

from ..services import users
from .common import cli_actor, exit_on_error, requires_setup


@click.command("create-user")
@click.option("--login", required=True)
@click.option("--name", required=True)
@click.option("--role", type=click.Choice(["administrator", "agent"]), required=True)
@click.option("--work-mode", type=click.Choice(["automatic", "manual"]), default="automatic")
@click.option("--external-phone", type=click.Choice(["builtin", "other"]), default="builtin")
@click.option("--password-stdin", is_flag=True)
@with_appcontext
@exit_on_error
@requires_setup
def create_user(login: str, name: str, role: str, *, work_mode: str, external_phone: str, password_stdin: bool) -> None:
    """Create a user. Prompts for the password, or reads it from standard input with --password-stdin."""
    password = _read_password(password_stdin)
    users.create_user(cli_actor(), login, name, password, role, work_mode=work_mode, external_phone=external_phone)
    click.echo(f"Created user {name} (login: {login}).")


@click.command("set-password")
@click.argument("login", metavar="NAME")
@click.option("--password-stdin", is_flag=True)
@with_appcontext
@exit_on_error
@requires_setup
def set_password(login: str, *, password_stdin: bool) -> None:
    """Set a user's password and sign them out everywhere."""
    users.set_password(cli_actor(), login, _read_password(password_stdin))
    click.echo("Password changed.")


def _read_password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password
