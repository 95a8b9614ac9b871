"""`flask setup`."""

import os
import sys
from dataclasses import replace

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from ..config import ROOT, Settings
from ..core.errors import Invalid, SipwebError
from ..crypto import KEYS_FILE, make_keys
from ..db import migrate, stored_schema
from ..instance_owner import ROOT_ADVICE
from ..services import hosts, installation, startup_checks
from ..services.context import ServiceContext
from ..translations import compile_translations
from ..version import schemas
from .common import UMASK, exit_on_error, get_context, get_settings


@click.command("setup")
@with_appcontext
@exit_on_error
def set_up() -> None:
    """Set up or update the database, keys, first administrator and the 20 default accounts. Safe to run again."""
    settings = get_settings()
    if os.geteuid() == 0:
        click.echo(ROOT_ADVICE, err=True)
    os.umask(UMASK)
    _check_before_setup(settings)
    compile_translations()
    app = _create_app_with_keys(settings)
    for warning in startup_checks.protect_files(settings.instance):
        click.echo(warning, err=True)
    with app.app_context():
        _migrate(settings)
        installation.create_revision()
        password = _create_administrator(settings)
        if password and not settings.admin_password:
            click.echo("Administrator account created.")
            click.echo("  Login: admin")
            click.echo(f"  One-time password: {password} (you'll be asked to change it)")
        ctx: ServiceContext = app.extensions["sipweb"]
        hosts.check_name(ctx)
        is_new = installation.create_accounts(ctx)
        if ctx.pbx.writes_files:
            _generate(_files_only(ctx), is_new=is_new)
        elif is_new:
            click.echo("Created SIP accounts 200–219. 'flask setup' on a PBX host generates their configuration.")
        else:
            click.echo("Setup complete; nothing to do.")


def _generate(ctx: ServiceContext, *, is_new: bool) -> None:
    """Make the first generation, or write the files of the live one; `is_new`: the accounts were created just now."""
    generation = installation.create_first_accounts(ctx)
    if generation is None:
        installation.write_live_files(ctx)
        click.echo("Setup complete; nothing to do.")
    elif generation.state == "refused":
        click.echo(generation.message % generation.values if generation.values else generation.message, err=True)
        sys.exit(1)
    elif is_new:
        click.echo("Created SIP accounts 200–219.")
    else:
        click.echo(f"Wrote configuration version {generation.number}.")


def _create_administrator(settings: Settings) -> str | None:
    try:
        return installation.create_administrator(settings.admin_password)
    except Invalid as error:
        raise SipwebError(f"SIPWEB_ADMIN_PASSWORD: {error}") from None


def _check_before_setup(settings: Settings) -> None:
    """Refuse what set-up can't repair: a folder, a newer schema, keys that are missing or don't fit.

    Raises:
        SipwebError: nothing has been changed.
    """
    files = [settings.asterisk_dir / "sipweb"] if settings.pbx != "none" else []
    problem = startup_checks.unwritable([settings.instance, *files])
    problem = problem or startup_checks.newer_schema_problem()
    if not problem and "sipweb" in current_app.extensions:
        problem = startup_checks.keys_problem(get_context().cipher)
    elif not problem and startup_checks.has_data():
        problem = startup_checks.KEYS_MISSING
    if problem:
        raise SipwebError(problem)


def _migrate(settings: Settings) -> None:
    """Migrate the database, unless a newer version has; say where the copy of an SQLite database is."""
    from ..services import backup  # imported here, because no server needs it

    if newer := startup_checks.newer_schema():
        click.echo(f"A newer version of sipweb has migrated the database (schema {newer}): it stays as it is.")
        return
    newest = schemas()[-1]
    if copy := backup.copy_before_migration(settings.database_url, settings.instance, stored_schema(), newest):
        click.echo(f"Copied the database to {copy} before its migration.")
    migrate(ROOT / "migrations")


def _create_app_with_keys(settings: Settings) -> Flask:
    """Create the keys if they are missing, and the application that uses them."""
    from .. import create_app  # imported here, because sipweb imports this package

    settings.instance.mkdir(parents=True, exist_ok=True)
    make_keys(settings.instance / KEYS_FILE)
    return create_app(replace(settings, secret_key=""))


def _files_only(ctx: ServiceContext) -> ServiceContext:
    """Return a context that only writes files: Asterisk is not running during set-up."""
    return replace(ctx, pbx=replace(ctx.pbx, mode="files"))
