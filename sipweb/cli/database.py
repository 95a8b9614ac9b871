"""`flask copy-database`."""

import sys
from operator import itemgetter

import click
from flask.cli import with_appcontext

from ..config import ROOT, Settings, hide_passwords
from ..core.errors import SipwebError
from ..db import sqlite_file
from .common import check_knows_everything, cli_actor, exit_on_error, get_context, get_settings, requires_setup


@click.command("copy-database")
@click.argument("url")
@with_appcontext
@exit_on_error
@requires_setup
def copy_database(url: str) -> None:
    """Copy the SQLite database into the empty PostgreSQL database at URL; stop sipweb first.

    With - as the URL it is asked for, or read from standard input: others may see a command line.
    """
    check_knows_everything()
    try:
        from ..services import database_copy as service  # imported here, because it needs PostgreSQL's driver
    except ModuleNotFoundError:
        raise SipwebError(
            "PostgreSQL's driver is missing. Run: .venv/bin/pip install --require-hashes -r requirements/postgresql.txt"
        ) from None
    if url == "-":
        is_typed = sys.stdin.isatty()
        url = (click.prompt("URL", hide_input=True) if is_typed else sys.stdin.readline()).strip()
    target = service.parse_target(url)
    counts = service.copy_database(get_context(), cli_actor(), target, ROOT / "migrations", _print_progress)
    for table, count in filter(itemgetter(1), counts.items()):
        click.echo(f"{table}: {count}")
    click.echo(f"Copied and compared {sum(counts.values())} rows.")
    _print_what_to_do(get_settings(), url)


def _print_progress(step: str, table: str, count: int) -> None:
    click.echo(f"{table}: {count} rows {step} …", err=True)


def _print_what_to_do(settings: Settings, url: str) -> None:
    hidden = hide_passwords(url)
    click.echo(f"Now put this line into {settings.instance / 'sipweb.env'} and start sipweb:")
    click.echo(f"  DATABASE_URL={hidden}")
    if hidden != url:
        click.echo("with the password in place of each …")
    click.echo(
        f"To go back, undo that and start sipweb again: {sqlite_file()} is unchanged, without what was edited since."
    )
