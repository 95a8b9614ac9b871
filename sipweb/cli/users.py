"""`flask create-user`, `flask set-password` and `flask reset-two-factor`."""

import sys

import click
from flask.cli import with_appcontext

from ..core.rights import RIGHTS
from ..services import second_factor, users
from .common import cli_actor, exit_on_error, requires_setup

MUST_CHANGE = click.option(
    "--must-change", is_flag=True, help="The password is for the first sign-in only, within 7 days."
)


@click.command("create-user")
@click.option("--login", required=True)
@click.option("--name", required=True)
@click.option("--role", type=click.Choice(list(RIGHTS)), required=True)
@click.option("--work-mode", type=click.Choice(["automatic", "manual"]), default="automatic")
@click.option("--external-phone", type=click.Choice(["builtin", "other"]), default="builtin")
@click.option("--password-stdin", is_flag=True)
@MUST_CHANGE
@with_appcontext
@exit_on_error
@requires_setup
def create_user(
    login: str, name: str, role: str, *, work_mode: str, external_phone: str, password_stdin: bool, must_change: bool
) -> None:
    """Create a user. Prompts for the password, or reads it from standard input with --password-stdin."""
    password = _read_password(password_stdin)
    users.create_user(
        cli_actor(), login, name, password, role,
        work_mode=work_mode, external_phone=external_phone, must_change=must_change,
    )  # fmt: skip
    click.echo(f"Created user {name} (login: {login}).")


@click.command("set-password")
@click.argument("login", metavar="NAME")
@click.option("--password-stdin", is_flag=True)
@MUST_CHANGE
@with_appcontext
@exit_on_error
@requires_setup
def set_password(login: str, *, password_stdin: bool, must_change: bool) -> None:
    """Set a user's password and sign them out everywhere."""
    users.set_password(cli_actor(), login, _read_password(password_stdin), must_change=must_change)
    click.echo("Password changed.")


@click.command("reset-two-factor")
@click.argument("login", metavar="NAME")
@with_appcontext
@exit_on_error
@requires_setup
def reset_two_factor(login: str) -> None:
    """Remove the authenticator app, passkeys and recovery codes of a user who lost them, and sign them out."""
    second_factor.reset_by_login(cli_actor(), login)
    click.echo("Two-step sign-in is off for this user.")


def _read_password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password
