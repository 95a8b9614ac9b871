"""`flask backup` and `flask restore`."""

import os
import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from ..config import Settings
from ..core.errors import SipwebError
from ..crypto import KEYS_FILE, Keys, load_keys
from ..db import stored_schema
from ..services import startup_checks
from ..translations import compile_translations
from .common import UMASK, cli_actor, exit_on_error, get_context, get_settings

PASSPHRASE_STDIN = click.option("--passphrase-stdin", is_flag=True, help="Read the passphrase from standard input.")


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--recordings", is_flag=True, help="Include the recordings.")
@click.option("--encrypt", is_flag=True, help="Encrypt the file with a passphrase.")
@PASSPHRASE_STDIN
@with_appcontext
@exit_on_error
def backup(file: Path, *, recordings: bool, encrypt: bool, passphrase_stdin: bool) -> None:
    """Write database, keys and settings to FILE. sipweb may run meanwhile."""
    from ..services import backup as service  # imported here, because only this command needs it

    _check_keys()
    ctx, settings = get_context(), get_settings()
    passphrase = _read_passphrase(passphrase_stdin, confirm=True) if encrypt or passphrase_stdin else None
    source = service.Source(
        settings.database_url, _schema(), _keys(settings), settings.instance / service.SETTINGS, ctx.recordings_dir
    )
    made = service.make_backup(source, file.absolute(), cli_actor(), recordings=recordings, passphrase=passphrase)
    content = f", recordings: {made.recordings}" if recordings else ""
    click.echo(f"Backup written to {file} ({_size(made.size)}{content}).")
    if passphrase is None:
        click.echo("It holds keys and passwords: keep it where nobody else can read it, or use --encrypt.")
    if make_url(settings.database_url).get_backend_name() != "sqlite":
        click.echo("The database isn't in it. Dump it at the same time:")
        click.echo(f"  {service.pg_dump_command(settings.database_url, file.with_name(f'{file.name}.dump'))}")
    _print_what_is_missing(settings)


def _check_keys() -> None:
    """Refuse what could not be restored: a database without its keys.

    The schema may be that of an earlier version, whose database is backed up before it is migrated.
    """
    if "sipweb" not in current_app.extensions:
        raise SipwebError(startup_checks.missing_keys_problem())
    try:
        problem = startup_checks.keys_problem(get_context().cipher)
    except SQLAlchemyError:  # the copy of an SQLite database says more; PostgreSQL's isn't copied
        return
    if problem:
        raise SipwebError(problem)


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


def _print_what_is_missing(settings: Settings) -> None:
    """Say what else must be saved in another way."""
    names = sorted(name for name in os.environ if name.startswith("SIPWEB_") and name != "SIPWEB_INSTANCE")
    if names:
        click.echo(f"Not in it, because the environment sets them: {', '.join(names)}.")
    files = [name for name in (settings.tls_cert, settings.tls_key, settings.music_on_hold) if name]
    if files:
        click.echo(f"Not in it: {', '.join(files)}.")


def _schema() -> str:
    try:
        return stored_schema()
    except SQLAlchemyError:  # PostgreSQL is away; its keys are saved nevertheless
        return ""


def _keys(settings: Settings) -> Keys:
    """Return the keys in use: those of keys.json, or the settings'."""
    stored = load_keys(settings.instance / KEYS_FILE)
    return Keys(settings.secret_key, settings.secrets_keys, stored.fingerprint_key, stored.ami_secret)


def _read_passphrase(from_stdin: bool, *, confirm: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    passphrase: str = click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm)
    return passphrase


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@PASSPHRASE_STDIN
@with_appcontext
@exit_on_error
def restore(file: Path, *, passphrase_stdin: bool) -> None:
    """Restore a backup into an empty instance."""
    from ..restore import restore as restore_backup  # imported here, because it imports sipweb

    os.umask(UMASK)
    compile_translations()
    restored = restore_backup(
        file,
        get_settings().instance,
        os.environ,
        lambda: _read_passphrase(passphrase_stdin, confirm=False),
        cli_actor(),
    )
    manifest = restored.manifest
    click.echo(f"Restored the backup of {manifest.created_at} (sipweb {manifest.sipweb}).")
    if restored.recordings:
        click.echo(f"Recordings: {restored.recordings}.")
    if restored.migrated:
        click.echo("The database was migrated.")
    if restored.database:
        click.echo(restored.database)
    if restored.files:
        click.echo(restored.files, err=True)
